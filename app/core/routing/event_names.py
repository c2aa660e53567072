"""TaskRouter's events by their documented names: whom each is about, which fields it carries, how it is described."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Group(Enum):
    """Fields that come together, by the names an event callback gives them."""

    WORKSPACE = ("WorkspaceSid", "WorkspaceName")
    TASK = (
        "TaskSid", "TaskAttributes", "TaskAge", "TaskPriority", "TaskAssignmentStatus", "TaskChannelSid",
        "TaskChannelUniqueName", "TaskDateCreated", "TaskVersion", "TaskVirtualStartTime", "TaskIgnoreCapacity",
        "TaskRoutingTarget",
    )  # fmt: skip
    CANCELED = ("TaskCanceledReason", "Reason")
    COMPLETED = ("TaskCompletedReason",)
    QUEUE = ("TaskQueueSid", "TaskQueueName", "TaskQueueTargetExpression")
    ENTERED = ("TaskQueueEnteredDate",)
    WORKFLOW = ("WorkflowSid", "WorkflowName")
    FILTER = (
        "WorkflowFilterName", "WorkflowFilterExpression", "WorkflowFilterTargetName", "WorkflowFilterTargetExpression",
    )  # fmt: skip
    WORKER = (
        "WorkerSid", "WorkerName", "WorkerAttributes", "WorkerActivitySid", "WorkerActivityName", "WorkerVersion",
    )  # fmt: skip
    PREVIOUS = (
        "WorkerPreviousActivitySid", "WorkerPreviousActivityName", "WorkerTimeInPreviousActivity",
        "WorkerTimeInPreviousActivityMs",
    )  # fmt: skip
    WORKER_CHANNEL = (
        "TaskChannelSid", "TaskChannelUniqueName", "WorkerChannelAvailable", "WorkerChannelAvailableCapacity",
        "WorkerChannelPreviousCapacity", "WorkerChannelTaskCount",
    )  # fmt: skip
    RESERVATION = ("ReservationSid", "ReservationVersion")
    ACTIVITY = ("ActivitySid", "ActivityName", "ActivityAvailable")
    CHANNEL = ("TaskChannelSid", "TaskChannelName", "TaskChannelUniqueName", "TaskChannelOptimizedRouting")


@dataclass(frozen=True, slots=True)
class Documented:
    """One name of the reference. `resource`: the type of what the event is about; `subject`: the field of its SID."""

    resource: str
    subject: str
    groups: tuple[Group, ...]
    wording: str


_G = Group
_ABOUT_TASK = (_G.WORKSPACE, _G.TASK, _G.QUEUE, _G.ENTERED, _G.WORKFLOW)
_ABOUT_RESERVATION = (*_ABOUT_TASK, _G.RESERVATION, _G.WORKER)


def _of_reservation(what: str, *groups: Group) -> Documented:
    wording = f"Reservation {{ReservationSid}} {what}"
    return Documented("reservation", "ReservationSid", groups or _ABOUT_RESERVATION, wording)


def _of_task(what: str, *more: Group) -> Documented:
    return Documented("task", "TaskSid", (*_ABOUT_TASK, *more), f"Task {{TaskSid}} {what}")


def _of_flow(what: str, *groups: Group) -> Documented:
    return Documented("task", "TaskSid", (_G.WORKSPACE, _G.TASK, *groups, _G.WORKFLOW), f"Task {{TaskSid}} {what}")


def _of_worker(what: str, *more: Group) -> Documented:
    return Documented("worker", "WorkerSid", (_G.WORKSPACE, _G.WORKER, *more), f"Worker {{WorkerName}} {what}")


def _defined(resource: str, title: str, name: str, *groups: Group) -> Mapping[str, Documented]:
    """The life of a definition: `name` is the field of its name, and its SID's field is named alike."""
    subject = "WorkspaceSid" if resource == "workspace" else groups[-1].value[0]
    wording = f"{title} {{{name}}}"
    return {
        f"{resource}.{what}": Documented(resource, subject, (_G.WORKSPACE, *groups), f"{wording} {what}")
        for what in ("created", "updated", "deleted")
    }


_QUEUES = _defined("task-queue", "TaskQueue", "TaskQueueName", _G.QUEUE)

EVENTS: Mapping[str, Documented] = {
    **_defined("activity", "Activity", "ActivityName", _G.ACTIVITY),
    "reservation.created": _of_reservation("created for Task {TaskSid}"),
    "reservation.accepted": _of_reservation("accepted by Worker {WorkerName}"),
    "reservation.rejected": _of_reservation("rejected by Worker {WorkerName}"),
    "reservation.timeout": _of_reservation("timed out"),
    "reservation.canceled": _of_reservation("canceled"),
    "reservation.rescinded": _of_reservation("rescinded"),
    "reservation.completed": _of_reservation("completed"),
    "reservation.failed": _of_reservation("failed", *_ABOUT_TASK, _G.RESERVATION),
    "reservation.wrapup": _of_reservation("wrapping up"),
    "task.created": _of_flow("created"),
    "task.updated": _of_task("updated"),
    "task.canceled": _of_task("canceled: {TaskCanceledReason}", _G.CANCELED),
    "task.wrapup": _of_task("wrapping up"),
    "task.completed": _of_task("completed", _G.COMPLETED),
    "task.deleted": _of_task("deleted"),
    "task.system-deleted": _of_task("deleted by the system"),
    "task.transfer-initiated": _of_task("transfer initiated"),
    "task.transfer-attempt-failed": _of_task("transfer attempt failed"),
    "task.transfer-failed": _of_task("transfer failed"),
    "task.transfer-canceled": _of_task("transfer canceled"),
    "task.transfer-completed": _of_task("transfer completed"),
    **_defined("task-channel", "TaskChannel", "TaskChannelUniqueName", _G.CHANNEL),
    "task-queue.created": _QUEUES["task-queue.created"],
    "task-queue.deleted": _QUEUES["task-queue.deleted"],
    "task-queue.entered": _of_flow("entered TaskQueue {TaskQueueName}", _G.QUEUE, _G.ENTERED),
    "task-queue.timeout": _of_flow("timed out of TaskQueue {TaskQueueName}", _G.QUEUE),
    "task-queue.moved": _of_flow("moved from TaskQueue {TaskQueueName}", _G.QUEUE),
    "task-queue.expression.updated": Documented(
        "task-queue", "TaskQueueSid", (_G.WORKSPACE, _G.QUEUE), "TaskQueue {TaskQueueName} expression updated"
    ),
    "worker.created": _of_worker("created"),
    "worker.activity.update": _of_worker("updated to {WorkerActivityName} Activity", _G.PREVIOUS),
    "worker.attributes.update": _of_worker("attributes updated"),
    "worker.capacity.update": _of_worker("{TaskChannelUniqueName} capacity updated", _G.WORKER_CHANNEL),
    "worker.channel.availability.update": _of_worker("{TaskChannelUniqueName} availability updated", _G.WORKER_CHANNEL),
    "worker.deleted": _of_worker("deleted"),
    **_defined("workflow", "Workflow", "WorkflowName", _G.WORKFLOW),
    "workflow.target-matched": _of_flow("matched a target of Workflow {WorkflowName}", _G.QUEUE, _G.FILTER),
    "workflow.entered": _of_flow("entered Workflow {WorkflowName}"),
    "workflow.timeout": _of_flow("timed out of Workflow {WorkflowName}"),
    "workflow.skipped": _of_flow("skipped out of Workflow {WorkflowName}"),
    **_defined("workspace", "Workspace", "WorkspaceName"),
}
"""Every event of TaskRouter's reference. Transfers are TaskRouter.js's: nothing here makes them yet."""


def snake_case(name: str) -> str:
    """A callback's field as the API's `event_data` calls it: TaskSid is task_sid."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
