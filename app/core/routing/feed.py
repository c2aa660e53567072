"""What a line of the event stream is in TaskRouter's terms: its documented events, with their names and fields."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.core.events import Event, EventType
from app.core.routing import sids
from app.core.routing.event_names import EVENTS, Group
from app.core.routing.feed_fields import DEFINITIONS, Facts, Known, channel_named, workspace_sid, written

ATTRIBUTES = ("TaskAttributes", "WorkerAttributes")
"""The fields that hold what others said of people: they are redacted after a while."""

_MOST_A_MILLISECOND = 2**17 - 1

_SAME = frozenset({
    "task.created", "task.updated", "task.canceled", "task.completed", "task.deleted", "task.system-deleted",
    "reservation.created", "reservation.accepted", "reservation.rejected", "reservation.timeout",
    "reservation.canceled", "reservation.rescinded", "reservation.completed", "reservation.wrapup",
    "reservation.failed", "task-queue.entered", "task-queue.timeout", "task-queue.moved", "workflow.target-matched",
    "workflow.entered", "workflow.timeout", "workflow.skipped", "worker.created", "worker.attributes.update",
    "worker.capacity.update", "worker.channel.availability.update", "worker.deleted",
})  # fmt: skip
_RESOURCES = {
    "workspace": "workspace", "activity": "activity", "channel": "task-channel", "queue": "task-queue",
    "workflow": "workflow",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterEvent:
    """One of TaskRouter's events. All SIDs are public ones; `data` has the documented fields by a callback's names.

    `place` orders events as the stream does, which instants do not: many happen in the same millisecond.
    `waited` and `queued` (ms) tell, where the event ends a wait, how long it was since the task was created and since
    it came into its queue; `lasted` (ms) how long the worker had been in `activity`, which they have now left.
    """

    sid: str
    type: str
    at: int
    place: int
    workspace: str
    description: str = ""
    resource_type: str = ""
    resource: str = ""
    task: str = ""
    queue: str = ""
    workflow: str = ""
    worker: str = ""
    reservation: str = ""
    channel: str = ""
    waited: int | None = None
    queued: int | None = None
    lasted: int | None = None
    activity: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


def translate(stream_id: str, event: Event, known: Known) -> tuple[RouterEvent, ...]:
    """TaskRouter's events for a line of the stream: none, one, or several; the same line gives the same SIDs."""
    return tuple(
        _told(stream_id, part, Facts(name, event, known, queue)) for part, (name, queue) in enumerate(_names(event))
    )


def place_of(stream_id: str, part: int = 0) -> int:
    """Orders events as the stream does; `part` tells those apart that one line gave."""
    milliseconds, _, number = stream_id.partition("-")
    return int(milliseconds) << 20 | min(int(number or 0), _MOST_A_MILLISECOND) << 3 | part


def _names(event: Event) -> Iterable[tuple[str, str]]:
    """The documented names of an event, each with the queue it is about ("": the one the event names)."""
    kind = event.type
    if kind in DEFINITIONS:
        return _of_definition(event, DEFINITIONS[kind])
    if kind is EventType.TASK_CREATED and event.call:
        return (("task.created", ""), ("workflow.entered", ""), ("task-queue.entered", ""))
    if kind is EventType.TASK_MOVED:
        return (("task-queue.moved", str(event.data.get("previous", ""))), ("task-queue.entered", ""))
    if kind is EventType.TASK_WRAPPING:
        return (("task.wrapup", ""),)
    if kind is EventType.WORKER_CHANGED:
        return ((_worker_event(event), ""),)
    return ((kind.value, ""),) if kind.value in _SAME else ()


def _of_definition(event: Event, what: str) -> Iterable[tuple[str, str]]:
    resource = _RESOURCES.get(str(event.data.get("kind", "")), "")
    if resource == "task-queue" and what == "updated":
        changed = event.data.get("changed")
        is_rule = isinstance(changed, list) and "target_workers" in changed
        return (("task-queue.expression.updated", ""),) if is_rule else ()
    return ((f"{resource}.{what}", ""),) if resource else ()


def _worker_event(event: Event) -> str:
    """The owner's agents come, change and go on and off duty in events of one name."""
    if event.data.get("activity") != event.data.get("previous"):
        return "worker.activity.update"
    is_new = event.data.get("since") == event.at
    return "worker.created" if is_new else "worker.attributes.update"


def _told(stream_id: str, part: int, facts: Facts) -> RouterEvent:
    documented, event = EVENTS[facts.name], facts.event
    data = written(facts, documented)
    workspace = workspace_sid(facts.rules)
    channel = channel_named(facts.rules, facts.channel)
    return RouterEvent(
        sid=sids.derive(sids.EVENT, workspace, stream_id, facts.name),
        type=facts.name,
        at=event.at,
        place=place_of(stream_id, part),
        workspace=workspace,
        description=documented.wording.format_map(defaultdict(str, data)).rstrip(": "),
        resource_type=documented.resource,
        resource=data.get(documented.subject, workspace),
        task=facts.public(sids.TASK, event.task),
        queue=facts.public(sids.QUEUE, facts.queue),
        workflow=facts.public(sids.WORKFLOW, facts.workflow),
        worker=facts.public(sids.WORKER, event.worker if Group.WORKER in documented.groups else ""),
        reservation=facts.public(sids.RESERVATION, event.reservation if Group.RESERVATION in documented.groups else ""),
        channel=facts.public(sids.CHANNEL, channel.sid if channel else facts.channel),
        waited=facts.number("waited"),
        queued=facts.number("in_queue"),
        lasted=facts.number("lasted"),
        activity=facts.public(sids.ACTIVITY, facts.said("previous") if Group.PREVIOUS in documented.groups else ""),
        data=data,
    )


def redacted(event: RouterEvent) -> RouterEvent:
    """The event without what was said of people in attributes."""
    return replace(event, data={name: value for name, value in event.data.items() if name not in ATTRIBUTES})


def wanted(event: RouterEvent, events_filter: Sequence[str]) -> bool:
    """Whether a workspace's filter lets an event through to its callback; an empty one lets all through."""
    return not events_filter or event.type in events_filter


def callback_form(event: RouterEvent, account: str) -> dict[str, str]:
    """The parameters that a workspace's event callback gets."""
    return {
        **event.data,
        "EventType": event.type,
        "AccountSid": account,
        "EventDescription": event.description,
        "ResourceType": event.resource_type,
        "ResourceSid": event.resource,
        "Timestamp": str(event.at // 1000),
        "TimestampMs": str(event.at),
        "Sid": event.sid,
    }
