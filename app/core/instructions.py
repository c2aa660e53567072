"""What the caller's or the agent's side of the line should do next, in no carrier's language."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a text."""

    text: str


@dataclass(frozen=True, slots=True)
class Play:
    """Play audio: a packaged or owner's file by name, or a URL."""

    audio: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Stay silent for whole seconds."""

    seconds: int


Prompt = Say | Play | Pause


class Reply(StrEnum):
    """Who is to be told the keys, words or recording: which of our pages answers."""

    TURN = "turn"
    HOLD = "hold"
    OFFER = "offer"
    VOICEMAIL = "voicemail"


@dataclass(frozen=True, slots=True)
class Listen:
    """Start streaming what the caller says to us; goes on through whatever follows."""

    token: str


@dataclass(frozen=True, slots=True)
class StopListening:
    """Stop streaming what the caller says: from here on it is for somebody else's ears."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Prompts during which keys (and, with `speech`, the carrier's own recognition) are taken.

    `keys`: how many digits end it (0: until # or `seconds` of silence). When nothing comes the reply page is asked
    too; if it `runs_on`, the next instruction comes instead.
    """

    prompts: tuple[Prompt, ...]
    reply: Reply
    keys: int = 1
    seconds: int = 5
    speech: bool = False
    hints: tuple[str, ...] = ()
    runs_on: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """Record the caller, up to `seconds`, ending after `silence` seconds of quiet."""

    reply: Reply
    seconds: int
    silence: int = 3
    beep: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    """Put the caller on hold in a line; what they hear comes from the hold page."""

    line: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Take the caller off hold (only on the hold page): the line's own page then gives the present instructions."""


@dataclass(frozen=True, slots=True)
class Meet:
    """Join a two-party room, which ends when either leaves."""

    room: str
    agent: bool = False


@dataclass(frozen=True, slots=True)
class Forward:
    """Connect to an outside number, ringing for `seconds`."""

    number: str
    seconds: int = 30


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


@dataclass(frozen=True, slots=True)
class Again:
    """Ask for the present instructions once more."""


Instruction = (
    Say | Play | Pause | Listen | StopListening | Ask | Record | Wait | Leave | Meet | Forward | HangUp | Again
)


@dataclass(frozen=True, slots=True)
class Script:
    """Instructions in order, for one leg. `turn` is the step of the conversation they belong to (0 for agents)."""

    instructions: tuple[Instruction, ...]
    turn: int = 0
    language: str = ""
    voice: str = ""
