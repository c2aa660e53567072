"""A parsed rule as a tree, and the tree as one fast function; `expressions` reads the text.

Where TaskRouter answers a wrong type with a silent `false`, so does this: no rule fails while a caller waits.
"""

import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, object]
Test = Callable[[Values], bool]
Read = Callable[[Values], object]

# Beyond this a float no longer tells neighbouring integers apart, so it is written as the float it is.
_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Constant:
    """A value written in the rule itself: any JSON, its arrays as tuples. `column` is where it stands in the text."""

    value: object
    column: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return literal(self.value)


@dataclass(frozen=True, slots=True)
class Path:
    """A value to look up, such as `task.tags[0]`; anything missing on the way is NULL."""

    parts: tuple[str | int, ...]
    column: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.parts)
        return text.removeprefix(".")


Operand = Constant | Path


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands and one of the operators of `OPERATORS`."""

    left: Operand
    operator: str
    right: Operand

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every part holds."""

    parts: "tuple[Node, ...]"

    def __str__(self) -> str:
        return " AND ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when at least one part holds."""

    parts: "tuple[Node, ...]"

    def __str__(self) -> str:
        return " OR ".join(map(str, self.parts))


Node = Comparison | AllOf | AnyOf


def literal(value: object) -> str:
    """A constant as a rule writes it. What a rule holds to be equal is written alike: 2.0 as 2, keys in order."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=not value.isprintable())
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key)}: {literal(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, float):
        return str(int(value)) if abs(value) < _EXACT and value.is_integer() else _float(value)
    return json.dumps(value)


def _float(value: float) -> str:
    return repr(value) if abs(value) != float("inf") else "1e999" if value > 0 else "-1e999"


def compiled(node: Node) -> Test:
    """One function for the whole tree, so that testing a rule walks no tree."""
    if isinstance(node, Comparison):
        return _compiled_comparison(node)
    tests = tuple(compiled(part) for part in node.parts)
    if isinstance(node, AllOf):
        return lambda values: all(test(values) for test in tests)
    return lambda values: any(test(values) for test in tests)


def _compiled_comparison(node: Comparison) -> Test:
    test, left, right = OPERATORS[node.operator], reader(node.left), reader(node.right)
    if isinstance(node.right, Constant):
        value = node.right.value
        return lambda values: test(left(values), value)
    return lambda values: test(left(values), right(values))


def reader(operand: Operand) -> Read:
    """A function that looks an operand up."""
    if isinstance(operand, Constant):
        value = operand.value
        return lambda _values: value
    first, *rest = operand.parts
    if not rest:
        return lambda values: values.get(str(first))

    def read(values: Values) -> object:
        found = values.get(str(first))
        for part in rest:
            found = _member(found, part)
        return found

    return read


def _member(holder: object, part: str | int) -> object:
    if isinstance(part, str):
        return holder.get(part) if isinstance(holder, Mapping) else None
    return holder[part] if isinstance(holder, list | tuple) and part < len(holder) else None


def _same(left: object, right: object) -> bool:
    """Equality of JSON: in Python `True == 1`, in a rule it is not; a list equals a tuple of its items."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return left == right


def _ordered(test: Callable[[Any, Any], object]) -> Callable[[object, object], bool]:
    """Orders two numbers or two strings; anything else is false."""

    def compare(left: object, right: object) -> bool:
        if isinstance(left, bool) or isinstance(right, bool):
            return False
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        return bool((numbers or (isinstance(left, str) and isinstance(right, str))) and test(left, right))

    return compare


def _among(item: object, items: object) -> bool:
    return isinstance(items, list | tuple) and any(_same(item, other) for other in items)


def _not_among(item: object, items: object) -> bool:
    return isinstance(items, list | tuple) and not _among(item, items)


OPERATORS: Mapping[str, Callable[[object, object], bool]] = {
    "==": _same,
    "!=": lambda left, right: not _same(left, right),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "IN": _among,
    "NOT IN": _not_among,
    "HAS": lambda left, right: _among(right, left),
    "CONTAINS": lambda left, right: isinstance(left, str) and isinstance(right, str) and right in left,
}
