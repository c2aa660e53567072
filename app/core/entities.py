"""The live state of one workspace: calls, tasks, workers, reservations and callers as frozen values.

Every entity carries `sid` (its identity) and `version` (the store's count of its changes; 0: never stored).
All instants are integer milliseconds since 1970 UTC, and 0 where there is none; `deadline` is when somebody has
to look at the entity again (0: never).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.config import Target

Scalar = str | int | float | bool | None
Attributes = Mapping[str, "Scalar | list[Scalar] | dict[str, Scalar]"]


class CallState(StrEnum):
    """Where a caller is in the conversation."""

    LISTENING = "listening"
    TRANSCRIBING = "transcribing"
    CONFIRMING = "confirming"
    CHOOSING = "choosing"
    WAITING = "waiting"
    CONNECTED = "connected"
    FORWARDED = "forwarded"
    LEAVING_MESSAGE = "leaving_message"
    TOLD = "told"
    ON_AGENT_LINE = "on_agent_line"
    ENDED = "ended"


class TaskState(StrEnum):
    """TaskRouter's assignment status."""

    PENDING = "pending"
    RESERVED = "reserved"
    ASSIGNED = "assigned"
    WRAPPING = "wrapping"
    COMPLETED = "completed"
    CANCELED = "canceled"


class ReservationState(StrEnum):
    """TaskRouter's reservation status."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TIMEOUT = "timeout"
    CANCELED = "canceled"
    RESCINDED = "rescinded"
    WRAPPING = "wrapping"
    COMPLETED = "completed"


class Activity(StrEnum):
    """What a worker is doing between calls; only `AVAILABLE` is offered work."""

    AVAILABLE = "available"
    BREAK = "break"
    OFF = "off"


class Mood(StrEnum):
    """How a caller sounded, as owners write it in their rules."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    FRUSTRATED = "frustrated"
    URGENT = "urgent"
    EXCITED = "excited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One caller on the line.

    `turn` counts the steps of the conversation; keys and silence answer the present turn only. Words may have begun
    in an earlier turn, but not before `acted`, the turn since which no other word or key has moved the call.
    `keys` are keys that may begin a longer sequence; `earlier` the instants of this number's previous calls.
    `streaming` tells that we hear the caller; `ears_lost` counts how often their stream broke.
    """

    sid: str
    version: int = 0
    config: str
    caller: str = ""
    called: str = ""
    state: CallState = CallState.LISTENING
    turn: int = 0
    acted: int = 0
    attempts: int = 0
    keys: str = ""
    menu: str = ""
    proposed: str = ""
    destination: Target | None = None
    say_first: str = ""
    token: str = ""
    streaming: bool = False
    ears_lost: int = 0
    mood: Mood = Mood.NEUTRAL
    route: str = ""
    utterances: int = 0
    earlier: tuple[int, ...] = ()
    vip: bool = False
    keypad_first: bool = False
    task: str = ""
    worker: str = ""
    outcome: str = ""
    started: int = 0
    ended: int = 0
    deadline: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One piece of work in a queue.

    `path` is the queue whose escalation steps apply, `step` the next of them, `entered` when it came onto the path;
    `created` is its age, which moving never changes. `declined` maps a worker to the instant from which it may be
    offered to them again.
    """

    sid: str
    version: int = 0
    config: str = ""
    call: str = ""
    queue: str = ""
    path: str = ""
    lifo: bool = False
    priority: int = 0
    attributes: Attributes = field(default_factory=dict)
    state: TaskState = TaskState.PENDING
    reason: str = ""
    created: int = 0
    entered: int = 0
    step: int = 0
    reservations: tuple[str, ...] = ()
    declined: Mapping[str, int] = field(default_factory=dict)
    worker: str = ""
    assigned: int = 0
    ended: int = 0
    deadline: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """An agent. `queues` are those they may serve; `reservations` those that hold them, wrap-up included."""

    sid: str
    version: int = 0
    phone: str = ""
    attributes: Attributes = field(default_factory=dict)
    queues: tuple[str, ...] = ()
    activity: Activity = Activity.AVAILABLE
    reservations: tuple[str, ...] = ()
    capacity: int = 1
    missed: int = 0
    idle_since: int = 0
    deadline: int = 0

    @property
    def idle(self) -> bool:
        """Whether work may be offered to them now."""
        return self.activity is Activity.AVAILABLE and len(self.reservations) < self.capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """One offer of a task to a worker. `leg` is the call that rings their phone; `keys` counts wrong keys pressed."""

    sid: str
    version: int = 0
    task: str
    call: str
    worker: str
    queue: str = ""
    config: str = ""
    leg: str = ""
    answered: int = 0
    keys: int = 0
    state: ReservationState = ReservationState.PENDING
    reason: str = ""
    created: int = 0
    ended: int = 0
    deadline: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What is remembered of a number; `sid` is the number, `calls` the instants of its latest 20 calls."""

    sid: str
    version: int = 0
    calls: tuple[int, ...] = ()
    deadline: int = 0


Entity = Call | Task | Worker | Reservation | Caller


class Kind(StrEnum):
    """The kinds of entity, as they appear in keys."""

    CALL = "call"
    TASK = "task"
    WORKER = "worker"
    RESERVATION = "reservation"
    CALLER = "caller"


TYPES: Mapping[Kind, type[Entity]] = {
    Kind.CALL: Call,
    Kind.TASK: Task,
    Kind.WORKER: Worker,
    Kind.RESERVATION: Reservation,
    Kind.CALLER: Caller,
}
KINDS: Mapping[type[Entity], Kind] = {entity: kind for kind, entity in TYPES.items()}


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """The identity of an entity across kinds."""

    kind: Kind
    sid: str


def key_of(entity: Entity) -> Key:
    """The key under which the store keeps this entity."""
    return Key(KINDS[type(entity)], entity.sid)
