"""Supervisors, balancers and graphs learn how the server is, and nothing personal."""

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.core.config import LinkWatch, Offers
from app.ports.store import StoreUnavailable
from app.store.memory import MemoryStore
from app.usecases.link import suspect
from app.web.app import create_app
from app.web.services import Health
from tests.builders import FakeClock
from tests.web.world import CONFIG, PASSWORD, World, morning

LOCAL = {"REMOTE_ADDR": "127.0.0.1"}


class AwayStore(MemoryStore):
    """A store that does not answer."""

    def ping(self) -> None:
        raise StoreUnavailable

    def snapshot(self) -> object:  # type: ignore[override]
        raise StoreUnavailable


def numbers(text: str) -> dict[tuple[str, str], float]:
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_alive_means_the_process_answers(place: World) -> None:
    assert place.app.test_client().get("/healthz").get_json() == {"status": "alive"}


def test_ready_says_what_is_degraded_and_who_listens(place: World) -> None:
    place.health = Health(
        degraded=("no auth token: voice routes refuse",), speech="vosk-en-telephone-small", speech_fit="the demo",
        scorer="lexicon", clock="system", config_version="v1", config_problem="unicone.yaml:3:1: no such queue",
    )  # fmt: skip
    answer = place.app.test_client().get("/readyz")
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["ready"] is True
    assert told["degraded"] == ["no auth token: voice routes refuse"]
    assert (told["speech"], told["speech_fit"], told["clock"]) == ("vosk-en-telephone-small", "the demo", "system")
    assert told["config_problem"].startswith("unicone.yaml:3:1")


def test_without_the_store_no_call_can_be_taken(place: World, clock: FakeClock) -> None:
    app = create_app(replace(place.services, store=AwayStore("test", clock)))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["ready"] is False


def test_metrics_count_callers_agents_and_events(place: World, clock: FakeClock) -> None:
    morning(place)
    place.tell_history()
    clock.advance_seconds(90)
    answer = place.app.test_client().get("/metrics", environ_base=LOCAL)
    found = numbers(answer.get_data(as_text=True))
    assert found["switchboard_waiting_calls", "sales"] == 1
    assert found["switchboard_oldest_wait_seconds", "support"] == 90
    assert found["switchboard_agents", "free"] == 1
    assert found["switchboard_live_calls", "waiting"] == 2
    assert found["switchboard_events_total", "task.created"] == 2
    assert found["switchboard_up", "store"] == found["switchboard_up", "history"] == 1


@pytest.mark.parametrize(("watched", "since", "shown"), [(True, 7, "1.0"), (True, 0, "0.0"), (False, 7, "0.0")])
def test_metrics_show_whether_our_own_line_is_suspected(place: World, watched: bool, since: int, shown: str) -> None:
    config = replace(CONFIG, offers=Offers(suspect_link=LinkWatch() if watched else None))
    app = create_app(replace(place.services, config=lambda: config))
    suspect(place.store, since)

    text = app.test_client().get("/metrics", environ_base=LOCAL).get_data(as_text=True)

    assert f"\nswitchboard_link_suspected {shown}\n" in text


def test_metrics_hold_nothing_personal(place: World) -> None:
    morning(place)
    place.tell_history()
    text = place.app.test_client().get("/metrics", environ_base=LOCAL).get_data(as_text=True)
    assert "+1555" not in text
    assert "cakes" not in text
    assert "CA1" not in text


def test_metrics_say_what_is_away(place: World, clock: FakeClock) -> None:
    app = create_app(replace(place.services, store=AwayStore("test", clock)))
    found = numbers(app.test_client().get("/metrics", environ_base=LOCAL).get_data(as_text=True))
    assert found["switchboard_up", "store"] == 0
    assert found["switchboard_up", "history"] == 1


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        pytest.param({}, "127.0.0.1", 200, id="this machine"),
        pytest.param({}, "203.0.113.1", 401, id="another machine"),
        pytest.param({"X-Forwarded-For": "203.0.113.1"}, "127.0.0.1", 401, id="through a tunnel on this machine"),
        pytest.param({"Host": "evil.example"}, "127.0.0.1", 401, id="a page that renamed itself"),
        pytest.param({"Authorization": f"Bearer {PASSWORD}"}, "203.0.113.1", 200, id="with the key"),
    ],
)
def test_metrics_are_for_this_machine_or_the_key(
    place: World, headers: dict[str, str], address: str, status: int
) -> None:
    answer = place.app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status
