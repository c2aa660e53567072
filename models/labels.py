"""What the labels of other people's sentiment models mean, from -1 (negative) to 1 (positive)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.words import word_set

_POSITIVE = word_set(
    "positive pos good happy happiness joy love admiration amusement approval caring excitement excited gratitude "
    "optimism pride relief satisfied satisfaction thankful enthusiasm fun"
)
_NEGATIVE = word_set(
    "negative neg bad anger angry annoyance annoyed disappointment disapproval disgust embarrassment fear frustrated "
    "frustration grief hate nervousness remorse sad sadness unhappy worry"
)
_NEUTRAL = word_set(
    "neutral neu other others none mixed surprise confusion curiosity desire realization boredom empty calm"
)
_UNNAMED = {2: (-1.0, 1.0), 3: (-1.0, 0.0, 1.0), 5: (-1.0, -0.5, 0.0, 0.5, 1.0)}


def valences(labels: Sequence[str]) -> tuple[float, ...] | None:
    """The meaning of every label of a model, or None when one of them cannot be told."""
    if all(re.fullmatch(r"label_\d+", label.strip().lower()) for label in labels):
        return _UNNAMED.get(len(labels))
    known = [valence for label in labels if (valence := _valence(label)) is not None]
    return tuple(known) if len(known) == len(labels) else None


def _valence(label: str) -> float | None:
    plain = re.sub(r"[\s_-]+", " ", label.strip().lower())
    if stars := re.fullmatch(r"([1-5]) stars?", plain):
        return (int(stars[1]) - 3) / 2
    strength = 1.0
    if graded := re.fullmatch(r"(very|extremely|slightly|somewhat|weakly) (.+)", plain):
        strength, plain = (1.0 if graded[1] in ("very", "extremely") else 0.5), graded[2]
    for names, sign in ((_POSITIVE, 1.0), (_NEGATIVE, -1.0), (_NEUTRAL, 0.0)):
        if plain in names:
            return sign * strength
    return None
