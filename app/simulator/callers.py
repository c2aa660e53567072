"""Scripted callers: what a person does on a call, step by step."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from app.simulator.agents import Answer
from app.simulator.audio import words_as_frames
from app.simulator.facts import Typed
from app.simulator.hearing import converse, never
from app.simulator.leg import Leg

_OPENING_SECONDS: Final = 3.0
State = Literal["connected", "waiting", "recording", "ended"]


@dataclass(frozen=True, slots=True)
class ListenUntil:
    """Wait until a text containing this is begun (or, with `finished`, has ended) after what was last waited for."""

    text: str
    within: float = 15.0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Wait until the call is in a state."""

    state: State
    within: float = 30.0


@dataclass(frozen=True, slots=True)
class Speak:
    """Speak a sound (mu-law at 8 kHz), until it has been said."""

    sound: bytes
    name: str


@dataclass(frozen=True, slots=True)
class SayWords:
    """Send words written into the frames, for a recognizer that reads them."""

    text: str
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys."""

    keys: str


@dataclass(frozen=True, slots=True)
class TypeWords:
    """Words that the carrier's own recognizer is said to have heard; for the running or next speech Gather."""

    text: str
    confidence: float = 0.9


@dataclass(frozen=True, slots=True)
class HangUp:
    """Hang up."""


@dataclass(frozen=True, slots=True)
class DropStream:
    """Break the media sockets of this call, as a bad network does; the call goes on."""


Step = ListenUntil | Wait | WaitFor | Speak | SayWords | Press | TypeWords | HangUp | DropStream


@dataclass(frozen=True, slots=True)
class After:
    """Call when another call has come to a state."""

    call: str
    state: State
    plus: float = 0.0


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller of a scenario: when, from where, what is done and what is expected.

    `patience` seconds after the start the caller hangs up if not connected by then; `talks` seconds into the
    conversation too (None: the other side does). `answers` is for when the server calls this number back.
    """

    name: str
    from_number: str
    does: tuple[Step, ...] = ()
    at: float = 0.0
    after: After | None = None
    patience: float | None = None
    talks: float | None = None
    answers: tuple[Answer, ...] = ()
    expect: Mapping[str, object] = field(default_factory=dict)


class CallerScript:
    """Carries out a caller's steps on a leg, in a thread of its own; `notes` says which could not be done."""

    def __init__(self, leg: Leg, caller: Caller) -> None:
        self.notes: list[str] = []
        self._leg = leg
        self._caller = caller
        self._heard = 0

    def run(self) -> None:
        """Do everything, talk, and hang up at the end."""
        timer = None
        if self._caller.patience is not None:
            timer = threading.Timer(self._caller.patience, self._lose_patience)
            timer.daemon = True
            timer.start()
        try:
            for step in self._caller.does:
                if self._leg.ended:
                    break
                self._do(step)
            converse(self._leg, self._caller.talks, None)
            if self._leg.typed:
                self.notes.append(f"no speech Gather heard {self._leg.typed[0].text!r}")
        finally:
            if timer is not None:
                timer.cancel()

    def _lose_patience(self) -> None:
        if not self._leg.talks:
            self._leg.hang_up("person")

    def _do(self, step: Step) -> None:
        leg = self._leg
        match step:
            case ListenUntil():
                self._listen(step)
            case Wait():
                leg.watch(never, step.seconds)
            case WaitFor():
                if not leg.watch(lambda: in_state(leg, step.state), step.within):
                    self.notes.append(f"was not {step.state} within {step.within:g} s")
            case Speak():
                self._speak(step.sound, step.name)
            case SayWords():
                self._speak(words_as_frames(step.text, step.seconds), step.text)
            case _:
                self._touch(step)

    def _touch(self, step: Step) -> None:
        """Steps that take no time; a key waits until the carrier is not between two documents."""
        leg = self._leg
        match step:
            case Press():
                for key in step.keys:
                    leg.watch(lambda: leg.listening > 0 and not leg.fetching, 2.0)
                    leg.press(key)
            case TypeWords():
                leg.type_words(Typed(step.text, step.confidence))
            case DropStream():
                for stream in tuple(leg.streams):
                    stream.drop()
            case HangUp():
                leg.hang_up("person")

    def _speak(self, sound: bytes, text: str) -> None:
        """Say something; not before a stream that is just being opened can hear it."""
        leg = self._leg
        leg.watch(lambda: not any(stream.connecting for stream in leg.streams), _OPENING_SECONDS)
        leg.tell("speaking", text)
        leg.watch(never, max(0.0, leg.mouth.speak(sound) - time.monotonic()))

    def _listen(self, step: ListenUntil) -> None:
        wanted, leg = step.text.casefold(), self._leg

        def found() -> int | None:
            for number in range(self._heard, len(leg.prompts)):
                prompt = leg.prompts[number]
                if wanted in prompt.text.casefold() and (prompt.ended or not step.finished):
                    return number
            return None

        if leg.watch(lambda: found() is not None, step.within):
            self._heard = (found() or 0) + 1
        else:
            end = "the call ended" if leg.ended else f"{step.within:g} s passed"
            self.notes.append(f"{end} before {step.text!r} was heard")


def in_state(leg: Leg, state: State) -> bool:
    """Whether a call has come to a state; `connected` stays true afterwards."""
    if state == "connected":
        return bool(leg.talks)
    if state == "waiting":
        return bool(leg.waiting_in)
    if state == "recording":
        return leg.recording
    return leg.ended
