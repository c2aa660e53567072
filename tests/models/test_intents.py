"""Routes are found by the owner's own examples, and nothing is found where nothing fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import load_intents, speech_model_folder
from models.words import stem, words

SHOP = {
    "sales": ["order", "ice cream", "i want to place an order", "how much is a gallon"],
    "catering": ["catering", "wedding", "party", "can you bring ice cream to an event"],
    "support": ["where is my order", "refund", "my order is wrong", "track my delivery"],
    "flavors": ["flavors", "what flavors do you have"],
    "owner": ["dana", "i want to speak to the owner"],
}
shop = load_intents(SHOP)


@pytest.mark.parametrize(
    ("said", "route"),
    [
        ("i need to talk to someone about a wedding", "catering"),
        ("do you cater", "catering"),
        ("i'd like to place an order please", "sales"),
        ("where is my order", "support"),
        ("i want my order refunded", "support"),
        ("which flavor is new", "flavors"),
        ("is dana there", "owner"),
    ],
)
def test_a_caller_gets_the_route_that_the_words_ask_for(said: str, route: str) -> None:
    best, runner_up = shop.rank(said)[:2]
    assert best[0] == route
    assert best[1] > 0.5
    assert best[1] > runner_up[1]


@pytest.mark.parametrize("said", ["what's the weather going to be", "", "hello", "um yes please", "42", "привет"])
def test_what_no_route_is_about_gets_no_confidence(said: str) -> None:
    assert max(probability for _, probability in shop.rank(said)) < 0.1


def test_an_utterance_between_two_routes_is_not_sure_of_either() -> None:
    assert shop.rank("a refund for the wedding")[0][1] < 0.75


@pytest.mark.parametrize("route", list(SHOP))
def test_every_example_is_found_again(route: str) -> None:
    for example in SHOP[route]:
        assert shop.rank(example)[0][0] == route, example


@given(
    st.text()
    | st.lists(st.sampled_from(["order", "wedding", "my", "is", "the", "refund", "dana", "party"])).map(" ".join)
)
def test_ranks_are_complete_sorted_and_leave_room_for_none_of_these(text: str) -> None:
    ranked = shop.rank(text)
    probabilities = [probability for _, probability in ranked]
    assert {name for name, _ in ranked} == set(SHOP)
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(probability >= 0 for probability in probabilities)
    assert sum(probabilities) < 1


def test_the_order_in_which_routes_are_written_changes_nothing() -> None:
    turned = load_intents(dict(reversed(SHOP.items())))
    for text in ("i want to order for a wedding", "hello", "my order is late"):
        assert [name for name, _ in turned.rank(text)] == [name for name, _ in shop.rank(text)]
        assert [p for _, p in turned.rank(text)] == pytest.approx([p for _, p in shop.rank(text)])


def test_a_route_without_examples_is_never_found() -> None:
    assert dict(load_intents({"empty": [], "blank": ["", "the"], "sales": ["order"]}).rank("order"))["empty"] == 0
    assert load_intents({}).rank("order") == ()


@pytest.mark.parametrize(
    "family",
    [
        ["order", "orders", "ordered", "ordering"],
        ["party", "parties"],
        ["cancel", "cancelled", "cancels"],
        ["stop", "stopped", "stopping"],
        ["charge", "charged", "charges", "charging"],
        ["dana", "dana's"],
    ],
)
def test_forms_of_a_word_share_a_stem(family: list[str]) -> None:
    assert len({stem(word) for word in family}) == 1


def test_short_words_keep_their_ends() -> None:
    short = ["is", "this", "bus", "sing", "red"]
    assert [stem(word) for word in short] == short


def test_words_are_lower_case_and_bare() -> None:
    assert words("Hello, I CAN’T hear-you 2 times!") == ["hello", "i", "can't", "hear", "you", "2", "times"]


def test_the_speech_model_lies_in_the_box_with_its_card() -> None:
    folder = speech_model_folder()
    assert (folder / "am" / "final.mdl").is_file()
    assert "CC BY-SA 4.0" in (folder / "CARD.md").read_text()
