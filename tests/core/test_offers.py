"""Offers as pure decisions: what each leaves the task, the reservation and the worker with."""

import pytest

from app.core.change import Change, Write
from app.core.config import Config, Offers, Queue
from app.core.entities import Activity, Reservation, ReservationState, Task, TaskState, Worker
from app.core.events import EventType
from app.core.lifecycle import IllegalTransition, ReservationEvent
from app.core.missed import owner_terms
from app.core.offers import (
    Held,
    accept,
    answered,
    complete,
    placed,
    release,
    reserve,
    take_back,
    wrap_up,
)
from tests.builders import NOON, a_reservation, a_task, a_worker

TERMS = owner_terms(Config(version="c1", business="Shop", offers=Offers(missed_limit=2)))
QUEUE = Queue(name="sales", title="sales", serves="", wrap_up=10)


def kinds(change: Change) -> list[str]:
    """The events of a change."""
    return [event.type.value for event in change.events]


def offered(**reservation: object) -> tuple[Task, Held]:
    """A task offered to one worker."""
    task = a_task(state=TaskState.RESERVED, reservations=("WR1",), created=NOON - 30_000)
    return task, Held(a_reservation(deadline=NOON + 9, **reservation), a_worker(reservations=("WR1",)))


def talking() -> tuple[Task, Held]:
    """A task that a worker has taken."""
    task = a_task(state=TaskState.ASSIGNED, reservations=("WR1",), assigned=NOON - 60_000, worker="WK1")
    return task, Held(a_reservation(state=ReservationState.ACCEPTED, leg="CAleg"), a_worker(reservations=("WR1",)))


def test_a_reservation_holds_task_and_worker_and_has_the_phone_rung() -> None:
    change = reserve(a_task(), a_worker(), "WR1", "longest idle", TERMS, NOON)

    assert change.latest(a_task()).state is TaskState.RESERVED
    assert change.latest(a_task()).reservations == ("WR1",)
    assert change.latest(a_worker()).reservations == ("WR1",)
    created = change.latest(a_reservation())
    assert (created.state, created.reason) == (ReservationState.PENDING, "longest idle")
    assert created.deadline == NOON + 37_000
    assert kinds(change) == ["reservation.created", "intent.ring"]


def test_accepting_lets_everybody_else_go() -> None:
    task, held = offered()
    other = Held(a_reservation("WR2", worker="WK2", leg="CAtwo"), a_worker("WK2", reservations=("WR2",)))

    change = accept(task, held, [other], NOON)

    taken = change.latest(task)
    assert (taken.state, taken.worker, taken.reservations, taken.deadline) == (
        TaskState.ASSIGNED, "WK1", ("WR1",), NOON + 86_400_000,
    )  # fmt: skip
    assert change.latest(held.reservation).state is ReservationState.ACCEPTED
    assert change.latest(other.reservation).state is ReservationState.RESCINDED
    assert change.latest(other.worker).reservations == ()
    assert change.latest(held.worker).reservations == ("WR1",)
    assert kinds(change) == [
        "reservation.accepted", "task.assigned", "reservation.rescinded", "intent.hang_up",
    ]  # fmt: skip
    assert change.events[1].data == {"waited": 30_000, "queue": "sales", "channel": "voice"}


def test_nothing_can_be_accepted_twice_and_the_attempt_changes_nothing() -> None:
    task, held = talking()

    with pytest.raises(IllegalTransition):
        accept(task, held, [], NOON)
    assert task.state is TaskState.ASSIGNED


@pytest.mark.parametrize(
    ("how", "state", "missed"),
    [
        (ReservationEvent.REJECT, ReservationState.REJECTED, 0),
        (ReservationEvent.TIME_OUT, ReservationState.TIMEOUT, 2),
        (ReservationEvent.RESCIND, ReservationState.RESCINDED, 1),
    ],
)
def test_an_offer_that_comes_to_nothing_keeps_the_age_and_spares_the_worker_for_a_while(
    how: ReservationEvent, state: ReservationState, missed: int
) -> None:
    task, held = offered()
    patient = owner_terms(Config(version="c1", business="Shop"))
    once = Held(held.reservation, a_worker(reservations=("WR1",), missed={"together": 1}))

    change = release(task, once, how, "reason", patient, NOON)

    back = change.latest(task)
    assert (back.state, back.created, back.declined) == (TaskState.PENDING, task.created, {"WK1": NOON + 15_000})
    assert change.latest(held.reservation).state is state
    assert change.latest(held.worker).missed == ({"together": missed} if missed else {})
    assert change.latest(held.worker).reservations == ()
    assert EventType.TASK_RETRIED.value in kinds(change)


def test_too_many_misses_take_the_worker_off_duty_and_tell_them() -> None:
    task, held = offered()
    tired = Held(held.reservation, a_worker(reservations=("WR1",), missed={"together": 1}))

    change = release(task, tired, ReservationEvent.TIME_OUT, "no answer", TERMS, NOON)

    assert change.latest(tired.worker).activity == Activity.OFF
    assert change.latest(tired.worker).missed == {}
    assert kinds(change)[-2:] == ["worker.changed", "intent.tell"]
    assert len(change.writes) == len({write.key for write in change.writes})


def test_a_dropped_line_gives_the_task_back_as_if_nobody_had_taken_it() -> None:
    task, held = talking()

    change = release(task, held, ReservationEvent.DROP, "the line dropped", TERMS, NOON)

    back = change.latest(task)
    assert (back.state, back.worker, back.assigned) == (TaskState.PENDING, "", 0)
    assert back.deadline > NOON
    assert change.latest(held.reservation).state is ReservationState.TIMEOUT


def test_a_phone_still_being_dialled_has_no_call_to_hang_up_until_it_is_placed() -> None:
    _, held = offered()
    change = take_back(held, ReservationEvent.CANCEL, "the caller hung up", NOON)
    assert kinds(change) == ["reservation.canceled"]

    late = placed(change.latest(held.reservation), "CAleg", NOON)

    assert kinds(late) == ["reservation.ringing", "intent.hang_up"]
    assert late.events[1].data == {"leg": "CAleg", "ringing": True}


def test_whoever_picks_up_gets_time_to_listen() -> None:
    _, held = offered()

    heard = answered(held.reservation, "CAleg", TERMS, NOON).latest(held.reservation)

    assert (heard.leg, heard.answered, heard.deadline) == ("CAleg", NOON, NOON + 28_000)


def test_wrap_up_holds_the_worker_until_it_is_complete() -> None:
    task, held = talking()

    change = wrap_up(task, held, QUEUE, NOON)

    assert change.latest(task).state is TaskState.WRAPPING
    assert change.latest(task).deadline == NOON + 10_000
    resting = change.latest(held.worker)
    assert (resting.reservations, resting.talked) == (held.worker.reservations, 60_000)
    assert change.events[1].data["talked"] == 60_000
    done = complete(change.latest(task), Held(change.latest(held.reservation), resting), NOON + 10_000)
    assert done.latest(task).state is TaskState.COMPLETED
    assert done.latest(held.worker).idle_since == NOON + 10_000


@pytest.mark.parametrize("queue", [None, Queue(name="sales", title="", serves="", wrap_up=0)])
def test_without_wrap_up_all_is_over_in_one_change(queue: Queue | None) -> None:
    task, held = talking()

    change = wrap_up(task, held, queue, NOON)

    assert change.latest(task).state is TaskState.COMPLETED
    assert change.latest(held.worker).reservations == ()
    assert [write.old for write in change.writes] == [task, held.reservation, held.worker]
    assert kinds(change) == ["reservation.wrapup", "task.wrapping", "reservation.completed", "task.completed"]


def test_only_a_conversation_can_be_wrapped_up() -> None:
    task, held = offered()

    with pytest.raises(IllegalTransition):
        wrap_up(task, held, QUEUE, NOON)


def test_one_write_an_entity_from_its_first_value_to_its_last() -> None:
    worker = a_worker()
    once, twice = a_worker(missed={"together": 1}), a_worker(missed={"together": 2})

    change = Change((Write(worker, once),)) + Change((Write(once, twice),))

    assert change.writes == (Write(worker, twice),)
    assert change.latest(worker) == twice
    assert change.latest(a_worker("WK2")) == a_worker("WK2")
    assert isinstance(change.latest(worker), Worker)
    assert not isinstance(change.latest(worker), Reservation)
