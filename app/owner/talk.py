"""Checks what callers say and press: routes, menus, and the wording of the conversation."""

from collections.abc import Iterator

from app.core.config import Config, Offers, Turns
from app.owner.look import Look
from app.owner.problems import Problem
from app.owner.schema import OwnerFile


def check(file: OwnerFile, look: Look) -> Iterator[Problem]:
    """Words and keys claimed twice, routes nobody can reach, and texts that cannot be said."""
    yield from _words_of_routes(file, look)
    yield from _keys_of_routes(file, look)
    yield from _words_of_menus(file, look)
    yield from _turns(file, look)
    yield from _keys_of_agents(file, look)


def _words_of_routes(file: OwnerFile, look: Look) -> Iterator[Problem]:
    asking = file.person_words
    for_a_person = set(asking if asking is not None else Config(version="", business="").person_words)
    claimed: dict[str, str] = {}
    for name, route in file.routes.items():
        for index, word in enumerate(route.words):
            path = ("routes", name, "words", index)
            other = claimed.setdefault(word, name)
            if other != name:
                hint = "keep it in one of them"
                yield look.at_value(path, f'"{word}" already leads to the route "{other}"', hint)
            if word in for_a_person:
                hint = "remove it here, or list your own under `person words`"
                yield look.at_value(path, f'"{word}" already asks for a person', hint)
        if not look.wrote(("routes", name)) & {"words", "examples", "key"}:
            hint = "add `words`, `examples` or a `key`"
            yield look.at_key(("routes", name), f'nothing leads to the route "{name}"', hint)


def _keys_of_routes(file: OwnerFile, look: Look) -> Iterator[Problem]:
    claimed: dict[str, str] = {}
    for name, route in file.routes.items():
        if route.key is None:
            continue
        path = ("routes", name, "key")
        other = claimed.setdefault(route.key, name)
        if other != name:
            yield look.at_value(path, f'the key {route.key} already leads to the route "{other}"', "choose another")
        if route.key == "0":
            yield look.at_value(path, "0 always leads to a person", "choose another key")


def _words_of_menus(file: OwnerFile, look: Look) -> Iterator[Problem]:
    for name, menu in file.menus.items():
        claimed: dict[str, str] = {}
        for key, choice in menu.keys.items():
            for index, word in enumerate(choice.words):
                other = claimed.setdefault(word, key)
                if other != key:
                    path = ("menus", name, "keys", key, "words", index)
                    yield look.at_value(path, f'"{word}" already means the key {other}', "keep it in one of them")


def _turns(file: OwnerFile, look: Look) -> Iterator[Problem]:
    turns, usual = file.turns, Turns()
    confirm = turns.confirm
    if confirm is not None and "{title}" not in confirm:
        hint = 'write it like "Did you want {title}?"'
        yield look.at_value(("turns", "confirm"), "the question does not say what it asks about", hint)
    elif confirm is not None and set("{}") & set(confirm.replace("{title}", "")):
        hint = "{title} is the only thing that can be filled in"
        yield look.at_value(("turns", "confirm"), "the question holds other { or }", hint)
    ignore = usual.ignore_below if turns.ignore_below is None else turns.ignore_below
    below = usual.confirm_below if turns.confirm_below is None else turns.confirm_below
    if ignore > below:
        which = "ignore below" if turns.ignore_below is not None else "confirm below"
        hint = f"now {ignore} and {below}; raise `confirm below` or lower `ignore below`"
        yield look.at_value(("turns", which), "`ignore below` is above `confirm below`", hint)


def _keys_of_agents(file: OwnerFile, look: Look) -> Iterator[Problem]:
    offers, usual = file.offers, Offers()
    pressed = {
        "accept key": offers.accept_key or usual.accept_key,
        "decline key": offers.decline_key or usual.decline_key,
        "off duty key": offers.off_duty_key or usual.off_duty_key,
    }
    claimed: dict[str, str] = {}
    for name, key in pressed.items():
        other = claimed.setdefault(key, name)
        if other != name:
            yield look.at_value(("offers", name), f"the key {key} is also the `{other}`", "choose another")
