"""Words are taken apart the same way wherever vocabularies are compared."""

from __future__ import annotations

from speech.recognizer import split_words


def test_phrases_are_split_lower_cased_and_listed_once() -> None:
    assert split_words(["Ice cream", "ICE", "what's new?", "it’s (really) new"]) == (
        "ice",
        "cream",
        "what's",
        "new",
        "it's",
        "really",
    )


def test_punctuation_alone_is_no_word() -> None:
    assert split_words(["...", " ", "", "! ok"]) == ("ok",)
