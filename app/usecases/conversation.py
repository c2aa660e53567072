"""The caller's side: every key, word and silence moves the conversation, each at most once."""

from dataclasses import dataclass, replace

from app.core import tasks
from app.core.change import Change, Personal, update
from app.core.config import Config
from app.core.dialogue import Input, go, step
from app.core.entities import Attributes, Call, CallState, Mood, Task
from app.core.events import Event, EventType, Plain
from app.core.inputs import Arrival, Digits, Recorded, Silence, Utterance
from app.core.instructions import Ask, Reply, Script
from app.core.scripts import present
from app.core.understanding import Understanding, understand
from app.usecases.context import Context, settle
from app.usecases.held import offers_of
from app.usecases.limits import may_dial
from app.usecases.reception import CHECK_MS, answer
from app.usecases.staffing import agent_line_key

TRANSCRIBE_MS = 20_000
STILL_SPEAKING = 3


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance with what it was understood to mean, ready for a step."""

    utterance: Utterance
    understanding: Understanding


def turn(context: Context, sid: str, number: int, heard: Digits | Silence | Utterance | Recorded) -> Script:
    """A reply to the prompts of turn `number`; a late or repeated one only gets the present instructions."""

    def decide() -> tuple[Change, Script]:
        call = context.store.get(Call, sid)
        if call is None:
            return Change(), answer(context, Arrival(sid))
        config = context.configs.get(call.config)
        if call.state is CallState.ENDED or number != call.turn:
            return Change(), present(call, config)
        if call.state is CallState.ON_AGENT_LINE:
            return agent_line_key(context, call, heard)
        if isinstance(heard, Silence) and context.store.noted(speaking_note(sid)):
            return Change(), _keep_listening(call)
        after, change = _stepped(context, call, _meant(context, call, heard, config), config)
        return change, present(after, config)

    return settle(context.store, decide)


def listen(context: Context, sid: str, utterance: Utterance) -> bool:
    """Words that came beside the webhooks (stream, transcribed recording); the live call is then redirected.

    They count if no other word or key has moved the call since they began. True if they moved the call.
    """

    def decide() -> tuple[Change, bool]:
        call = context.store.get(Call, sid)
        if call is None or call.state is CallState.ENDED:
            return Change(), False
        config = context.configs.get(call.config)
        said = _meant(context, call, utterance, config)
        if utterance.began < call.acted and utterance.began >= 0:
            return _heard_only(call, said, context.clock.now()), False
        after, change = _stepped(context, call, said, config)
        moved = after.turn != call.turn
        return (change + redirect(after, context.clock.now()) if moved else change), moved

    return settle(context.store, decide)


def transcribed(context: Context, sid: str, number: int, words: Utterance | None) -> None:
    """The words of a recorded turn, or None when there are none to be had: the call goes on as after silence."""
    if words is not None and words.text:
        listen(context, sid, replace(words, began=number))
        return
    silence_beside(context, sid, number)


def silence_beside(context: Context, sid: str, number: int) -> None:
    """Nothing came for a turn that no webhook will end: the call moves on and is redirected."""
    turn(context, sid, number, Silence())
    call = context.store.get(Call, sid)
    if call is not None and call.turn != number and call.state is not CallState.ENDED:
        context.store.commit(redirect(call, context.clock.now()))


def redirect(call: Call, now: int) -> Change:
    """Has the operator fetch the call to its present instructions."""
    return Change(events=(Event(type=EventType.INTENT_REDIRECT, at=now, call=call.sid, data={"turn": call.turn}),))


def speaking_note(sid: str) -> str:
    """The note that is kept while a caller is in the middle of an utterance."""
    return f"speaking:{sid}"


def _keep_listening(call: Call) -> Script:
    return Script((Ask((), Reply.TURN, keys=1, seconds=STILL_SPEAKING),), call.turn)


def _meant(
    context: Context, call: Call, heard: Digits | Silence | Utterance | Recorded, config: Config
) -> Input | Said:
    if not isinstance(heard, Utterance):
        return heard
    reading = context.scorer.read(heard.text, config)
    return Said(heard, understand(heard, reading.mood, reading.routes or {}, config))


def _stepped(context: Context, call: Call, heard: Input | Said, config: Config) -> tuple[Call, Change]:
    now = context.clock.now()
    understanding = heard.understanding if isinstance(heard, Said) else None
    felt = _with_mood(call, understanding)
    after = step(felt, heard.understanding if isinstance(heard, Said) else heard, config)
    lasts = TRANSCRIBE_MS if after.state is CallState.TRANSCRIBING else CHECK_MS
    after = replace(after, deadline=now + lasts)
    after, consequences = follow_up(context, call, after, config)
    change = update(call, after) + (_told(call, heard, now) if isinstance(heard, Said) else Change())
    if isinstance(heard, Recorded):
        change += _to_transcribe(after, heard, now)
    return after, change + consequences


def _with_mood(call: Call, heard: Understanding | None) -> Call:
    if heard is None:
        return call
    mood = call.mood if heard.mood is Mood.NEUTRAL else heard.mood
    return replace(call, mood=mood, utterances=call.utterances + 1)


def follow_up(context: Context, before: Call, after: Call, config: Config) -> tuple[Call, Change]:
    """What a move of the conversation means for the caller's task: it is created, moved or canceled."""
    now = context.clock.now()
    if after.state is before.state and after.destination == before.destination:
        return after, Change()
    if after.state is CallState.FORWARDED and not may_dial(context, config):
        after = replace(go(before, config.fallback), turn=after.turn, acted=after.acted)
    moved = moved_event(after, now)
    if after.state is not CallState.WAITING:
        return after, Change(events=(moved,)) + _leave_line(context, before, after, now)
    if before.state is CallState.WAITING and before.task:
        return after, Change(events=(moved,)) + _change_line(context, after, config, now)
    return _join_line(context, after, config, moved)


def moved_event(call: Call, now: int) -> Event:
    """Tells where a call has gone."""
    return Event(type=EventType.CALL_MOVED, at=now, call=call.sid, data=_where(call))


def _join_line(context: Context, call: Call, config: Config, moved: Event) -> tuple[Call, Change]:
    if call.destination is None:
        raise ValueError("a waiting call has a destination")
    sid = context.ids.sid("WT")
    entry = tasks.Entry(sid, call.destination, call.route or call.destination.value, _attributes(call))
    waiting = replace(call, task=sid)
    return waiting, Change(events=(moved,)) + tasks.enter(waiting, entry, config, moved.at)


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


def _told(call: Call, said: Said, now: int) -> Change:
    heard = said.understanding
    data: dict[str, Plain] = {
        "number": call.utterances + 1, "confidence": round(said.utterance.confidence, 3), "mood": heard.mood,
        "route": heard.route, "certainty": round(heard.confidence, 3), "person": heard.wants_person,
        "source": said.utterance.source, "endpoint": said.utterance.endpoint, "turn": call.turn,
    }  # fmt: skip
    event = Event(type=EventType.CALL_LISTENED, at=now, call=call.sid, data=data)
    return Change((), (event,), (Personal(call.sid, f"heard:{call.utterances + 1}", said.utterance.text),))


def _heard_only(call: Call, heard: Input | Said, now: int) -> Change:
    if not isinstance(heard, Said):
        return Change()
    return update(call, _with_mood(call, heard.understanding)) + _told(call, heard, now)


def _to_transcribe(call: Call, recorded: Recorded, now: int) -> Change:
    event = Event(type=EventType.INTENT_TRANSCRIBE, at=now, call=call.sid, data={"turn": call.turn})
    return Change((), (event,), (Personal(call.sid, f"recording:{call.turn}", recorded.url),))
