"""Many programs at once: of several orders that exclude each other one is carried out, and the others are refused."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from app.core.entities import ReservationState, TaskState
from app.core.events import EventType
from app.ports.store import Store
from app.usecases.taskrouter.reservations import accept, reject, update_reservation
from app.usecases.taskrouter.tasks import TaskUpdate, delete_task, update_task
from app.usecases.taskrouter.wording import Refusal, Why
from app.usecases.taskrouter.workers import NewWorker, WorkerUpdate, create_worker, update_worker
from tests.builders import FakeClock
from tests.usecases.taskrouter.bakery import AWAY, Bakery, allowed

PATIENCE = 20
ROUNDS = 8


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Does all of these side by side; their results in order."""
    results: list[object] = [None] * len(deeds)
    start = threading.Barrier(len(deeds))

    def do(place: int, deed: Callable[[], object]) -> None:
        start.wait(PATIENCE)
        try:
            results[place] = deed()
        except Exception as error:  # noqa: BLE001 - told to the test by the assertion below
            results[place] = error

    threads = [threading.Thread(target=do, args=item, daemon=True) for item in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert [result for result in results if isinstance(result, Exception)] == []
    return results


def test_of_several_who_accept_one_task_together_exactly_one_has_it(every_store: Store, clock: FakeClock) -> None:
    bakery = Bakery(every_store, clock, at_once=4)
    bakers = [bakery.baker(f"baker {number}") for number in range(4)]
    for _ in range(ROUNDS):
        task = bakery.order()
        offers = bakery.offered(task)
        assert len(offers) == 4
        results = at_once(*(lambda sid=offer.sid: accept(bakery.context, sid) for offer in offers))

        assert len(allowed(*results)) == 1
        refusals = [result for result in results if isinstance(result, Refusal)]
        assert {refusal.why for refusal in refusals} == {Why.ILLEGAL}
        (won,) = bakery.now(task).reservations
        assert bakery.now(task).state is TaskState.ASSIGNED
        assert Counter(len(bakery.of(baker).reservations) for baker in bakers) == {0: 3, 1: 1}
        update_reservation(bakery.context, won, ReservationState.COMPLETED)
        assert [bakery.of(baker).held for baker in bakers] == [{"default": 0}] * 4


def test_one_offer_accepted_twice_at_once_is_accepted_once(every_store: Store, clock: FakeClock) -> None:
    bakery = Bakery(every_store, clock)
    baker = bakery.baker("Ann")
    task = bakery.order()
    [offer] = bakery.offered(task)
    results = at_once(*[lambda: accept(bakery.context, offer.sid)] * 4)
    assert len(allowed(*results)) == 1
    assert bakery.of(baker).held == {"default": 1}
    events = [item.event.type for item in bakery.store.since("0")]
    assert events.count(EventType.RESERVATION_ACCEPTED) == events.count(EventType.TASK_ASSIGNED) == 1


@pytest.mark.parametrize("other", ["cancel", "delete", "leave", "reject"])
def test_an_acceptance_and_its_opposite_together_leave_task_and_worker_agreed(
    every_store: Store, clock: FakeClock, other: str
) -> None:
    bakery = Bakery(every_store, clock)
    baker = bakery.baker("Ann")
    for _ in range(ROUNDS):
        task = bakery.order()
        [offer] = bakery.offered(task)
        opposites: dict[str, Callable[[], object]] = {
            "cancel": lambda sid=task.sid: update_task(bakery.context, sid, TaskUpdate(status=TaskState.CANCELED)),  # type: ignore[misc]
            "delete": lambda sid=task.sid: delete_task(bakery.context, sid),  # type: ignore[misc]
            "reject": lambda sid=offer.sid: reject(bakery.context, sid),  # type: ignore[misc]
            "leave": lambda: update_worker(bakery.context, baker.sid, WorkerUpdate(activity=AWAY, reject_pending=True)),
        }
        at_once(lambda sid=offer.sid: accept(bakery.context, sid), opposites[other])  # type: ignore[misc]

        present = bakery.store.get(type(task), task.sid)
        serving = present is not None and present.state is TaskState.ASSIGNED
        assert bakery.of(baker).reservations == ((offer.sid,) if serving else ())
        if present and not present.ended:
            for status in (TaskState.COMPLETED, TaskState.CANCELED):
                update_task(bakery.context, task.sid, TaskUpdate(status=status))
            assert bakery.now(task).ended
        update_worker(bakery.context, baker.sid, WorkerUpdate(activity=baker.activity))
        assert bakery.of(baker).held == {"default": 0}


def test_two_workers_of_one_name_are_never_made(every_store: Store, clock: FakeClock) -> None:
    bakery = Bakery(every_store, clock)
    names = ("Ann", "ANN", "ann", "aNn")
    results = at_once(*(
        lambda name=name: create_worker(bakery.context, NewWorker(name=name, attributes={})) for name in names
    ))  # fmt: skip
    assert len(allowed(*results)) == 1
    assert {result.why for result in results if isinstance(result, Refusal)} == {Why.TAKEN}


def test_of_several_who_decided_on_one_version_exactly_one_is_heard(every_store: Store, clock: FakeClock) -> None:
    bakery = Bakery(every_store, clock)
    task = bakery.order()
    results = at_once(*(
        lambda priority=priority: update_task(
            bakery.context, task.sid, TaskUpdate(priority=priority), lambda version: version == task.version
        )
        for priority in range(1, 5)
    ))  # fmt: skip
    assert len(allowed(*results)) == 1
    assert {result.why for result in results if isinstance(result, Refusal)} == {Why.STALE}
