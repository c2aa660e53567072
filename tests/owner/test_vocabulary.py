"""Words that the loaded speech model can never hear are found before a caller says them."""

from pathlib import Path

from app.owner import load, missing_words

SHOP = Path(__file__).with_name("shop.yaml")
HEARD = {"order", "ice", "cream", "one", "agent", "person"}


def test_each_phrase_with_unknown_words_is_named_where_it_stands() -> None:
    warnings = missing_words(load(SHOP), HEARD.__contains__, SHOP)
    hint = "(use other words, or a larger speech model)"
    assert [str(warning).removeprefix(str(SHOP)) for warning in warnings] == [
        f':61:19: the speech model does not know "hours" {hint}',
        f':73:23: the speech model does not know "real" {hint}',
    ]


def test_a_model_that_knows_every_word_gives_no_warning() -> None:
    assert missing_words(load(SHOP), lambda _word: True) == []


def test_without_the_file_the_words_are_named_all_the_same() -> None:
    warnings = missing_words(load("business: x\ntime zone: UTC\nperson words: [a somebody]\n"), {"a"}.__contains__)
    assert [(warning.line, warning.message) for warning in warnings] == [
        (1, 'the speech model does not know "somebody"')
    ]
