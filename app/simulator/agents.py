"""Scripted agents: telephones with people (or voicemail) at them, who do one thing a ring."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from app.simulator.hearing import converse, never
from app.simulator.leg import Leg
from app.simulator.phones import Pickup

Conduct = Literal["accept", "decline", "keys", "silent", "voicemail", "hang_up", "ignore", "busy"]

_HEARING_SECONDS: Final = 20.0
_LONELY_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent does when rung.

    `after` seconds the phone is answered; `press_after` seconds after the first prompt is heard the first key is
    pressed, the others `gap` seconds after something listens again; `talks` seconds into a conversation the agent
    hangs up (None: when the other side does); `lasts` is how long a voicemail or a silent agent stays on the line.
    """

    does: Conduct = "accept"
    after: float = 1.0
    press_after: float = 0.8
    press: tuple[str, ...] = ()
    gap: float = 1.0
    talks: float | None = None
    lasts: float | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys this agent presses."""
        return self.press or {"accept": ("1",), "decline": ("2",)}.get(self.does, ())


class AgentPhone:
    """An agent's telephone: each ring gets the next answer, the last one repeats; busy while on another call."""

    def __init__(self, number: str, name: str, answers: Sequence[Answer]) -> None:
        self.number = number
        self.name = name
        self._answers = tuple(answers) or (Answer(),)
        self._lock = threading.Lock()
        self._rings = 0
        self._current: Leg | None = None

    def ring(self, leg: Leg) -> Pickup:
        """What happens this time."""
        with self._lock:
            if self._current is not None and not self._current.ended:
                leg.conduct = "busy"
                return Pickup(None, busy=True)
            answer = self._answers[min(self._rings, len(self._answers) - 1)]
            self._rings += 1
            self._current = leg
        leg.conduct = answer.does
        if answer.does == "busy":
            return Pickup(None, busy=True)
        if answer.does == "ignore":
            return Pickup(None)

        def start(answered: Leg) -> None:
            answered.exchange.spawn(f"agent {self.name}", lambda: act(answered, answer))

        return Pickup(answer.after, machine=answer.does == "voicemail", then=start)


def act(leg: Leg, answer: Answer) -> None:
    """Do what the script says on an answered leg, in a thread of the person's own."""
    if answer.does in {"voicemail", "silent", "hang_up"}:
        lasts = answer.lasts if answer.lasts is not None else {"voicemail": 8.0, "hang_up": 0.5}.get(answer.does)
        leg.watch(never, lasts if lasts is not None else _LONELY_SECONDS)
        leg.hang_up("person")
        return
    _press(leg, answer)
    if answer.does == "decline":
        leg.tell("declined")
    converse(leg, answer.talks, _LONELY_SECONDS)


def _press(leg: Leg, answer: Answer) -> None:
    """Press the keys, each when something is heard and listens, as a person would."""
    leg.watch(lambda: bool(leg.prompts or leg.talks) or leg.listening > 0, _HEARING_SECONDS)
    delay = answer.press_after
    for key in answer.keys:
        leg.watch(lambda: bool(leg.talks), delay)
        leg.watch(lambda: bool(leg.talks) or (leg.listening > 0 and not leg.fetching), _HEARING_SECONDS)
        if leg.ended or leg.talks:  # nobody presses keys at a person
            return
        leg.press(key)
        delay = answer.gap
