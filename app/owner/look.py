"""What every check of the owner's file needs: the tree to point into, and the names that the file defines."""

from collections.abc import KeysView, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.owner.problems import Place, Problem, problem
from app.owner.tree import Branch, Leaf, branches, key_place, names_in, node_at, value_place

SECTIONS = ("agents", "queues", "routes", "menus")


@dataclass(frozen=True, slots=True)
class Look:
    """`tree` is the part that fits the schema; `written` and `names` also hold what does not.

    So one mistake is not reported twice: a step whose `to` is misspelt does not also "do nothing".
    """

    tree: Branch
    written: Mapping[Place, Branch]
    names: Mapping[str, tuple[str, ...]]
    folder: Path
    agents_complete: bool

    def wrote(self, path: Sequence[str | int]) -> KeysView[str]:
        """The keys that the owner wrote in the map at a path, in their order, whether or not they fit."""
        node = node_at(self.tree, path)
        found = self.written.get(node.place) if isinstance(node, Branch) else None
        return (found.entries if found else {}).keys()

    def at_value(self, path: Sequence[str | int], message: str, hint: str) -> Problem:
        """A mistake in the value at a path."""
        return problem(value_place(self.tree, path), message, hint)

    def at_key(self, path: Sequence[str | int], message: str, hint: str) -> Problem:
        """A mistake about the key at the end of a path."""
        node = node_at(self.tree, path[:-1])
        around = self.written.get(node.place) if isinstance(node, Branch) else None
        return problem(key_place(around, path[-1:]) if around else key_place(self.tree, path), message, hint)

    def in_text(self, path: Sequence[str | int], column: int, message: str, hint: str) -> Problem:
        """A mistake at a column (from 1) of the text at a path."""
        node = node_at(self.tree, path)
        place = node.at(column) if isinstance(node, Leaf) else value_place(self.tree, path)
        return problem(place, message, hint)


def look(whole: Branch, fitting: Branch, folder: Path, misfits: Sequence[Problem]) -> Look:
    """The file as written, and the part of it that fits the schema."""
    agents = node_at(whole, ["agents"])
    complete = not misfits or node_at(fitting, ["agents"]) == agents
    written = {branch.place: branch for branch in branches(whole)}
    names = {section: names_in(whole, section) for section in SECTIONS}
    return Look(fitting, written, names, folder, complete)
