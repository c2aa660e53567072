"""Reads the fields of a YAML mapping and notes each problem with its place."""

from collections.abc import Mapping, Sequence
from typing import Any


class Problems:
    """Problems found so far, each as `file:line:column: text`."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.found: list[str] = []

    def add(self, node: object, key: object, text: str) -> None:
        """Note a problem at a key of a mapping, or at the mapping itself."""
        line, column = _place(node, key)
        self.found.append(f"{self._file}:{line}:{column}: {text}")


def _place(node: object, key: object) -> tuple[int, int]:
    marks = getattr(node, "lc", None)
    if marks is None:
        return 1, 1
    at = (marks.data or {}).get(key)
    line, column = (at[0], at[1]) if at else (marks.line, marks.col)
    return (line or 0) + 1, (column or 0) + 1


class Fields:
    """One mapping of the file; whatever is not asked for is a mistake, noted by `finish`."""

    def __init__(self, node: Mapping[str, Any], problems: Problems) -> None:
        self._node = node
        self._problems = problems
        self._asked: set[str] = set()

    @classmethod
    def of(cls, node: object, problems: Problems, parent: object = None, key: object = None) -> "Fields":
        """Wrap a node, which must be a mapping."""
        if isinstance(node, Mapping):
            return cls(node, problems)
        problems.add(parent, key, "expected names with values (`name: value`)")
        return cls({}, problems)

    def complain(self, key: str, text: str) -> None:
        """Note a problem with a field."""
        self._problems.add(self._node, key, f"{key}: {text}" if key else text)

    def has(self, key: str) -> bool:
        """Whether the field is there."""
        return key in self._node

    def _take(self, key: str) -> Any:
        self._asked.add(key)
        return self._node.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; required when there is no default."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value:
            hint = "missing" if value is None else f'{value!r} is not a text; write it in quotes: "{value}"'
            self.complain(key, hint)
            return default or ""
        return value

    def optional_number(self, key: str) -> float | None:
        """A number that is not negative, or nothing."""
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            self.complain(key, f"{value!r} is not a number of 0 or more")
            return None
        return float(value)

    def number(self, key: str, default: float) -> float:
        """A number that is not negative."""
        value = self.optional_number(key)
        return default if value is None else value

    def flag(self, key: str) -> bool:
        """Yes or no; no by default."""
        value = self._take(key)
        if value is not None and not isinstance(value, bool):
            self.complain(key, f"{value!r} is neither true nor false")
        return value is True

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """One of some words."""
        value = self._take(key)
        if value not in choices:
            self.complain(key, f"{value!r} is not one of {', '.join(choices)}")
            return choices[0]
        return str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text is a list of one."""
        value = self._take(key)
        if value is None:
            return ()
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
            self.complain(key, f"{value!r} is not a list of texts; write each in quotes")
            return ()
        return tuple(str(item) for item in values)

    def items(self, key: str) -> list["Fields"]:
        """A list of mappings; empty where there is none."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.complain(key, "expected a list, each item beginning with a dash")
            return []
        return [Fields.of(item, self._problems, value, number) for number, item in enumerate(value)]

    def part(self, key: str) -> "Fields | None":
        """A mapping within this one."""
        value = self._take(key)
        return None if value is None else Fields.of(value, self._problems, self._node, key)

    def plain(self, key: str) -> dict[str, object]:
        """A mapping of anything, as plain values."""
        value = self._take(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.complain(key, "expected names with values (`name: value`)")
            return {}
        return {str(name): _plain(item) for name, item in value.items()}

    def finish(self) -> None:
        """Note every field that nobody asked for."""
        for key in self._node:
            if key not in self._asked:
                self.complain(str(key), f"unknown; known here are {', '.join(sorted(self._asked))}")


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else str(value)
