"""Which index entries an entity has: the one function from which every store derives its index writes."""

from dataclasses import dataclass

from app.core.entities import Call, CallState, Entity, Reservation, Task, TaskState, Worker, key_of

DEADLINES = "deadlines"
LIVE_CALLS = "live:call"
LIVE_TASKS = "live:task"
LIVE_RESERVATIONS = "live:reservation"
WORKERS = "workers"
LATEST = 9_999_999_999_999


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One member of one sorted index; members of equal score are ordered by their text."""

    index: str
    member: str
    score: int


def waiting(queue: str) -> str:
    """The index of pending tasks of a queue, in serving order."""
    return f"waiting:{queue}"


def line(queue: str) -> str:
    """The index of pending and reserved tasks of a queue: what a caller's position is counted in."""
    return f"line:{queue}"


def idle(queue: str) -> str:
    """The index of workers who can be offered work of a queue, longest idle first."""
    return f"idle:{queue}"


def serving_member(task: Task) -> str:
    """Orders tasks of one priority exactly, as no float could: 13 digits of time (complemented for LIFO), the id."""
    instant = LATEST - task.created if task.lifo else task.created
    return f"{instant:013d}{task.sid}"


def task_of_member(member: str) -> str:
    """The task's sid in a member of a waiting index."""
    return member[13:]


def entries(entity: Entity) -> frozenset[Entry]:
    """Every index entry this entity has; the difference between old and new is what a commit writes."""
    own = _own_entries(entity)
    if entity.deadline:
        key = key_of(entity)
        own = (*own, Entry(DEADLINES, f"{key.kind}:{key.sid}", entity.deadline))
    return frozenset(own)


def _own_entries(entity: Entity) -> tuple[Entry, ...]:
    if isinstance(entity, Task):
        return _task_entries(entity)
    if isinstance(entity, Worker):
        served = entity.queues if entity.idle else ()
        return (
            Entry(WORKERS, entity.sid, 0),
            *(Entry(idle(queue), entity.sid, entity.idle_since) for queue in served),
        )
    if isinstance(entity, Call):
        return (Entry(LIVE_CALLS, entity.sid, entity.started),) if entity.state is not CallState.ENDED else ()
    if isinstance(entity, Reservation):
        return (Entry(LIVE_RESERVATIONS, entity.sid, entity.created),) if not entity.ended else ()
    return ()


def _task_entries(task: Task) -> tuple[Entry, ...]:
    live = () if task.ended else (Entry(LIVE_TASKS, task.sid, task.created),)
    place = serving_member(task)
    if task.state is TaskState.PENDING:
        return (
            *live,
            Entry(waiting(task.queue), place, -task.priority),
            Entry(line(task.queue), place, -task.priority),
        )
    if task.state is TaskState.RESERVED:
        return (*live, Entry(line(task.queue), place, -task.priority))
    return live
