"""Small values about a leg: its ends, its times, what was heard, said and typed on it."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Direction = Literal["inbound", "outbound-api", "outbound-dial"]


@dataclass(frozen=True, slots=True)
class Callback:
    """Where to tell of a call's progress, and of which events."""

    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of a leg and what is known of it from the start."""

    from_number: str
    to: str
    direction: Direction
    person: str
    parent_sid: str = ""
    callback: Callback | None = None
    fallback: Callback | None = None


@dataclass(slots=True)
class Prompt:
    """Something that the person on the leg hears; times are monotonic seconds."""

    kind: Literal["said", "played"]
    text: str
    started: float
    ended: float | None = None
    cut: bool = False


@dataclass(slots=True)
class Talk:
    """A time in which this leg and another one could speak with each other."""

    sid: str
    person: str
    direction: Direction
    started: float
    ended: float | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """Words for a speech Gather, as the carrier's own recognizer would hear them."""

    text: str
    confidence: float


@dataclass(slots=True)
class Times:
    """When a leg was made, answered and ended, by both clocks."""

    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = field(default_factory=time.monotonic)
    first_twiml: float | None = None
    answered: float | None = None
    answered_at: datetime | None = None
    ended: float | None = None
    ended_at: datetime | None = None

    @property
    def talked(self) -> int:
        """Whole seconds between answer and end."""
        if self.answered is None or self.ended is None:
            return 0
        return round(self.ended - self.answered)
