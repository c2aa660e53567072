"""Finds the route that an utterance asks for, from the owner's own example sentences: no model, only words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import log, sqrt
from typing import NamedTuple

from models.words import stem, word_set, words

NONE_OF_THESE = 0.3
"""The similarity at which a route is as likely as no route at all."""

_SHARPNESS = 4.0
_WHOLE_ROUTE = 0.7  # how much the route's examples together count beside the nearest one
_KEYWORD_WORDS = 2  # an example this short is a keyword
_KEYWORD_SAID = 0.5
_PAIR_WEIGHT = 0.6
_STUB_WEIGHT = 0.5
_STUB_LENGTH = 5
_SMALL_WORD_WEIGHT = 0.35
_SMALL_WORDS = frozenset(
    stem(word)
    for word in word_set(
        "a about am an and any are as at be been but by can could d did do does doing for from get go going got had "
        "has have he her hi hello hey his how i i'd i'll i'm i've if in is it it's its just know let like ll look "
        "looking m make may me might my need of ok okay on one or our out please re s she should so some someone "
        "speak talk tell thank thanks that that's the their them then there these they this to um uh up us ve very "
        "want wanted was we we're were what what's when where which who why will with would yes yeah you your "
        "calling call hear put through something anything"
    )
)

Vector = dict[str, float]


class _Route(NamedTuple):
    examples: list[Vector]
    together: Vector
    keywords: list[frozenset[str]]


class Intents:
    """Routes and what callers say when they want them; ranks an utterance among them."""

    def __init__(self, examples: Mapping[str, Sequence[str]]) -> None:
        """Examples by route: sentences or single keywords; a route without any can never be found."""
        features = {route: [_features(text) for text in texts] for route, texts in examples.items()}
        self._weights = _rarity([each for group in features.values() for each in group])
        self._routes = {route: self._route(group) for route, group in features.items()}

    def rank(self, text: str) -> tuple[tuple[str, float], ...]:
        """Every route with its probability, likeliest first; what they lack to 1 is "none of these"."""
        said = self._vector(_features(text))
        pulls = {name: _similarity(said, route) ** _SHARPNESS for name, route in self._routes.items()}
        total = sum(pulls.values()) + NONE_OF_THESE**_SHARPNESS
        ranked = ((name, pull / total) for name, pull in pulls.items())
        return tuple(sorted(ranked, key=lambda pair: (-pair[1], pair[0])))

    def _route(self, group: Sequence[Counter[str]]) -> _Route:
        vectors = [vector for features in group if (vector := self._vector(features))]
        together: Vector = {}
        for vector in vectors:
            for feature, value in vector.items():
                together[feature] = together.get(feature, 0.0) + value
        keywords = [content for features in group if (content := _keyword(features))]
        return _Route(vectors, _unit(together), keywords)

    def _vector(self, features: Counter[str]) -> Vector:
        """Unit length; words that no example has count too, so that off-topic talk is far from everything."""
        rarest = max(self._weights.values(), default=1.0)
        return _unit(
            {
                feature: _kind_weight(feature) * self._weights.get(feature, rarest) * (1 + log(times))
                for feature, times in features.items()
                if feature in self._weights or _is_word(feature)
            }
        )


def _similarity(said: Vector, route: _Route) -> float:
    """How near an utterance is to a route, 0 to 1; a keyword that was said brings it at least half-way."""
    nearest = max((_cosine(said, example) for example in route.examples), default=0.0)
    blend = _WHOLE_ROUTE * _cosine(said, route.together) + (1 - _WHOLE_ROUTE) * nearest
    blend = max(blend, nearest**2)  # an example said word for word decides, whatever else the route has
    keyword_said = any(keyword <= said.keys() for keyword in route.keywords)
    return _KEYWORD_SAID + (1 - _KEYWORD_SAID) * blend if keyword_said else blend


def _features(text: str) -> Counter[str]:
    """Stems, the stubs of long ones (cater and catering meet there), and neighbouring pairs."""
    stems = [stem(word) for word in words(text)]
    content = [item for item in stems if item not in _SMALL_WORDS]
    stubs = (f"{item[:_STUB_LENGTH]}~" for item in content if len(item) >= _STUB_LENGTH)
    neighbours = (pair for line in (stems, content) for pair in pairwise(line))
    pairs = dict.fromkeys(f"{left} {right}" for left, right in neighbours)  # "where is" and "order cake"
    return Counter([*stems, *stubs, *pairs])


def _rarity(all_features: Sequence[Iterable[str]]) -> dict[str, float]:
    """How telling each feature is: the fewer examples have it, the more."""
    seen = Counter(feature for features in all_features for feature in features)
    return {feature: 1 + log((1 + len(all_features)) / (1 + times)) for feature, times in seen.items()}


def _is_word(feature: str) -> bool:
    return " " not in feature and not feature.endswith("~")


def _keyword(features: Counter[str]) -> frozenset[str]:
    """The words of an example that is so short that it need only occur; nothing for a sentence."""
    said = [feature for feature in features if _is_word(feature)]
    if len(said) > _KEYWORD_WORDS:
        return frozenset()
    return frozenset(filter(_is_content, said))


def _is_content(feature: str) -> bool:
    return _is_word(feature) and feature not in _SMALL_WORDS


def _kind_weight(feature: str) -> float:
    if " " in feature:
        return _PAIR_WEIGHT
    if feature.endswith("~"):
        return _STUB_WEIGHT
    return _SMALL_WORD_WEIGHT if feature in _SMALL_WORDS else 1.0


def _cosine(one: Vector, other: Vector) -> float:
    if len(one) > len(other):
        one, other = other, one
    return sum(value * other.get(feature, 0.0) for feature, value in one.items())


def _unit(vector: Vector) -> Vector:
    length = sqrt(sum(value * value for value in vector.values()))
    return {feature: value / length for feature, value in vector.items()} if length else {}
