"""What every store has to do for offers, for lists and counts, and at the end of a workspace."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.core.change import Change, Personal, Write
from app.core.entities import ReservationState, TaskState
from app.core.indexes import DEADLINES, ENDED_RESERVATIONS, ENDED_TASKS, WORKERS, all_of, idle, line, staff
from app.core.routing.lanes import Profile, queue_lane
from app.ports.store import Committed, Directory, Offered, Snapshot, Store
from tests.builders import NOON, a_call, a_reservation, a_task, a_worker, an_event, births
from tests.store.adapters import Adapter, events, held, told
from tests.store.definitions import a_channel, a_queue, a_workflow, a_workspace, an_activity

SALES = queue_lane("sales")
SELLERS = Profile(("sales",))
IDLE_SELLERS = idle("voice", SELLERS.sid())


# --- offers ----------------------------------------------------------------------------------------------------


def test_an_offer_is_read_with_everything_it_concerns(store: Store) -> None:
    rivals = ("WR2", "WR3")
    store.commit(
        births(
            a_task(call="CA1", reservations=("WR1", *rivals, "WR9"), attributes={"reservations": ["WR8"]}),
            a_call(),
            a_worker("WK1", reservations=("WR1",)),
            *(a_reservation(f"WR{n}", worker=f"WK{n}") for n in (1, 2, 3, 8)),
            *(a_worker(f"WK{n}") for n in (2, 8)),
        )
    )
    offered = store.offered("WR1")
    assert offered == Offered(
        reservation=held(store, a_reservation("WR1")),
        task=held(store, a_task()),
        call=held(store, a_call()),
        worker=held(store, a_worker("WK1")),
        others=((held(store, a_reservation("WR2")), held(store, a_worker("WK2"))),),
    )


def test_an_offer_that_is_not_there_concerns_nothing(store: Store) -> None:
    assert store.offered("WR1") == Offered()


def test_what_an_offer_concerns_and_is_no_more_is_none(store: Store) -> None:
    store.commit(births(a_reservation(call="")))
    assert store.offered("WR1") == Offered(reservation=held(store, a_reservation()))


def test_the_first_to_accept_rescinds_the_others_in_one_change(store: Store) -> None:
    sids = ("WR1", "WR2", "WR3")
    store.commit(
        births(
            a_task(state=TaskState.RESERVED, reservations=sids),
            *(a_reservation(sid, worker=f"of {sid}") for sid in sids),
            *(a_worker(f"of {sid}", reservations=(sid,), held={"voice": 1}) for sid in sids),
        )
    )

    def accept(sid: str) -> bool:
        offered = store.offered(sid)
        assert offered.reservation is not None
        assert offered.task is not None
        if offered.task.state is not TaskState.RESERVED:
            return False
        rescinded = (
            Write(one, replace(one, state=ReservationState.RESCINDED, ended=NOON)) for one, _ in offered.others
        )
        freed = (Write(worker, replace(worker, reservations=(), held={})) for _, worker in offered.others)
        taken = replace(offered.task, state=TaskState.ASSIGNED, reservations=(sid,))
        accepted = replace(offered.reservation, state=ReservationState.ACCEPTED)
        change = (Write(offered.task, taken), Write(offered.reservation, accepted), *rescinded, *freed)
        return isinstance(store.commit(Change(change)), Committed)

    with ThreadPoolExecutor(3) as threads:
        won = list(threads.map(accept, sids))
    assert won.count(True) == 1
    assert [one.sid for one in store.snapshot().reservations] == [sids[won.index(True)]]
    assert store.size(idle("voice", a_worker().profile)) == (2,)


# --- counts and lists ------------------------------------------------------------------------------------------


def test_what_the_api_created_is_listed_oldest_first(store: Store) -> None:
    store.commit(
        births(
            *(a_queue(f"WQ{n}", created=NOON - n) for n in range(5)),
            *(a_workflow(), an_activity(), a_channel(), a_workspace()),
        )
    )
    assert store.members(all_of("queue")) == ("WQ4", "WQ3", "WQ2", "WQ1", "WQ0")
    assert store.members(all_of("queue"), start=1, count=2) == ("WQ3", "WQ2")
    assert store.members(all_of("queue"), start=4, count=9) == ("WQ0",)
    assert store.members(all_of("queue"), start=9) == store.members(all_of("queue"), count=0) == ()
    assert store.members(all_of("nothing")) == ()
    kinds = ("workflow", "activity", "channel", "workspace")
    assert [store.members(all_of(kind)) for kind in kinds] == [("WW1",), ("WA1",), ("TC1",), ("WS1",)]


def test_indexes_are_counted_at_one_instant(store: Store) -> None:
    store.commit(
        births(
            *(a_task(f"WT{n}", call=f"CA{n}", deadline=n) for n in range(3)),
            *(a_worker(f"WK{n}", profile=SELLERS.sid(), activity="lunch", available=False) for n in range(2)),
        )
    )
    indexes = (line("sales"), DEADLINES, staff("lunch", SELLERS.sid()), WORKERS, IDLE_SELLERS, "nothing")
    assert store.size(*indexes) == (3, 2, 2, 2, 0, 0)
    assert store.size() == ()


def test_what_ended_is_kept_apart_from_what_is_live(store: Store) -> None:
    store.commit(births(a_task("WT1", ended=NOON, state=TaskState.COMPLETED), a_reservation("WR1", ended=NOON)))
    assert (store.members(ENDED_TASKS), store.members(ENDED_RESERVATIONS)) == (("WT1",), ("WR1",))
    assert store.snapshot() == Snapshot()


# --- dropping a workspace --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["unicone", "[a-z]*", "a?c", "back\\slash", "^not-this"])
def test_a_dropped_workspace_leaves_nothing_and_touches_no_other(stores: Adapter, name: str) -> None:
    dropped, neighbours = stores.open(name), [stores.open(other) for other in ("abc", "m", f"{name}s", f"x{name}")]
    for store in (dropped, *neighbours):
        store.commit(
            births(
                *(a_task(f"WT{n}", deadline=1) for n in range(20)), a_worker("WK1", profile=SELLERS.sid()), a_queue()
            )
        )
        store.commit(Change((), (an_event(),), (Personal("CA1", "said", "x"),)))
        store.follow("feed", "one", count=1)
        store.note("config", "x")
    kept = [(store.snapshot(), store.directory(), store.since("0")) for store in neighbours]
    dropped.drop()
    assert stores.left(name) == 0
    assert (dropped.snapshot(), dropped.directory(), dropped.heads([SALES]).tasks[SALES]) == (
        Snapshot(),
        Directory(),
        (),
    )
    assert (dropped.noted("config"), dropped.personal("CA1"), dropped.since("0")) == (None, {}, ())
    assert [(store.snapshot(), store.directory(), store.since("0")) for store in neighbours] == kept


def test_a_workspace_that_was_dropped_can_begin_anew(store: Store) -> None:
    store.commit(births(a_task(), a_worker("WK1", profile=SELLERS.sid())) + events(1))
    store.drop()
    store.drop()
    store.commit(births(a_task()) + events(2))
    assert held(store, a_task()).version == 1
    assert store.directory().lanes == {SALES}
    assert told(store.follow("feed", "one")) == [2]


def test_who_waits_for_events_of_a_workspace_outlives_its_end(store: Store) -> None:
    store.follow("feed", "one")
    with ThreadPoolExecutor(1) as thread:
        follower = thread.submit(store.follow, "feed", "one", block_ms=10_000)
        store.commit(births(a_task()))
        store.drop()
        while not follower.done():
            store.commit(events(5))
        assert set(told(follower.result())) == {5}
