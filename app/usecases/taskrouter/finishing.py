"""How work ends by order: a task goes into wrap-up, is completed, canceled or deleted, and what a caller hears then.

Nobody is left on the line: a caller whose waiting task is canceled goes to voicemail, and one whose agent wraps up or
completes is thanked, and the line between the two is ended.
"""

from dataclasses import replace

from app.core import offers, tasks
from app.core.change import NOTHING, Change, Write, update
from app.core.config import Target, TargetKind
from app.core.dialogue import go
from app.core.entities import Call, CallState, ReservationState, Task, TaskState, Worker
from app.core.events import Event, EventType, Plain
from app.core.lifecycle import ReservationEvent
from app.core.offers import Held, held_after
from app.core.routing.definitions import Rules
from app.usecases.context import Context
from app.usecases.ending import end_of_conversation
from app.usecases.held import offers_of, reservations_held
from app.usecases.moving import moved_event, redirect
from app.usecases.reception import CHECK_MS
from app.usecases.taskrouter.workers import in_activity

_SERVING = (ReservationState.ACCEPTED, ReservationState.WRAPPING)


def serving(context: Context, task: Task) -> Held | None:
    """Who has taken the task, if somebody has."""
    held = reservations_held(context.store, task.reservations)
    return next((item for item in held if item.reservation.state in _SERVING), None)


def wrapped(context: Context, task: Task, held: Held, now: int, reason: str = "") -> Change:
    """The work is done but for the notes. They may take as long as the task may stay assigned; a call's, as the
    owner's file has it.
    """
    if task.call:
        return _hung_up(context, task, now)
    change = offers.wrap(task, held, now, max(task.deadline, now + 1000))
    noted = change.latest(task)
    return change + update(noted, replace(noted, reason=reason)) if reason else change


def completed(context: Context, rules: Rules, task: Task, held: Held, now: int, reason: str = "") -> Change:
    """The task is done, and its worker goes on to the activity that was set for then."""
    change = _hung_up(context, task, now) if task.call and task.state is TaskState.ASSIGNED else NOTHING
    present, by = change.latest(task), held_after(change, held)
    if not present.ended:
        talked = now - task.assigned if present.state is TaskState.ASSIGNED else 0
        change += offers.complete(present, by, now, reason)
        worker = change.latest(by.worker)
        change += _talked(worker, talked)
    worker, after = change.latest(held.worker), rules.activities.get(held.reservation.after)
    return change + in_activity(worker, after, rules, now) if after else change


def _talked(worker: Worker, milliseconds: int) -> Change:
    if not milliseconds:
        return NOTHING
    return Change((Write(worker, replace(worker, talked=worker.talked + milliseconds)),))


def canceled(context: Context, task: Task, reason: str, now: int) -> Change:
    """Nobody will serve the task: every offer of it is taken back; a caller leaves a message instead."""
    change = tasks.cancel(task, offers_of(context.store, task), reason, now)
    call = context.store.get(Call, task.call) if task.call else None
    if call is None or call.state is not CallState.WAITING:
        return change
    moved = replace(go(call, Target(TargetKind.VOICEMAIL)), turn=call.turn + 1, deadline=now + CHECK_MS)
    return change + update(call, moved, moved_event(moved, now)) + redirect(moved, now)


def deleted(context: Context, task: Task, now: int) -> Change:
    """The task is gone without a trace but for its events; whoever held it or was asked for it is free."""
    change = NOTHING
    held = None if task.ended else serving(context, task)
    if held:
        ended = offers.complete(task, held, now)
        told = tuple(item for item in ended.events if item.type is not EventType.TASK_COMPLETED)
        change += replace(ended, events=told)
    for offered in () if task.ended or held else offers_of(context.store, task):
        change += offers.take_back(offered, ReservationEvent.CANCEL, "the task was deleted", now)
    present = change.latest(task)
    event = task_event(EventType.TASK_DELETED, task, now, state=task.state)
    return change + Change((Write(present, None),), (event,))


def task_event(kind: EventType, task: Task, now: int, **data: Plain) -> Event:
    """An event about a task, with where it stood."""
    return Event(type=kind, at=now, call=task.call, task=task.sid, worker=task.worker,
                 data={**offers.place_data(task), **data})  # fmt: skip


def _hung_up(context: Context, task: Task, now: int) -> Change:
    """The conversation of a call is over by order of the agent's side."""
    call = context.store.get(Call, task.call)
    if call is None:
        return NOTHING
    config = context.configs.get(call.config)
    change = end_of_conversation(context, call, config, hang_up=True)
    if call.state is not CallState.CONNECTED:
        return change
    told = replace(call, state=CallState.TOLD, say_first=config.turns.goodbye, turn=call.turn + 1)
    return change + update(call, told) + redirect(told, now)
