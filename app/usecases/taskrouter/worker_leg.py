"""The call that an instruction places to a worker: it is answered, meets the caller, and ends."""

from dataclasses import dataclass, replace
from typing import cast

from app.core import offers
from app.core.change import Change, Write, update
from app.core.entities import Attributes, Reservation, ReservationState
from app.core.events import EventType
from app.core.lifecycle import ReservationEvent
from app.core.missed import Terms
from app.core.offers import Held
from app.core.routing.instructions import Instruction, Order, read_written
from app.ports.store import Store
from app.usecases.context import Context, settle
from app.usecases.ending import hardly_met
from app.usecases.held import Known, known
from app.usecases.taskrouter.finishing import completed
from app.usecases.taskrouter.reservations import taken
from app.usecases.terms import terms_of

ORDER_KEPT = 2 * 86_400
APART_SECONDS = 30
"""How long a worker whose line dropped is not asked for the same caller again."""
_MISSED = {"busy": "busy", "no-answer": "no answer", "failed": "could not be reached", "canceled": "no answer"}
_STEP = {"queued": "initiated", "initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
COMPLETED = "the call has ended"
DROPPED = "the line dropped before they met the caller"


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where worker and caller meet: the line of the task's caller, or a room as the instruction has it."""

    task: str
    instruction: Instruction

    @property
    def is_room(self) -> bool:
        """Whether they meet in a conference."""
        return self.instruction.order is Order.CONFERENCE


def remember_order(store: Store, reservation: str, instruction: Instruction) -> None:
    """Keeps what was ordered for a reservation: it may name phone numbers, which events must not."""
    store.note(f"order:{reservation}", instruction.written(), ORDER_KEPT)


def order_of(store: Store, reservation: str) -> Instruction | None:
    """What was ordered for a reservation."""
    text = store.noted(f"order:{reservation}")
    return read_written(text) if text else None


def answered(context: Context, sid: str, leg: str) -> Meeting | None:
    """The worker picked up, and so accepts: they go where the caller is. None: there is nobody to meet any more."""
    instruction = order_of(context.store, sid)
    if instruction is None:
        return None

    def decide() -> tuple[Change, Meeting | None]:
        read = known(context.store, sid)
        if read is None or (read.reservation.leg and read.reservation.leg != leg):
            return Change(), None
        meeting = Meeting(read.task.sid, instruction)
        if read.reservation.state is ReservationState.ACCEPTED:
            return _bridged(read, leg), meeting
        if read.reservation.state is not ReservationState.PENDING:
            return Change(), None
        change = accepted(context, read, leg, met=True)
        if meeting.is_room:
            send = offers.event(EventType.INTENT_SEND_CALLER, read.reservation, context.clock.now())
            change += Change(events=(send,))
        return change, meeting

    return settle(context.store, decide)


def accepted(context: Context, read: Known, leg: str, *, met: bool = False) -> Change:
    """The reservation is accepted by the call `leg` (""; without any); `met`: it goes to meet the caller."""
    now = context.clock.now()
    answering = replace(
        read.reservation, leg=leg or read.reservation.leg, answered=now if met else read.reservation.answered
    )
    change = taken(context, context.rules.current(), read.task, Held(answering, read.worker))
    writes = tuple(
        Write(read.reservation, item.new) if item.key.sid == read.reservation.sid else item for item in change.writes
    )
    change = replace(change, writes=writes)
    assigned = change.latest(read.task)
    if not answering.leg:
        return change
    told = cast(Attributes, {**assigned.attributes, "worker_call_sid": answering.leg})
    return change + update(assigned, replace(assigned, attributes=told))


def _bridged(read: Known, leg: str) -> Change:
    """Whoever accepted before goes to meet the caller now; asked again, nothing changes."""
    if read.reservation.answered and read.reservation.leg:
        return Change()
    return update(read.reservation, replace(read.reservation, leg=leg, answered=read.reservation.accepted))


@dataclass(frozen=True, slots=True)
class Progress:
    """How a worker's call gets on, as the carrier tells it."""

    leg: str
    status: str
    seconds: str = ""
    number: str = ""


def report(context: Context, sid: str, progress: Progress) -> None:
    """Has the program told that the instruction named for this, if it wants to hear of it."""
    instruction = order_of(context.store, sid)
    reservation = context.store.get(Reservation, sid)
    if instruction is None or reservation is None or not instruction.status_address:
        return
    if _STEP.get(progress.status, "completed") not in instruction.status_events:
        return
    told = offers.event(
        EventType.INTENT_REPORT, reservation, context.clock.now(), leg=progress.leg, status=progress.status,
        seconds=progress.seconds, number=progress.number,
    )  # fmt: skip
    context.store.commit(Change(events=(told,)))


def progressed(context: Context, sid: str, leg: str, status: str) -> None:
    """The worker's phone is answered: an instruction to call that says so accepts by this."""
    instruction = order_of(context.store, sid)
    if status != "in-progress" or instruction is None or not instruction.flag("accept"):
        return

    def decide() -> tuple[Change, None]:
        read = known(context.store, sid)
        if read is None or read.reservation.state is not ReservationState.PENDING or _is_stale(read, leg):
            return Change(), None
        return accepted(context, read, leg), None

    settle(context.store, decide)


def ended(context: Context, sid: str, leg: str, status: str) -> None:
    """The worker's call is over: missed if they had not accepted; else the end of the work, if it was ours to end."""

    def decide() -> tuple[Change, None]:
        read = known(context.store, sid)
        if read is None or _is_stale(read, leg):
            return Change(), None
        if read.reservation.state is ReservationState.PENDING:
            return _missed(context, read, _MISSED.get(status, "hung up without taking it")), None
        return parted(context, read, bridged=True), None

    settle(context.store, decide)


def left(context: Context, sid: str, leg: str, *, bridged: bool) -> None:
    """The worker's time with the caller is over, or they never met."""

    def decide() -> tuple[Change, None]:
        read = known(context.store, sid)
        if read is None or _is_stale(read, leg):
            return Change(), None
        return parted(context, read, bridged=bridged), None

    settle(context.store, decide)


def _is_stale(read: Known, leg: str) -> bool:
    return bool(read.reservation.leg) and read.reservation.leg != leg


def _missed(context: Context, read: Known, reason: str) -> Change:
    terms, now = terms_of(context, read.task), context.clock.now()
    return offers.release(read.task, read.held, ReservationEvent.TIME_OUT, reason, terms, now)


def parted(context: Context, read: Known, *, bridged: bool) -> Change:
    """What the end of their time together means; `bridged`: they did meet."""
    reservation, now = read.reservation, context.clock.now()
    if reservation.state is not ReservationState.ACCEPTED or not reservation.answered:
        return Change()  # not accepted, or by a call whose instructions are elsewhere: its end is theirs to tell
    if bridged and not hardly_met(read.task, now):
        return finished(context, read, COMPLETED)
    return dropped(context, read)


def dropped(context: Context, read: Known, reason: str = DROPPED) -> Change:
    """The caller goes back to their place in line, if they are still there; it is no miss of the worker's."""
    now = context.clock.now()
    terms: Terms = replace(terms_of(context, read.task), missed_limit=0, retry_after=APART_SECONDS)
    look = offers.event(EventType.INTENT_LOOK_UP, read.reservation, now)
    released = offers.release(read.task, read.held, ReservationEvent.DROP, reason, terms, now)
    return released + Change(events=(look,))


def finished(context: Context, read: Known, reason: str) -> Change:
    """The work is done: the task completes, and its worker goes into the activity the instruction named."""
    return completed(context, context.rules.current(), read.task, read.held, context.clock.now(), reason)
