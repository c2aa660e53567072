"""What a caller wants, from their words and from how they sound like a route's examples."""

import pytest

from app.core.config import Config, Route, Target, TargetKind
from app.core.entities import Mood
from app.core.inputs import Utterance
from app.core.understanding import KEYWORD_CERTAINTY, Understanding, phrase_in, understand, words_of

CONFIG = Config(
    version="c1",
    business="Shop",
    routes={
        name: Route(name=name, title=name, keywords=keywords, examples=(), target=Target(TargetKind.QUEUE, name))
        for name, keywords in {
            "orders": ("order", "buy"),
            "catering": ("wedding", "bulk order"),
            "flavors": ("flavor", "flavors"),
        }.items()
    },
)


def meant(
    text: str, confidence: float = 1.0, likeness: dict[str, float] | None = None, **fields: object
) -> Understanding:
    """What these words are taken for."""
    words = Utterance(text, confidence, **fields)  # type: ignore[arg-type]
    return understand(words, Mood.NEUTRAL, likeness or {}, CONFIG)


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("I want to ORDER, please!", "orders"),
        ("a bulk order for friday", "catering"),
        ("what flavors do you have", "flavors"),
        ("reorder", ""),
        ("bulk of my order", "orders"),
        ("", ""),
        ("purple monkey", ""),
    ],
)
def test_the_owners_words_decide_whole_words_only_and_a_phrase_beats_a_word(text: str, route: str) -> None:
    assert meant(text).route == route


def test_likeness_decides_where_no_keyword_was_said() -> None:
    heard = meant("i would like two cones", 0.9, {"orders": 0.7, "catering": 0.2})

    assert (heard.route, heard.keywords) == ("orders", ())
    assert heard.confidence == pytest.approx(0.63)
    assert heard.reason == "orders: sounds like its examples (0.63)"


def test_a_keyword_beats_any_likeness() -> None:
    assert meant("i want to buy", likeness={"catering": 0.99}).route == "orders"


def test_certainty_is_that_of_the_very_words() -> None:
    heard = meant("uh order", 0.2, words=(("uh", 0.1), ("order", 0.8)))

    assert heard.confidence == pytest.approx(0.8 * KEYWORD_CERTAINTY)


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [("yes please", True, False), ("no", False, True), ("yes no", False, True), ("that is right", True, False),
     ("i do not know", False, True), ("hm", False, False), ("yesterday", False, False)],
)  # fmt: skip
def test_yes_and_no(text: str, yes: bool, no: bool) -> None:
    assert (meant(text).yes, meant(text).no) == (yes, no)


def test_a_person_can_be_asked_for_beside_anything_else() -> None:
    heard = meant("give me an agent for my order")

    assert heard.wants_person
    assert heard.route == "orders"
    assert not meant("agents").wants_person


def test_a_shop_without_routes_understands_nothing_and_still_gets_people() -> None:
    bare = Config(version="c1", business="Shop")

    assert understand(Utterance("operator"), Mood.URGENT, {}, bare).wants_person
    assert understand(Utterance("operator"), Mood.URGENT, {}, bare).mood is Mood.URGENT


def test_odd_words_are_words_too() -> None:
    assert words_of("Don't—ÜBER 7up\n\x00") == ("don't", "über", "7up")
    assert not phrase_in((), ("a",))
    assert phrase_in(("b", "c"), ("a", "b", "c"))
