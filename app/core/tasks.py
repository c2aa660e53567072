"""Decisions about a task's way: it enters a queue, moves on, is raised, and is abandoned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.core.change import Change, Write
from app.core.config import Config, Escalation, Order, Queue, Target, TargetKind
from app.core.entities import Attributes, Call, Task, TaskState
from app.core.events import Event, EventType, Plain
from app.core.lifecycle import ReservationEvent, TaskEvent, task_after
from app.core.offers import Held, forget_after, lane_data, place_data, take_back
from app.core.skills import wider_line
from app.core.workflow import line_of, on_path, queue_of, raises, with_deadline


@dataclass(frozen=True, slots=True)
class Entry:
    """What a new task needs beside its call: its identity, where it goes, and what was understood."""

    sid: str
    target: Target
    reason: str
    attributes: Attributes


def enter(call: Call, entry: Entry, config: Config, now: int) -> Change:
    """A caller joins a line, raised by the owner's rules that apply."""
    name = line_of(entry.target)
    queue = queue_of(config, name)
    raised = raises(call, name, config, now)
    priority = (queue.priority if queue else 0) + sum(item.rule.raise_by for item in raised)
    task = Task(
        sid=entry.sid, config=config.version, call=call.sid, queue=name, path=name, lifo=_lifo(queue),
        ageing=_ageing(queue), priority=priority, attributes=entry.attributes, reason=entry.reason, created=now,
        entered=now,
    )  # fmt: skip
    reasons = [item.reason for item in raised]
    created = _event(EventType.TASK_CREATED, task, now, queue=name, priority=priority, reason=entry.reason)
    events = [created]
    if reasons:
        events.append(_event(EventType.TASK_RAISED, task, now, priority=priority, reasons=reasons))
    return Change((Write(None, with_deadline(on_path(task, config), now)),), tuple(events))


def move(task: Task, target: Target, offers: Sequence[Held], reason: str, config: Config, now: int) -> Change:
    """The caller moves to another line, keeping their age; whoever is being rung for the old line is let go.

    A queue with escalation steps of its own starts them now; a person's line leaves the old steps running.
    """
    name = line_of(target)
    change = Change()
    for held in offers:
        change += take_back(held, ReservationEvent.RESCIND, reason, now)
    queue = queue_of(config, name)
    moved = replace(
        task, state=task_after(task.state, TaskEvent.MOVE), queue=name, lifo=_lifo(queue),
        ageing=_ageing(queue), priority=task.priority + (queue.priority if queue else 0), reservations=(),
        declined=_asked(task, target, now), reason=reason,
    )  # fmt: skip
    if target.kind is TargetKind.QUEUE and queue and queue.escalation:
        moved = replace(moved, path=name, step=0, entered=now)
    event = _event(EventType.TASK_MOVED, moved, now, queue=name, previous=task.queue, reason=reason)
    return change + Change((Write(task, with_deadline(on_path(moved, config), now)),), (event,))


def widen(task: Task, number: int, offers: Sequence[Held], reason: str, config: Config, now: int) -> Change:
    """More agents may serve the caller from now on, as step `number` of the path says; place and steps stay."""
    line = wider_line(task.path, number)
    moved = move(task, Target(TargetKind.QUEUE, line), offers, reason, config, now)
    kept = replace(moved.latest(task), path=task.path, step=task.step, entered=task.entered, priority=task.priority)
    return moved + Change((Write(task, with_deadline(on_path(kept, config), now)),))


def escalate(task: Task, step: Escalation, offers: Sequence[Held], config: Config, now: int) -> Change:
    """Takes the next escalation step: raise the priority, and move on to another line if it names one.

    A step to something that is no line (voicemail, a message) cancels the task; the call then goes there. What comes
    after a step that was held up (a phone was ringing) is put off by as much, so that no step is cut short.
    """
    late = max(0, now - task.entered - step.after * 1000)
    raised = replace(task, step=task.step + 1, entered=task.entered + late, priority=task.priority + step.raise_by)
    change = Change((Write(task, with_deadline(on_path(raised, config), now)),))
    if step.raise_by:
        change += Change(events=(_event(EventType.TASK_RAISED, raised, now, priority=raised.priority),))
    if step.target is None and step.serves is None:
        return change + retry(change.latest(task), now)
    reason = f"nobody answered within {step.after} s"
    if step.target is None:
        return change + widen(change.latest(task), task.step, offers, reason, config, now)
    if step.target.kind in (TargetKind.QUEUE, TargetKind.PERSON):
        return change + move(change.latest(task), step.target, offers, reason, config, now)
    return change + cancel(change.latest(task), offers, f"{reason}: {step.target.kind}", now)


def retry(task: Task, now: int) -> Change:
    """Has the dispatcher look at a waiting task again."""
    return Change(events=(_event(EventType.TASK_RETRIED, task, now, queue=task.queue),))


def cancel(task: Task, offers: Sequence[Held], reason: str, now: int) -> Change:
    """The task ends unserved (the caller hung up, or went elsewhere): every offer of it is taken back at once."""
    change = Change()
    for held in offers:
        change += take_back(held, ReservationEvent.CANCEL, reason, now)
    ended = replace(
        task, state=task_after(task.state, TaskEvent.CANCEL), reason=reason, reservations=(), ended=now,
        updated=now, deadline=now + forget_after(task),
    )  # fmt: skip
    event = _event(EventType.TASK_CANCELED, ended, now, reason=reason, queue=task.queue, waited=now - task.created)
    return change + Change((Write(task, ended),), (event,))


def postpone(task: Task, now: int) -> Change:
    """Sets a waiting task's deadline anew."""
    again = with_deadline(task, now)
    return Change((Write(task, again),)) if again != task else Change()


def _lifo(queue: Queue | None) -> bool:
    return queue is not None and queue.order is Order.LIFO


def _ageing(queue: Queue | None) -> int:
    return queue.ageing if queue else 0


def _asked(task: Task, target: Target, now: int) -> Mapping[str, int]:
    """Who has passed or missed it already: they still come after everybody else, but their pause is over.

    In a person's own line they are asked as if for the first time.
    """
    if target.kind is TargetKind.PERSON:
        return {}
    return {worker: min(until, now) for worker, until in task.declined.items()}


def _event(kind: EventType, task: Task, now: int, **data: Plain) -> Event:
    told = {**place_data(task), **data, **lane_data(task)}
    return Event(type=kind, at=now, call=task.call, task=task.sid, worker=task.worker, data=told)


def is_waiting(task: Task | None) -> bool:
    """Whether somebody is still to be found for this task."""
    return task is not None and task.state in (TaskState.PENDING, TaskState.RESERVED)
