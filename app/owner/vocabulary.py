"""Which words of the owner's file the loaded speech model can never hear."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from app.core.config import Config
from app.owner.problems import Place, Problem, problem
from app.owner.reader import read_source, read_tree
from app.owner.tree import Branch, value_place


def missing_words(config: Config, knows: Callable[[str], bool], source: Path | None = None) -> list[Problem]:
    """Warnings, one for each phrase with unknown words; with `source` they say where the phrase stands."""
    tree = read_tree(read_source(source))[0] if source else None
    found = []
    for path, text in _phrases(config):
        unknown = [word for word in re.findall(r"[\w']+", text.lower()) if not knows(word)]
        if unknown:
            listed = ", ".join(f'"{word}"' for word in unknown)
            hint = "use other words, or a larger speech model"
            found.append(problem(_place(tree, path), f"the speech model does not know {listed}", hint))
    return found


def _place(tree: Branch | None, path: tuple[str | int, ...]) -> Place:
    return value_place(tree, path) if tree else Place("owner.yaml")


def _phrases(config: Config) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for path, words in _lists(config):
        for index, word in enumerate(words):
            yield (*path, index), word


def _lists(config: Config) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for route in config.routes.values():
        yield ("routes", route.name, "words"), route.keywords
    for menu in config.menus.values():
        for choice in menu.choices:
            yield ("menus", menu.name, "keys", choice.keys, "words"), choice.words
    yield ("person words",), config.person_words
