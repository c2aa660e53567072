"""Instructions for a reservation, from an assignment callback's answer or the API, are checked and ordered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.core import offers
from app.core.change import Change, update
from app.core.entities import Reservation, ReservationState, Task, Worker
from app.core.events import EventType
from app.core.routing.definitions import Rules
from app.core.routing.instructions import Instruction, InstructionError, Order, form_name, read_form
from app.ports.store import Offered
from app.usecases.context import Context
from app.usecases.held import Known
from app.usecases.taskrouter.enqueued import is_enqueued
from app.usecases.taskrouter.naming import activity_of
from app.usecases.taskrouter.reservations import accept, decided, reject
from app.usecases.taskrouter.wording import Refusal, Why
from app.usecases.taskrouter.worker_leg import ORDER_KEPT, accepted, remember_order

CONTACT = "contact_uri"
AFTER = "post_work_activity_sid"
_CALLS = frozenset({Order.DEQUEUE, Order.CALL, Order.CONFERENCE})
_OF_CALLERS = frozenset({Order.DEQUEUE, Order.CONFERENCE})


@dataclass(frozen=True, slots=True)
class _Subject:
    """A reservation with its task and worker."""

    reservation: Reservation
    task: Task
    worker: Worker


def instruct(context: Context, offered: Offered, instruction: Mapping[str, str]) -> Reservation | Refusal:
    """Does what a form of the API (`Instruction`, `DequeueTo` …) says for a reservation."""
    try:
        wanted = read_form(instruction)
    except InstructionError as error:
        return Refusal(Why.INVALID, str(error), _field(instruction, error.field))
    return carry_out(context, offered, wanted)


def carry_out(context: Context, offered: Offered, wanted: Instruction) -> Reservation | Refusal:
    """Does what an instruction says; what it orders of the telephone is done soon after, and only once."""
    if offered.reservation is None or offered.task is None or offered.worker is None:
        return Refusal(Why.NOT_FOUND, "there is no such reservation")
    subject = _Subject(offered.reservation, offered.task, offered.worker)
    if subject.reservation.state is not ReservationState.PENDING:
        return _not_pending(subject.reservation)
    sid = subject.reservation.sid
    if wanted.order is Order.ACCEPT:
        return accept(context, sid)
    if wanted.order is Order.REJECT:
        return reject(context, sid, wanted.text("activity_sid"))
    complete = _completed(context, subject, wanted)
    if isinstance(complete, Refusal):
        return complete
    if not context.store.claim(f"ordering:{sid}", ORDER_KEPT):
        return subject.reservation  # ordered before: a callback that is asked twice answers twice
    remember_order(context.store, sid, complete)
    return decided(context, sid, lambda read, _: _ordered(context, read, complete))


def _field(form: Mapping[str, str], parameter: str) -> str:
    name = form.get("Instruction", "")
    return form_name(Order(name), parameter) if name in set(Order) else "Instruction"


def _completed(context: Context, subject: _Subject, wanted: Instruction) -> Instruction | Refusal:
    """The instruction with whom to call and what the activity is called inside; or why it cannot be."""
    values, rules = dict(wanted.values), context.rules.current()
    if wanted.order in _CALLS:
        values["to"] = values.get("to") or contact_of(subject.worker)
        if not values["to"]:
            why = f"the worker has no {CONTACT} among their attributes, and the instruction names no `to`"
            return Refusal(Why.INVALID, why, form_name(wanted.order, "to"))
    if wanted.order in _OF_CALLERS and not is_enqueued(context.store, subject.task):
        why = f"{wanted.order.value} is for callers who wait at /voice/enqueue: the task is of none"
        return Refusal(Why.INVALID, why, "Instruction")
    return _with_activity(rules, Instruction(wanted.order, values))


def _with_activity(rules: Rules, wanted: Instruction) -> Instruction | Refusal:
    if not wanted.after:
        return wanted
    activity = activity_of(rules, wanted.after)
    if activity is None:
        why = f"the workspace has no activity {wanted.after}"
        return Refusal(Why.INVALID, why, form_name(wanted.order, AFTER))
    return Instruction(wanted.order, {**wanted.values, AFTER: activity.sid})


def contact_of(worker: Worker) -> str:
    """Where a worker is called."""
    uri = worker.attributes.get(CONTACT)
    return (uri if isinstance(uri, str) else "").strip() or worker.phone


def _ordered(context: Context, read: Known, wanted: Instruction) -> Change | Refusal:
    if read.reservation.state is not ReservationState.PENDING:
        return _not_pending(read.reservation)
    now = context.clock.now()
    ordered = replace(read.reservation, after=wanted.after, updated=now)
    if wanted.order is not Order.REDIRECT:
        return update(read.reservation, ordered, offers.event(EventType.INTENT_CALL_WORKER, ordered, now))
    send = Change(events=(offers.event(EventType.INTENT_SEND_CALLER, ordered, now),))
    return (accepted(context, read, "") if wanted.flag("accept") else update(read.reservation, ordered)) + send


def _not_pending(reservation: Reservation) -> Refusal:
    return Refusal(Why.ILLEGAL, f"the reservation is {reservation.state.value}, no longer pending", "Instruction")
