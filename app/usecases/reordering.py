"""A new owner's file may serve a line in another order: whoever waits there is put in line anew, their age kept."""

from dataclasses import replace

from app.core import tasks
from app.core.change import Change, update
from app.core.config import Order, Queue
from app.core.entities import Task
from app.core.workflow import queue_of
from app.usecases.context import Context, settle


def reorder_lines(context: Context) -> None:
    """Gives every waiting task the order of its line as the present file has it.

    Places in one line can only be compared if all were given by the same rule: else those who waited before the change
    would stand before, or behind, everybody who came after it.
    """
    if not context.of_file:
        return
    config = context.configs.current()
    for task in context.store.snapshot().tasks:
        queue = queue_of(config, task.queue)
        if queue is not None and _reordered(task, queue) != task:
            settle(context.store, lambda sid=task.sid: (_anew(context, sid), None))  # type: ignore[misc]


def _anew(context: Context, sid: str) -> Change:
    task = context.store.get(Task, sid)
    queue = queue_of(context.configs.current(), task.queue) if task else None
    if task is None or queue is None or _reordered(task, queue) == task:
        return Change()
    return update(task, _reordered(task, queue))


def _reordered(task: Task, queue: Queue) -> Task:
    if not tasks.is_waiting(task):
        return task
    return replace(task, ageing=queue.ageing, lifo=queue.order is Order.LIFO)
