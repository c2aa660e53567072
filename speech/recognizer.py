"""What every recognizer offers, whatever engine is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from speech.mulaw import Pcm

TELEPHONE_RATE = 8000
"""Samples a second on a telephone line; one mu-law byte is one sample."""


class ModelUnusable(Exception):
    """The folder named as a speech model cannot be used; the message says why and what to do."""


class RecognitionFailed(Exception):
    """The engine gave up on a stream; what was said before the failure has already been returned."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as heard; times are seconds since the stream began, confidence is 0 to 1."""

    word: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Partial:
    """What has been heard of an utterance that is still going on; the next one replaces it."""

    text: str


@dataclass(frozen=True, slots=True)
class Final:
    """A finished utterance.

    `unknown` counts stretches of speech that the recognizer could not name. They have pulled
    `confidence` down, and a Final with no text but `unknown` above zero means "somebody spoke,
    nothing was understood". `endpoint_at` is how far into the stream the end was noticed.
    """

    text: str
    words: tuple[Word, ...]
    confidence: float
    start: float
    end: float
    endpoint_at: float
    unknown: int = 0


Heard = Partial | Final


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a recognizer can do, so that callers need not know which one it is."""

    partials: bool
    word_times: bool
    grammars: bool


class Stream(Protocol):
    """One direction of one call. Not safe for two threads at once; times count from the first sample."""

    def feed(self, pcm: bytes | Pcm) -> list[Heard]:
        """Take signed 16-bit mono samples at the recognizer's `sample_rate`; bytes are little-endian."""
        ...

    def feed_mulaw(self, payload: bytes) -> list[Heard]:
        """Take 8 kHz mu-law bytes as the telephone sends them."""
        ...

    def finish(self) -> list[Final]:
        """Return what was still in the air. A second call returns nothing."""
        ...


class Recognizer(Protocol):
    """An engine with its model loaded: one for each process, streams are cheap."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str:
        """What it is good for and what not, in words for an owner."""
        ...

    @property
    def sample_rate(self) -> int: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def words_missing(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words, in order and once each, that this recognizer can never output. Phrases are split."""
        ...

    def stream(self, grammar: Sequence[str] | None = None) -> Stream:
        """Begin to listen; with a grammar, only for its phrases where `capabilities.grammars` allows it."""
        ...


def split_words(texts: Sequence[str]) -> tuple[str, ...]:
    """Every word of the texts in lower case, once each, in order."""
    words = (word for text in texts for word in text.lower().replace("’", "'").split())
    return tuple(dict.fromkeys(bare for word in words if (bare := word.strip('.,;:!?"()'))))
