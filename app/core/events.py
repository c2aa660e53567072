"""The lines of the event stream: what happened, in the past tense, and what the telephone has to do (intents)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Plain = str | int | float | bool | None | list[str]


class EventType(StrEnum):
    """Every event of the stream. Names with `intent.` are telephone commands for the operator."""

    CALL_ANSWERED = "call.answered"
    CALL_LISTENED = "call.heard"
    CALL_MOVED = "call.moved"
    CALL_ENDED = "call.ended"
    MESSAGE_LEFT = "call.message_left"
    TASK_CREATED = "task.created"
    TASK_MOVED = "task.moved"
    TASK_RAISED = "task.raised"
    TASK_RETRIED = "task.retried"
    TASK_ASSIGNED = "task.assigned"
    TASK_WRAPPING = "task.wrapping"
    TASK_COMPLETED = "task.completed"
    TASK_CANCELED = "task.canceled"
    RESERVATION_CREATED = "reservation.created"
    RESERVATION_RINGING = "reservation.ringing"
    RESERVATION_ACCEPTED = "reservation.accepted"
    RESERVATION_REJECTED = "reservation.rejected"
    RESERVATION_TIMEOUT = "reservation.timeout"
    RESERVATION_CANCELED = "reservation.canceled"
    RESERVATION_RESCINDED = "reservation.rescinded"
    RESERVATION_COMPLETED = "reservation.completed"
    RESERVATION_WRAPUP = "reservation.wrapup"
    RESERVATION_FAILED = "reservation.failed"
    ASSIGNMENT_FAILED = "assignment.failed"
    TASK_UPDATED = "task.updated"
    TASK_DELETED = "task.deleted"
    TASK_SYSTEM_DELETED = "task.system-deleted"
    QUEUE_ENTERED = "task-queue.entered"
    QUEUE_TIMEOUT = "task-queue.timeout"
    QUEUE_MOVED = "task-queue.moved"
    TARGET_MATCHED = "workflow.target-matched"
    WORKFLOW_ENTERED = "workflow.entered"
    WORKFLOW_TIMEOUT = "workflow.timeout"
    WORKFLOW_SKIPPED = "workflow.skipped"
    WORKER_CHANGED = "worker.changed"
    WORKER_CREATED = "worker.created"
    WORKER_ATTRIBUTES = "worker.attributes.update"
    WORKER_CAPACITY = "worker.capacity.update"
    WORKER_CHANNEL = "worker.channel.availability.update"
    WORKER_DELETED = "worker.deleted"
    DEFINED = "definition.created"
    REDEFINED = "definition.updated"
    UNDEFINED = "definition.deleted"
    CONFIG_LOADED = "config.loaded"
    ALERT_LINK_SUSPECTED = "alert.link_suspected"
    ALERT_LINK_RESTORED = "alert.link_restored"
    INTENT_REDIRECT = "intent.redirect"
    INTENT_RING = "intent.ring"
    INTENT_ASSIGN = "intent.assign"
    INTENT_CALL_WORKER = "intent.call_worker"
    INTENT_SEND_CALLER = "intent.send_caller"
    INTENT_LOOK_UP = "intent.look_up"
    INTENT_DROP_LINE = "intent.drop_line"
    INTENT_REPORT = "intent.report"
    INTENT_HANG_UP = "intent.hang_up"
    INTENT_CHECK = "intent.check"
    INTENT_TELL = "intent.tell"
    INTENT_TRANSCRIBE = "intent.transcribe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the stream. `data` holds no personal text: what was said lies in the call's personal record."""

    type: EventType
    at: int
    call: str = ""
    task: str = ""
    worker: str = ""
    reservation: str = ""
    data: Mapping[str, Plain] = field(default_factory=dict)

    @property
    def is_intent(self) -> bool:
        """Whether the operator has to do something."""
        return self.type.value.startswith("intent.")
