"""The models package as the use cases know it: what a caller sounds like, and which routes the words resemble."""

from functools import lru_cache

import models
from app.core.config import Config
from app.core.entities import Mood
from app.ports.scorer import Reading

STRONG = 0.5
REMEMBERED_FILES = 8


class ModelScorer:
    """A scorer of language, and for each owner's file an index of its example sentences."""

    def __init__(self, scorer: models.Scorer) -> None:
        self._scorer = scorer
        self.name = scorer.name
        self._intents = lru_cache(REMEMBERED_FILES)(_intents)

    def read(self, text: str, config: Config) -> Reading:
        """Mood and route likeness of one utterance."""
        scores = self._scorer.score(text)
        examples = tuple((route.name, route.examples) for route in config.routes.values() if route.examples)
        likeness = dict(self._intents(examples).rank(text)) if examples else {}
        return Reading(mood_of(scores), scores.sentiment, likeness)


def _intents(examples: tuple[tuple[str, tuple[str, ...]], ...]) -> models.Intents:
    return models.load_intents(dict(examples))


def mood_of(scores: models.Scores) -> Mood:
    """The one word for how a caller sounds: frustration first, then urgency, then excitement, else the sentiment."""
    marked = (
        (Mood.FRUSTRATED, scores.frustration),
        (Mood.URGENT, scores.urgency),
        (Mood.EXCITED, scores.excitement),
    )
    for mood, strength in marked:
        if strength >= STRONG:
            return mood
    return Mood(scores.label)
