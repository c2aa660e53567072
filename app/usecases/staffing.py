"""Agents come and go: as the owner's file says, by their shifts, by command, or from their own phone."""

from dataclasses import replace
from typing import cast

from app.core import offers
from app.core.change import Change, Write, update
from app.core.config import Agent, Config
from app.core.entities import Activity, Attributes, Call, CallState, Key, Kind, ReservationState, Worker
from app.core.events import Event, EventType
from app.core.hours import is_open, next_change
from app.core.inputs import Digits, Recorded, Silence, Utterance
from app.core.instructions import Script
from app.core.lifecycle import ReservationEvent
from app.core.missed import activity_data, turned
from app.core.offers import Held
from app.core.routing.definitions import Rules
from app.core.routing.sids import is_sid
from app.core.routing.staff import described
from app.core.scripts import agent_line, present
from app.core.skills import worker_attributes
from app.usecases.context import Context, settle
from app.usecases.crowds import everybody
from app.usecases.held import known
from app.usecases.reception import agent_with, local_time
from app.usecases.terms import terms_of

LONG_LEAVE_MS = 7 * 86_400_000


def sync_workers(context: Context) -> None:
    """Makes the workers those of the present rules; who is on a call keeps it, who left the file goes off duty."""
    rules, config = context.rules.fresh(), context.configs.current() if context.of_file else None
    known = {worker.sid: worker for worker in everybody(context)}
    for name in sorted(known.keys() | set(config.agents if config else ())):
        worker = known.get(name)
        if _up_to_date(worker, rules, config):
            continue
        settle(context.store, lambda name=name: (_synced(context, rules, config, name), None))  # type: ignore[misc]


def _up_to_date(worker: Worker | None, rules: Rules, config: Config | None) -> bool:
    """Whether a worker whom the API made is described already as the rules have it; the file's are looked at again."""
    if worker is None or _of_file(worker, config):
        return False
    return described(worker, rules) == worker


def _of_file(worker: Worker, config: Config | None) -> bool:
    """Whether the owner's file names this worker, or once did."""
    return config is not None and not is_sid(worker.sid)


def _synced(context: Context, rules: Rules, config: Config | None, name: str) -> Change:
    now = context.clock.now()
    worker = context.store.get(Worker, name)
    agent = config.agents.get(name) if config else None
    if config is None or (worker is not None and not _of_file(worker, config)):
        return _redescribed(worker, rules, now)
    if agent is None:
        return _dismissed(context, worker, now)
    missed_edge = worker is not None and 0 < worker.deadline <= now
    present = replace(
        _returned(worker, agent, config, now), phone=agent.phone, attributes=_attributes(agent, config),
        deadline=worker.deadline if worker and missed_edge else _shift_end(agent, config, now),
    )  # fmt: skip
    present = described(present, rules)
    if present == worker:
        return Change()
    return Change((Write(worker, present),), (_changed(worker, present, now),))


def _redescribed(worker: Worker | None, rules: Rules, now: int) -> Change:
    if worker is None:
        return Change()
    present = described(worker, rules)
    if present == worker:
        return Change()
    return update(worker, present, Event(type=EventType.TASK_RETRIED, at=now, worker=worker.sid))


def _attributes(agent: Agent, config: Config) -> Attributes:
    """What rules see of an agent, and what strategies do: their place in the file, and their share of a draw."""
    order = list(config.agents).index(agent.name)
    weight = {"weight": agent.weight} if agent.weight != Agent(name="", phone="").weight else {}
    return cast(Attributes, {**worker_attributes(agent), "order": order, **weight})


def _new(agent: Agent, config: Config, now: int) -> Worker:
    on_duty = agent.starts_available and is_open(agent.shifts, local_time(now, config))
    return Worker(
        sid=agent.name,
        activity=Activity.AVAILABLE if on_duty else Activity.OFF,
        available=on_duty,
        multi_task=False,
        activity_since=now,
        idle_since=now,
    )


def _returned(worker: Worker | None, agent: Agent, config: Config, now: int) -> Worker:
    """The worker as known; somebody who had left the file starts anew, but for what they still hold."""
    new = _new(agent, config, now)
    if worker is None:
        return new
    if worker.profile:
        return worker
    return replace(
        worker, activity=new.activity, available=new.available, missed={}, activity_since=now, idle_since=now
    )


def _dismissed(context: Context, worker: Worker | None, now: int) -> Change:
    if worker is None or (worker.activity == Activity.OFF and not worker.profile):
        return Change()
    change = _activity(context, worker, Activity.OFF, now)
    leaving = change.latest(worker)
    gone = replace(leaving, queues=(), facts={}, profile="", deadline=0)
    return change + update(leaving, gone, _changed(leaving, gone, now))


def _shift_end(agent: Agent, config: Config, now: int) -> int:
    if agent.shifts is None:
        return 0
    change = next_change(agent.shifts, local_time(now, config))
    return int(change.timestamp() * 1000) if change else now + LONG_LEAVE_MS


def _changed(before: Worker | None, after: Worker, now: int) -> Event:
    data = {**activity_data(before or after, after, now), "queues": list(after.queues)}
    return Event(type=EventType.WORKER_CHANGED, at=now, worker=after.sid, data=data)


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
    if worker.activity == activity:
        return Change()
    available = activity is Activity.AVAILABLE
    changed = replace(turned(worker, activity, now, available=available), missed={}, idle_since=now)
    return update(worker, changed, _changed(worker, changed, now))


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
        terms = terms_of(context, read.task)
        change += offers.release(read.task, held, ReservationEvent.RESCIND, "went off duty", terms, now)
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
