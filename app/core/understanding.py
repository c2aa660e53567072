"""What a caller wants: the owner's keywords first, then how like a route's examples the words sound."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.core.config import Config, Route
from app.core.entities import Mood
from app.core.inputs import Utterance

YES = frozenset({"yes", "yeah", "yep", "sure", "okay", "correct", "right", "please", "exactly"})
NO = frozenset({"no", "nope", "not", "wrong", "don't"})
KEYWORD_CERTAINTY = 0.95


@dataclass(frozen=True, slots=True)
class Understanding:
    """One utterance understood. `route` is empty when nothing fits; `wants_person` overrides it."""

    text: str
    route: str = ""
    confidence: float = 0.0
    keywords: tuple[str, ...] = ()
    mood: Mood = Mood.NEUTRAL
    wants_person: bool = False
    yes: bool = False
    no: bool = False
    reason: str = ""


def words_of(text: str) -> tuple[str, ...]:
    """Lower-case words, apostrophes kept."""
    return tuple(re.findall(r"[\w']+", text.lower()))


def understand(utterance: Utterance, mood: Mood, likeness: Mapping[str, float], config: Config) -> Understanding:
    """Understands an utterance; `likeness` is the language model's probability per route.

    The route with the most keyword words wins (a phrase beats a word), of equal ones that which the file names first;
    without any keyword, the likeliest.
    Its certainty is the recognizer's confidence in those very words; without keywords, likeness times confidence.
    """
    words = words_of(utterance.text)
    ranked = sorted(
        (_Fit(route, _found(route, words), likeness.get(route.name, 0.0), order) for order, route in _routes(config)),
        key=lambda fit: fit.rank,
    )
    best = ranked[0] if ranked else None
    wants_person = any(phrase_in(words_of(phrase), words) for phrase in config.person_words)
    said = set(words)
    base = Understanding(
        text=utterance.text, mood=mood, wants_person=wants_person, yes=bool(said & YES) and not said & NO,
        no=bool(said & NO),
    )  # fmt: skip
    if best is None or (not best.keywords and best.likeness <= 0):
        return base
    confidence = _confidence(best, utterance)
    return Understanding(
        text=base.text, mood=mood, wants_person=wants_person, yes=base.yes, no=base.no, route=best.route.name,
        confidence=confidence, keywords=best.keywords, reason=_reason(best, confidence),
    )  # fmt: skip


def phrase_in(phrase: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether the words of a phrase follow each other in `words`."""
    size = len(phrase)
    return size > 0 and any(words[at : at + size] == phrase for at in range(len(words) - size + 1))


@dataclass(frozen=True, slots=True)
class _Fit:
    route: Route
    keywords: tuple[str, ...]
    likeness: float
    order: int

    @property
    def rank(self) -> tuple[int, float, int]:
        weight = sum(len(words_of(keyword)) ** 2 for keyword in self.keywords)
        return (-weight, 0.0 if weight else -self.likeness, self.order)


def _routes(config: Config) -> enumerate[Route]:
    return enumerate(config.routes.values())


def _found(route: Route, words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(keyword for keyword in route.keywords if phrase_in(words_of(keyword), words))


def _confidence(fit: _Fit, utterance: Utterance) -> float:
    if not fit.keywords:
        return fit.likeness * utterance.confidence
    wanted = {word for keyword in fit.keywords for word in words_of(keyword)}
    heard = [confidence for word, confidence in utterance.words if word.lower() in wanted]
    certainty = max(heard) if heard else utterance.confidence
    return KEYWORD_CERTAINTY * certainty


def _reason(fit: _Fit, confidence: float) -> str:
    why = f"said {', '.join(repr(keyword) for keyword in fit.keywords)}" if fit.keywords else "sounds like its examples"
    return f"{fit.route.name}: {why} ({confidence:.2f})"
