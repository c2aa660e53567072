"""Who gets whom: waiting tasks and idle workers paired in a total order, each pair with its reasons."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.core.entities import Task, Worker


@dataclass(frozen=True, slots=True)
class Candidates:
    """The head of one queue as matching sees it: tasks in serving order, workers longest idle first."""

    tasks: tuple[Task, ...]
    workers: tuple[Worker, ...]
    ring_at_once: int = 1


@dataclass(frozen=True, slots=True)
class Offer:
    """A task for a worker, and why this worker."""

    task: Task
    worker: Worker
    reason: str


def match(queues: Mapping[str, Candidates], now: int) -> tuple[Offer, ...]:
    """Pairs tasks with workers over several queues.

    Higher priority first, then older, then by id; within a LIFO queue the younger goes first, and its first is
    weighed against other queues' by age like any other. A task gets its queue's longest idle worker who has not
    declined it within their pause (ties by name). A worker is given one task. Tasks that nobody can take are passed
    over, so one of them never halts the line.
    """
    taken: set[str] = set()
    offers: list[Offer] = []
    for task in _in_order(queues):
        line = queues[task.queue]
        for worker in _willing(task, line, taken, now)[: line.ring_at_once]:
            taken.add(worker.sid)
            offers.append(Offer(task, worker, _reason(task, worker, line, now)))
    return tuple(offers)


def _in_order(queues: Mapping[str, Candidates]) -> Iterator[Task]:
    """All tasks: each queue in its own order, the queues' heads compared with each other."""
    lines = [sorted(line.tasks, key=_serving_order, reverse=True) for line in queues.values()]
    while waiting := [line for line in lines if line]:
        yield min(waiting, key=lambda line: (-line[-1].priority, line[-1].created, line[-1].sid)).pop()


def _serving_order(task: Task) -> tuple[int, int, str]:
    return (-task.priority, -task.created if task.lifo else task.created, task.sid)


def _willing(task: Task, line: Candidates, taken: set[str], now: int) -> list[Worker]:
    free = [
        worker
        for worker in line.workers
        if worker.sid not in taken and worker.idle and task.declined.get(worker.sid, 0) <= now
    ]
    return sorted(free, key=lambda worker: (worker.idle_since, worker.sid))


def _reason(task: Task, worker: Worker, line: Candidates, now: int) -> str:
    idle = max(0, now - worker.idle_since) // 1000
    passed = [sid for sid, until in sorted(task.declined.items()) if until > now]
    reason = f"longest idle of {len(line.workers)} ({idle} s)"
    return f"{reason}; {', '.join(passed)} passed or missed it just now" if passed else reason
