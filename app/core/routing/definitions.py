"""What a workspace is made of: activities, task channels, task queues and workflows, as frozen values.

`sid` is the identity inside the workspace: TaskRouter's SID for what the API created, the owner's own name for what the
file says (`sids.public` turns either into a SID). All instants are milliseconds since 1970 UTC, all durations seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

DEFAULT_CHANNELS = ("default", "voice", "chat", "sms", "video")
RESERVATION_SECONDS = 120
TASK_SECONDS = 86_400
LONGEST_TASK_SECONDS = 14 * 86_400


class Strategy(StrEnum):
    """Which of the free workers is offered a task first."""

    LONGEST_IDLE = "longest_idle"
    ROUND_ROBIN = "round_robin"
    FEWEST_CALLS = "fewest_calls"
    LEAST_TALK_TIME = "least_talk_time"
    SKILL_LEVEL = "skill_level"
    RING_ALL = "ring_all"
    WEIGHTED_RANDOM = "weighted_random"
    SEQUENTIAL = "sequential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Everything of one business. `revision` grows with every change of anything that it is made of.

    `lifo_first`: which kind of queue wins where a worker serves both (TaskRouter's `PrioritizeQueueOrder`).
    An empty `events_filter` lets every event through to `event_callback_url`.
    """

    sid: str
    version: int = 0
    name: str = ""
    default_activity: str = ""
    timeout_activity: str = ""
    event_callback_url: str = ""
    events_filter: tuple[str, ...] = ()
    multi_task: bool = True
    lifo_first: bool = False
    revision: int = 0
    from_file: bool = False
    created: int = 0
    updated: int = 0
    deadline: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerActivity:
    """What a worker can be doing; work is offered only in those that are `available`, which never changes."""

    sid: str
    version: int = 0
    name: str = ""
    available: bool = False
    from_file: bool = False
    created: int = 0
    updated: int = 0
    deadline: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChannel:
    """A kind of work of which a worker can take so many at once; `optimized`: the least loaded worker goes first."""

    sid: str
    version: int = 0
    name: str = ""
    unique_name: str = ""
    optimized: bool = False
    from_file: bool = False
    created: int = 0
    updated: int = 0
    deadline: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQueue:
    """Who may serve (`target_workers`, an expression over a worker's attributes; empty: nobody) and in which order.

    `ageing`: so many seconds of waiting are worth one point of priority (0: priority is strict).
    `line` names the queue in whose line callers here are counted (a queue with a wider rule shares its line).
    """

    sid: str
    version: int = 0
    name: str = ""
    target_workers: str = "1==1"
    max_reserved: int = 1
    lifo: bool = False
    reservation_activity: str = ""
    assignment_activity: str = ""
    strategy: Strategy = Strategy.LONGEST_IDLE
    skill: str = ""
    ageing: int = 0
    line: str = ""
    from_file: bool = False
    created: int = 0
    updated: int = 0
    deadline: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """Where tasks go: `configuration` is TaskRouter's workflow JSON as text; `workflow_json` reads it.

    `reads`: the worker attributes that earlier configurations asked for, as tasks which came by those may still.
    """

    sid: str
    version: int = 0
    name: str = ""
    configuration: str = ""
    callback_url: str = ""
    fallback_callback_url: str = ""
    reservation_timeout: int = RESERVATION_SECONDS
    reads: tuple[str, ...] = ()
    from_file: bool = False
    created: int = 0
    updated: int = 0
    deadline: int = 0


Definition = Workspace | WorkerActivity | TaskChannel | TaskQueue | Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingTarget:
    """One place a filter sends a task to, for so long. Empty texts and None: not said.

    `known_worker` is an expression over the task whose value is a worker's SID, or their friendly name if
    `known_by_name`.
    """

    queue: str
    priority: int | None = None
    timeout: int | None = None
    expression: str = ""
    order_by: str = ""
    skip_if: str = ""
    known_worker: str = ""
    known_by_name: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The tasks that a workflow's rule is for, and the places they are tried at, in order."""

    name: str
    expression: str
    targets: tuple[RoutingTarget, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """A workflow's configuration as values. `default` takes the tasks that no filter matched."""

    filters: tuple[Filter, ...] = ()
    default: RoutingTarget | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that decides where the tasks of one workspace go, each kind by `sid`.

    `people` maps a worker of the owner's file to their public SID. `paths` are the worker attributes that some rule
    reads: workers who agree on all of them and on their queues are alike to routing.
    """

    workspace: Workspace
    activities: Mapping[str, WorkerActivity] = field(default_factory=dict)
    channels: Mapping[str, TaskChannel] = field(default_factory=dict)
    queues: Mapping[str, TaskQueue] = field(default_factory=dict)
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    paths: frozenset[str] = frozenset()
