"""What the operator can have the telephone do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Sent(StrEnum):
    """What became of a telephone command."""

    DONE = "done"
    GONE = "gone"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`GONE`: the call had ended already. `UNKNOWN`: timed out, so it may have happened. `sid` of a call placed."""

    sent: Sent
    sid: str = ""
    why: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


class Telephony(Protocol):
    """The carrier's commands, each with a time-out; retries happen inside, and only where they are safe."""

    def redirect(self, call: str, turn: int) -> Outcome:
        """Has the carrier fetch the call's present instructions at once."""

    def ring(self, reservation: str, phone: str, seconds: int) -> Outcome:
        """Calls an agent's phone for a reservation; never retried after a time-out."""

    def hang_up(self, call: str, *, ringing: bool = False) -> Outcome:
        """Ends a call, or cancels one that still rings."""

    def state(self, call: str) -> Outcome:
        """`DONE` with data["status"] as the carrier knows it."""

    def tell(self, phone: str, text: str) -> Outcome:
        """Sends a text message."""

    def recording(self, url: str) -> bytes:
        """The WAV of a recording; raises `RecordingMissing` when it cannot be had."""


class RecordingMissing(Exception):
    """The carrier has no such recording, or will not give it."""
