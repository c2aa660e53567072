"""The keyword-and-lexicon baseline: weighted cues, negation and intensifiers; no learning, no network."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import tanh
from pathlib import Path

from models.scoring import Label, ModelUnusable, Scores
from models.words import word_set, words

NAME = "lexicon-baseline"

_LEXICON = Path(__file__).parent / "weights" / NAME / "lexicon.tsv"
_COLUMNS = ("sentiment", "frustration", "urgency", "excitement")
_NEGATIONS = word_set(
    "not no never nobody nothing without hardly isn't wasn't aren't don't doesn't didn't won't wouldn't haven't "
    "hasn't ain't"
)
_STRONGER = word_set("very so really extremely absolutely totally completely super incredibly truly too")
_NEGATION_REACHES = 3
_NEGATED_PRAISE = -0.6  # "not great" is a complaint
_NEGATED_BLAME = -0.15  # "not terrible" is hardly praise
_NEGATED_WITNESS = 0.2
_LABEL_FROM = 0.33  # a lone mild word ("problem", "thanks") stays below this
_SENTIMENT_SCALE = 2.5


@dataclass(frozen=True, slots=True)
class Cue:
    """A word or phrase of the lexicon and what it tells."""

    sentiment: float
    frustration: float
    urgency: float
    excitement: float


@dataclass(frozen=True, slots=True)
class _Match:
    """A cue where it was found; factors come from the words before it."""

    phrase: str
    cue: Cue
    negated: bool
    factor: float


class LexiconScorer:
    """Sums the cues it finds; longer cues win over the words inside them."""

    name = NAME
    description = "Keyword-and-lexicon baseline: English words and phrases with weights; not a trained model."

    def __init__(self, cues: Mapping[tuple[str, ...], Cue] | None = None) -> None:
        self._cues = dict(cues) if cues is not None else read_lexicon(_LEXICON)
        self._longest = max(map(len, self._cues), default=0)

    def score(self, text: str) -> Scores:
        """Scores of one utterance, with the cues that made them."""
        matches = [match for match in self._matches(words(text)) if match.cue != _NOTHING]
        sentiment = tanh(sum(map(_sentiment_of, matches)) / _SENTIMENT_SCALE)
        return Scores(
            sentiment=sentiment,
            frustration=_any_of(matches, "frustration"),
            urgency=_any_of(matches, "urgency"),
            excitement=_any_of(matches, "excitement"),
            label=label_of(sentiment),
            cues=tuple(f"not {match.phrase}" if match.negated else match.phrase for match in matches),
        )

    def _matches(self, spoken: list[str]) -> Iterator[_Match]:
        at = taken_until = 0
        while at < len(spoken):
            phrase = self._phrase_at(spoken, at)
            if phrase is None:
                at += 1
                continue
            before = spoken[max(taken_until, at - _NEGATION_REACHES) : at]
            negated = any(word in _NEGATIONS for word in before)
            stronger = sum(word in _STRONGER for word in before)
            yield _Match(" ".join(phrase), self._cues[phrase], negated, 1 + 0.3 * stronger)
            at = taken_until = at + len(phrase)

    def _phrase_at(self, spoken: list[str], at: int) -> tuple[str, ...] | None:
        lengths = range(min(self._longest, len(spoken) - at), 0, -1)
        return next((phrase for n in lengths if (phrase := tuple(spoken[at : at + n])) in self._cues), None)


_NOTHING = Cue(0, 0, 0, 0)


def label_of(sentiment: float) -> Label:
    """The label of a sentiment between -1 and 1."""
    if sentiment >= _LABEL_FROM:
        return "positive"
    return "negative" if sentiment <= -_LABEL_FROM else "neutral"


def read_lexicon(path: Path) -> dict[tuple[str, ...], Cue]:
    """The cues of a tab-separated file, by their words; raise ModelUnusable naming a broken line."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            return {tuple(row["cue"].split()): Cue(*(float(row[column]) for column in _COLUMNS)) for row in rows}
    except OSError as error:
        raise ModelUnusable(f"{path}: cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelUnusable(f"{path}: not a lexicon of cue and four numbers a line ({error})") from error


def _sentiment_of(match: _Match) -> float:
    told = match.cue.sentiment * match.factor
    if not match.negated:
        return told
    return told * (_NEGATED_PRAISE if told > 0 else _NEGATED_BLAME)


def _any_of(matches: list[_Match], witness: str) -> float:
    """The chance that at least one of the cues is right, each counted as an independent witness."""
    none_right = 1.0
    for match in matches:
        weight = getattr(match.cue, witness) * match.factor * (_NEGATED_WITNESS if match.negated else 1)
        none_right *= 1 - min(weight, 0.95)
    return 1 - none_right
