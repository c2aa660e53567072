"""Decisions about offers: a task is reserved for a worker, accepted, declined, missed, or taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.change import Change, Write
from app.core.config import Config, Queue
from app.core.entities import Activity, Reservation, ReservationState, Task, Worker
from app.core.events import Event, EventType
from app.core.lifecycle import ReservationEvent, TaskEvent, reservation_after, task_after
from app.core.workflow import with_deadline

FORGET_MS = 3_600_000

_EVENT_OF = {
    ReservationState.REJECTED: EventType.RESERVATION_REJECTED,
    ReservationState.TIMEOUT: EventType.RESERVATION_TIMEOUT,
    ReservationState.CANCELED: EventType.RESERVATION_CANCELED,
    ReservationState.RESCINDED: EventType.RESERVATION_RESCINDED,
}


@dataclass(frozen=True, slots=True)
class Held:
    """A reservation together with the worker it holds."""

    reservation: Reservation
    worker: Worker


def reserve(task: Task, worker: Worker, sid: str, reason: str, config: Config, now: int) -> Change:
    """Offers a task to a worker and has their phone rung."""
    seconds = config.offers.ring + 2 * config.offers.answer_keys + 5
    reservation = Reservation(
        sid=sid, task=task.sid, call=task.call, worker=worker.sid, queue=task.queue, config=config.version,
        reason=reason, created=now, deadline=now + seconds * 1000,
    )  # fmt: skip
    state = task_after(task.state, TaskEvent.RESERVE)
    reserved = replace(task, state=state, reservations=(*task.reservations, sid))
    busy = replace(worker, reservations=(*worker.reservations, sid))
    return Change(
        (Write(task, with_deadline(reserved, config, now)), Write(worker, busy), Write(None, reservation)),
        (
            event(EventType.RESERVATION_CREATED, reservation, now, reason=reason, queue=task.queue),
            event(EventType.INTENT_RING, reservation, now),
        ),
    )


def accept(task: Task, chosen: Held, others: Sequence[Held], now: int) -> Change:
    """The worker takes the task; everybody else who was rung for it is let go."""
    reservation = chosen.reservation
    accepted = replace(reservation, state=reservation_after(reservation.state, ReservationEvent.ACCEPT), deadline=0)
    assigned = replace(
        task, state=task_after(task.state, TaskEvent.ACCEPT), reservations=(reservation.sid,),
        worker=chosen.worker.sid, assigned=now, deadline=0,
    )  # fmt: skip
    waited = now - task.created
    change = Change(
        (Write(task, assigned), Write(reservation, accepted), Write(chosen.worker, replace(chosen.worker, missed=0))),
        (
            event(EventType.RESERVATION_ACCEPTED, reservation, now),
            event(EventType.TASK_ASSIGNED, reservation, now, waited=waited, queue=task.queue),
        ),
    )
    for held in others:
        change += _close(held, ReservationEvent.RESCIND, "another agent was faster", now)
    return change


def release(task: Task, held: Held, how: ReservationEvent, reason: str, config: Config, now: int) -> Change:
    """A task goes back to its place in line, its age kept.

    The worker declines it (`REJECT`), misses it (`TIME_OUT`), accepted but hardly met the caller (`DROP`), or cannot
    be rung through no fault of theirs (`RESCIND`). Repeated misses take the worker off duty and tell them so.
    """
    remaining = tuple(sid for sid in task.reservations if sid != held.reservation.sid)
    state = task.state if remaining else task_after(task.state, TaskEvent.RELEASE)
    declined = {**task.declined, held.worker.sid: now + config.offers.retry_after * 1000}
    back = replace(task, state=state, reservations=remaining, declined=declined, worker="", assigned=0)
    change = Change((Write(task, with_deadline(back, config, now)),)) + _close(held, how, reason, now)
    if not remaining:
        change += Change(events=(event(EventType.TASK_RETRIED, held.reservation, now, queue=task.queue),))
    return change + _count_miss(change.latest(held.worker), how, config, now)


def take_back(held: Held, how: ReservationEvent, reason: str, now: int) -> Change:
    """Ends a pending offer from our side (`CANCEL`: the caller is gone; `RESCIND`: the task moved on)."""
    return _close(held, how, reason, now)


def placed(reservation: Reservation, leg: str, now: int) -> Change:
    """The agent's phone is being rung by call `leg`; if the offer is over by now, that call is ended again."""
    if reservation.leg:
        return Change(events=(_hang_up(replace(reservation, leg=leg, answered=0), now),))
    known = replace(reservation, leg=leg)
    events = [event(EventType.RESERVATION_RINGING, known, now)]
    if reservation.state is not ReservationState.PENDING:
        events.append(_hang_up(known, now))
    return Change((Write(reservation, known),), tuple(events))


def answered(reservation: Reservation, leg: str, config: Config, now: int) -> Change:
    """The agent picked up: they get time to hear who it is and to press a key."""
    seconds = 3 * config.offers.answer_keys + 10
    heard = replace(reservation, leg=leg, answered=now, deadline=now + seconds * 1000)
    return Change((Write(reservation, heard),))


def wrap_up(task: Task, held: Held, queue: Queue | None, now: int) -> Change:
    """The conversation is over; the agent is kept free for the queue's wrap-up time, over all queues."""
    seconds = queue.wrap_up if queue else 0
    reservation = held.reservation
    wrapping = replace(reservation, state=reservation_after(reservation.state, ReservationEvent.WRAP))
    ended = replace(task, state=task_after(task.state, TaskEvent.WRAP), deadline=now + seconds * 1000)
    talked = now - task.assigned
    change = Change(
        (Write(task, ended), Write(reservation, wrapping)),
        (event(EventType.TASK_WRAPPING, reservation, now, talked=talked, queue=task.queue),),
    )
    return change if seconds else change + complete(ended, Held(wrapping, held.worker), now)


def complete(task: Task, held: Held, now: int) -> Change:
    """Wrap-up is over: the task is done and its worker free."""
    reservation = held.reservation
    done = replace(
        reservation, state=reservation_after(reservation.state, ReservationEvent.COMPLETE), ended=now,
        deadline=now + FORGET_MS,
    )  # fmt: skip
    finished = replace(task, state=task_after(task.state, TaskEvent.COMPLETE), ended=now, deadline=now + FORGET_MS)
    return Change(
        (Write(task, finished), Write(reservation, done), Write(held.worker, _without(held.worker, reservation, now))),
        (
            event(EventType.RESERVATION_COMPLETED, reservation, now),
            event(EventType.TASK_COMPLETED, reservation, now, queue=task.queue),
        ),
    )


def event(kind: EventType, reservation: Reservation, now: int, **data: str | int | float | bool) -> Event:
    """An event about a reservation, with everything it concerns."""
    return Event(
        type=kind, at=now, call=reservation.call, task=reservation.task, worker=reservation.worker,
        reservation=reservation.sid, data=data,
    )  # fmt: skip


def _close(held: Held, how: ReservationEvent, reason: str, now: int) -> Change:
    reservation = held.reservation
    state = reservation_after(reservation.state, how)
    ended = replace(reservation, state=state, reason=reason, ended=now, deadline=now + FORGET_MS)
    events = [event(_EVENT_OF[state], ended, now, reason=reason)]
    if reservation.leg and how is not ReservationEvent.REJECT:
        events.append(_hang_up(ended, now))
    freed = _without(held.worker, reservation, now)
    return Change((Write(reservation, ended), Write(held.worker, freed)), tuple(events))


def _hang_up(reservation: Reservation, now: int) -> Event:
    return event(EventType.INTENT_HANG_UP, reservation, now, leg=reservation.leg, ringing=not reservation.answered)


def _without(worker: Worker, reservation: Reservation, now: int) -> Worker:
    kept = tuple(sid for sid in worker.reservations if sid != reservation.sid)
    return replace(worker, reservations=kept, idle_since=now)


def _count_miss(worker: Worker, how: ReservationEvent, config: Config, now: int) -> Change:
    if how is ReservationEvent.REJECT:
        return Change((Write(worker, replace(worker, missed=0)),))
    if how is ReservationEvent.RESCIND:
        return Change()
    missed = worker.missed + 1
    if missed < config.offers.missed_limit:
        return Change((Write(worker, replace(worker, missed=missed)),))
    off = replace(worker, missed=0, activity=Activity.OFF)
    text = f"You missed {missed} calls in a row, so {config.business} has taken you off duty. Call in to come back."
    return Change(
        (Write(worker, off),),
        (
            Event(type=EventType.WORKER_CHANGED, at=now, worker=worker.sid, data={"activity": "off", "missed": missed}),
            Event(type=EventType.INTENT_TELL, at=now, worker=worker.sid, data={"text": text}),
        ),
    )
