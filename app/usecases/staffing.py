"""Agents come and go: as the owner's file says, by their shifts, by command, or from their own phone."""

from dataclasses import replace

from app.core import offers
from app.core.change import Change, Write, update
from app.core.config import Agent, Config
from app.core.entities import Activity, Call, CallState, Key, Kind, ReservationState, Worker
from app.core.events import Event, EventType
from app.core.hours import is_open, next_change
from app.core.inputs import Digits, Recorded, Silence, Utterance
from app.core.instructions import Script
from app.core.lifecycle import ReservationEvent
from app.core.offers import Held
from app.core.scripts import agent_line, present
from app.core.skills import lines, serving, worker_attributes
from app.usecases.context import Context, settle
from app.usecases.held import known
from app.usecases.reception import agent_with, local_time

LONG_LEAVE_MS = 7 * 86_400_000


def sync_workers(context: Context) -> None:
    """Makes the workers those of the present file; who is on a call keeps it, who left the file goes off duty."""
    config = context.configs.current()
    known = {worker.sid for worker in context.store.snapshot().workers}
    for name in sorted(known | set(config.agents)):
        settle(context.store, lambda name=name: (_synced(context, config, name), None))  # type: ignore[misc]


def _synced(context: Context, config: Config, name: str) -> Change:
    now = context.clock.now()
    worker = context.store.get(Worker, name)
    agent = config.agents.get(name)
    if agent is None:
        return _dismissed(context, worker, now)
    queues = tuple(line for line in lines(config) if name in serving(config, line))
    missed_edge = worker is not None and 0 < worker.deadline <= now
    described = replace(
        _returned(worker, agent, config, now), phone=agent.phone, attributes=dict(worker_attributes(agent)),  # type: ignore[arg-type]
        queues=queues, deadline=worker.deadline if worker and missed_edge else _shift_end(agent, config, now),
    )  # fmt: skip
    if described == worker:
        return Change()
    return Change((Write(worker, described),), (_changed(described, now),))


def _new(agent: Agent, config: Config, now: int) -> Worker:
    on_duty = agent.starts_available and is_open(agent.shifts, local_time(now, config))
    return Worker(sid=agent.name, activity=Activity.AVAILABLE if on_duty else Activity.OFF, idle_since=now)


def _returned(worker: Worker | None, agent: Agent, config: Config, now: int) -> Worker:
    """The worker as known; somebody who had left the file starts anew, but for what they still hold."""
    new = _new(agent, config, now)
    if worker is None:
        return new
    return worker if worker.queues else replace(worker, activity=new.activity, missed=0, idle_since=now)


def _dismissed(context: Context, worker: Worker | None, now: int) -> Change:
    if worker is None or (worker.activity is Activity.OFF and not worker.queues):
        return Change()
    change = _activity(context, worker, Activity.OFF, now)
    leaving = change.latest(worker)
    gone = replace(leaving, queues=(), deadline=0)
    return change + update(leaving, gone, _changed(gone, now))


def _shift_end(agent: Agent, config: Config, now: int) -> int:
    if agent.shifts is None:
        return 0
    change = next_change(agent.shifts, local_time(now, config))
    return int(change.timestamp() * 1000) if change else now + LONG_LEAVE_MS


def _changed(worker: Worker, now: int) -> Event:
    data = {"activity": worker.activity.value, "queues": list(worker.queues)}
    return Event(type=EventType.WORKER_CHANGED, at=now, worker=worker.sid, data=data)


def set_activity(context: Context, name: str, activity: Activity) -> bool:
    """Puts an agent on or off duty; a call in progress goes on. False if there is no such agent."""

    def decide() -> tuple[Change, bool]:
        worker = context.store.get(Worker, name)
        if worker is None:
            return Change(), False
        return _activity(context, worker, activity, context.clock.now()), True

    return settle(context.store, decide)


def activity_changed(worker: Worker, activity: Activity, now: int) -> Change:
    """The worker goes on or off duty; what they hold is not looked at."""
    if worker.activity is activity:
        return Change()
    changed = replace(worker, activity=activity, missed=0, idle_since=now)
    return update(worker, changed, _changed(changed, now))


def _activity(context: Context, worker: Worker, activity: Activity, now: int) -> Change:
    """The same, and a phone that is ringing for them is let go; a call in progress goes on."""
    change = activity_changed(worker, activity, now)
    if not change or activity is Activity.AVAILABLE:
        return change
    for sid in worker.reservations:
        read = known(context.store, sid)
        if read is None or read.reservation.state is not ReservationState.PENDING:
            continue
        held = Held(read.reservation, change.latest(worker))
        config = context.configs.get(read.reservation.config)
        change += offers.release(read.task, held, ReservationEvent.RESCIND, "went off duty", config, now)
    return change


def shift_changed(context: Context, name: str) -> Change:
    """The change when a worker's shift begins or ends."""
    config, now = context.configs.current(), context.clock.now()
    worker, agent = context.store.get(Worker, name), config.agents.get(name)
    if worker is None:
        return Change()
    if agent is None:
        return update(worker, replace(worker, deadline=0))
    on_duty = is_open(agent.shifts, local_time(now, config))
    change = _activity(context, worker, Activity.AVAILABLE if on_duty else Activity.OFF, now)
    present_worker = change.latest(worker)
    again = replace(present_worker, deadline=_shift_end(agent, config, now))
    return change + Change((Write(worker, again),))


def agent_line_key(
    context: Context, call: Call, heard: Digits | Silence | Utterance | Recorded
) -> tuple[Change, Script]:
    """An agent who called in from their own phone presses 1 (on duty) or 2 (off duty)."""
    config = context.configs.get(call.config)
    agent = agent_with(config, call.caller)
    worker = context.store.get(Worker, agent.name) if agent else None
    keys = heard.keys if isinstance(heard, Digits) else ""
    now = context.clock.now()
    if worker is None or keys not in ("1", "2"):
        silent = isinstance(heard, Silence) and call.attempts > 0
        state = CallState.TOLD if worker is None or silent else CallState.ON_AGENT_LINE
        words = agent_line(worker) if worker else ""
        again = replace(call, turn=call.turn + 1, attempts=call.attempts + 1, state=state, say_first=words)
        return update(call, again), present(again, config)
    change = _activity(context, worker, Activity.AVAILABLE if keys == "1" else Activity.OFF, now)
    words = f"{agent_line(change.latest(worker))} Goodbye."
    told = replace(call, state=CallState.TOLD, say_first=words, turn=call.turn + 1, outcome="agent")
    return change + update(call, told), present(told, config)


def worker_key(name: str) -> Key:
    """The store's key of an agent."""
    return Key(Kind.WORKER, name)
