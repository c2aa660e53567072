"""Callers whose own IVR sends them here (`/voice/enqueue/…`): each is a task until they are served or gone."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from app.core import offers, tasks
from app.core.change import Change
from app.core.entities import Attributes, Reservation, ReservationState, Task, TaskState
from app.core.events import Event, EventType
from app.core.routing import sids
from app.core.routing.definitions import LONGEST_TASK_SECONDS, TASK_SECONDS, Workflow
from app.core.routing.instructions import Order
from app.ports.store import Store
from app.ports.telephony import Outcome, Sent
from app.usecases.context import Contention, Context, settle
from app.usecases.held import Known, known, offers_of
from app.usecases.progress import Submission, submit
from app.usecases.switching import OVER
from app.usecases.taskrouter.naming import workflow_of
from app.usecases.taskrouter.wording import Refusal
from app.usecases.taskrouter.worker_leg import Meeting, finished, order_of, parted

log = logging.getLogger(__name__)

VOICE = "voice"
KEPT = 86_400
LONGEST_ATTRIBUTES = 4096
HIGHEST_PRIORITY = 2**31 - 1
HUNG_UP = "hangup"
LEFT = "the caller left the queue"
_OWN = frozenset({"call_sid", "account_sid"})
_NEEDED = _OWN | {"from", "to", "direction"}
_AWAY = frozenset({"redirected", "redirected-from-bridged", "bridging-in-process"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """A caller who is sent to a workflow (by its public SID). `facts` are the call's, `task` is the IVR's JSON."""

    call: str
    workflow: str
    facts: Mapping[str, str] = field(default_factory=dict)
    task: str = ""
    priority: str = ""
    timeout: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The caller waits, in a line of their own that is called like their task."""

    task: str


@dataclass(frozen=True, slots=True)
class Over:
    """There is nothing to wait for (any more); `served`: since they were."""

    served: bool = False


Place = Waiting | Meeting | Over


def enter(context: Context, arriving: Arriving) -> Waiting | Over:
    """The caller becomes a task; asked twice for the same stay of the same call, it is the same task."""
    store, note = context.store, f"enqueued:{arriving.call}"
    if store.noted(f"gone:{arriving.call}"):
        return Over()
    workflow = _workflow(context, arriving.workflow)
    if workflow is None:
        log.warning("a caller was sent to a workflow that does not exist here")
        return Over()
    stays = int((store.noted(note) or "0").partition(" ")[0])
    present = _task(context, arriving, stays) if stays else None
    if present is not None and not present.ended and present.workflow == workflow.sid:
        return Waiting(present.sid)
    if present is not None and tasks.is_waiting(present):
        _end_stay(context, present.sid, "sent to another workflow")
    task = _task(context, arriving, stays + 1) or _submitted(context, arriving, workflow, stays + 1)
    if task is None:
        return Over()
    store.note(note, f"{stays + 1} {task.sid}", KEPT)
    return Waiting(task.sid) if not task.ended else Over()


def is_enqueued(store: Store, task: Task) -> bool:
    """Whether a task is that of a caller who waits at `/voice/enqueue`."""
    return (store.noted(f"enqueued:{caller_of(task)}") or "").endswith(f" {task.sid}")


def caller_of(task: Task) -> str:
    """The caller's call ("": the task is of none)."""
    call = task.attributes.get("call_sid")
    return call if isinstance(call, str) else ""


def waits(context: Context, sid: str) -> bool:
    """Whether a caller on hold has still something to wait for; if not, they must be taken off it."""
    task = context.store.get(Task, sid)
    return task is not None and not task.ended


def left(context: Context, sid: str, result: str) -> Place:
    """The caller's stay in the line is over, as the carrier's QueueResult has it; where they are now."""
    task = context.store.get(Task, sid)
    if task is None:
        return Over()
    if result == HUNG_UP:
        caller_gone(context, sid)
        return Over()
    if result == "bridged":
        return _after_meeting(context, sid)
    if result in _AWAY and _sent_away(context, task):
        return Over(served=True)
    _end_stay(context, sid, "redirected" if result in _AWAY else LEFT)
    return Over(served=task.state is TaskState.COMPLETED)


def room(context: Context, reservation: str) -> Place:
    """Where a caller goes who was fetched to meet a worker in a conference."""
    read = known(context.store, reservation)
    instruction = order_of(context.store, reservation)
    if read is None or instruction is None:
        return Over()
    if read.reservation.state is ReservationState.ACCEPTED:
        return Meeting(read.task.sid, instruction)
    return _where(read.task)


def left_room(context: Context, reservation: str) -> Place:
    """The caller's time in a conference is over."""
    read = context.store.get(Reservation, reservation)
    return _after_meeting(context, read.task) if read else Over()


def caller_gone(context: Context, sid: str) -> None:
    """The caller hung up: a task that waited is canceled, one that was being served is done."""
    task = context.store.get(Task, sid)
    if task is None:
        return
    context.store.note(f"gone:{caller_of(task)}", sid, KEPT)
    _end_stay(context, sid, HUNG_UP)

    def decide() -> tuple[Change, None]:
        read = _accepted(context, sid)
        if read is None:
            return Change(), None
        return finished(context, read, HUNG_UP) + _free_the_phone(read, context.clock.now()), None

    settle(context.store, decide)


def looked_up(context: Context, sid: str, outcome: Outcome) -> None:
    """The carrier's word on a caller whose worker met nobody."""
    if outcome.sent is Sent.GONE or outcome.data.get("status", "") in OVER:
        caller_gone(context, sid)


def forget_line(context: Context, task: str, line: str) -> None:
    """Has the carrier's queue removed that was the line of this one caller."""
    event = Event(type=EventType.INTENT_DROP_LINE, at=context.clock.now(), task=task, data={"line": line})
    context.store.commit(Change(events=(event,)))


def _workflow(context: Context, sid: str) -> Workflow | None:
    return workflow_of(context.rules.current(), sid) or workflow_of(context.rules.fresh(), sid)


def _task(context: Context, arriving: Arriving, stay: int) -> Task | None:
    return context.store.get(Task, _sid(context, arriving.call, stay))


def _sid(context: Context, call: str, stay: int) -> str:
    return sids.derive(sids.TASK, context.workspace, call, str(stay))


def _submitted(context: Context, arriving: Arriving, workflow: Workflow, stay: int) -> Task | None:
    channels = context.rules.current().channels.values()
    wanted = Submission(
        sid=_sid(context, arriving.call, stay), workflow=workflow.sid, attributes=attributes_of(arriving),
        priority=_whole(arriving.priority, HIGHEST_PRIORITY, "priority"),
        timeout=_whole(arriving.timeout, LONGEST_TASK_SECONDS, "timeout") or TASK_SECONDS,
        channel=VOICE if any(channel.unique_name == VOICE for channel in channels) else "default",
    )  # fmt: skip
    try:
        task = submit(context, wanted)
    except Contention:
        return context.store.get(Task, wanted.sid)  # the same webhook, at the same moment: the other one was faster
    if isinstance(task, Refusal):
        log.warning("a caller was not taken in: %s", task.why.value)
        return None
    return task


def attributes_of(arriving: Arriving) -> Attributes:
    """What the IVR says of the call, and the call of itself; what is too long or makes no sense is left out."""
    said = _object(arriving.task)
    own = {name: value for name, value in arriving.facts.items() if name in _OWN}
    needed = {name: value for name, value in arriving.facts.items() if name in _NEEDED}
    for merged in ({**arriving.facts, **said, **own}, {**needed, **said, **own}, needed):
        if len(json.dumps(merged, ensure_ascii=False)) <= LONGEST_ATTRIBUTES:
            break
        log.warning("a caller's attributes are over %d characters; some are left out", LONGEST_ATTRIBUTES)
    return cast(Attributes, merged)


def _object(text: str) -> dict[str, object]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        log.warning("a caller's Task is no JSON object; it is left out")
        return {}
    return found


def _whole(text: str, highest: int, name: str) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= highest:
        return int(text)
    log.warning("a caller's %s is no whole number up to %d; it is left out", name, highest)
    return None


def _where(task: Task | None) -> Waiting | Over:
    if task is None or task.ended:
        return Over(served=task is not None and task.state is TaskState.COMPLETED)
    return Waiting(task.sid)


def _after_meeting(context: Context, sid: str) -> Place:
    """Worker and caller are apart; who hardly met goes back into their line."""

    def decide() -> tuple[Change, None]:
        read = _accepted(context, sid)
        return (parted(context, read, bridged=True) if read else Change()), None

    settle(context.store, decide)
    return _where(context.store.get(Task, sid))


def _accepted(context: Context, sid: str) -> Known | None:
    """The reservation by which a task is being served."""
    task = context.store.get(Task, sid)
    if task is None or task.state is not TaskState.ASSIGNED:
        return None
    found = (known(context.store, reservation) for reservation in task.reservations)
    return next((read for read in found if read and read.reservation.state is ReservationState.ACCEPTED), None)


def _sent_away(context: Context, task: Task) -> bool:
    """Whether an instruction took the caller out of the line."""
    orders = (order_of(context.store, sid) for sid in task.reservations)
    return any(order is not None and order.order in (Order.REDIRECT, Order.CONFERENCE) for order in orders)


def _end_stay(context: Context, sid: str, reason: str) -> None:
    def decide() -> tuple[Change, None]:
        task = context.store.get(Task, sid)
        if task is None or not tasks.is_waiting(task):
            return Change(), None
        return tasks.cancel(task, offers_of(context.store, task), reason, context.clock.now()), None

    settle(context.store, decide)


def _free_the_phone(read: Known, now: int) -> Change:
    leg = read.reservation.leg
    event = offers.event(EventType.INTENT_HANG_UP, read.reservation, now, leg=leg, ringing=False)
    return Change(events=(event,)) if leg else Change()
