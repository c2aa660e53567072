"""Offer strategies: which of the workers who could take a task are asked first. Each strategy is one pure function."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.core.entities import Task, Worker
from app.core.routing.definitions import Strategy, TaskQueue
from app.core.routing.order_by import ordered, parse_order
from app.core.skills import WIDER, ring_of

Rank = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A worker in the order in which a task is offered, and what put them there."""

    worker: Worker
    why: str


@dataclass(frozen=True, slots=True)
class Weighing:
    """What workers are weighed by: the queue's strategy, the present instant, and that from which their work counts.

    `optimized`: on the task's channel, those with the larger part of their capacity free come first.
    """

    queue: TaskQueue
    at: int
    midnight: int = 0
    optimized: bool = False


def ranked(task: Task, free: Sequence[Worker], weighing: Weighing) -> tuple[Ranked, ...]:
    """The free workers, best first; ties go to the longest idle, then by sid.

    Those who have declined or missed this very task come after everybody else, and those whom an escalation step let
    serve after those who could before. Then the load of an optimized channel decides, then what the target orders by,
    or else the queue's strategy.
    """
    order = _ordered_by(task, free) if task.order_by else _by_strategy(task, free, weighing)
    if weighing.optimized:
        order = sorted(order, key=lambda item: _load(item.worker, task.channel))
    if WIDER in task.queue:
        order = _inner_first(task.queue, order)
    if task.declined:
        order = sorted(order, key=lambda item: item.worker.sid in task.declined)
    return tuple(order)


def _inner_first(line: str, order: Sequence[Ranked]) -> list[Ranked]:
    ringed = sorted(((ring_of(item.worker.queues, line), item) for item in order), key=lambda pair: pair[0])
    return [Ranked(item.worker, f"ring {ring + 1}, {item.why}") for ring, item in ringed]


def _ordered_by(task: Task, free: Sequence[Worker]) -> list[Ranked]:
    order = ordered(parse_order(task.order_by), free, lambda worker: worker.facts, _idle)
    return [Ranked(worker, task.order_by) for worker in order]


def _by_strategy(task: Task, free: Sequence[Worker], weighing: Weighing) -> list[Ranked]:
    rank, words = _STRATEGIES[weighing.queue.strategy]
    order = sorted(free, key=lambda worker: (rank(worker, task, weighing), _idle(worker)))
    return [Ranked(worker, words(worker, weighing)) for worker in order]


def done_today(worker: Worker, today: int) -> tuple[int, int]:
    """The conversations a worker has had since `today` began, and how long they talked (ms)."""
    return (worker.served, worker.talked) if worker.counted >= today else (0, 0)


def _load(worker: Worker, channel: str) -> float:
    room = worker.channels.get(channel)
    return worker.held.get(channel, 0) / room.capacity if room and room.capacity else math.inf


def _idle(worker: Worker) -> tuple[int, str]:
    return (worker.idle_since, worker.sid)


def _longest_idle(worker: Worker, task: Task, weighing: Weighing) -> Rank:
    return (worker.idle_since,)


def _least_recently_asked(worker: Worker, task: Task, weighing: Weighing) -> Rank:
    return (worker.offered,)


def _fewest_calls(worker: Worker, task: Task, weighing: Weighing) -> Rank:
    return (done_today(worker, weighing.midnight)[0],)


def _least_talk(worker: Worker, task: Task, weighing: Weighing) -> Rank:
    return (done_today(worker, weighing.midnight)[1],)


def _best_skilled(worker: Worker, task: Task, weighing: Weighing) -> Rank:
    return (-_level(worker, weighing.queue),)


def _in_sequence(worker: Worker, task: Task, weighing: Weighing) -> Rank:
    return (_number(worker.attributes.get("order"), math.inf),)


def _by_weight(worker: Worker, task: Task, weighing: Weighing) -> Rank:
    """A draw in which nobody's chances depend on the others' draws (Efraimidis and Spirakis 2006).

    The seed is the task and how often it was offered, so that the same facts give the same draw.
    """
    seed = hashlib.sha256(f"{task.sid} {task.offers} {worker.sid}".encode()).digest()
    drawn = (int.from_bytes(seed[:8], "big") + 1) / (2**64 + 1)
    weight = _number(worker.attributes.get("weight"), 1)
    return (-math.log(drawn) / weight if weight > 0 else math.inf,)


def _level(worker: Worker, queue: TaskQueue) -> float:
    levels = worker.attributes.get("levels")
    return _number(levels.get(queue.skill), 0) if isinstance(levels, Mapping) else 0


def _number(value: object, otherwise: float) -> float:
    """An attribute as a number; attributes are any JSON, and true is no number."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _idle_words(worker: Worker, weighing: Weighing) -> str:
    return f"{max(0, weighing.at - worker.idle_since) // 1000} s"


_Words = Callable[[Worker, Weighing], str]
_STRATEGIES: Mapping[Strategy, tuple[Callable[[Worker, Task, Weighing], Rank], _Words]] = {
    Strategy.LONGEST_IDLE: (_longest_idle, lambda worker, weighing: f"longest idle ({_idle_words(worker, weighing)})"),
    Strategy.RING_ALL: (_longest_idle, lambda worker, weighing: f"all are rung, idle {_idle_words(worker, weighing)}"),
    Strategy.ROUND_ROBIN: (_least_recently_asked, lambda *_: "longest not asked"),
    Strategy.FEWEST_CALLS: (
        _fewest_calls,
        lambda worker, weighing: f"fewest calls ({done_today(worker, weighing.midnight)[0]})",
    ),
    Strategy.LEAST_TALK_TIME: (
        _least_talk,
        lambda worker, weighing: f"least talk time ({done_today(worker, weighing.midnight)[1] // 1000} s)",
    ),
    Strategy.SKILL_LEVEL: (
        _best_skilled,
        lambda worker, weighing: f"highest level of {weighing.queue.skill} ({_level(worker, weighing.queue):g})",
    ),
    Strategy.SEQUENTIAL: (_in_sequence, lambda *_: "first in sequence"),
    Strategy.WEIGHTED_RANDOM: (_by_weight, lambda *_: "drawn by weight"),
}
