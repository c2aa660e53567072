"""Instructions for a reservation, from an assignment callback's answer or the API, are checked and ordered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.core import offers
from app.core.change import Change, update
from app.core.entities import Reservation, ReservationState, Task, Worker
from app.core.events import EventType
from app.core.lifecycle import ReservationEvent
from app.core.routing.definitions import Rules
from app.core.routing.instructions import Instruction, InstructionError, Order, form_name, read_form
from app.ports.store import Offered
from app.usecases.context import Context, settle
from app.usecases.held import Known, known
from app.usecases.taskrouter.enqueued import is_enqueued
from app.usecases.taskrouter.naming import activity_of
from app.usecases.taskrouter.wording import Refusal, Why
from app.usecases.taskrouter.worker_leg import ORDER_KEPT, accepted, into_activity, remember_order
from app.usecases.terms import terms_of

CONTACT = "contact_uri"
_CALLS = frozenset({Order.DEQUEUE, Order.CALL, Order.CONFERENCE})
_OF_CALLERS = frozenset({Order.DEQUEUE, Order.CONFERENCE})
_ACTIVITY = {Order.REJECT: "activity_sid"}


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
    complete = _completed(context, subject, wanted)
    if isinstance(complete, Refusal):
        return complete
    if wanted.order not in (Order.ACCEPT, Order.REJECT):
        if not context.store.claim(f"ordering:{subject.reservation.sid}", ORDER_KEPT):
            return subject.reservation  # ordered before: a callback that is asked twice answers twice
        remember_order(context.store, subject.reservation.sid, complete)
    return _done(context, subject.reservation.sid, complete)


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
    name = _ACTIVITY.get(wanted.order, "post_work_activity_sid")
    return _with_activity(rules, Instruction(wanted.order, values), name)


def _with_activity(rules: Rules, wanted: Instruction, name: str) -> Instruction | Refusal:
    named = wanted.text(name)
    if not named:
        return wanted
    activity = activity_of(rules, named)
    if activity is None:
        return Refusal(Why.INVALID, f"the workspace has no activity {named}", form_name(wanted.order, name))
    return Instruction(wanted.order, {**wanted.values, name: activity.sid})


def contact_of(worker: Worker) -> str:
    """Where a worker is called."""
    uri = worker.attributes.get(CONTACT)
    return (uri if isinstance(uri, str) else "").strip() or worker.phone


def _done(context: Context, sid: str, wanted: Instruction) -> Reservation | Refusal:
    def decide() -> tuple[Change, Reservation | Refusal]:
        read = known(context.store, sid)
        if read is None:
            return Change(), Refusal(Why.NOT_FOUND, "there is no such reservation")
        if read.reservation.state is not ReservationState.PENDING:
            return Change(), _not_pending(read.reservation)
        change = _decided(context, read, wanted)
        after = change.latest(read.reservation)
        return change, replace(after, version=read.reservation.version + 1)

    return settle(context.store, decide)


def _decided(context: Context, read: Known, wanted: Instruction) -> Change:
    now = context.clock.now()
    if wanted.order is Order.ACCEPT:
        return accepted(context, read, "")
    if wanted.order is Order.REJECT:
        return _rejected(context, read, wanted, now)
    if wanted.order is Order.REDIRECT:
        send = Change(events=(offers.event(EventType.INTENT_SEND_CALLER, read.reservation, now),))
        return (accepted(context, read, "") if wanted.flag("accept") else _touched(read.reservation, now)) + send
    ordered = replace(read.reservation, after=wanted.after, updated=now)
    return update(read.reservation, ordered, offers.event(EventType.INTENT_CALL_WORKER, ordered, now))


def _touched(reservation: Reservation, now: int) -> Change:
    return update(reservation, replace(reservation, updated=now))


def _rejected(context: Context, read: Known, wanted: Instruction, now: int) -> Change:
    terms = terms_of(context, read.task)
    change = offers.release(read.task, read.held, ReservationEvent.REJECT, "rejected", terms, now)
    leaving = replace(read.reservation, after=wanted.text("activity_sid"))
    return change + into_activity(change.latest(read.worker), leaving, context.rules.current(), now)


def _not_pending(reservation: Reservation) -> Refusal:
    return Refusal(Why.ILLEGAL, f"the reservation is {reservation.state.value}, no longer pending", "Instruction")
