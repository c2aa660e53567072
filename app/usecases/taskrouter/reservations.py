"""Reservations as the API answers them: accepted, rejected, timed out, wrapped up and completed.

Exactly one of several workers who are offered a task can accept it: whoever is later finds their reservation
rescinded, which no order changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.core import offers
from app.core.change import NOTHING, Change
from app.core.entities import Key, Kind, Reservation, ReservationState, Task
from app.core.indexes import ENDED_RESERVATIONS
from app.core.lifecycle import ReservationEvent
from app.core.offers import Held
from app.core.routing import sids
from app.core.routing.definitions import Rules
from app.usecases.context import Context, settle
from app.usecases.held import Known, known, offers_of
from app.usecases.taskrouter import finishing, lookups
from app.usecases.taskrouter.lookups import STALE, Fits, any_version, committed
from app.usecases.taskrouter.naming import activity_of
from app.usecases.taskrouter.releasing import rejected
from app.usecases.taskrouter.walking import ByAge, place_of
from app.usecases.taskrouter.wording import Refusal, Why
from app.usecases.taskrouter.workers import in_activity
from app.usecases.terms import today

R = ReservationState
_FROM = {
    R.ACCEPTED: (R.PENDING,),
    R.REJECTED: (R.PENDING,),
    R.TIMEOUT: (R.PENDING,),
    R.WRAPPING: (R.ACCEPTED,),
    R.COMPLETED: (R.ACCEPTED, R.WRAPPING),
}
"""What may be ordered, and of which reservations; to cancel and to rescind is the system's part."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose reservation it has to be: a task's or a worker's, by public SID."""

    task: str = ""
    worker: str = ""


def reservation_of(context: Context, owner: Owner, sid: str) -> Reservation | Refusal:
    """The reservation of this SID, if it is its owner's."""
    found = context.store.get(Reservation, sid) if sid.startswith(sids.RESERVATION) else None
    if found is None or owner.task not in ("", found.task) or owner.worker not in ("", _worker(context, found)):
        return Refusal(Why.NOT_FOUND, f"Reservation {sid[:64]} was not found")
    return found


def reservations_of(
    context: Context, owner: Owner, wanted: Callable[[Reservation], bool]
) -> Sequence[Reservation] | Refusal:
    """The reservations of a task or a worker that `wanted` chooses, oldest first; ended ones while they are kept."""
    holder = (
        lookups.task_of(context, owner.task)
        if owner.task
        else lookups.worker_of(context, context.rules.fresh(), owner.worker)
    )
    if isinstance(holder, Refusal):
        return holder
    keys = [Key(Kind.RESERVATION, sid) for sid in holder.reservations]
    live = context.store.read(*keys) if keys else ()
    inner = "task" if owner.task else "worker"
    ended = ByAge(
        context.store, Reservation, (ENDED_RESERVATIONS,), lambda item: getattr(item, inner) == holder.sid
    ).after((holder.created, ""), 1 << 62)
    found = {item.sid: item for item in (*live, *ended) if isinstance(item, Reservation)}
    return sorted((item for item in found.values() if wanted(item)), key=place_of)


def update_reservation(
    context: Context, sid: str, status: ReservationState, activity: str = "", fits: Fits = any_version
) -> Reservation | Refusal:
    """Puts a reservation into a state. `activity`: the public SID of the activity in which who rejects goes."""
    return decided(context, sid, lambda read, rules: _ordered(context, rules, read, status, activity), fits)


def accept(context: Context, sid: str, fits: Fits = any_version) -> Reservation | Refusal:
    """The worker takes the task; who else was offered it is let go."""
    return update_reservation(context, sid, R.ACCEPTED, fits=fits)


def reject(context: Context, sid: str, activity: str = "", fits: Fits = any_version) -> Reservation | Refusal:
    """The worker passes; they go into the activity of this public SID, if one is named."""
    return update_reservation(context, sid, R.REJECTED, activity, fits)


def decided(
    context: Context, sid: str, rule: Callable[[Known, Rules], Change | Refusal], fits: Fits = any_version
) -> Reservation | Refusal:
    """Commits what `rule` decides about a reservation and everything it concerns."""

    def decide() -> tuple[Change, Reservation | Refusal]:
        rules, read = context.rules.fresh(), known(context.store, sid)
        if read is None:
            return NOTHING, Refusal(Why.NOT_FOUND, f"Reservation {sid[:64]} was not found")
        change = rule(read, rules) if fits(read.reservation.version) else STALE
        return (NOTHING, change) if isinstance(change, Refusal) else (change, committed(change, read.reservation))

    return settle(context.store, decide)


def _ordered(context: Context, rules: Rules, read: Known, status: ReservationState, activity: str) -> Change | Refusal:
    state, sid = read.reservation.state, read.reservation.sid
    if status not in _FROM:
        same = status is state
        return NOTHING if same else Refusal(Why.ILLEGAL, f"Reservation {sid} cannot be made {status}: it is {state}")
    if state not in _FROM[status]:
        needed = " or ".join(_FROM[status])
        return Refusal(Why.ILLEGAL, f"Reservation {sid} cannot be made {status}: it is {state}, not {needed}")
    if status is R.ACCEPTED:
        return accepted(context, rules, read)
    if status is R.REJECTED:
        return passed(context, rules, read, activity)
    if status is R.TIMEOUT:
        return rejected(context, read.held, "timed out by request", ReservationEvent.TIME_OUT)
    now = context.clock.now()
    if status is R.WRAPPING:
        return finishing.wrapped(context, read.task, read.held, now)
    return finishing.completed(context, rules, read.task, read.held, now)


def accepted(context: Context, rules: Rules, read: Known) -> Change | Refusal:
    """The task is the worker's, who goes into the activity that the queue has for that."""
    if read.call:
        message = "it is a caller's, and is accepted on the phone that rings"
        return Refusal(Why.ILLEGAL, f"Reservation {read.reservation.sid} cannot be accepted: {message}")
    return taken(context, rules, read.task, read.held)


def taken(context: Context, rules: Rules, task: Task, chosen: Held) -> Change:
    """The same for any task, a caller's included."""
    now = context.clock.now()
    others = offers_of(context.store, task, besides=chosen.reservation.sid)
    change = offers.accept(task, chosen, others, now, today(context))
    queue = rules.queues.get(task.queue)
    activity = rules.activities.get(queue.assignment_activity) if queue else None
    return change + in_activity(change.latest(chosen.worker), activity, rules, now) if activity else change


def passed(context: Context, rules: Rules, read: Known, activity_sid: str) -> Change | Refusal:
    """The worker does not take the task, which goes back to its place in line."""
    activity = activity_of(rules, activity_sid) if activity_sid else None
    if activity_sid and activity is None:
        return Refusal(Why.INVALID, f"Activity {activity_sid[:64]} was not found", "WorkerActivitySid")
    change = rejected(context, read.held, "rejected", ReservationEvent.REJECT)
    if activity is None:
        return change
    return change + in_activity(change.latest(read.worker), activity, rules, context.clock.now())


def _worker(context: Context, reservation: Reservation) -> str:
    return sids.public(sids.WORKER, context.workspace, reservation.worker)
