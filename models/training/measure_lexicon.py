"""Measures the scorer in the box on a tab-separated file of utterances: python -m models.training.measure_lexicon FILE

Columns: text, and any of sentiment (negative, neutral, positive) and frustration, urgency, excitement (0 or 1).
Without a label column the share of utterances above each threshold is printed: on calm text, the false alarms.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

from models import load_scorer
from models.scoring import Scores

Rows = list[dict[str, str]]

THRESHOLD = 0.5
WITNESSES = ("frustration", "urgency", "excitement")
LABELS = ("negative", "neutral", "positive")


def f1(
    rows: Rows, scores: list[Scores], is_so: Callable[[dict[str, str]], bool], said: Callable[[Scores], bool]
) -> float:
    """The harmonic mean of precision and recall of one yes-or-no question."""
    pairs = [(is_so(row), said(score)) for row, score in zip(rows, scores, strict=True)]
    hits = sum(truth and answer for truth, answer in pairs)
    return 2 * hits / max(1, sum(truth for truth, _ in pairs) + sum(answer for _, answer in pairs))


def main() -> int:
    """Print one line for each column that can be measured."""
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    scorer = load_scorer(None)
    scores = [scorer.score(row["text"]) for row in rows]
    print(f"{scorer.name}: {len(rows)} utterances")
    if "sentiment" in rows[0]:
        right = sum(score.label == row["sentiment"] for row, score in zip(rows, scores, strict=True))
        each = [
            f1(rows, scores, lambda r, at=at: r["sentiment"] == at, lambda s, at=at: s.label == at) for at in LABELS
        ]
        print(f"sentiment    accuracy {right / len(rows):.1%}, macro-F1 {sum(each) / 3:.3f}")
    for label in ("negative", "positive"):
        print(f"{label:<12} said of {sum(score.label == label for score in scores) / len(rows):.1%}")
    for name in WITNESSES:
        above = sum(getattr(score, name) >= THRESHOLD for score in scores)
        line = f"{name:<12} said of {above / len(rows):.1%}"
        if name in rows[0]:
            value = f1(rows, scores, lambda r, n=name: r[n] == "1", lambda s, n=name: getattr(s, n) >= THRESHOLD)
            line += f", F1 {value:.3f}"
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
