"""What every scorer of language offers: how a caller sounds, from what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Label = Literal["negative", "neutral", "positive"]


class ModelUnusable(Exception):
    """The model named cannot be used; the message says which file is at fault and what to do."""


@dataclass(frozen=True, slots=True)
class Scores:
    """How one utterance sounds: sentiment from -1 to 1, the others from 0 to 1.

    `cues` are the words that decided, where the scorer can name them, for people to read.
    """

    sentiment: float
    frustration: float
    urgency: float
    excitement: float
    label: Label
    cues: tuple[str, ...] = ()


class Scorer(Protocol):
    """Scores utterances one at a time; safe to share between threads, never raises on any text."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str:
        """What it is and what it is good for, in words for an owner."""
        ...

    def score(self, text: str) -> Scores:
        """Scores of one utterance; neutral zeros for text that says nothing."""
        ...
