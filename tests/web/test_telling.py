"""A story reads like one: every kind of event has a sentence, with its words and reasons."""

import pytest

from app.core.events import EventType
from app.ports.history import PastCall, Story
from app.ports.store import Delivered
from app.web.telling import story
from tests.builders import an_event


def told(kind: EventType, **fields: object) -> dict[str, object]:
    texts = {"heard:2": "where is my order", "caller": "+15550102233"}
    one = Delivered("1-0", an_event(kind, call="CA1", **fields))
    line: dict[str, object] = story(Story(PastCall(sid="CA1"), (one,), texts))["events"][0]
    return line


@pytest.mark.parametrize("kind", EventType)
def test_every_kind_of_event_has_a_sentence_even_without_data(kind: EventType) -> None:
    title = told(kind)["title"]
    assert isinstance(title, str)
    assert title
    assert "{" not in title


def test_what_was_heard_comes_with_how_it_was_understood() -> None:
    data = {
        "number": 2, "confidence": 0.914, "mood": "frustrated", "route": "orders", "certainty": 0.95, "person": True,
    }  # fmt: skip
    line = told(EventType.CALL_LISTENED, data=data)
    assert line["heard"] == "where is my order"
    assert line["why"] == "sounds frustrated, means orders (95 % sure), asks for a person, recognizer 91 % sure"


def test_decisions_come_with_their_reasons() -> None:
    raised = told(EventType.TASK_RAISED, data={"priority": 10, "reasons": ["VIP (+5)", "frustrated (+5)"]})
    assert (raised["title"], raised["why"]) == ("Raised to priority 10", "VIP (+5); frustrated (+5)")
    offered = told(EventType.RESERVATION_CREATED, worker="bob", data={"reason": "idle longest"})
    assert (offered["title"], offered["why"]) == ("Offered to bob", "idle longest")
    joined = told(EventType.TASK_CREATED, data={"queue": "@alice", "priority": 0, "reason": "asked for alice"})
    assert (joined["title"], joined["why"]) == ("Joined the line for alice, priority 0", "asked for alice")


def test_times_are_told_in_seconds() -> None:
    assert told(EventType.TASK_ASSIGNED, worker="bob", data={"waited": 12_400})["title"] == "bob took it after 12 s"


def test_telephone_commands_are_minor() -> None:
    assert told(EventType.INTENT_RING, worker="bob")["minor"] is True
    assert told(EventType.RESERVATION_RINGING, worker="bob")["minor"] is False


def test_an_erased_call_still_has_its_story() -> None:
    one = Delivered("1-0", an_event(EventType.CALL_LISTENED, call="CA1", data={"number": 1, "mood": "neutral"}))
    page = story(Story(PastCall(sid="CA1", erased=True), (one,)))
    assert page["call"]["caller"] == ""
    assert page["events"][0]["heard"] == ""
