"""The caller's side: every key, word and silence moves the conversation, each at most once."""

from dataclasses import dataclass, replace

from app.core.change import Change, Personal, update
from app.core.config import Config
from app.core.dialogue import Input, step
from app.core.entities import Call, CallState, Mood
from app.core.events import Event, EventType, Plain
from app.core.inputs import Arrival, Digits, Recorded, Silence, Utterance
from app.core.instructions import Ask, Reply, Script
from app.core.scripts import present
from app.core.understanding import Understanding, understand
from app.usecases.context import Context, settle
from app.usecases.moving import follow_up, redirect
from app.usecases.reception import CHECK_MS, answer
from app.usecases.staffing import agent_line_key

TRANSCRIBE_MS = 20_000
STILL_SPEAKING = 3
NOT_FOR_US = frozenset({CallState.CONNECTED, CallState.FORWARDED, CallState.ENDED})


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

    They count if no other word or key has moved the call since they began, and are not even kept once the caller
    talks to somebody else. True if they moved the call.
    """

    def decide() -> tuple[Change, bool]:
        call = context.store.get(Call, sid)
        if call is None or call.state in NOT_FOR_US:
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
    if after.turn != call.turn:
        after = replace(after, deadline=now + lasts)
    after, consequences = follow_up(context, call, after, config)
    change = update(call, after) + (_told(call, heard, now) if isinstance(heard, Said) else Change())
    if isinstance(heard, Recorded) and after.state is CallState.TRANSCRIBING:
        change += _to_transcribe(after, heard, now)
    return after, change + consequences


def _with_mood(call: Call, heard: Understanding | None) -> Call:
    if heard is None:
        return call
    mood = call.mood if heard.mood is Mood.NEUTRAL else heard.mood
    return replace(call, mood=mood, utterances=call.utterances + 1)


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
