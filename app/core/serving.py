"""The order in which waiting tasks are served: inside a line as its index has it, between lines by importance and age.

A line is a queue with its wider forms. What a rule does to a caller's place in one line (`Task.placed`, `Task.ahead`)
counts in that line only: between lines the head of each is weighed by its own priority and age. So a caller who was
let pass others of their queue passes nobody of another one.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol, TypeVar

from app.core.entities import Task
from app.core.indexes import serving_member, serving_score
from app.core.routing.definitions import TaskQueue


class Lane(Protocol):
    """Waiting tasks of a queue."""

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The first of them."""

    @property
    def queue(self) -> TaskQueue:
        """Their queue."""


L = TypeVar("L", bound=Lane)


def in_order(lanes: Mapping[str, L], *, lifo_first: bool = False) -> Iterator[tuple[L, Task]]:
    """All tasks with their lanes, in a total order; `lifo_first`: those of LIFO queues before all others."""
    lines: dict[str, list[tuple[L, Task]]] = {}
    for name, lane in lanes.items():
        lines.setdefault(lane.queue.line or lane.queue.sid or name, []).extend((lane, task) for task in lane.tasks)
    waiting = [sorted(line, key=lambda item: place(item[1]), reverse=True) for line in lines.values() if line]

    def between_lines(line: list[tuple[L, Task]]) -> tuple[int, int, int, int, str]:
        task = line[-1][1]
        return (not (lifo_first and task.lifo), *precedence(task))

    while waiting:
        line = min(waiting, key=between_lines)
        yield line.pop()
        if not line:
            waiting.remove(line)


def precedence(task: Task) -> tuple[int, int, int, str]:
    """Orders tasks of any lines totally, whichever others are looked at with them; the least is served first.

    Strict priority is ageing in which a point is worth any wait. So a strict task of priority above 0 goes before all
    that age; those, and strict ones of priority 0, go by the instant they came less what their priority is worth.
    Within a lane of one ageing, and not LIFO, this is the order of `indexes.serving_score` and `serving_member`.
    """
    if task.ageing:
        return (0, task.since - 1000 * task.ageing * task.priority, task.since, task.sid)
    return (-task.priority, task.since, task.since, task.sid)


def place(task: Task) -> tuple[int, str]:
    """Where a task stands in its line: as the line's index has it."""
    return (serving_score(task), serving_member(task))
