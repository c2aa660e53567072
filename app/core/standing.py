"""How a caller is let pass some of those who stand in their line, and never more."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from app.core.entities import Task
from app.core.serving import place

Standing = tuple[int, str]
"""Where a task stands in its line: its score and member in the line's index."""

Ahead = Callable[[Task, int], Sequence[Standing]]
"""Looks up the last so many who stand before a task that is not in the line yet, the nearest first."""

_DIGITS = 13
_EARLIEST = 1


def let_pass(task: Task, ahead: Sequence[Standing], places: int) -> Task:
    """The newcomer put before at most so many `places` of those `ahead` (nearest first; one more than that, if any).

    The place is given as an instant, like every other; so a caller passes only tasks that age could let them pass: with
    strict priority, never a more important one. The bound holds for the line as it is when they come.
    """
    if task.lifo or not ahead:
        return task
    options = (replace(task, placed=instant) for instant in _instants(task, ahead, places) if instant < task.since)
    limit = ahead[places] if len(ahead) > places else None
    return next((option for option in options if limit is None or place(option) > limit), task)


def _instants(task: Task, ahead: Sequence[Standing], places: int) -> Sequence[int]:
    """The instants to be weighed, the earliest first: just behind who may not be passed, or before them all."""
    if task.ageing:
        worth = 1000 * task.ageing * task.priority
        at = [score + worth for score, _ in ahead[: places + 1]]
    else:
        own = place(task)[0]
        at = [int(member[:_DIGITS]) for score, member in ahead[: places + 1] if score == own]
    if not at:
        return ()
    behind = len(at) > places
    return [max(_EARLIEST, instant) for instant in ((at[-1], at[-1] + 1) if behind else (at[-1] - 1,))]
