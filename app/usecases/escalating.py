"""What is due for a caller who waits: a step of their queue, the end of waiting for one agent, closing time."""

from dataclasses import replace

from app.core import tasks
from app.core.change import Change, update
from app.core.config import Config, Escalation, Queue, Target, TargetKind
from app.core.dialogue import go
from app.core.entities import Call, CallState, Task, TaskState
from app.core.indexes import answered, unanswered
from app.core.tasks import Taken
from app.core.waiting_rules import ServiceLevel
from app.core.workflow import closing, moves, open_conditions, patience, queue_of, step_due
from app.usecases.context import Context
from app.usecases.held import offers_of
from app.usecases.limits import may_dial
from app.usecases.moving import moved_event, redirect, undialled
from app.usecases.reception import CHECK_MS

OVERDUE_COUNTED = 1000
"""How many unanswered calls are counted at most to tell whether a promise is at risk."""


def waited(context: Context, task: Task) -> Change:
    """What is due for a waiting call at this instant; one thing at a time, the rest when it is looked at again.

    While a phone rings for it, nothing takes it out of its line.
    """
    config, now = context.configs.get(task.config), context.clock.now()
    ringing = task.state is TaskState.RESERVED
    if not ringing and 0 < closing(task, config) <= now:
        return _closed(context, task, config)
    taken = _condition_met(context, task, config, ringing)
    if taken is not None:
        return _reacted(context, task, taken, config)
    step = step_due(task, config, now)
    if step is not None and not (ringing and moves(step)):
        return _escalated(context, task, step, config)
    alone = patience(task, config)
    if alone is not None and alone.until <= now and not ringing:
        change = tasks.give_up_on(task, alone, offers_of(context.store, task), config, now)
        return change + (_taken_along(context, task, alone.then, "", config) if alone.then else Change())
    if step is not None:
        return tasks.postpone(task, now, config)
    return tasks.retry(task, now) + tasks.postpone(task, now, config)


def _closed(context: Context, task: Task, config: Config) -> Change:
    queue = queue_of(config, task.queue)
    target = _dialled(context, queue.at_closing if queue else None, config) or config.closed
    change = tasks.send(task, target, offers_of(context.store, task), "closing time", config, context.clock.now())
    return change + _taken_along(context, task, target, config.closed_say, config)


def _escalated(context: Context, task: Task, step: Escalation, config: Config) -> Change:
    """The next step: another line keeps the caller on hold, anything else takes them off it."""
    step = replace(step, target=_dialled(context, step.target, config))
    change = tasks.escalate(task, step, offers_of(context.store, task), config, context.clock.now())
    return change + (_taken_along(context, task, step.target, step.say, config) if step.target else Change())


def _reacted(context: Context, task: Task, taken: Taken, config: Config) -> Change:
    step = replace(taken.step, target=_dialled(context, taken.step.target, config))
    offers = offers_of(context.store, task)
    change = tasks.react(task, replace(taken, step=step), offers, config, context.clock.now())
    return change + (_taken_along(context, task, step.target, step.say, config) if step.target else Change())


def _dialled(context: Context, target: Target | None, config: Config) -> Target | None:
    """Where a caller really goes: the owner's limits may forbid to dial."""
    dials = target is not None and target.kind is TargetKind.NUMBER
    return undialled(config) if dials and not may_dial(context, config) else target


def _taken_along(context: Context, task: Task, target: Target, say: str, config: Config) -> Change:
    """The call goes where its task has gone."""
    now, call = context.clock.now(), context.store.get(Call, task.call)
    if call is None or call.state is not CallState.WAITING:
        return Change()
    if target.kind in tasks.LINES:
        stays = replace(call, destination=target, say_first=say, turn=call.turn + 1)
        return update(call, stays) + (redirect(stays, now) if say else Change())
    moved = replace(go(call, target, say), turn=call.turn + 1, deadline=now + CHECK_MS)
    return update(call, moved, moved_event(moved, now)) + redirect(moved, now)


def _condition_met(context: Context, task: Task, config: Config, ringing: bool) -> Taken | None:
    """The first open step whose conditions are all met, and the words for why."""
    queue = config.queues.get(task.path)
    for number, step in open_conditions(task, config) if queue else ():
        early = context.clock.now() < task.entered + step.after * 1000
        if queue is None or early or (ringing and moves(step)):
            continue
        why = _why(context, step, queue)
        if why:
            return Taken(number, step, why)
    return None


def _why(context: Context, step: Escalation, queue: Queue) -> str:
    """Why a step is to be taken now; "" if one of its conditions is not met."""
    reasons = []
    if step.when_waiting:
        length = context.store.lengths([queue.name])[queue.name]
        reasons.append(f"{length} are waiting, more than {step.when_waiting}" if length > step.when_waiting else "")
    if step.when_at_risk:
        reasons.append(_risk(context, queue.name, queue.service_level) if queue.service_level else "")
    return " and ".join(reasons) if all(reasons) else ""


def _risk(context: Context, queue: str, level: ServiceLevel) -> str:
    """That too few of a queue's calls are answered in time, in words; "" if enough are.

    Those answered lately count (until an hour after they are over), and those who have waited longer than promised.
    """
    in_time, late = context.store.size(answered(queue, in_time=True), answered(queue, in_time=False))
    overdue = len(context.store.tail(unanswered(queue), context.clock.now(), OVERDUE_COUNTED))
    total = in_time + late + overdue
    if 100 * in_time >= level.percent * total:
        return ""
    return f"{in_time} of {total} answered within {level.seconds} s, less than {level.percent} %"
