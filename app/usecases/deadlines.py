"""What to do when an entity's deadline passes: the one rule per state that keeps anything from being stuck."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from app.core import offers
from app.core.change import Change, Write, update
from app.core.entities import (
    TYPES,
    Call,
    CallState,
    Entity,
    Key,
    Kind,
    Reservation,
    ReservationState,
    Task,
    TaskState,
)
from app.core.events import Event, EventType
from app.core.lifecycle import ReservationEvent
from app.core.missed import FORGET_MS
from app.usecases.context import Context, settle
from app.usecases.conversation import silence_beside
from app.usecases.ending import part
from app.usecases.escalating import waited
from app.usecases.held import known, reservations_held
from app.usecases.moving import redirect
from app.usecases.progress import moved_on
from app.usecases.reception import CHECK_MS
from app.usecases.staffing import shift_changed
from app.usecases.taskrouter.finishing import completed
from app.usecases.terms import terms_of


def look_after_due(context: Context, limit: int = 100) -> int:
    """Handles every entity whose deadline has passed; any number of processes may do so. Returns how many."""
    keys = context.store.due(context.clock.now(), limit)
    for key in keys:
        look_after(context, key)
    return len(keys)


def look_after(context: Context, key: Key) -> None:
    """Handles one entity if its deadline has passed."""
    entity = context.store.get(TYPES[key.kind], key.sid)
    if isinstance(entity, Call) and entity.state is CallState.TRANSCRIBING and _passed(context, entity):
        silence_beside(context, entity.sid, entity.turn)
        return

    def decide() -> tuple[Change, None]:
        present = context.store.get(TYPES[key.kind], key.sid)
        if present is None or not _passed(context, present):
            return Change(), None
        return _RULES[key.kind](context, present), None

    settle(context.store, decide)


def _passed(context: Context, entity: Entity) -> bool:
    return 0 < entity.deadline <= context.clock.now()


def _forget(entity: Entity) -> Change:
    return Change((Write(entity, None),))


def _call(context: Context, entity: Entity) -> Change:
    """A call nobody has heard of for a minute is looked up at the carrier: its end may have got lost on the way."""
    call, now = cast(Call, entity), context.clock.now()
    if call.state is CallState.ENDED:
        return _forget(call)
    task = context.store.get(Task, call.task) if call.task else None
    if call.state is CallState.CONNECTED and (task is None or task.state is not TaskState.ASSIGNED):
        after, change = part(context, call, context.configs.get(call.config))
        return change + redirect(after, now)
    check = Event(type=EventType.INTENT_CHECK, at=now, call=call.sid)
    return update(call, replace(call, deadline=now + CHECK_MS), check)


def _reservation(context: Context, entity: Entity) -> Change:
    reservation, now = cast(Reservation, entity), context.clock.now()
    if reservation.ended:
        return _forget(reservation)
    read = known(context.store, reservation.sid)
    if read is None or read.reservation.state is not ReservationState.PENDING:
        return update(reservation, replace(reservation, ended=now, deadline=now + FORGET_MS))
    reason = "no key was pressed" if reservation.answered else "no answer"
    return offers.release(read.task, read.held, ReservationEvent.TIME_OUT, reason, terms_of(context, read.task), now)


def _task(context: Context, entity: Entity) -> Change:
    task, now = cast(Task, entity), context.clock.now()
    if task.ended:
        return _forget(task)
    if task.state is TaskState.WRAPPING:
        return _wrapped_up(context, task, now)
    if not task.call:
        return moved_on(context, task)
    return waited(context, task)


def _wrapped_up(context: Context, task: Task, now: int) -> Change:
    for held in reservations_held(context.store, task.reservations):
        if held.reservation.state is ReservationState.WRAPPING:
            return completed(context, context.rules.current(), task, held, now)
    return update(task, replace(task, state=TaskState.COMPLETED, ended=now, deadline=now + FORGET_MS))


def _worker(context: Context, entity: Entity) -> Change:
    return shift_changed(context, entity.sid)


def _nothing(context: Context, entity: Entity) -> Change:
    """Definitions never have a deadline."""
    return Change()


def _caller(context: Context, entity: Entity) -> Change:
    return _forget(entity)


_RULES: Mapping[Kind, Callable[[Context, Entity], Change]] = {
    Kind.CALL: _call,
    Kind.TASK: _task,
    Kind.RESERVATION: _reservation,
    Kind.WORKER: _worker,
    Kind.CALLER: _caller,
    **dict.fromkeys((Kind.WORKSPACE, Kind.ACTIVITY, Kind.CHANNEL, Kind.QUEUE, Kind.WORKFLOW), _nothing),
}
