"""Refuses an owner's file in which a caller can wait for ever, and shows the way that leads there."""

from collections.abc import Iterator

from app.core.routing.caller_ways import Where
from app.core.routing.dead_ends import dead_ends
from app.owner import build
from app.owner.look import Look
from app.owner.problems import Problem
from app.owner.schema import OwnerFile


def check(file: OwnerFile, look: Look) -> Iterator[Problem]:
    """Every dead end. The file has to fit its schema: what is left out of it as wrong could be what leads out."""
    for end in dead_ends(build.config(file, "", lambda written: written)):
        yield at(look, end.where, f"{end.message}: {end.way}", end.hint)


def at(look: Look, where: Where, message: str, hint: str) -> Problem:
    """The problem at its place in the file: a queue at its name, a step at where it leads."""
    return look.at_key(where, message, hint) if len(where) == 2 else look.at_value(where, message, hint)
