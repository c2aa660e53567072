"""Offer strategies: which of the workers who could take a task are asked first. Each strategy is one pure function."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.core.entities import Task, Worker
from app.core.routing.definitions import Strategy, TaskQueue
from app.core.routing.order_by import ordered, parse_order

Rank = tuple[float | str, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A worker in the order in which a task is offered, and what put them there."""

    worker: Worker
    why: str


def ranked(
    task: Task, free: Sequence[Worker], queue: TaskQueue, now: int, *, optimized: bool = False
) -> tuple[Ranked, ...]:
    """The free workers, best first; ties go to the longest idle, then by sid.

    Those who have declined or missed this very task come after everybody else. What the target orders by goes before
    the queue's strategy, and the load of an optimized channel before both.
    """
    if task.order_by:
        clauses = parse_order(task.order_by)
        order = ordered(clauses, free, lambda worker: worker.facts, _idle)
        return _least_loaded(task, _not_asked_yet(task, [Ranked(worker, task.order_by) for worker in order]), optimized)
    rank, words = _STRATEGIES[queue.strategy]
    by_rank = sorted(free, key=lambda worker: (rank(worker, task, queue), _idle(worker)))
    in_order = [Ranked(worker, words(worker, queue, now)) for worker in by_rank]
    return _least_loaded(task, _not_asked_yet(task, in_order), optimized)


def _not_asked_yet(task: Task, order: list[Ranked]) -> list[Ranked]:
    return sorted(order, key=lambda item: item.worker.sid in task.declined) if task.declined else order


def _least_loaded(task: Task, order: list[Ranked], optimized: bool) -> tuple[Ranked, ...]:
    if not optimized:
        return tuple(order)

    def load(item: Ranked) -> float:
        room = item.worker.channels.get(task.channel)
        return item.worker.held.get(task.channel, 0) / room.capacity if room and room.capacity else math.inf

    return tuple(sorted(order, key=load))


def _idle(worker: Worker) -> tuple[int, str]:
    return (worker.idle_since, worker.sid)


def _longest_idle(worker: Worker, task: Task, queue: TaskQueue) -> Rank:
    return (worker.idle_since,)


def _least_recently_asked(worker: Worker, task: Task, queue: TaskQueue) -> Rank:
    return (worker.offered,)


def _fewest_calls(worker: Worker, task: Task, queue: TaskQueue) -> Rank:
    return (worker.served,)


def _least_talk(worker: Worker, task: Task, queue: TaskQueue) -> Rank:
    return (worker.talked,)


def _best_skilled(worker: Worker, task: Task, queue: TaskQueue) -> Rank:
    return (-_level(worker, queue),)


def _in_sequence(worker: Worker, task: Task, queue: TaskQueue) -> Rank:
    place = worker.attributes.get("order")
    return (place if isinstance(place, int | float) else math.inf,)


def _by_weight(worker: Worker, task: Task, queue: TaskQueue) -> Rank:
    """A draw in which nobody's chances depend on the others' draws (Efraimidis and Spirakis 2006).

    The seed is the task and how often it was offered, so that the same facts give the same draw.
    """
    seed = hashlib.sha256(f"{task.sid} {task.offers} {worker.sid}".encode()).digest()
    drawn = (int.from_bytes(seed[:8]) + 1) / (2**64 + 1)
    weight = worker.attributes.get("weight", 1)
    heavy = isinstance(weight, int | float) and weight > 0
    return (-math.log(drawn) / weight if heavy else math.inf,)  # type: ignore[operator]  # a number, as just tested


def _level(worker: Worker, queue: TaskQueue) -> float:
    levels = worker.attributes.get("levels")
    level = levels.get(queue.skill) if isinstance(levels, Mapping) else None
    return level if isinstance(level, int | float) else 0


_Words = Callable[[Worker, TaskQueue, int], str]
_STRATEGIES: Mapping[Strategy, tuple[Callable[[Worker, Task, TaskQueue], Rank], _Words]] = {
    Strategy.LONGEST_IDLE: (_longest_idle, lambda worker, _, now: f"longest idle ({_seconds(worker, now)} s)"),
    Strategy.RING_ALL: (_longest_idle, lambda worker, _, now: f"all are rung, idle {_seconds(worker, now)} s"),
    Strategy.ROUND_ROBIN: (_least_recently_asked, lambda *_: "longest not asked"),
    Strategy.FEWEST_CALLS: (_fewest_calls, lambda worker, *_: f"fewest calls ({worker.served})"),
    Strategy.LEAST_TALK_TIME: (_least_talk, lambda worker, *_: f"least talk time ({worker.talked // 1000} s)"),
    Strategy.SKILL_LEVEL: (
        _best_skilled,
        lambda worker, queue, _: f"highest level of {queue.skill} ({_level(worker, queue):g})",
    ),
    Strategy.SEQUENTIAL: (_in_sequence, lambda *_: "first in sequence"),
    Strategy.WEIGHTED_RANDOM: (_by_weight, lambda *_: "drawn by weight"),
}


def _seconds(worker: Worker, now: int) -> int:
    return max(0, now - worker.idle_since) // 1000
