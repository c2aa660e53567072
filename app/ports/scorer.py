"""Reads the caller's words: mood and how well they fit each route."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.core.config import Config
from app.core.entities import Mood


@dataclass(frozen=True, slots=True)
class Reading:
    """One utterance understood: mood, sentiment -1..1, and a probability per route (they need not sum to 1)."""

    mood: Mood = Mood.NEUTRAL
    sentiment: float = 0.0
    routes: Mapping[str, float] | None = None


class Scorer(Protocol):
    """The language models behind one door."""

    name: str

    def read(self, text: str, config: Config) -> Reading:
        """Mood and route probabilities of one utterance, for the routes of this config. Deterministic."""
