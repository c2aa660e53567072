"""How much a pairing has to read: at first only so much as decides it nearly always, then all that it can hang on."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.entities import Task, Worker
from app.core.indexes import idle
from app.core.matching import Offer
from app.core.routing.definitions import Rules, Strategy, TaskQueue
from app.core.routing.lanes import read_lane
from app.core.serving import precedence
from app.core.skills import WIDER
from app.ports.store import Heads
from app.usecases.context import Context
from app.usecases.sights import idle_indexes

FIRST = 3
"""How many tasks and workers a glance reads."""
HEAD = 10
CROWD = 200
"""How many free workers of a profile are weighed where not simply the longest idle goes first."""


@dataclass(frozen=True, slots=True)
class Look:
    """What to ask of `Store.heads`.

    A glance (`together`) is at one lane, or at one worker's lanes: of these it shows the best heads only. `own`: some
    of them nobody else may serve, which may be whatever the worker holds.
    """

    lanes: Sequence[str]
    idle: Sequence[str]
    named: Sequence[str]
    limit: int
    together: bool
    own: bool = False

    def at(self, context: Context) -> Heads:
        """What there is to see."""
        return context.store.heads(self.lanes, self.idle, self.named, self.limit, together=self.together)

    def saw_nobody(self, heads: Heads) -> bool:
        """Whether there is nobody to offer anything to, or nothing to offer."""
        return not (any(heads.workers.values()) or heads.named) or not any(heads.tasks.values())

    @property
    def of_heads(self) -> bool:
        """Whether it shows no more of each lane than its head."""
        return self.together and len(self.lanes) > 1

    def saw_all_tasks(self, heads: Heads) -> bool:
        """Whether there are no more tasks than were read."""
        return not any(heads.tasks.values()) if self.of_heads else self.saw_all(heads.tasks.values())

    def saw_all(self, found: Iterable[Collection[Task | Worker]]) -> bool:
        """Whether there are no more of these than were read."""
        sizes = [len(each) for each in found]
        return sum(sizes) < self.limit if self.together else all(size < self.limit for size in sizes)


def first_look(context: Context, lanes: frozenset[str], freed: Sequence[Worker]) -> Look:
    """A glance if that can decide, else everything."""
    rules = context.rules.current()
    if len(freed) == 1 and not lanes and all(map(_one_order, _queues(freed[0].queues, rules))):
        own = context.sights.own_lanes_of(freed[0])
        lanes_open = (*context.sights.open_lanes_for(freed[0]), *own)
        return Look(lanes_open, (), (freed[0].sid,), FIRST, together=True, own=bool(own))
    if len(lanes) == 1 and not freed:
        (name,) = lanes
        if all(map(_longest_idle, _queues([read_lane(name).queue], rules))) and not _optimized(name, rules):
            known = read_lane(name).known
            return Look((name,), context.sights.idle_for(name), (known,) if known else (), FIRST, together=True)
    return full_look(context, lanes, freed)


def full_look(context: Context, lanes: frozenset[str], freed: Sequence[Worker]) -> Look:
    """The lanes, idle indexes and workers to look at: who can serve the lanes, and what the workers can serve."""
    served = {name for worker in freed for name in context.sights.lanes_for(worker)}
    own = (idle(channel, worker.profile) for worker in freed for channel in worker.free_channels)
    known = {read_lane(name).known for name in lanes} | {worker.sid for worker in freed}
    names = dict.fromkeys((*idle_indexes(context.sights, sorted(lanes)), *own))
    queues = _queues((read_lane(name).queue for name in lanes), context.rules.current())
    limit = HEAD if all(map(_longest_idle, queues)) else CROWD
    return Look(sorted(lanes | served), tuple(names), sorted(known - {""}), limit, together=False)


def too_short(look: Look, heads: Heads) -> bool:
    """Whether a glance may have left out what decides.

    That is workers, for a task that does not simply go to the longest idle; or, where lines are weighed against each
    other, tasks that would go before one that was put ahead of its age in its own line only.
    """
    if not look.together:
        return False
    tasks = [task for found in heads.tasks.values() for task in found]
    if any(map(_chooses, tasks)) and not look.saw_all(heads.workers.values()):
        return True
    return look.of_heads and any(task.ahead or task.placed for task in tasks)


def _chooses(task: Task) -> bool:
    """Whether who is asked first hangs on more than on how long they have been idle."""
    return bool(task.order_by or task.declined) or WIDER in task.queue


def passed_over(look: Look, heads: Heads, pairs: Sequence[Offer]) -> bool:
    """Whether the first of the heads a glance showed is not offered: what stands behind it may come before others."""
    tasks = [task for found in heads.tasks.values() for task in found] if look.of_heads else []
    return bool(tasks) and all(pair.task.sid != min(tasks, key=precedence).sid for pair in pairs)


def nothing_left(look: Look, heads: Heads, pairs: Sequence[Offer]) -> bool:
    """Whether no pair can be left once these are made: all tasks are offered then, or all workers have enough to do."""
    offered = {pair.task.sid for pair in pairs}
    left = [task for found in heads.tasks.values() for task in found if task.sid not in offered]
    if look.saw_all_tasks(heads) and not left:
        return True
    if look.own or not look.saw_all(heads.workers.values()) or any(task.ignore_capacity for task in left):
        return False
    given = {pair.worker.sid: pair.task.channel for pair in pairs}
    channels = {read_lane(name).channel for name in look.lanes}
    read = (*heads.named.values(), *(worker for workers in heads.workers.values() for worker in workers))
    return not any(_has_room(worker, channels, given) for worker in read)


def _has_room(worker: Worker, channels: Iterable[str], given: Mapping[str, str]) -> bool:
    """Whether a worker could be offered more on one of these channels after what they were given."""
    taken = given.get(worker.sid)
    if taken is None:
        return any(map(worker.free_on, channels))
    if not worker.multi_task:
        return False
    return any(
        worker.free_on(channel)
        and (channel != taken or worker.held.get(channel, 0) + 1 < worker.channels[channel].capacity)
        for channel in channels
    )


def _queues(names: Iterable[str], rules: Rules) -> list[TaskQueue | None]:
    return [rules.queues.get(name) for name in names]


def _one_order(queue: TaskQueue | None) -> bool:
    """Whether a queue's tasks stand in the order in which the tasks of all such queues are served."""
    return queue is not None and not queue.lifo and not queue.ageing


def _longest_idle(queue: TaskQueue | None) -> bool:
    return queue is None or (queue.strategy is Strategy.LONGEST_IDLE and queue.max_reserved <= FIRST)


def _optimized(lane: str, rules: Rules) -> bool:
    return any(
        channel.optimized and channel.unique_name == read_lane(lane).channel for channel in rules.channels.values()
    )
