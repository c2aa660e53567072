"""Refuses an owner's file in which a caller can wait for ever, and shows the way that leads there."""

from collections.abc import Sequence
from dataclasses import replace

from app.core.routing.caller_waits import Where
from app.core.routing.dead_ends import DeadEnd, dead_ends
from app.owner import build
from app.owner.look import Look
from app.owner.problems import Problem
from app.owner.schema import OwnerFile
from app.owner.tree import Leaf, node_at, value_place


def with_dead_ends(found: Sequence[Problem], file: OwnerFile, look: Look) -> list[Problem]:
    """The problems found so far and the dead ends, each mistake once: a rule that fits nobody tells the way.

    The file has to fit its schema: what is left out of it as wrong could be what leads out.
    """
    told = list(found)
    for end in dead_ends(build.config(file, "", lambda written: written)):
        if not end.unserved:
            told.append(_at(look, end))
            continue
        causes = [problem for problem in told if _is_in_rule(look, problem, (*end.where, "serves"))]
        if causes:
            told[told.index(causes[0])] = replace(causes[0], message=f"{causes[0].message}; {end.message}: {end.way}")
        elif not found:
            told.append(_at(look, end))
    return told


def _at(look: Look, end: DeadEnd) -> Problem:
    """The problem at its place in the file: a queue at its name, a step at where it leads."""
    message = f"{end.message}: {end.way}"
    whole = len(end.where) == 2
    return look.at_key(end.where, message, end.hint) if whole else look.at_value(end.where, message, end.hint)


def _is_in_rule(look: Look, problem: Problem, path: Where) -> bool:
    """Whether a problem is one of the rule that stands at a path."""
    place, rule = value_place(look.tree, path), node_at(look.tree, path)
    length = len(str(rule.value)) + 1 if isinstance(rule, Leaf) else 0
    same_line = (problem.file, problem.line) == (place.file, place.line)
    return same_line and place.column <= problem.column <= place.column + length
