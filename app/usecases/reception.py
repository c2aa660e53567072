"""A call reaches our number: who is it, are we open, and what do they hear first."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.core.change import Change, Personal, Write, create
from app.core.config import Agent, Config, Target, TargetKind
from app.core.dialogue import go
from app.core.entities import Call, Caller, CallState, Key, Kind
from app.core.events import Event, EventType
from app.core.hours import is_open
from app.core.inputs import Arrival
from app.core.instructions import Script
from app.core.scripts import farewell, present
from app.usecases.context import Context, settle
from app.usecases.moving import follow_up

CHECK_MS = 60_000
REMEMBER_MS = 30 * 86_400_000
REMEMBERED_CALLS = 20


def answer(context: Context, arrival: Arrival) -> Script:
    """Answers a call; asked again for the same call it gives the present instructions and changes nothing."""
    if arrival.direction.startswith("outbound"):
        return farewell("Goodbye.")

    def decide() -> tuple[Change, Script]:
        call, caller = _read(context, arrival)
        if call is not None:
            return Change(), present(call, context.configs.get(call.config))
        config = context.configs.current()
        now = context.clock.now()
        new, moved = _received(context, arrival, caller, config, now)
        return _change(new, caller, arrival, now) + moved, present(new, config)

    return settle(context.store, decide)


def _read(context: Context, arrival: Arrival) -> tuple[Call | None, Caller | None]:
    keys = [Key(Kind.CALL, arrival.call), Key(Kind.CALLER, arrival.caller or "withheld")]
    call, caller = context.store.read(*keys)
    return (
        call if isinstance(call, Call) else None,
        caller if isinstance(caller, Caller) and arrival.caller else None,
    )


def _received(
    context: Context, arrival: Arrival, caller: Caller | None, config: Config, now: int
) -> tuple[Call, Change]:
    """The new call where it begins: the conversation, the agents' line, or where the owner sends it at once."""
    call = Call(
        sid=arrival.call,
        config=config.version,
        caller=arrival.caller,
        called=arrival.called,
        token=context.ids.token(),
        earlier=caller.calls if caller else (),
        vip=arrival.caller in config.vips,
        keypad_first=context.keypad_first,
        started=now,
        deadline=now + CHECK_MS,
    )
    if agent_with(config, arrival.caller):
        return replace(call, state=CallState.ON_AGENT_LINE, outcome="agent"), Change()
    if arrival.caller in config.blocked:
        return go(call, Target(TargetKind.HANG_UP)), Change()
    if not is_open(config.hours, local_time(now, config)):
        return follow_up(context, call, go(call, config.closed, config.closed_say), config)
    return call, Change()


def agent_with(config: Config, phone: str) -> Agent | None:
    """The agent whose phone this is."""
    return next((agent for agent in config.agents.values() if phone and agent.phone == phone), None)


def local_time(now: int, config: Config) -> datetime:
    """An instant on the clock of the business."""
    return datetime.fromtimestamp(now / 1000, ZoneInfo(config.timezone))


def _change(call: Call, caller: Caller | None, arrival: Arrival, now: int) -> Change:
    event = Event(
        type=EventType.CALL_ANSWERED,
        at=now,
        call=call.sid,
        data={"state": call.state, "vip": call.vip, "earlier": len(call.earlier), "config": call.config},
    )
    change = create(call, event) + Change(personal=(Personal(call.sid, "caller", arrival.caller or "withheld"),))
    if not arrival.caller or call.state is CallState.ON_AGENT_LINE:
        return change
    old = caller or Caller(sid=arrival.caller)
    seen = replace(old, calls=(*old.calls, now)[-REMEMBERED_CALLS:], deadline=now + REMEMBER_MS)
    return change + Change((Write(caller, seen),))
