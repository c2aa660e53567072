"""The fields of TaskRouter's events, group by group: what the event says itself, and what is known besides."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.core.entities import Reservation, Task, Worker
from app.core.events import Event, EventType
from app.core.routing import sids
from app.core.routing.definitions import Rules, TaskChannel, Workflow
from app.core.routing.event_names import Documented, Group
from app.core.routing.workflow_json import read_routing

DEFINITIONS: Mapping[EventType, str] = {
    EventType.DEFINED: "created", EventType.REDEFINED: "updated", EventType.UNDEFINED: "deleted",
}  # fmt: skip
"""What happened to a definition, by the event that tells of it."""
_STATUS = {
    "task.created": "pending", "workflow.entered": "pending", "workflow.target-matched": "pending",
    "task-queue.entered": "pending", "task-queue.timeout": "pending", "task-queue.moved": "pending",
    "reservation.created": "reserved", "reservation.accepted": "assigned", "reservation.rejected": "pending",
    "reservation.timeout": "pending", "reservation.canceled": "canceled", "reservation.wrapup": "wrapping",
    "task.wrapup": "wrapping", "reservation.completed": "completed", "task.completed": "completed",
    "task.canceled": "canceled", "workflow.timeout": "canceled", "workflow.skipped": "canceled",
}  # fmt: skip
OWNERS_WORKFLOW = "calls"

_KINDS = ("queue", "channel", "workflow")

Value = str | int | bool | None
Fields = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when an event is told of: the rules, and the entities that it names, as far as they still exist."""

    rules: Rules
    task: Task | None = None
    worker: Worker | None = None
    reservation: Reservation | None = None


class Facts:
    """Everything one event can say, looked up once: what the event itself says goes before what is known now."""

    def __init__(self, name: str, event: Event, known: Known, queue: str) -> None:
        self.name = name
        self.event = event
        self.rules = known.rules
        self.task = known.task
        self.worker = known.worker
        self.reservation = known.reservation
        about = known.reservation or known.task
        self.queue = queue or self.said("queue") or (about.queue if about else "")
        self.channel = self.said("channel") or (about.channel if about else "")
        owners = OWNERS_WORKFLOW if event.call else ""
        self.workflow = self.said("workflow") or (about.workflow if about else "") or owners
        if event.type in DEFINITIONS:
            kind, sid = self.said("kind"), self.said("sid")
            self.queue, self.channel, self.workflow = (sid if kind == each else "" for each in _KINDS)

    def said(self, name: str) -> str:
        """A text the event says, or nothing."""
        value = self.event.data.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        """A number the event says, if it does."""
        value = self.event.data.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def flag(self, name: str) -> bool | None:
        """A truth the event says, if it does."""
        value = self.event.data.get(name)
        return value if isinstance(value, bool) else None

    def public(self, prefix: str, sid: str) -> str:
        """The SID by which something of this workspace is known outside."""
        return sids.public(prefix, self.rules.workspace.sid, sid)


def workspace_sid(rules: Rules) -> str:
    """The workspace's SID as it is known outside."""
    return sids.public(sids.WORKSPACE, "", rules.workspace.sid)


def channel_named(rules: Rules, name: str) -> TaskChannel | None:
    """A task channel by its identity or its unique name."""
    found = rules.channels.get(name)
    return found or next((each for each in rules.channels.values() if each.unique_name == name), None)


def written(facts: Facts, documented: Documented) -> dict[str, str]:
    """The fields that the event's documentation lists, as texts; what nobody knows any more is left out."""
    values: dict[str, Value] = {}
    for group in documented.groups:
        values |= _GROUPS[group](facts)
    listed = [name for group in documented.groups for name in group.value]
    return {name: _text(values[name]) for name in listed if values.get(name) is not None}


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _workspace(facts: Facts) -> Fields:
    workspace = facts.rules.workspace
    return {"WorkspaceSid": workspace_sid(facts.rules), "WorkspaceName": workspace.name or facts.said("name")}


def _task(facts: Facts) -> Fields:
    event, task = facts.event, facts.task
    values: dict[str, Value] = {"TaskSid": facts.public(sids.TASK, event.task), **_task_channel(facts)}
    values["TaskAssignmentStatus"] = _STATUS.get(facts.name) or (task.state.value if task else None)
    waited, priority = facts.number("waited"), facts.number("priority")
    if waited is not None:
        values |= {"TaskAge": waited // 1000, "TaskDateCreated": (event.at - waited) // 1000}
    if task is not None:
        values |= {
            "TaskAttributes": json.dumps(task.attributes),
            "TaskAge": max(0, event.at - task.created) // 1000,
            "TaskPriority": task.priority,
            "TaskDateCreated": task.created // 1000,
            "TaskVersion": task.version,
            "TaskVirtualStartTime": task.since // 1000,
            "TaskIgnoreCapacity": task.ignore_capacity,
            "TaskRoutingTarget": task.routing_target or None,
        }
    return values if priority is None else {**values, "TaskPriority": priority}


def _task_channel(facts: Facts) -> Fields:
    channel = channel_named(facts.rules, facts.channel)
    if channel is None:
        named = facts.public(sids.CHANNEL, facts.channel) or None
        return {
            "TaskChannelSid": named,
            "TaskChannelUniqueName": facts.said("unique_name") or facts.channel or None,
            "TaskChannelName": facts.said("name") or None,
            "TaskChannelOptimizedRouting": facts.flag("optimized"),
        }
    return {
        "TaskChannelSid": facts.public(sids.CHANNEL, channel.sid),
        "TaskChannelUniqueName": channel.unique_name,
        "TaskChannelName": channel.name,
        "TaskChannelOptimizedRouting": channel.optimized,
    }


def _reason(facts: Facts) -> str | None:
    """Why the task ended. A call's own reason is another: what the caller wanted."""
    task = facts.task
    return facts.said("reason") or (task.reason if task and not task.call else "") or None


def _queue(facts: Facts) -> Fields:
    queue = facts.rules.queues.get(facts.queue)
    return {
        "TaskQueueSid": facts.public(sids.QUEUE, facts.queue) or None,
        "TaskQueueName": (queue.name if queue else facts.said("name")) or None,
        "TaskQueueTargetExpression": queue.target_workers if queue else facts.said("target_workers") or None,
    }


def _entered(facts: Facts) -> Fields:
    if facts.name == "task-queue.entered":
        return {"TaskQueueEnteredDate": facts.event.at // 1000}
    queued = facts.number("in_queue")
    if queued is not None:
        return {"TaskQueueEnteredDate": (facts.event.at - queued) // 1000}
    return {"TaskQueueEnteredDate": facts.task.queued // 1000 if facts.task and facts.task.queued else None}


def _workflow(facts: Facts) -> Fields:
    found = facts.rules.workflows.get(facts.workflow)
    named = facts.said("name") if facts.event.type in DEFINITIONS else ""
    return {
        "WorkflowSid": facts.public(sids.WORKFLOW, facts.workflow) or None,
        "WorkflowName": (found.name if found else named) or None,
    }


def _filter(facts: Facts) -> Fields:
    index = facts.number("filter")
    queue = facts.rules.queues.get(facts.queue)
    return {
        "WorkflowFilterName": facts.said("filter_name") or None,
        "WorkflowFilterExpression": _filter_expression(facts.rules.workflows.get(facts.workflow), index),
        "WorkflowFilterTargetName": queue.name if queue else None,
        "WorkflowFilterTargetExpression": facts.said("expression") or None,
    }


def _filter_expression(workflow: Workflow | None, index: int | None) -> str | None:
    if workflow is None or index is None or index < 0:
        return None
    filters = read_routing(workflow.configuration).filters
    return filters[index].expression if index < len(filters) else None


def _worker(facts: Facts) -> Fields:
    worker = facts.worker
    activity = facts.said("activity") or (worker.activity if worker else "")
    found = facts.rules.activities.get(activity)
    return {
        "WorkerSid": facts.public(sids.WORKER, facts.event.worker) or None,
        "WorkerName": (worker.name or worker.sid) if worker else facts.said("name") or None,
        "WorkerAttributes": json.dumps(worker.attributes) if worker else None,
        "WorkerActivitySid": facts.public(sids.ACTIVITY, activity) or None,
        "WorkerActivityName": found.name if found else activity or None,
        "WorkerVersion": worker.version if worker else None,
    }


def _previous(facts: Facts) -> Fields:
    previous, lasted = facts.said("previous"), facts.number("lasted") or 0
    found = facts.rules.activities.get(previous)
    return {
        "WorkerPreviousActivitySid": facts.public(sids.ACTIVITY, previous) or None,
        "WorkerPreviousActivityName": found.name if found else previous or None,
        "WorkerTimeInPreviousActivity": lasted // 1000,
        "WorkerTimeInPreviousActivityMs": lasted,
    }


def _worker_channel(facts: Facts) -> Fields:
    worker = facts.worker
    room = worker.channels.get(facts.channel) if worker else None
    held = facts.number("held")
    if held is None:
        held = worker.held.get(facts.channel, 0) if worker else 0
    available, capacity = facts.flag("available"), facts.number("capacity")
    if capacity is None:
        capacity = room.capacity if room else None
    return {
        **_task_channel(facts),
        "WorkerChannelAvailable": room.available if available is None and room else available,
        "WorkerChannelAvailableCapacity": max(0, capacity - held) if capacity is not None else None,
        "WorkerChannelPreviousCapacity": facts.number("previous"),
        "WorkerChannelTaskCount": held,
    }


def _reservation(facts: Facts) -> Fields:
    sid = facts.public(sids.RESERVATION, facts.event.reservation) or None
    return {"ReservationSid": sid, "ReservationVersion": facts.reservation.version if facts.reservation else None}


def _activity(facts: Facts) -> Fields:
    sid = facts.said("sid")
    found = facts.rules.activities.get(sid)
    return {
        "ActivitySid": facts.public(sids.ACTIVITY, sid) or None,
        "ActivityName": found.name if found else facts.said("name") or None,
        "ActivityAvailable": found.available if found else facts.flag("available"),
    }


_GROUPS: Mapping[Group, Callable[[Facts], Fields]] = {
    Group.WORKSPACE: _workspace,
    Group.TASK: _task,
    Group.CANCELED: lambda facts: {"TaskCanceledReason": _reason(facts), "Reason": _reason(facts)},
    Group.COMPLETED: lambda facts: {"TaskCompletedReason": _reason(facts)},
    Group.QUEUE: _queue,
    Group.ENTERED: _entered,
    Group.WORKFLOW: _workflow,
    Group.FILTER: _filter,
    Group.WORKER: _worker,
    Group.PREVIOUS: _previous,
    Group.WORKER_CHANNEL: _worker_channel,
    Group.RESERVATION: _reservation,
    Group.ACTIVITY: _activity,
    Group.CHANNEL: _task_channel,
}
