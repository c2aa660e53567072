"""Which index entries an entity has: the one function from which every store derives its index writes."""

from dataclasses import dataclass
from typing import NamedTuple

from app.core.entities import KINDS, Call, CallState, Entity, Reservation, Task, TaskState, Worker
from app.core.routing.definitions import TaskChannel, TaskQueue, WorkerActivity, Workflow, Workspace
from app.core.routing.lanes import Profile, lane_of
from app.core.skills import split_line

DEADLINES = "deadlines"
LIVE_CALLS = "live:call"
LIVE_TASKS = "live:task"
LIVE_RESERVATIONS = "live:reservation"
ENDED_TASKS = "ended:task"
ENDED_RESERVATIONS = "ended:reservation"
WORKERS = "workers"
LATEST = 9_999_999_999_999
AHEAD = 2**52
"""More than any score of the owner's callers: what is taken off it puts one before all others of their line."""
AGEING_LIMIT = 4_000
"""Seconds a point of priority: beyond it, scores over the whole range of priorities would leave a float's integers."""


class Entry(NamedTuple):
    """One member of one sorted index; members of equal score are ordered by their text.

    An index that is `listed` appears in the store's directory (`Store.directory`) as long as it may have members.
    """

    index: str  # type: ignore[assignment]  # hides `tuple.index`, which nobody misses here
    member: str
    score: int
    listed: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Listing:
    """A profile that the directory has to know, by name and text."""

    profile: str
    text: str


def waiting(lane: str) -> str:
    """The index of pending tasks of a lane, in serving order."""
    return f"waiting:{lane}"


def line(queue: str) -> str:
    """The index of pending and reserved calls of a queue and its wider forms: where a place is counted."""
    return f"line:{split_line(queue)[0]}"


def unanswered(queue: str) -> str:
    """The index of waiting calls of a queue that promises an answer in time, by when the promise ends."""
    return f"unanswered:{split_line(queue)[0]}"


def answered(queue: str, *, in_time: bool) -> str:
    """The index of calls of such a queue that were answered and are not over, or not for an hour yet."""
    return f"answered:{'in time' if in_time else 'late'}:{split_line(queue)[0]}"


def idle(channel: str, profile: str) -> str:
    """The index of workers of a profile who can be offered work of a channel, longest idle first."""
    return f"idle:{channel}|{profile}"


def staff(activity: str, profile: str) -> str:
    """The index of workers of a profile who are in this activity."""
    return f"staff:{activity}|{profile}"


def all_of(kind: str) -> str:
    """The index of everything of a kind that the API created, oldest first."""
    return f"all:{kind}"


def serving_member(task: Task) -> str:
    """Orders tasks of one priority exactly, as no float could: 13 digits of time (complemented for LIFO), the id."""
    instant = LATEST - _instant(task) if task.lifo else _instant(task)
    return f"{instant:013d}{task.sid}"


def _instant(task: Task) -> int:
    """What a task's place among those of its own line counts from: a rule may have put it before its age."""
    return task.placed or task.since


def serving_score(task: Task) -> int:
    """Orders tasks of one lane: by priority, or by waiting time to which each point of priority adds `ageing` s.

    Where a workflow leads to a LIFO queue, priority does not count (as TaskRouter has it); in the owner's file it does.
    """
    first = AHEAD if task.ahead else 0
    if task.ageing:
        return _instant(task) - 1000 * task.ageing * task.priority - first
    return -first if task.lifo and task.workflow else -task.priority - first


def task_of_member(member: str) -> str:
    """The task's sid in a member of a waiting index."""
    return member[13:]


def entries(entity: Entity) -> tuple[Entry, ...]:
    """Every index entry this entity has; the difference between old and new is what a commit writes."""
    own = _own_entries(entity)
    if entity.deadline:
        return (*own, Entry(DEADLINES, f"{KINDS[type(entity)].value}:{entity.sid}", entity.deadline))
    return own


def listing(entity: Entity) -> Listing | None:
    """The profile that has to be in the directory while this entity exists."""
    if not isinstance(entity, Worker) or not entity.profile:
        return None
    return Listing(entity.profile, Profile(entity.queues, entity.facts).text())


def _own_entries(entity: Entity) -> tuple[Entry, ...]:
    if isinstance(entity, Task):
        return _task_entries(entity)
    if isinstance(entity, Worker):
        return _worker_entries(entity)
    if isinstance(entity, Call):
        return (Entry(LIVE_CALLS, entity.sid, entity.started),) if entity.state is not CallState.ENDED else ()
    if isinstance(entity, Reservation):
        return (
            (Entry(ENDED_RESERVATIONS, entity.sid, entity.created),)
            if entity.ended
            else (Entry(LIVE_RESERVATIONS, entity.sid, entity.created),)
        )
    if isinstance(entity, Workspace | WorkerActivity | TaskChannel | TaskQueue | Workflow):
        return (Entry(all_of(KINDS[type(entity)].value), entity.sid, entity.created),)
    return ()


def _worker_entries(worker: Worker) -> tuple[Entry, ...]:
    return (
        Entry(WORKERS, worker.sid, worker.created),
        Entry(staff(worker.activity, worker.profile), worker.sid, 0),
        *(Entry(idle(channel, worker.profile), worker.sid, worker.idle_since) for channel in worker.free_channels),
    )


def _task_entries(task: Task) -> tuple[Entry, ...]:
    promise = _promise_entries(task) if task.promised else ()
    if task.ended:
        return (Entry(ENDED_TASKS, task.sid, task.created), *promise)
    entries = [Entry(LIVE_TASKS, task.sid, task.created), *promise]
    place, score = serving_member(task), serving_score(task)
    if task.state is TaskState.PENDING:
        entries.append(Entry(waiting(lane_of(task).name), place, score, listed=True))
    if task.call and task.state in (TaskState.PENDING, TaskState.RESERVED):
        entries.append(Entry(line(task.queue), place, score))
    return tuple(entries)


def _promise_entries(task: Task) -> tuple[Entry, ...]:
    due = task.created + task.promised * 1000
    if task.state in (TaskState.PENDING, TaskState.RESERVED):
        return (Entry(unanswered(task.queue), task.sid, due),)
    in_time = task.assigned <= due
    return (Entry(answered(task.queue, in_time=in_time), task.sid, task.assigned),) if task.assigned else ()
