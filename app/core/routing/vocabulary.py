"""What is known of attributes: their names, and what kind of value stands under each."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.core.expression_tree import Path, Values

Kinds = frozenset[str]
UNKNOWN: Kinds = frozenset()
_NAME = re.compile(r"[^\W\d]\w*")
_WORDS = frozenset({"and", "or", "not", "in", "has", "contains", "true", "false", "null"})


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Path → kinds of value ("string", "number", "boolean", "array", "object"; none: the name is all that is known).

    `levels.orders` is a member of `levels`; whatever is in the list `tags` stands under `tags[]`. Below a path in
    `closed` ("" is the top) there are no names but those known.
    """

    kinds: Mapping[str, Kinds]
    closed: Kinds = frozenset()

    @classmethod
    def of(cls, samples: Iterable[Values], closed: bool = False) -> "Vocabulary":
        """What real attributes show. `closed`: these are all there are, so any other name is a mistake."""
        found: dict[str, set[str]] = {}
        for sample in samples:
            for path, kind in _walk("", sample):
                # Anything may be missing, but what is in a list is there.
                found.setdefault(path, set()).update({kind} - ({"null"} if not path.endswith("[]") else set()))
        top = found.pop("", None)
        kinds = {path: frozenset(seen) for path, seen in found.items()}
        if not closed or top is None:
            return cls(kinds)
        return cls(kinds, frozenset({"", *(path for path, seen in kinds.items() if "object" in seen)}))

    def under(self, root: str) -> "Vocabulary":
        """The same, under a name such as `worker`; beside it there is nothing until another is joined."""
        kinds = {root: frozenset({"object"}), **{f"{root}.{path}": seen for path, seen in self.kinds.items()}}
        return Vocabulary(kinds, frozenset({""}) | {f"{root}.{path}".rstrip(".") for path in self.closed})

    def joined(self, other: "Vocabulary") -> "Vocabulary":
        """What either knows; closed where either says so, the names of both being known."""
        both = {path: self.kinds.get(path, UNKNOWN) | other.kinds.get(path, UNKNOWN) for path in self.kinds}
        return Vocabulary({**other.kinds, **both}, self.closed | other.closed)

    def of_path(self, path: Path) -> Kinds:
        """The kinds of value seen there, none if nothing is known."""
        return self.kinds.get(key(path.parts), UNKNOWN)

    def in_list(self, path: Path) -> Kinds:
        """The kinds of value seen inside the list that stands there."""
        return self.kinds.get(f"{key(path.parts)}[]", UNKNOWN)

    def is_closed(self, path: Path) -> bool:
        """Whether every value that can stand there has been seen."""
        return key(path.parts[:-1]) in self.closed

    def names(self, parent: str) -> list[str]:
        """The names directly below a path, those that a rule can write."""
        start = f"{parent}." if parent else ""
        below = (path.removeprefix(start) for path in self.kinds if path.startswith(start) and path != parent)
        return sorted(name for name in below if _NAME.fullmatch(name))

    def nearest(self, name: str, parent: str) -> str | None:
        """The known name below a path that was probably meant; where others may be right too, only a close one."""
        names = {known.casefold(): known for known in self.names(parent)}
        near = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.6 if parent in self.closed else 0.75)
        return names[near[0]] if near else None


def key(parts: Iterable[str | int]) -> str:
    """The path as a vocabulary writes it: `tags[]` for every `tags[0]`."""
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")


def kind_of(value: object) -> str:
    """The kind of a JSON value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, Mapping):
        return "object"
    if isinstance(value, list | tuple):
        return "array"
    return "string" if isinstance(value, str) else "number"


def unnameable(attributes: Values) -> tuple[str, ...]:
    """The names among these attributes that no rule can write, such as those with hyphens."""
    top = {name for name in attributes if name.casefold() in _WORDS}
    return tuple(sorted(top | {name for name in _names(attributes) if not _NAME.fullmatch(name)}))


def _names(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _names(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _names(inner)


def _walk(path: str, value: object) -> Iterator[tuple[str, str]]:
    yield path, kind_of(value)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _walk(f"{path}.{name}" if path else name, inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _walk(f"{path}[]", inner)
