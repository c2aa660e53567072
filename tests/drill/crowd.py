"""Who takes part in a drill: callers of every kind with the ends that are right for them, and agents of every mood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.simulator.agents import Answer
from app.simulator.callers import Caller, HangUp, ListenUntil, Press, SayWords, Step, Wait

GREETED = ListenUntil("how can i help", 15)
_ACCEPT = Answer("accept", after=0.5, press_after=0.5, talks=3)
_MOODS: Mapping[str, tuple[Answer, ...]] = {
    "keen": (_ACCEPT,),
    "patient": (Answer("accept", after=1, press_after=0.8),),  # the caller hangs up
    "choosy": (Answer("decline", after=0.5), _ACCEPT, _ACCEPT),
    "away": (Answer("ignore"), _ACCEPT, _ACCEPT, _ACCEPT),
    "machine": (Answer("voicemail", after=1, lasts=3), _ACCEPT, _ACCEPT),
    "clumsy": (Answer("keys", after=0.5, press=("5", "1"), talks=2), _ACCEPT),
    "on the phone": (Answer("busy"), _ACCEPT, _ACCEPT),
    "shy": (Answer("silent", after=0.5, lasts=6), _ACCEPT, _ACCEPT, _ACCEPT),
    "hasty": (Answer("hang_up", after=0.5, lasts=0.4), _ACCEPT, _ACCEPT),
}
_RINGS = 60


@dataclass(frozen=True)
class Kind:
    """What a caller does, and how the call may end."""

    does: tuple[Step, ...]
    ends: frozenset[str] = frozenset({"connected"})
    patience: float | None = None
    talks: float = 4


_SAID = Wait(0.3)
_MESSAGE = (ListenUntil("after the tone", 15, finished=True), Wait(0.6), SayWords("please call me", 1.5), HangUp())
KINDS: Mapping[str, Kind] = {
    "orders": Kind((GREETED, _SAID, SayWords("i want to order a gallon"))),
    "asks for support": Kind((GREETED, _SAID, SayWords("where is my order please"))),
    "presses a key": Kind((GREETED, Wait(1), Press("2"))),
    "wants a person": Kind((GREETED, _SAID, SayWords("can i speak to an agent please"))),
    "interrupts": Kind((SayWords("i have a question", 1.5),), talks=2),
    "orders again": Kind((GREETED, Wait(1.5), SayWords("i would like to order")), talks=2),
    "says nothing": Kind(()),
    "has no patience": Kind((GREETED, SayWords("i want a refund")), frozenset({"connected", "abandoned"}), patience=8),
    "asks the hours": Kind((GREETED, SayWords("when are you open")), frozenset({"message"})),
    "leaves a message": Kind(
        (GREETED, SayWords("i want to leave a message"), *_MESSAGE),
        frozenset({"voicemail"}),
    ),
    "presses one": Kind((GREETED, Press("1"))),
    "hangs up at once": Kind((GREETED, HangUp()), frozenset({"abandoned"})),
}


# Kinds that end with a person however much of what they say falls on deaf ears.
STUBBORN = tuple(name for name, kind in KINDS.items() if kind.ends == {"connected"} and kind.patience is None)


def caller(number: int, turn: int, names: Sequence[str] = tuple(KINDS)) -> Caller:
    """Who calls on line `number` for the `turn`-th time: on every line everybody comes in turn."""
    name = names[(number * 5 + turn) % len(names)]
    kind = KINDS[name]
    return Caller(
        name=f"{name} {number}-{turn}",
        from_number=f"+1202556{number:04d}",
        does=kind.does,
        patience=kind.patience,
        talks=kind.talks,
        expect={"ends": sorted(kind.ends)},
    )


def moods(names: list[str]) -> dict[str, tuple[Answer, ...]]:
    """What each agent does, ring by ring; all moods come up before one is repeated."""
    kinds = list(_MOODS.values())
    return {
        name: tuple(kinds[number % len(kinds)][ring % len(kinds[number % len(kinds)])] for ring in range(_RINGS))
        for number, name in enumerate(names)
    }
