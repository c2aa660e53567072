"""Callers speak, press keys, or do neither, and everybody gets where their story says."""

from collections.abc import Mapping

import pytest

from app.commands.rehearsal import Report
from tests.scenarios.calls import unsure_callers
from tests.scenarios.world import World, scenario

pytestmark = pytest.mark.timeout(120)

STORIES = [caller.name for caller in (*scenario("conversation").callers, *unsure_callers())]


@pytest.mark.parametrize("story", STORIES)
def test_calls_go_as_told(story: str, stories: Mapping[str, Report]) -> None:
    assert stories[story].mismatches == ()


@pytest.mark.parametrize("story", ["words interrupt the greeting", "a key interrupts the greeting"])
def test_the_greeting_stops_as_soon_as_the_caller_acts(story: str, stories: Mapping[str, Report]) -> None:
    greeting, answer = stories[story].result.said

    assert greeting.cut
    assert not answer.cut


def test_silence_is_followed_by_a_question_the_keypad_twice_and_a_person(stories: Mapping[str, Report]) -> None:
    told = stories["who says nothing is asked again, then gets the keypad, then a person"]
    said = [prompt.text for prompt in told.result.said]

    assert said[1] == "How can I help?"
    assert said[2] == said[3]
    assert "press six" in said[2]
    assert told.result.agents[0] in ("paul", "pia", "pete")


@pytest.mark.parametrize(
    ("story", "route"),
    [
        ("unsure words are confirmed by a yes", "parking"),
        ("unsure words are confirmed by a key", "parking"),
        ("a no asks again", "hours"),
        ("the wanted thing itself is an answer", "hours"),
    ],
)
def test_the_answer_to_a_question_decides(story: str, route: str, stories: Mapping[str, Report]) -> None:
    assert stories[story].fact("route") == route


def test_nobody_is_told_of_the_secret_menu(shop: World, stories: Mapping[str, Report]) -> None:
    strangers = [told for name, told in stories.items() if "secret" not in name]
    said = " ".join(prompt.text for told in strangers for prompt in told.result.said).lower()

    assert "secret" not in said
    assert "brownie" not in said
    assert "friend" not in said


def test_who_asks_for_a_person_on_hold_keeps_their_age(stories: Mapping[str, Report]) -> None:
    told = stories["zero on hold leads to a person"]
    moved = next(line for line in told.events if line["type"] == "task.moved")

    assert moved["data"]["queue"] == "people"
    assert [line["type"] for line in told.events].count("task.created") == 1


def test_nobody_was_left_without_twiml_or_bridged_twice(shop: World, stories: Mapping[str, Report]) -> None:
    sids = {told.result.sid for told in stories.values()}

    assert [gap for gap in shop.carrier.gaps if gap.sid in sids] == []
    assert [double for double in shop.carrier.double_bridges if double.sid in sids] == []
    assert max(told.result.slowest_webhook for told in stories.values()) < 2.0
