"""Decisions about offers: a task is reserved for a worker, accepted, declined, missed, or taken back."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.change import Change, Write
from app.core.config import Miss, Queue
from app.core.copying import replace
from app.core.entities import Reservation, ReservationState, Task, Worker
from app.core.events import Event, EventType
from app.core.lifecycle import ReservationEvent, TaskEvent, reservation_after, task_after
from app.core.missed import FORGET_MS, Terms, after_miss, miss_of, pause_after
from app.core.routing.lanes import lane_of
from app.core.strategies import done_today
from app.core.workflow import with_deadline

ENDED_TASK_MS = 300_000
LONGEST_ASSIGNMENT_MS = 86_400_000

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


def reserve(task: Task, worker: Worker, sid: str, reason: str, terms: Terms, now: int) -> Change:
    """Offers a task to a worker; their phone is rung, or whoever assigns tasks in this workflow is asked."""
    reservation = Reservation(
        sid=sid, task=task.sid, call=task.call, worker=worker.sid, queue=task.queue, channel=task.channel,
        workflow=task.workflow, config=task.config, reason=reason, created=now, updated=now,
        deadline=now + terms.stands * 1000,
    )  # fmt: skip
    reserved = replace(
        task, state=task_after(task.state, TaskEvent.RESERVE), reservations=(*task.reservations, sid),
        offers=task.offers + 1, updated=now,
    )  # fmt: skip
    held = {**worker.held, task.channel: worker.held.get(task.channel, 0) + 1}
    busy = replace(worker, reservations=(*worker.reservations, sid), held=held, offered=now)
    ask = EventType.INTENT_RING if terms.rings else EventType.INTENT_ASSIGN
    return Change(
        (Write(task, with_deadline(reserved, now)), Write(worker, busy), Write(None, reservation)),
        (
            event(EventType.RESERVATION_CREATED, reservation, now, reason=reason, queue=task.queue),
            event(ask, reservation, now),
        ),
    )


def accept(task: Task, chosen: Held, others: Sequence[Held], now: int, today: int = 0) -> Change:
    """The worker takes the task; everybody else who was rung for it is let go.

    What they did before the instant `today` no longer counts (0: everything does).
    """
    reservation = chosen.reservation
    accepted = replace(
        reservation, state=reservation_after(reservation.state, ReservationEvent.ACCEPT), accepted=now, updated=now,
        deadline=0,
    )  # fmt: skip
    assigned = replace(
        task, state=task_after(task.state, TaskEvent.ACCEPT), reservations=(reservation.sid,),
        worker=chosen.worker.sid, assigned=now, updated=now, deadline=longest_assignment(task, now),
    )  # fmt: skip
    waited, in_queue = now - task.created, now - (task.queued or task.created)
    served, talked = done_today(chosen.worker, today)
    worker = replace(chosen.worker, missed={}, served=served + 1, talked=talked, counted=now)
    change = Change(
        (Write(task, assigned), Write(reservation, accepted), Write(chosen.worker, worker)),
        (
            event(EventType.RESERVATION_ACCEPTED, reservation, now, waited=waited, in_queue=in_queue),
            event(EventType.TASK_ASSIGNED, reservation, now, waited=waited, queue=task.queue),
        ),
    )
    for held in others:
        change += _close(held, ReservationEvent.RESCIND, "another agent was faster", now)
    return change


def longest_assignment(task: Task, now: int) -> int:
    """When a task that stays assigned is ended by the system; a call's end is told by the carrier instead (0)."""
    return 0 if task.call else now + LONGEST_ASSIGNMENT_MS


def release(
    task: Task, held: Held, how: ReservationEvent, reason: str, terms: Terms, now: int, *, miss: Miss | None = None
) -> Change:
    """A task goes back to its place in line, its age kept.

    The worker declines it (`REJECT`), misses it (`TIME_OUT`), accepted but hardly met the caller (`DROP`), or cannot
    be rung through no fault of theirs (`RESCIND`). `miss` says more of why. Repeated misses take the worker off duty
    and tell them so.
    """
    miss = miss or miss_of(how)
    remaining = tuple(sid for sid in task.reservations if sid != held.reservation.sid)
    state = task.state if remaining else task_after(task.state, TaskEvent.RELEASE)
    declined = {**task.declined, held.worker.sid: now + pause_after(miss, terms) * 1000}
    back = replace(task, state=state, reservations=remaining, declined=declined, worker="", assigned=0, updated=now)
    change = Change((Write(task, with_deadline(back, now)),)) + _close(held, how, reason, now)
    if not remaining:
        data = {"queue": task.queue, **lane_data(task)}
        change += Change(events=(event(EventType.TASK_RETRIED, held.reservation, now, **data),))
    return change + after_miss(change.latest(held.worker), miss, terms, now)


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


def answered(reservation: Reservation, leg: str, terms: Terms, now: int) -> Change:
    """The agent picked up: they get time to hear who it is and to press a key."""
    heard = replace(reservation, leg=leg, answered=now, deadline=now + terms.deciding * 1000)
    return Change((Write(reservation, heard),))


def wrap_up(task: Task, held: Held, queue: Queue | None, now: int) -> Change:
    """The conversation is over; the agent is kept free for the queue's wrap-up time, over all queues."""
    seconds = queue.wrap_up if queue else 0
    change = wrap(task, held, now, now + seconds * 1000)
    wrapping = held_after(change, held)
    return change if seconds else change + complete(change.latest(task), wrapping, now)


def wrap(task: Task, held: Held, now: int, until: int) -> Change:
    """The work is done but for what the worker notes down afterwards, `until` when they must have (an instant)."""
    reservation, talked = held.reservation, now - task.assigned
    wrapping = replace(reservation, state=reservation_after(reservation.state, ReservationEvent.WRAP), updated=now)
    ended = replace(task, state=task_after(task.state, TaskEvent.WRAP), updated=now, deadline=until)
    return Change(
        (
            Write(task, ended),
            Write(reservation, wrapping),
            Write(held.worker, replace(held.worker, talked=held.worker.talked + talked)),
        ),
        (
            event(EventType.RESERVATION_WRAPUP, reservation, now),
            event(EventType.TASK_WRAPPING, reservation, now, talked=talked, queue=task.queue),
        ),
    )


def held_after(change: Change, held: Held) -> Held:
    """The reservation and its worker as a change leaves them."""
    return Held(change.latest(held.reservation), change.latest(held.worker))


def complete(task: Task, held: Held, now: int, reason: str = "") -> Change:
    """Wrap-up is over: the task is done and its worker free."""
    reservation = held.reservation
    done = replace(
        reservation, state=reservation_after(reservation.state, ReservationEvent.COMPLETE), ended=now, updated=now,
        deadline=now + forget_after(task),
    )  # fmt: skip
    finished = replace(
        task, state=task_after(task.state, TaskEvent.COMPLETE), reason=reason or task.reason, ended=now, updated=now,
        deadline=now + forget_after(task),
    )  # fmt: skip
    return Change(
        (Write(task, finished), Write(reservation, done), Write(held.worker, _without(held.worker, reservation, now))),
        (
            event(EventType.RESERVATION_COMPLETED, reservation, now),
            event(EventType.TASK_COMPLETED, reservation, now, queue=task.queue),
        ),
    )


def forget_after(task: Task | Reservation) -> int:
    """How long what has ended can still be looked up, in ms; TaskRouter's tasks for five minutes."""
    return FORGET_MS if task.call else ENDED_TASK_MS


def lane_data(task: Task) -> dict[str, str]:
    """Names the task's lane in an event, unless that would tell what the caller said of themselves."""
    return {} if task.demand else {"lane": lane_of(task).name}


def event(kind: EventType, reservation: Reservation, now: int, **data: str | int | float | bool) -> Event:
    """An event about a reservation, with everything it concerns."""
    told = data if kind.value.startswith("intent.") else {**place_data(reservation), **data}
    return Event(
        type=kind, at=now, call=reservation.call, task=reservation.task, worker=reservation.worker,
        reservation=reservation.sid, data=told,
    )  # fmt: skip


def place_data(item: Task | Reservation) -> dict[str, str]:
    """Where a task stood, for followers who hear of it when it is forgotten: its queue, channel and workflow."""
    place = {"queue": item.queue, "channel": item.channel, "workflow": item.workflow}
    return {name: value for name, value in place.items() if value}


def _close(held: Held, how: ReservationEvent, reason: str, now: int) -> Change:
    reservation = held.reservation
    state = reservation_after(reservation.state, how)
    ended = replace(
        reservation, state=state, reason=reason, ended=now, updated=now, deadline=now + forget_after(reservation)
    )
    events = [event(_EVENT_OF[state], ended, now, reason=reason)]
    if reservation.leg and how is not ReservationEvent.REJECT:
        events.append(_hang_up(ended, now))
    freed = _without(held.worker, reservation, now)
    return Change((Write(reservation, ended), Write(held.worker, freed)), tuple(events))


def _hang_up(reservation: Reservation, now: int) -> Event:
    return event(EventType.INTENT_HANG_UP, reservation, now, leg=reservation.leg, ringing=not reservation.answered)


def _without(worker: Worker, reservation: Reservation, now: int) -> Worker:
    kept = tuple(sid for sid in worker.reservations if sid != reservation.sid)
    if len(kept) == len(worker.reservations):
        return worker
    held = {**worker.held, reservation.channel: worker.held.get(reservation.channel, 1) - 1}
    return replace(worker, reservations=kept, held=held, idle_since=now)
