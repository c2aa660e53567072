"""What comes in from the line: the values a carrier's webhook or socket is turned into."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call reaching our number. `caller` is empty when withheld; `direction` is the carrier's word."""

    call: str
    caller: str = ""
    called: str = ""
    direction: str = "inbound"


@dataclass(frozen=True, slots=True)
class Digits:
    """Keys that were pressed, as sent."""

    keys: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing was said or pressed in time."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The caller's words as a recording that has yet to be fetched and transcribed."""

    url: str
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Parted:
    """How the caller's time with somebody ended. `bridged`: the two were really connected."""

    status: str
    bridged: bool = True
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was heard in one go, `words` with a confidence each; `began` is the turn in which it began (-1: unknown).

    Confidences are 0..1; `endpoint` is when its end was noticed (ms, 0 unknown); `source` is stream, record or carrier.
    """

    text: str
    confidence: float = 1.0
    endpoint: int = 0
    source: str = "stream"
    words: tuple[tuple[str, float], ...] = ()
    began: int = -1
