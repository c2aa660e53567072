"""The live state of one workspace: calls, tasks, workers, reservations and callers as frozen values.

What the API defines is entities too (`routing.definitions`). Each carries `sid` and `version` (0: never stored).
Instants are milliseconds since 1970 UTC, 0 where there is none; `deadline`: when somebody has to look at it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, get_args

from app.core.config import Target
from app.core.routing.definitions import TaskChannel, TaskQueue, WorkerActivity, Workflow, Workspace

Attributes = Mapping[str, object]  # a JSON object, however deep


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
    """The activities of the owner's file; only `AVAILABLE` is offered work."""

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

    Keys and silence answer the present `turn` only; words may have begun in an earlier one, but not before `acted`, the
    turn since which no other word or key has moved the call. `keys` may begin a longer sequence; `earlier`: when this
    number called before. `streaming`: we hear the caller; `ears_lost` counts how often their stream broke.
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

    Calls follow the owner's file: `path` is the queue whose escalation steps apply (since `entered`), `step` the next
    of them, `fired` those taken by circumstance. Others follow a `workflow`: `filter` and `target` (from 0) are where.
    `moves_on`: when it moves next. `demand`, `order_by`, `known`: what the present target asks of a worker, filled in.
    `created` is its age, which moving never changes; its place counts from `started` (0: `created`), in its own line
    from `placed` if a rule let it pass some, or `ahead` of all. `ageing` seconds of waiting are worth one point of
    `priority` (0: strict). It should be answered within `promised` seconds. `declined`: when to ask a worker again.
    """

    sid: str
    version: int = 0
    config: str = ""
    call: str = ""
    workflow: str = ""
    channel: str = "voice"
    queue: str = ""
    path: str = ""
    filter: int = -1
    target: int = -1
    demand: str = ""
    order_by: str = ""
    known: str = ""
    lifo: bool = False
    ageing: int = 0
    priority: int = 0
    placed: int = 0
    ahead: bool = False
    promised: int = 0
    attributes: Attributes = field(default_factory=dict)
    state: TaskState = TaskState.PENDING
    reason: str = ""
    routing_target: str = ""
    ignore_capacity: bool = False
    created: int = 0
    started: int = 0
    entered: int = 0
    queued: int = 0
    moves_on: int = 0
    expires: int = 0
    step: int = 0
    fired: tuple[int, ...] = ()
    offers: int = 0
    reservations: tuple[str, ...] = ()
    declined: Mapping[str, int] = field(default_factory=dict)
    worker: str = ""
    assigned: int = 0
    updated: int = 0
    ended: int = 0
    deadline: int = 0

    @property
    def since(self) -> int:
        """The instant from which the task's place in line is counted."""
        return self.started or self.created


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCapacity:
    """How many tasks of a channel a worker takes at once, and whether any at all."""

    capacity: int = 1
    available: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """An agent. `queues` are those they may serve; `reservations` those that hold them, wrap-up included.

    `available`: work is offered in their `activity`, begun at `activity_since`. `held` counts reservations per channel;
    where `multi_task` is off, one fills them all. `facts` are the attributes that rules read, `profile` names those who
    have the same (`routing.lanes`). `offered`: when last rung; `served`, `talked` (ms): what was done since `counted`.
    """

    sid: str
    version: int = 0
    name: str = ""
    phone: str = ""
    attributes: Attributes = field(default_factory=dict)
    queues: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    profile: str = ""
    activity: str = Activity.AVAILABLE
    available: bool = True
    activity_since: int = 0
    channels: Mapping[str, ChannelCapacity] = field(default_factory=lambda: {"voice": ChannelCapacity()})
    multi_task: bool = True
    reservations: tuple[str, ...] = ()
    held: Mapping[str, int] = field(default_factory=dict)
    missed: Mapping[str, int] = field(default_factory=dict)
    idle_since: int = 0
    offered: int = 0
    served: int = 0
    talked: int = 0
    counted: int = 0
    created: int = 0
    updated: int = 0
    deadline: int = 0

    def free_on(self, channel: str) -> bool:
        """Whether work of this channel may be offered to them now."""
        room = self.channels.get(channel)
        if room is None or not self.available or not room.available:
            return False
        return self.held.get(channel, 0) < room.capacity and (self.multi_task or not self.reservations)

    @property
    def free_channels(self) -> tuple[str, ...]:
        """The channels on which work may be offered to them now."""
        return tuple([channel for channel in self.channels if self.free_on(channel)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """One offer of a task: `leg` rings the worker, `keys` counts wrong ones; `after`: the next activity ("": as is)."""

    sid: str
    version: int = 0
    task: str
    call: str = ""
    worker: str
    queue: str = ""
    channel: str = "voice"
    workflow: str = ""
    config: str = ""
    leg: str = ""
    answered: int = 0
    keys: int = 0
    after: str = ""
    state: ReservationState = ReservationState.PENDING
    reason: str = ""
    created: int = 0
    accepted: int = 0
    updated: int = 0
    ended: int = 0
    deadline: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What is remembered of a number (`sid`): the instants of its latest 20 calls, and who `served` it when last."""

    sid: str
    version: int = 0
    calls: tuple[int, ...] = ()
    served: Mapping[str, int] = field(default_factory=dict)
    deadline: int = 0


Entity = Call | Task | Worker | Reservation | Caller | Workspace | WorkerActivity | TaskChannel | TaskQueue | Workflow


class Kind(StrEnum):
    """The kinds of entity, as they appear in keys."""

    CALL = "call"
    TASK = "task"
    WORKER = "worker"
    RESERVATION = "reservation"
    CALLER = "caller"
    WORKSPACE = "workspace"
    ACTIVITY = "activity"
    CHANNEL = "channel"
    QUEUE = "queue"
    WORKFLOW = "workflow"


TYPES: Mapping[Kind, type[Entity]] = dict(zip(Kind, get_args(Entity), strict=True))
KINDS: Mapping[type[Entity], Kind] = {entity: kind for kind, entity in TYPES.items()}


class Key(NamedTuple):
    """The identity of an entity across kinds."""

    kind: Kind
    sid: str


def key_of(entity: Entity) -> Key:
    """The key under which the store keeps this entity."""
    return Key(KINDS[type(entity)], entity.sid)
