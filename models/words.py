"""Takes text apart into words, the way a recognizer writes them, and finds their common stems."""

from __future__ import annotations

import re
import unicodedata

MOST_WORDS = 400
"""An utterance is a sentence or two; of anything longer only the beginning is read."""

_MOST_CHARACTERS = 20_000
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_VOWEL = re.compile(r"[aeiouy]")


def words(text: str) -> list[str]:
    """Lower-case words without punctuation; "don't" stays one word."""
    plain = unicodedata.normalize("NFKC", text[:_MOST_CHARACTERS]).lower().replace("’", "'")
    return _WORD.findall(plain)[:MOST_WORDS]


def stem(word: str) -> str:
    """A word's stem, good enough that order, orders, ordered and ordering meet."""
    base = word.removesuffix("'s")
    for suffix, put in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
        if base.endswith(suffix) and not base.endswith(("ss", "us", "is")):
            cut = base[: -len(suffix)] + put
            if len(cut) >= 3 and _VOWEL.search(cut):
                base = cut
                break
    if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "aeiouy":
        base = base[:-1]
    return base.removesuffix("e") if len(base) > 3 else base


def word_set(text: str) -> frozenset[str]:
    """The words of a list written as one text."""
    return frozenset(text.split())
