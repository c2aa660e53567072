"""What every store has to do, whatever it keeps its state in."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.core.change import NOTHING, Change, Personal, Write, create, update
from app.core.entities import (
    Activity,
    Call,
    CallState,
    ChannelCapacity,
    Key,
    Kind,
    Reservation,
    Task,
    TaskState,
    Worker,
)
from app.core.indexes import idle
from app.core.routing.definitions import Strategy
from app.core.routing.lanes import queue_lane
from app.ports.store import Committed, Conflict, Snapshot, Store
from tests.builders import NOON, a_call, a_caller, a_reservation, a_task, a_worker, an_event, births
from tests.store.adapters import Adapter, events, held, told
from tests.store.definitions import a_channel, a_queue, a_workflow, a_workspace, an_activity

TASK = Key(Kind.TASK, "WT1")
SALES = queue_lane("sales")
IDLE = idle("voice", a_worker().profile)


# --- committing ------------------------------------------------------------------------------------------------


def test_what_is_committed_is_read_back_equal_but_for_its_version(store: Store) -> None:
    entities = (
        a_call(mood="urgent", deadline=NOON + 5),
        a_task(attributes={"skills": ["rum", "raisin"], "n": 1, "x": {"y": None}, "f": 0.5}, declined={"WK1": 7}),
        a_worker(attributes={"vip": True}, facts={"skills": ["rum"]}, activity="lunch", available=False),
        a_worker("WK2", channels={"chat": ChannelCapacity(capacity=3, available=False)}, held={"chat": 2}),
        a_reservation(leg="CA2"),
        a_caller(calls=(1, 2, 3)),
        a_workspace(multi_task=False, events_filter=("task.created",), revision=3),
        an_activity(available=True),
        a_channel(optimized=True),
        a_queue(strategy=Strategy.SEQUENTIAL, max_reserved=50),
        a_workflow(reservation_timeout=7),
    )
    assert isinstance(store.commit(births(*entities)), Committed)
    for entity in entities:
        assert held(store, entity) == replace(entity, version=1)


def test_the_store_counts_versions_whatever_the_new_value_says(store: Store) -> None:
    store.commit(create(a_task(version=40)))
    first = held(store, a_task())
    store.commit(update(first, replace(first, priority=3)))
    assert held(store, a_task()) == a_task(version=2, priority=3)


def test_an_entity_that_is_not_there_is_none(store: Store) -> None:
    assert store.get(Task, "WT1") is None
    assert store.read(TASK, Key(Kind.CALL, "CA1")) == (None, None)
    assert store.read() == ()


def test_entities_of_several_kinds_are_read_in_the_order_asked(store: Store) -> None:
    store.commit(births(a_call(), a_task(), a_worker()))
    answer = store.read(Key(Kind.WORKER, "WK1"), Key(Kind.TASK, "WT9"), Key(Kind.CALL, "CA1"), TASK)
    assert [entity and entity.sid for entity in answer] == ["WK1", None, "CA1", "WT1"]


def test_the_loser_of_a_race_is_told_which_entity_was_changed(store: Store) -> None:
    store.commit(births(a_call(), a_task()))
    call, task = held(store, a_call()), held(store, a_task())
    store.commit(update(task, replace(task, priority=1)))
    late = Change((Write(call, replace(call, turn=1)), Write(task, replace(task, priority=2))))
    assert store.commit(late) == Conflict(TASK)


def test_what_exists_cannot_be_created_again(store: Store) -> None:
    store.commit(create(a_task()))
    assert store.commit(create(a_task(priority=5))) == Conflict(TASK)


def test_what_was_forgotten_cannot_be_changed(store: Store) -> None:
    store.commit(create(a_task()))
    task = held(store, a_task())
    store.commit(Change((Write(task, None),)))
    assert store.commit(update(task, replace(task, priority=2))) == Conflict(TASK)
    assert store.commit(Change((Write(task, None),))) == Conflict(TASK)


def test_a_lost_race_writes_nothing_at_all(store: Store) -> None:
    store.commit(births(a_task(deadline=NOON), a_worker()) + events(1))
    task, worker = held(store, a_task()), held(store, a_worker())
    store.commit(update(task, replace(task, reason="raised")))
    before = (store.snapshot(), store.heads([SALES], [IDLE]), store.directory(), store.due(NOON), store.since("0"))
    reserved = replace(task, state=TaskState.RESERVED, deadline=NOON - 1)
    moved = a_task("WT2", queue="elsewhere")
    late = Change(
        (
            Write(None, a_call(deadline=NOON - 2)),
            Write(None, moved),
            Write(worker, replace(worker, activity=Activity.OFF, available=False, profile="other")),
            Write(task, reserved),
        ),
        (an_event(at=2),),
        (Personal("CA1", "said", "vanilla"),),
    )
    assert store.commit(late) == Conflict(TASK)
    after = (store.snapshot(), store.heads([SALES], [IDLE]), store.directory(), store.due(NOON), store.since("0"))
    assert after == before
    assert store.get(Call, "CA1") is None
    assert store.personal("CA1") == {}


def test_forgetting_an_entity_removes_it_from_every_index(store: Store) -> None:
    entities = (a_call(deadline=1), a_task(call="CA1", deadline=1), a_worker(deadline=1), a_reservation(deadline=1))
    store.commit(births(*entities))
    store.commit(Change(tuple(Write(held(store, entity), None) for entity in entities)))
    assert store.snapshot() == Snapshot()
    assert store.due(NOON) == ()
    assert store.heads([SALES], [IDLE]).workers == {IDLE: ()}
    assert store.lengths(["sales"]) == {"sales": 0}
    assert store.commit(create(a_task())) == Committed()
    assert held(store, a_task()).version == 1


def test_an_empty_change_is_committed_and_tells_nothing(store: Store) -> None:
    assert store.commit(NOTHING) == Committed(())


def test_the_ids_of_committed_events_are_those_that_followers_see(store: Store) -> None:
    committed = store.commit(births(a_task()) + events(1, 2, 3))
    assert isinstance(committed, Committed)
    assert [one.id for one in store.since("0")] == list(committed.events)
    assert told(store.since("0")) == [1, 2, 3]


@pytest.mark.parametrize(
    "mistake",
    [
        Change((Write(None, a_task()), Write(None, a_task()))),
        Change((Write(a_task(version=1), a_task("WT2")),)),
        Change((Write(a_task(version=0), a_task(priority=1)),)),
    ],
    ids=["the same entity twice", "one entity into another", "an old value that was never stored"],
)
def test_a_change_that_no_decision_can_mean_is_refused(store: Store, mistake: Change) -> None:
    with pytest.raises(ValueError, match="WT1"):
        store.commit(mistake)
    assert store.get(Task, "WT1") is None


def test_any_text_and_large_values_survive(store: Store) -> None:
    odd = "Zoë 🍦 \x00 \x1f \" \\ \n ' {x} \u2028"
    task = a_task(f"WT{odd}", queue=odd, call="CA1", reason="x" * 2_000_000, attributes={odd: [odd]})
    store.commit(Change((Write(None, task),), (an_event(data={"odd": odd}),), (Personal(odd, odd, odd),)))
    assert store.get(Task, task.sid) == replace(task, version=1)
    lane = queue_lane(odd)
    assert store.heads([lane]).tasks == {lane: (replace(task, version=1),)}
    assert store.directory().lanes == {lane}
    assert (store.tidy(), store.lengths([odd])) == (0, {odd: 1})
    assert store.since("0")[0].event.data == {"odd": odd}
    assert store.personal(odd) == {odd: odd}


def test_what_the_caller_does_to_a_value_afterwards_does_not_reach_the_store(store: Store) -> None:
    attributes: dict[str, str] = {"flavor": "vanilla"}
    store.commit(create(a_task(attributes=attributes)))
    attributes["flavor"] = "chocolate"
    assert held(store, a_task()) == a_task(version=1, attributes={"flavor": "vanilla"})


def test_concurrent_committers_lose_no_update(store: Store) -> None:
    store.commit(create(a_worker()))

    def miss_calls(_: int) -> int:
        conflicts = 0
        for _ in range(25):
            while True:
                worker = store.get(Worker, "WK1")
                assert worker is not None
                if isinstance(store.commit(update(worker, replace(worker, served=worker.served + 1))), Committed):
                    break
                conflicts += 1
        return conflicts

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(miss_calls, range(4)))
    assert held(store, a_worker()) == a_worker(version=101, served=100)


def test_only_one_of_many_wins_the_same_task(store: Store) -> None:
    store.commit(births(a_task(), *(a_worker(f"WK{n}") for n in range(4))))
    task = held(store, a_task())

    def reserve(n: int) -> bool:
        worker = store.get(Worker, f"WK{n}")
        assert worker is not None
        taken = replace(task, state=TaskState.RESERVED, worker=worker.sid)
        busy = replace(worker, reservations=("WR1",), held={"voice": 1})
        return isinstance(store.commit(Change((Write(worker, busy), Write(task, taken)))), Committed)

    with ThreadPoolExecutor(4) as threads:
        won = list(threads.map(reserve, range(4)))
    assert won.count(True) == 1
    assert len(store.heads([], [IDLE]).workers[IDLE]) == 3


# --- deadlines, snapshots, workspaces ----------------------------------------------------------------------------


def test_what_is_due_comes_earliest_first(store: Store) -> None:
    assert store.next_deadline() == 0
    store.commit(
        births(
            a_call(deadline=NOON + 3),
            a_task(deadline=NOON + 1),
            a_caller("+1:555", deadline=NOON + 2),
            a_worker(deadline=NOON + 4),
            a_reservation(),
        )
    )
    earliest = [TASK, Key(Kind.CALLER, "+1:555"), Key(Kind.CALL, "CA1"), Key(Kind.WORKER, "WK1")]
    assert store.due(NOON) == ()
    assert list(store.due(NOON + 3)) == earliest[:3]
    assert list(store.due(NOON + 9)) == earliest
    assert list(store.due(NOON + 9, limit=2)) == earliest[:2]
    assert store.next_deadline() == NOON + 1


def test_a_deadline_that_is_moved_or_lifted_is_due_no_more(store: Store) -> None:
    store.commit(create(a_task(deadline=NOON)))
    task = held(store, a_task())
    store.commit(update(task, replace(task, deadline=NOON + 10)))
    assert (store.due(NOON), store.due(NOON + 10)) == ((), (TASK,))
    task = held(store, a_task())
    store.commit(update(task, replace(task, deadline=0)))
    assert (store.due(NOON + 99), store.next_deadline()) == ((), 0)


def test_a_snapshot_holds_everything_live_oldest_first_and_nothing_that_ended(store: Store) -> None:
    store.commit(
        births(
            a_call("CA1", started=NOON + 2),
            a_call("CA2", started=NOON),
            a_call("CA3", state=CallState.ENDED),
            a_task("WT1", created=NOON + 2, state=TaskState.ASSIGNED),
            a_task("WT2", created=NOON),
            a_task("WT3", ended=NOON),
            a_worker("zoe"),
            a_worker("adam", activity=Activity.OFF),
            a_reservation("WR1", created=NOON + 2),
            a_reservation("WR2", created=NOON),
            a_reservation("WR3", ended=NOON),
            a_caller(),
        )
    )
    committed = store.commit(events(1, 2))
    assert isinstance(committed, Committed)
    snapshot = store.snapshot()
    kinds = (snapshot.calls, snapshot.tasks, snapshot.workers, snapshot.reservations)
    assert [[entity.sid for entity in kind] for kind in kinds] == [
        ["CA2", "CA1"],
        ["WT2", "WT1"],
        ["adam", "zoe"],
        ["WR2", "WR1"],
    ]
    assert snapshot.event == committed.events[-1]
    assert isinstance(snapshot.reservations[0], Reservation)


def test_an_empty_workspace_has_an_empty_snapshot_that_events_can_be_read_after(store: Store) -> None:
    snapshot = store.snapshot()
    assert snapshot == Snapshot()
    store.commit(events(1))
    assert told(store.since(snapshot.event)) == [1]


def test_workspaces_do_not_see_each_other(stores: Adapter) -> None:
    one, other = stores.open("one"), stores.open("other")
    one.commit(Change((Write(None, a_task(deadline=1)),), (an_event(),), (Personal("CA1", "said", "x"),)))
    one.note("config", "x")
    assert (one.claim("turn", 9), one.count("calls", 9)) == (True, 1)
    assert other.get(Task, "WT1") is None
    assert other.snapshot() == Snapshot()
    assert (other.due(NOON), other.since("0"), other.personal("CA1"), other.noted("config")) == ((), (), {}, None)
    assert (other.claim("turn", 9), other.count("calls", 9)) == (True, 1)
    assert isinstance(other.commit(create(a_task())), Committed)
