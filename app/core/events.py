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
    WORKER_CHANGED = "worker.changed"
    CONFIG_LOADED = "config.loaded"
    INTENT_REDIRECT = "intent.redirect"
    INTENT_RING = "intent.ring"
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
