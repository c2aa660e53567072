"""Turns a call's audio into words while it comes in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.inputs import Utterance

__all__ = ["Hearing", "Recognizer", "Speaking", "Utterance"]


@dataclass(frozen=True, slots=True)
class Speaking:
    """The caller is in the middle of an utterance; `text` is what it sounds like so far."""

    text: str


class Hearing(Protocol):
    """The recognition of one stream of telephone audio."""

    def accept(self, payload: bytes, timestamp: int | None) -> Sequence[Speaking | Utterance]:
        """Takes 8 kHz mu-law audio, placed by its milliseconds since the stream began. Never raises on odd audio."""

    def finish(self) -> Sequence[Utterance]:
        """What was still unfinished when the stream ended."""


class Recognizer(Protocol):
    """The speech engine of this process."""

    def listen(self) -> Hearing:
        """A recognition for one stream."""

    def transcribe(self, recording: bytes) -> Utterance:
        """The words of a whole WAV file. Raises ValueError when it is not audio."""
