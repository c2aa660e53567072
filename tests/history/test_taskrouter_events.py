"""TaskRouter's events in SQL: kept once, found by every filter, redacted, and handed out for callbacks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.routing.feed import RouterEvent
from app.core.routing.statistics import ACTIVITY
from app.history.sql import open_history
from app.history.taskrouter_events import SqlTaskRouterEvents
from app.ports.taskrouter_events import Due, Wanted
from tests.builders import NOON
from tests.history.postgres_server import programs, running_postgres

LEASE = 60_000


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    binaries = programs()
    if binaries is None:
        pytest.skip("no PostgreSQL on this machine (Debian: apt install postgresql)")
    with running_postgres(binaries) as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres"))])
def events(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlTaskRouterEvents]:
    is_sqlite = request.param == "sqlite"
    history = open_history(f"sqlite:///{tmp_path / 'history.db'}" if is_sqlite else request.getfixturevalue("postgres"))
    kept = SqlTaskRouterEvents(history.database)
    yield kept
    for workspace in ("WS1", "WS2"):
        kept.forget(workspace)
    history.close()


def an_event(number: int, **fields: Any) -> RouterEvent:
    """The so-manieth event of workspace WS1, a second after the one before."""
    defaults: dict[str, Any] = {
        "sid": f"EV{number:032d}", "type": "task.created", "at": NOON + number * 1000, "place": number,
        "workspace": "WS1", "data": {"TaskSid": "WT1"},
    }  # fmt: skip
    return RouterEvent(**defaults | fields)


def found(events: SqlTaskRouterEvents, **wanted: Any) -> list[int]:
    """The numbers of the events wanted, newest first."""
    return [event.place for event in events.after(Wanted(**{"workspace": "WS1"} | wanted), None, 100)]


def test_an_event_comes_back_as_it_was_kept(events: SqlTaskRouterEvents) -> None:
    event = an_event(
        1, description="Worker Ann updated", resource_type="worker", resource="WK1", task="WT1", queue="WQ1",
        workflow="WW1", worker="WK1", reservation="WR1", channel="TC1", waited=5, queued=4, lasted=3, activity="WA1",
        data={"TaskSid": "WT1", "TaskAttributes": '{"name": "Ann"}'},
    )  # fmt: skip
    events.record([event])
    assert events.find("WS1", event.sid) == event
    assert events.find("WS2", event.sid) is None


def test_the_same_events_again_change_nothing(events: SqlTaskRouterEvents) -> None:
    first, second = an_event(1, data={"WorkerAttributes": "{}"}), an_event(2)
    events.record([first], [Due(first, "http://one")])
    events.settled([first.sid])
    events.record([first, second], [Due(first, "http://one"), Due(second, "http://one")])
    assert found(events) == [2, 1]
    due = events.due(NOON + 10_000, LEASE, lambda _: 9)
    assert [callback.event.place for callback in due] == [2]


def test_events_are_found_by_time_type_and_everything_they_name(events: SqlTaskRouterEvents) -> None:
    events.record([
        an_event(1, task="WT1", queue="WQ1", channel="TC1"),
        an_event(2, task="WT1", queue="WQ2", workflow="WW1", type="task.updated"),
        an_event(3, worker="WK1", reservation="WR1", queue="WQ1"),
        an_event(4, workspace="WS2", task="WT1"),
    ])  # fmt: skip
    assert found(events) == [3, 2, 1]
    assert found(events, start=NOON + 2000) == [3, 2]
    assert found(events, start=NOON, end=NOON + 2000) == [2, 1]
    assert found(events, types=("task.updated",)) == [2]
    assert found(events, task="WT1") == [2, 1]
    assert found(events, queue="WQ1") == [3, 1]
    assert found(events, workflow="WW1") == [2]
    assert found(events, worker="WK1") == [3]
    assert found(events, reservation="WR1") == [3]
    assert found(events, channel="TC1") == [1]
    assert found(events, sid="EV" + "2".zfill(32)) == [2]
    assert found(events, queue="WQ1", task="WT1") == [1]


def test_pages_go_back_in_time_and_forward_again_even_within_a_millisecond(events: SqlTaskRouterEvents) -> None:
    events.record([an_event(number, at=NOON) for number in range(1, 8)])
    wanted = Wanted(workspace="WS1")
    assert [event.place for event in events.after(wanted, (NOON, 6), 3)] == [5, 4, 3]
    assert [event.place for event in events.before(wanted, (NOON, 3), 3)] == [6, 5, 4]


def test_facts_carry_what_statistics_add_up(events: SqlTaskRouterEvents) -> None:
    events.record([an_event(2, waited=10, queued=5, worker="WK1"), an_event(1)])
    facts = events.facts(Wanted(workspace="WS1"))
    assert [(fact.at - NOON, fact.waited, fact.queued, fact.worker) for fact in facts] == [
        (1000, None, None, ""), (2000, 10, 5, "WK1"),
    ]  # fmt: skip


def test_a_change_of_activity_is_found_by_the_span_it_ended(events: SqlTaskRouterEvents) -> None:
    events.record([
        an_event(1, type=ACTIVITY, lasted=500),
        an_event(5, type=ACTIVITY, lasted=4500),
        an_event(9, type=ACTIVITY, lasted=500),
        an_event(3),
    ])  # fmt: skip
    facts = list(events.activity_facts("WS1", NOON + 2000, NOON + 4000))
    assert [fact.at for fact in facts] == [NOON + 5000]


def test_redacting_erases_attributes_of_old_events_only(events: SqlTaskRouterEvents) -> None:
    said = {"TaskSid": "WT1", "TaskAttributes": '{"name": "Ann"}', "WorkerAttributes": "{}"}
    events.record([an_event(1, data=said), an_event(2, data=said)])
    assert events.redact(NOON + 2000) == 1
    old, young = events.find("WS1", an_event(1).sid), events.find("WS1", an_event(2).sid)
    assert old is not None
    assert young is not None
    assert old.data == {"TaskSid": "WT1"}
    assert young.data == said
    assert events.redact(NOON + 2000) == 0


def test_forgetting_a_workspace_leaves_the_others(events: SqlTaskRouterEvents) -> None:
    mine, other = an_event(1, data={"TaskAttributes": "{}"}), an_event(2, workspace="WS2")
    events.record([mine, other], [Due(mine, "http://one"), Due(other, "http://two")])
    events.forget("WS1")
    assert found(events) == []
    assert [callback.url for callback in events.due(NOON + 9000, LEASE, lambda _: 9)] == ["http://two"]


def test_callbacks_are_handed_out_once_each_and_again_when_the_lease_ends(events: SqlTaskRouterEvents) -> None:
    kept = [an_event(number) for number in (1, 2, 3)]
    events.record(kept, [Due(event, "http://one") for event in kept])
    now = NOON + 2500
    assert [callback.event for callback in events.due(now, LEASE, lambda _: 9)] == kept[:2]
    assert events.due(now, LEASE, lambda _: 9) == ()
    assert len(events.due(now + LEASE, LEASE, lambda _: 9)) == 3


def test_each_workspace_gets_as_many_callbacks_as_it_has_room_for(events: SqlTaskRouterEvents) -> None:
    kept = [an_event(number, workspace=f"WS{number % 2 + 1}") for number in range(1, 9)]
    events.record(kept, [Due(event, "http://one") for event in kept])
    room = {"WS1": 0, "WS2": 2}
    taken = events.due(NOON + 60_000, LEASE, room.__getitem__)
    assert [callback.event.workspace for callback in taken] == ["WS2", "WS2"]


def test_a_postponed_callback_comes_back_when_its_time_has_come_and_counts_the_attempt(
    events: SqlTaskRouterEvents,
) -> None:
    event = an_event(1)
    events.record([event], [Due(event, "http://one")])
    events.due(NOON + 1000, LEASE, lambda _: 1)
    events.postponed(event.sid, NOON + 5000)
    assert events.due(NOON + 4999, LEASE, lambda _: 1) == ()
    assert events.due(NOON + 5000, LEASE, lambda _: 1) == (Due(event, "http://one", 1),)
    events.settled([event.sid])
    assert events.due(NOON + 10 * LEASE, LEASE, lambda _: 1) == ()
