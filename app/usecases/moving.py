"""What a move of the conversation means for the caller's task, and for the live call."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from app.core import tasks
from app.core.change import Change
from app.core.config import Config, Target, TargetKind
from app.core.dialogue import go
from app.core.entities import Attributes, Call, CallState, Task, Worker
from app.core.events import Event, EventType, Plain
from app.core.indexes import line, serving_score
from app.core.standing import Standing
from app.core.workflow import closes_after, diversion
from app.usecases.context import Context
from app.usecases.held import offers_of
from app.usecases.limits import may_dial
from app.usecases.remembering import last_agent


def redirect(call: Call, now: int) -> Change:
    """Has the operator fetch the call to its present instructions."""
    return Change(events=(Event(type=EventType.INTENT_REDIRECT, at=now, call=call.sid, data={"turn": call.turn}),))


def follow_up(context: Context, before: Call, after: Call, config: Config) -> tuple[Call, Change]:
    """What a move of the conversation means for the caller's task: it is created, moved or canceled."""
    now = context.clock.now()
    after = _reachable(context, before, after, config)
    if after.state is before.state and after.destination == before.destination:
        return after, Change()
    sent = after if before.state is CallState.WAITING else _diverted(after, config, now)
    after = _allowed(context, before, sent, config)
    moved = moved_event(after, now)
    if after.state is not CallState.WAITING:
        return after, Change(events=(moved,)) + _leave_line(context, before, after, now)
    if before.state is CallState.WAITING and before.task:
        return after, Change(events=(moved,)) + _change_line(context, after, config, now)
    return _join_line(context, after, config, moved)


def _reachable(context: Context, before: Call, after: Call, config: Config) -> Call:
    """Nobody waits for an agent who is off duty, if the owner says where callers go who asked for them.

    Who waits already stays where they are, unless there is such a place.
    """
    target = after.destination
    agent = config.agents.get(target.value) if target and target.kind is TargetKind.PERSON else None
    asked = agent.asked_for if agent and after.state is CallState.WAITING and target != before.destination else None
    worker = context.store.get(Worker, agent.name) if agent and asked else None
    if asked is None or (worker is not None and worker.available):
        return after
    if asked.then is None and before.state is CallState.WAITING:
        return replace(after, destination=before.destination)
    return go(after, asked.then or config.fallback, after.say_first)


def _diverted(call: Call, config: Config, now: int) -> Call:
    """The owner's priority rules, or closing time, may send a caller elsewhere than to the queue they asked for."""
    target = call.destination
    if call.state is not CallState.WAITING or target is None or target.kind is not TargetKind.QUEUE:
        return call
    queue = config.queues.get(target.value)
    if queue and queue.at_closing and 0 < closes_after(config, call.started) <= now:
        return go(call, queue.at_closing, config.closed_say)
    elsewhere = diversion(call, target.value, config, now)
    return go(call, elsewhere, call.say_first) if elsewhere and elsewhere != target else call


def _allowed(context: Context, before: Call, after: Call, config: Config) -> Call:
    """Where a forwarded call really goes: the owner's limits may forbid to dial."""
    if after.state is not CallState.FORWARDED or may_dial(context, config):
        return after
    return replace(go(before, undialled(config)), turn=after.turn, acted=after.acted, deadline=after.deadline)


def undialled(config: Config) -> Target:
    """The fallback for callers who could not be forwarded; never one more number to dial."""
    dials = config.fallback.kind is TargetKind.NUMBER
    return Target(TargetKind.VOICEMAIL) if dials else config.fallback


def moved_event(call: Call, now: int) -> Event:
    """Tells where a call has gone."""
    return Event(type=EventType.CALL_MOVED, at=now, call=call.sid, data=_where(call))


def _join_line(context: Context, call: Call, config: Config, moved: Event) -> tuple[Call, Change]:
    if call.destination is None:
        raise ValueError("a waiting call has a destination")
    sid = context.ids.sid("WT")
    entry = tasks.Entry(
        sid, call.destination, call.route or call.destination.value, _attributes(call),
        known=last_agent(context, call, config), ahead=partial(_ahead, context),
    )  # fmt: skip
    waiting = replace(call, task=sid)
    return waiting, Change(events=(moved,)) + tasks.enter(waiting, entry, config, moved.at)


def _ahead(context: Context, task: Task, count: int) -> Sequence[Standing]:
    return context.store.tail(line(task.queue), serving_score(task), count)


def _change_line(context: Context, call: Call, config: Config, now: int) -> Change:
    task = context.store.get(Task, call.task)
    if task is None or call.destination is None or not tasks.is_waiting(task):
        return Change()
    offers = offers_of(context.store, task)
    return tasks.move(task, call.destination, offers, "the caller asked for a person", config, now)


def _leave_line(context: Context, before: Call, after: Call, now: int) -> Change:
    task = context.store.get(Task, before.task) if before.task else None
    if task is None or not tasks.is_waiting(task):
        return Change()
    return tasks.cancel(task, offers_of(context.store, task), f"went to {after.state}", now)


def _attributes(call: Call) -> Attributes:
    return {
        "type": "call",
        "route": call.route,
        "mood": call.mood.value,
        "vip": call.vip,
        "calls": len(call.earlier) + 1,
    }


def _where(call: Call) -> dict[str, Plain]:
    target = call.destination
    private = target is not None and target.kind.value in ("number", "message")
    place = "" if target is None or private else target.value
    return {"state": call.state, "kind": target.kind if target else "", "to": place, "turn": call.turn}
