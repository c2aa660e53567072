"""The lexicon baseline hears what callers commonly say about how they feel."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import BOX_SCORER, ModelUnusable, load_scorer
from models.lexicon import Cue, LexiconScorer, label_of, read_lexicon

scorer = LexiconScorer()

HEADER = "cue\tsentiment\tfrustration\turgency\texcitement\n"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("this is the third time i call and nobody helps it is ridiculous", "negative"),
        ("my cake arrived late and it was melted", "negative"),
        ("you people are unbelievably rude", "negative"),
        ("i am not happy with this", "negative"),
        ("thanks for nothing", "negative"),
        ("we can't wait to have you at our wedding", "positive"),
        ("that was so helpful thank you so much", "positive"),
        ("i am so happy with the cake it was amazing", "positive"),
        ("i want to order ice cream for tomorrow", "neutral"),
        ("it's not terrible", "neutral"),
        ("what are your hours", "neutral"),
        ("never mind", "neutral"),
        ("no problem", "neutral"),
    ],
)
def test_sentiment_follows_the_words(text: str, label: str) -> None:
    assert scorer.score(text).label == label


@pytest.mark.parametrize(
    "text",
    [
        "this is the third time i call about this order",
        "i am really upset",
        "that is unacceptable",
        "i am still waiting for my refund and nobody called",
        "your service is ridiculous",
    ],
)
def test_frustrated_callers_are_noticed(text: str) -> None:
    assert scorer.score(text).frustration >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "i need this right now",
        "it's last minute but we need a cake",
        "this is an emergency",
        "i need it by tonight please",
    ],
)
def test_urgent_callers_are_noticed(text: str) -> None:
    assert scorer.score(text).urgency >= 0.5


@pytest.mark.parametrize(
    "text", ["we can't wait for the party", "i'm so happy you opened", "your ice cream is amazing"]
)
def test_excited_callers_are_noticed(text: str) -> None:
    assert scorer.score(text).excitement >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "i want to order two gallons of vanilla",
        "can i talk to a manager",
        "there is no rush",
        "it's not urgent at all",
        "are you open today",
        "i'm not upset i just have a question",
        "what is the best flavor",
        "is the shop still open",
    ],
)
def test_calm_callers_raise_no_alarm(text: str) -> None:
    scores = scorer.score(text)
    assert max(scores.frustration, scores.urgency, scores.excitement) < 0.5


def test_can_t_wait_is_joy_and_can_t_wait_any_longer_is_haste() -> None:
    joy, haste = scorer.score("we can't wait"), scorer.score("we can't wait any longer")
    assert joy.excitement >= 0.5 > joy.urgency
    assert haste.urgency >= 0.5 > haste.excitement


def test_the_words_that_decided_are_named() -> None:
    assert scorer.score("I'm very upset, this is the THIRD time!").cues == ("upset", "third time")
    assert scorer.score("it was not great").cues == ("not great",)


def test_stronger_words_before_a_cue_make_it_stronger() -> None:
    assert scorer.score("very disappointed").sentiment < scorer.score("disappointed").sentiment


def test_a_negation_reaches_three_words_and_no_further() -> None:
    assert scorer.score("not a very great cake").sentiment < 0
    assert scorer.score("no i think that the cake is great").sentiment > 0


def test_curly_apostrophes_and_capitals_read_as_plain_ones() -> None:
    assert scorer.score("WE CAN’T WAIT") == scorer.score("we can't wait")


def test_text_that_says_nothing_scores_nothing() -> None:
    for text in ("", "   ", "a", "12 34", "привет", "\x00\x07", "?!"):
        scores = scorer.score(text)
        assert (scores.sentiment, scores.frustration, scores.urgency, scores.excitement) == (0, 0, 0, 0)
        assert scores.label == "neutral"


@given(
    st.text()
    | st.lists(st.sampled_from(["not", "very", "upset", "great", "right", "now", "can't", "wait", "the"])).map(" ".join)
)
def test_scores_stay_in_range_whatever_is_said(text: str) -> None:
    scores = scorer.score(text)
    assert -1 <= scores.sentiment <= 1
    assert all(0 <= value <= 1 for value in (scores.frustration, scores.urgency, scores.excitement))
    assert scores.label == label_of(scores.sentiment)


def test_of_a_very_long_text_only_the_beginning_is_read() -> None:
    assert scorer.score("hello " * 5000 + "terrible").label == "neutral"


def test_the_scorer_in_the_box_says_that_it_is_no_trained_model() -> None:
    for named in (None, "", BOX_SCORER):
        box = load_scorer(named)
        assert box.name == "lexicon-baseline"
        assert "not a trained model" in box.description


def test_an_owners_cues_replace_the_box_lexicon() -> None:
    own = LexiconScorer({("brain", "freeze"): Cue(-2, 0.9, 0, 0)})
    assert own.score("i have brain freeze").label == "negative"
    assert own.score("terrible").label == "neutral"


@pytest.mark.parametrize("content", ["cue\tsentiment\nbad\t-1\n", HEADER + "bad\tx\t0\t0\t0\n"])
def test_a_broken_lexicon_is_refused_by_its_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lexicon.tsv"
    path.write_text(content)
    with pytest.raises(ModelUnusable, match=r"lexicon\.tsv: not a lexicon"):
        read_lexicon(path)
    with pytest.raises(ModelUnusable, match="cannot be read: No such file"):
        read_lexicon(tmp_path / "nowhere.tsv")
