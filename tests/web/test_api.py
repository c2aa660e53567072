"""The API answers in JSON, mistakes included."""

from dataclasses import replace

import pytest

from app.core.change import Personal, update
from app.core.entities import Activity, Worker
from app.history.sql import SqlHistory
from app.ports.history import HistoryUnavailable, Story
from app.web.app import create_app
from tests.builders import FakeClock, a_worker
from tests.web.world import PASSWORD, World, morning

KEY = {"Authorization": f"Bearer {PASSWORD}"}


def test_the_live_view_comes_with_the_instant_it_was_so(place: World, clock: FakeClock) -> None:
    morning(place)
    answer = place.app.test_client().get("/api/v1/live", headers=KEY).get_json()
    assert answer["now"] == clock.now()
    assert [row["heard"] for row in answer["waiting"]] == [
        "two cakes for a wedding please",
        "where is my order I have called three times",
    ]
    assert [row["caller"] for row in answer["in_progress"]] == ["withheld"]
    assert {agent["name"] for agent in answer["agents"]} == {"alice", "bob"}


def test_the_latest_words_are_shown_once_there_are_more(place: World) -> None:
    call = place.calls_in("CA1", "hello")
    client = place.app.test_client()
    assert client.get("/api/v1/live", headers=KEY).get_json()["in_progress"][0]["heard"] == "hello"
    stored = place.store.get(type(call), "CA1")
    assert stored is not None
    said = replace(update(stored, replace(stored, utterances=2)), personal=(Personal("CA1", "heard:2", "an order"),))
    place.commit(said)
    assert client.get("/api/v1/live", headers=KEY).get_json()["in_progress"][0]["heard"] == "an order"


def test_a_story_has_the_number_the_words_and_the_reasons(place: World) -> None:
    morning(place)
    place.tell_history()
    told = place.app.test_client().get("/api/v1/calls/CA1", headers=KEY).get_json()
    assert told["call"]["caller"] == "+15550102233"
    assert [line["title"] for line in told["events"]] == [
        "Answered (2 earlier calls)", "Heard", "Joined the line for support, priority 0",
    ]  # fmt: skip
    assert told["events"][1]["heard"] == "where is my order I have called three times"


def test_past_calls_are_listed_without_numbers(place: World) -> None:
    morning(place)
    place.tell_history()
    client = place.app.test_client()
    answer = client.get("/api/v1/calls?limit=2", headers=KEY)
    assert len(answer.get_json()["calls"]) == 2
    assert "+1555" not in answer.get_data(as_text=True)
    assert client.get("/api/v1/calls?limit=100000", headers=KEY).status_code == 400


def test_an_unknown_call_is_not_found_and_says_so(place: World) -> None:
    answer = place.app.test_client().get("/api/v1/calls/CA-none", headers=KEY)
    assert answer.status_code == 404
    assert set(answer.get_json()["error"]) == {"what", "why", "hint"}


def test_an_agent_is_put_off_duty(place: World) -> None:
    place.exists(a_worker("alice"))
    client = place.app.test_client()
    answer = client.post("/api/v1/agents/alice", json={"activity": "off"}, headers=KEY)
    assert answer.get_json() == {"name": "alice", "activity": "off"}
    alice = place.store.get(Worker, "alice")
    assert alice is not None
    assert alice.activity == Activity.OFF
    assert client.get("/api/v1/agents", headers=KEY).get_json()["agents"][0]["state"] == "off duty"


@pytest.mark.parametrize("body", [{"activity": "asleep"}, {}, [], "off", None])
def test_an_activity_that_is_none_is_refused_with_a_hint(place: World, body: object) -> None:
    place.exists(a_worker("alice"))
    answer = place.app.test_client().post("/api/v1/agents/alice", json=body, headers=KEY)
    assert answer.status_code == 400
    assert "activity" in answer.get_json()["error"]["hint"]


def test_an_unknown_agent_is_not_found(place: World) -> None:
    answer = place.app.test_client().post("/api/v1/agents/nobody", json={"activity": "off"}, headers=KEY)
    assert answer.status_code == 404


def test_wrong_methods_and_addresses_are_explained(place: World) -> None:
    client = place.app.test_client()
    assert client.delete("/api/v1/agents", headers=KEY).status_code == 405
    assert client.get("/api/v1/nothing", headers=KEY).get_json()["error"]["what"] == "Nothing here"
    page = client.get("/nothing")
    assert (page.status_code, page.mimetype) == (404, "text/plain")


class Away(SqlHistory):
    """History whose database is away."""

    def story(self, call: str) -> Story | None:
        raise HistoryUnavailable


class Broken(SqlHistory):
    """History with a mistake in it."""

    def story(self, call: str) -> Story | None:
        raise RuntimeError("the caller +15550102233 said something odd")


def test_while_history_is_away_the_story_comes_later(place: World) -> None:
    app = create_app(replace(place.services, history=Away(place.history.database)))
    answer = app.test_client().get("/api/v1/calls/CA1", headers=KEY)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_our_own_mistakes_tell_nothing_to_the_outside(place: World) -> None:
    app = create_app(replace(place.services, history=Broken(place.history.database)))
    answer = app.test_client().get("/api/v1/calls/CA1", headers=KEY)
    assert answer.status_code == 500
    assert "+1555" not in answer.get_data(as_text=True)
