"""Decisions about a task's way: it enters a queue, moves on, is raised, and is abandoned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.change import Change, Write
from app.core.config import Config, Escalation, Order, Queue, Target, TargetKind
from app.core.copying import replace
from app.core.entities import Attributes, Call, Task, TaskState
from app.core.events import Event, EventType, Plain
from app.core.lifecycle import ReservationEvent, TaskEvent, task_after
from app.core.offers import Held, forget_after, lane_data, place_data, take_back
from app.core.skills import split_line, wider_line
from app.core.standing import Ahead, let_pass
from app.core.workflow import (
    Patience,
    Raise,
    line_of,
    next_step,
    on_path,
    open_conditions,
    queue_of,
    raises,
    widest_line,
    with_deadline,
)

LOOK_MS = 15_000
"""How often it is looked whether what an escalation step waits for is so."""
LINES = (TargetKind.QUEUE, TargetKind.PERSON)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a new task needs beside its call: its identity, where it goes, and what was understood.

    `known`: the agent who served this caller last, to be waited for. `ahead` looks up who stands before them.
    """

    sid: str
    target: Target
    reason: str
    attributes: Attributes
    known: str = ""
    ahead: Ahead = lambda task, count: ()


@dataclass(frozen=True, slots=True)
class Taken:
    """An escalation step that is taken: its number, and why. `told`: the reason is told where it raises, too."""

    number: int
    step: Escalation
    reason: str
    told: bool = False


def enter(call: Call, entry: Entry, config: Config, now: int) -> Change:
    """A caller joins a line, raised by the owner's rules that apply."""
    name = line_of(entry.target)
    queue = queue_of(config, name)
    raised = raises(call, name, config, now)
    priority = (queue.priority if queue else 0) + sum(item.rule.raise_by for item in raised)
    task = Task(
        sid=entry.sid, config=config.version, call=call.sid, queue=name, path=name, lifo=_lifo(queue),
        ageing=_ageing(queue), priority=priority, ahead=any(item.rule.ahead for item in raised),
        promised=_promised(queue), known=entry.known, attributes=entry.attributes, reason=entry.reason, created=now,
        queued=now, entered=now,
    )  # fmt: skip
    task = _let_pass(task, raised, entry.ahead)
    reasons = [item.reason for item in raised]
    waited_for: dict[str, Plain] = {"known": entry.known} if entry.known else {}
    told = {"queue": name, "priority": priority, "reason": entry.reason, **waited_for}
    events = [_event(EventType.TASK_CREATED, task, now, **told)]
    if reasons:
        events.append(_event(EventType.TASK_RAISED, task, now, priority=priority, reasons=reasons))
    return Change((Write(None, _looked_at(task, config, now)),), tuple(events))


def _let_pass(task: Task, raised: Sequence[Raise], ahead: Ahead) -> Task:
    """The largest of the gains in places counts; they are not added up."""
    places = max((item.rule.raise_places for item in raised), default=0)
    if not places or task.ahead or task.lifo:
        return task
    return let_pass(task, ahead(task, places + 1), places)


def move(task: Task, target: Target, offers: Sequence[Held], reason: str, config: Config, now: int) -> Change:
    """The caller moves to another line, keeping their age; whoever is being rung for the old line is let go.

    A queue with escalation steps of its own starts them now; a person's line leaves the old steps running. A place
    that was gained is gained in one queue only.
    """
    name = line_of(target)
    queue = queue_of(config, name)
    moved = replace(
        _standing_in(task, name, reason, config), queued=now, declined=_asked(task, target, now),
        priority=task.priority + (queue.priority if queue else 0),
    )  # fmt: skip
    if target.kind is TargetKind.QUEUE and queue and queue.escalation:
        moved = replace(moved, path=name, step=0, fired=(), entered=now)
    if target.kind is TargetKind.QUEUE and name != task.path:
        moved = replace(moved, placed=0, ahead=False)
    return _moved(task, moved, offers, config, now)


def widen(task: Task, number: int, offers: Sequence[Held], reason: str, config: Config, now: int) -> Change:
    """More agents may serve the caller from now on, as step `number` of the path says; place and steps stay."""
    return _moved(task, _standing_in(task, wider_line(task.path, number), reason, config), offers, config, now)


def come_back(task: Task, offers: Sequence[Held], reason: str, config: Config, now: int) -> Change:
    """The caller returns to the queue whose steps they are on, to the place they had; the steps go on."""
    back = replace(_standing_in(task, widest_line(task, config), reason, config), queued=now)
    return _moved(task, replace(back, declined={}), offers, config, now)


def _standing_in(task: Task, line: str, reason: str, config: Config) -> Task:
    queue = queue_of(config, line)
    return replace(
        task, state=task_after(task.state, TaskEvent.MOVE), queue=line, lifo=_lifo(queue), ageing=_ageing(queue),
        promised=_promised(queue), known="", reservations=(), reason=reason,
    )  # fmt: skip


def _moved(task: Task, moved: Task, offers: Sequence[Held], config: Config, now: int) -> Change:
    change = Change()
    for held in offers:
        change += take_back(held, ReservationEvent.RESCIND, moved.reason, now)
    event = _event(EventType.TASK_MOVED, moved, now, queue=moved.queue, previous=task.queue, reason=moved.reason)
    return change + Change((Write(task, _looked_at(moved, config, now)),), (event,))


def send(task: Task, target: Target, offers: Sequence[Held], reason: str, config: Config, now: int) -> Change:
    """The caller goes elsewhere; to something that is no line (voicemail, a message) without their task."""
    if target.kind not in LINES:
        return cancel(task, offers, f"{reason}: {target.kind}", now)
    if target == Target(TargetKind.QUEUE, task.path) and split_line(task.queue)[0] != task.path:
        return come_back(task, offers, reason, config, now)
    return move(task, target, offers, reason, config, now)


def give_up_on(task: Task, alone: Patience, offers: Sequence[Held], config: Config, now: int) -> Change:
    """The caller has waited long enough for one agent; they keep their place and age, wherever they go on to wait."""
    passed = task.known in task.declined
    reason = (
        f"{alone.agent} {'passed or missed it' if passed else f'was not free within {(now - task.queued) // 1000} s'}"
    )
    if alone.then is not None:
        return send(task, alone.then, offers, reason, config, now)
    freed = replace(task, known="", reason=reason)
    event = _event(EventType.TASK_RETRIED, freed, now, queue=task.queue, reason=reason)
    return Change((Write(task, _looked_at(freed, config, now)),), (event,))


def escalate(task: Task, step: Escalation, offers: Sequence[Held], config: Config, now: int) -> Change:
    """Takes the next escalation step: raise the priority, and move on to another line if it names one.

    A step to something that is no line (voicemail, a message) cancels the task; the call then goes there. What comes
    after a step that was held up (a phone was ringing) is put off by as much, so that no step is cut short.
    """
    ahead = next_step(task, config)
    number = ahead[0] if ahead else task.step
    late = max(0, now - task.entered - step.after * 1000)
    after = replace(task, step=number + 1, entered=task.entered + late)
    return _take(task, after, Taken(number, step, f"nobody answered within {step.after} s"), offers, config, now)


def react(task: Task, taken: Taken, offers: Sequence[Held], config: Config, now: int) -> Change:
    """Takes a step for which it is not time that counts; it is taken once."""
    after = replace(task, fired=(*task.fired, taken.number))
    return _take(task, after, replace(taken, told=True), offers, config, now)


def _take(task: Task, after: Task, taken: Taken, offers: Sequence[Held], config: Config, now: int) -> Change:
    step = taken.step
    raised = replace(after, priority=after.priority + step.raise_by)
    change = Change((Write(task, _looked_at(raised, config, now)),))
    if step.raise_by:
        why: dict[str, Plain] = {"reasons": [taken.reason]} if taken.told else {}
        change += Change(events=(_event(EventType.TASK_RAISED, raised, now, priority=raised.priority, **why),))
    if step.target is None and step.serves is None:
        return change + retry(change.latest(task), now)
    if step.target is None:
        return change + widen(change.latest(task), taken.number, offers, taken.reason, config, now)
    return change + send(change.latest(task), step.target, offers, taken.reason, config, now)


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


def postpone(task: Task, now: int, config: Config | None = None) -> Change:
    """Sets a waiting task's deadline anew; with a `config`, so that conditions of its steps are looked at again."""
    again = with_deadline(task, now)
    if config is not None and next(open_conditions(task, config), None):
        again = replace(again, deadline=min(again.deadline, now + LOOK_MS))
    return Change((Write(task, again),)) if again != task else Change()


def _looked_at(task: Task, config: Config, now: int) -> Task:
    """The task with its next move and deadline; at once if one of its steps hangs on more than time."""
    waiting = with_deadline(on_path(task, config), now)
    return replace(waiting, deadline=now) if next(open_conditions(task, config), None) else waiting


def _lifo(queue: Queue | None) -> bool:
    return queue is not None and queue.order is Order.LIFO


def _ageing(queue: Queue | None) -> int:
    return queue.ageing if queue else 0


def _promised(queue: Queue | None) -> int:
    return queue.service_level.seconds if queue and queue.service_level else 0


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
