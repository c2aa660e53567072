"""What the entities and indexes of a workspace have to be at every instant, whatever came before."""

from collections import Counter

from app.core.entities import ReservationState, TaskState
from app.core.indexes import entries
from app.core.routing.lanes import lane_of
from app.ports.store import Store
from tests.usecases.taskrouter.firm import Inside
from tests.usecases.taskrouter.naive import HOLDING, World

EXPECTED = {
    TaskState.PENDING: set(),
    TaskState.RESERVED: {ReservationState.PENDING},
    TaskState.ASSIGNED: {ReservationState.ACCEPTED},
    TaskState.WRAPPING: {ReservationState.WRAPPING},
}


def tasks_agree_with_offers(world: World, inside: Inside, store: Store) -> None:
    """A task has at most one accepted offer, and none but those of its state; both name each other."""
    for task in world.tasks.values():
        offers = [item for item in world.reservations.values() if item.task == task.sid and item.state in HOLDING]
        if task.ended:
            assert not offers, f"{task.sid} has ended, and {offers} has not"
            continue
        assert {item.state for item in offers} == EXPECTED[task.state], f"{task} has {offers}"
        assert len(offers) <= 1 or task.state is TaskState.RESERVED
        assert {item.sid for item in offers} == set(task.reservations)
        assert len(task.reservations) == len(set(task.reservations))
    held = {item.task for item in world.reservations.values() if item.state in HOLDING}
    assert held <= set(world.live), "a reservation outlived its task"


def workers_hold_what_names_them(world: World, inside: Inside, store: Store) -> None:
    for worker in world.workers.values():
        mine = world.holds(worker.sid)
        assert sorted(worker.reservations) == sorted(item.sid for item in mine), worker.sid
        counted = Counter(item.channel for item in mine)
        assert {name: count for name, count in worker.held.items() if count} == dict(counted), worker.sid
    known = {item.worker for item in world.reservations.values() if item.state in HOLDING}
    assert known <= set(world.workers)


def everything_has_a_deadline(world: World, inside: Inside, store: Store) -> None:
    for task in world.tasks.values():
        assert task.deadline > 0, task
        assert task.expires > task.created
    for item in world.reservations.values():
        serving = item.state in (ReservationState.ACCEPTED, ReservationState.WRAPPING)
        assert item.deadline > 0 or serving, item


def indexes_are_those_of_the_entities(world: World, inside: Inside, store: Store) -> None:
    """No entry is missing and none is left over; every line with somebody in it is known, and every profile."""
    expected = {
        (entry.index, entry.member): entry.score for entity in world.entities.values() for entry in entries(entity)
    }
    assert inside.indexes() == expected
    directory = store.directory()
    assert {lane_of(task).name for task in world.waiting} <= directory.lanes
    assert {worker.profile for worker in world.workers.values()} <= set(directory.profiles)
    snapshot = store.snapshot()
    assert {task.sid for task in snapshot.tasks} == set(world.live)
    assert {worker.sid for worker in snapshot.workers} == set(world.workers)


CHECKS = (
    tasks_agree_with_offers,
    workers_hold_what_names_them,
    everything_has_a_deadline,
    indexes_are_those_of_the_entities,
)


def disagreements(world: World, inside: Inside, store: Store) -> list[str]:
    """What is not as it has to be, in the words of the checks."""
    found = []
    for check in CHECKS:
        try:
            check(world, inside, store)
        except AssertionError as error:
            found.append(f"{check.__name__}: {error}")
    return found
