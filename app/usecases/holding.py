"""The caller on hold, and what becomes of them when they leave it."""

from dataclasses import replace

from app.core.change import Change, Personal, update
from app.core.config import Config
from app.core.dialogue import go
from app.core.entities import Call, CallState, Key, Kind, Task, Worker
from app.core.events import Event, EventType
from app.core.inputs import Arrival, Digits, Parted
from app.core.instructions import Leave, Pause, Say, Script
from app.core.scripts import Place, hold, present
from app.core.skills import serving
from app.core.workflow import queue_of
from app.usecases.context import Context, settle
from app.usecases.conversation import turn
from app.usecases.ending import part
from app.usecases.moving import follow_up, undialled
from app.usecases.reception import CHECK_MS, answer

LEFT_WELL = frozenset({"hangup", "leave", "redirected", "bridged", "bridging-in-process", "redirected-from-bridged"})
CONNECTED_WELL = frozenset({"completed", "answered"})


def on_hold(context: Context, sid: str) -> Script:
    """The hold page: asked every time the music runs out, so it reads little and writes nothing."""
    call = context.store.get(Call, sid)
    if call is None or call.state is not CallState.WAITING:
        return Script((Leave(),))
    config = context.configs.get(call.config)
    task = context.store.get(Task, call.task)
    queue = queue_of(config, task.queue) if task else None
    if task is None or queue is None:
        return Script((Pause(5),))
    return hold(queue, _place(context, task, config), config)


def _place(context: Context, task: Task, config: Config) -> Place:
    names = serving(config, task.queue)
    workers = context.store.read(*(Key(Kind.WORKER, name) for name in names)) if names else ()
    on_duty = sum(1 for worker in workers if isinstance(worker, Worker) and worker.available)
    waited = max(0, context.clock.now() - task.created) // 1000
    return Place(context.store.position(task), on_duty, waited)


def hold_key(context: Context, sid: str, digits: str) -> Script:
    """A key on hold: 0 gets a person; anything else changes nothing. The music goes on."""
    call = context.store.get(Call, sid)
    if call is None or call.state is not CallState.WAITING:
        return Script((Leave(),))
    turn(context, sid, call.turn, Digits(digits))
    now = context.store.get(Call, sid)
    script = on_hold(context, sid)
    if now is None or now.turn == call.turn or now.state is not CallState.WAITING:
        return script
    return replace(script, instructions=(Say(now.say_first), *script.instructions))


def left_hold(context: Context, sid: str, result: str) -> Script:
    """The carrier ended the hold: by our redirect or the caller's hang-up (nothing to do), or by a failure."""

    def decide() -> tuple[Change, Script]:
        call = context.store.get(Call, sid)
        if call is None:
            return Change(), answer(context, Arrival(sid))
        config = context.configs.get(call.config)
        if call.state is not CallState.WAITING or result in LEFT_WELL:
            return Change(), present(call, config)
        return _onward(context, call, config, go(call, config.fallback))

    return settle(context.store, decide)


def parted(context: Context, sid: str, how: Parted) -> Script:
    """The caller's time with an agent or an outside number is over."""

    def decide() -> tuple[Change, Script]:
        call = context.store.get(Call, sid)
        if call is None:
            return Change(), answer(context, Arrival(sid))
        config = context.configs.get(call.config)
        if call.state is CallState.FORWARDED and how.status not in CONNECTED_WELL:
            return _onward(context, call, config, go(call, undialled(config)))
        if call.state not in (CallState.CONNECTED, CallState.FORWARDED):
            return Change(), present(call, config)
        if call.state is CallState.FORWARDED:
            told = replace(
                call, state=CallState.TOLD, say_first=config.turns.goodbye, turn=call.turn + 1, outcome="forwarded"
            )
            return update(call, told), present(told, config)
        after, change = part(context, call, config, bridged=how.bridged)
        return change, present(after, config)

    return settle(context.store, decide)


def _onward(context: Context, call: Call, config: Config, after: Call) -> tuple[Change, Script]:
    moved = replace(after, turn=call.turn + 1, deadline=context.clock.now() + CHECK_MS)
    moved, change = follow_up(context, call, moved, config)
    return update(call, moved) + change, present(moved, config)


def message_left(context: Context, sid: str, recording: str, seconds: int) -> Script:
    """A voicemail message was recorded, or nothing was said; a hang-up ends it just as well as silence does."""

    def decide() -> tuple[Change, Script]:
        call = context.store.get(Call, sid)
        if call is None:
            return Change(), Script(())
        config = context.configs.get(call.config)
        if call.outcome == "voicemail" or call.state not in (CallState.LEAVING_MESSAGE, CallState.ENDED):
            return Change(), present(call, config)
        now = context.clock.now()
        left = _after_the_message(call, config, left=bool(recording))
        if not recording:
            return (update(call, left) if left != call else Change()), present(left, config)
        event = Event(type=EventType.MESSAGE_LEFT, at=now, call=sid, data={"seconds": seconds})
        kept = Change((), (), (Personal(sid, "message", recording),))
        return update(call, left, event) + kept, present(left, config)

    return settle(context.store, decide)


def _after_the_message(call: Call, config: Config, *, left: bool) -> Call:
    """The call after the tone: thanked for a message, or said goodbye to when nothing was left."""
    after = replace(call, outcome="voicemail") if left else call
    if call.state is not CallState.LEAVING_MESSAGE:
        return after
    words = config.voicemail.thanks if left else config.turns.goodbye
    outcome = after.outcome or "abandoned"
    return replace(after, state=CallState.TOLD, say_first=words, turn=call.turn + 1, outcome=outcome)
