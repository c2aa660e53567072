"""Comparisons between kinds of value that can never meet: HAS on a string, IN against no list, a number with a word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.expression_tree import Comparison, Constant, Operand, Path, literal
from app.core.routing.findings import Finding, Severity
from app.core.routing.vocabulary import UNKNOWN, Kinds, Vocabulary, kind_of

_ARTICLE = {"array": "a list", "object": "an object", "null": "NULL"}
_SORTED = frozenset({"number", "string"})


@dataclass(frozen=True, slots=True)
class _Side:
    """One operand and the kinds of value it can have; no kinds: anything."""

    operand: Operand
    kinds: Kinds
    inside: Kinds
    certain: bool

    def lacks(self, *wanted: str) -> bool:
        """Whether it is known to be none of these kinds."""
        return bool(self.kinds) and self.kinds.isdisjoint(wanted)

    def __str__(self) -> str:
        if self.kinds == {"null"}:
            return "NULL is nothing"
        shown = " or ".join(_ARTICLE.get(kind, f"a {kind}") for kind in sorted(self.kinds))
        return f"{self.operand} is {shown}"


def mismatches(test: Comparison, vocabulary: Vocabulary) -> Iterator[Finding]:
    """At most one finding: why these kinds of value, so compared, always give the same answer."""
    left, right = _side(test.left, vocabulary), _side(test.right, vocabulary)
    if test.operator in ("IN", "NOT IN"):
        yield from _membership(test.operator, left, right)
    elif test.operator == "HAS":
        yield from _membership("HAS", right, left)
    elif test.operator == "CONTAINS":
        yield from _contains(left, right)
    elif test.operator in ("==", "!="):
        yield from _equality(test.operator, left, right)
    else:
        yield from _order(test.operator, left, right)


def _side(operand: Operand, vocabulary: Vocabulary) -> _Side:
    if isinstance(operand, Path):
        certain = vocabulary.is_closed(operand)
        return _Side(operand, vocabulary.of_path(operand), vocabulary.in_list(operand), certain)
    value = operand.value
    inside = frozenset(map(kind_of, value)) if isinstance(value, list | tuple) else UNKNOWN
    return _Side(operand, frozenset({kind_of(value)}), inside, True)


def _membership(sign: str, item: _Side, items: _Side) -> Iterator[Finding]:
    """`item IN items`, `items HAS item`."""
    if items.lacks("array"):
        yield _finding(
            items, items, f"{items}, and {sign} needs a list: this is never true", _instead(sign, item, items)
        )
    elif item.kinds and items.inside and "null" not in items.inside and item.kinds.isdisjoint(items.inside):
        inside = " or ".join(sorted(items.inside))
        outcome = "true of any list there" if sign == "NOT IN" else "never true"
        message = f"{item}, and {items.operand} lists {inside} values: this is {outcome}"
        hint = f"{sign} looks for one thing in a list" if "array" in item.kinds else _alike(item, items.inside)
        yield _finding(item, items, message, hint)


def _instead(sign: str, item: _Side, items: _Side) -> str:
    if isinstance(items.operand, Constant):
        if sign == "HAS":
            return f"the list stands on the left: {item.operand} HAS {items.operand}"
        return f"write a list: {sign} [{items.operand}]"
    if "string" in items.kinds:
        return f"use == for the whole of it, or {items.operand} CONTAINS … for a part"
    return "compare it with == instead, or make the attribute a list"


def _contains(left: _Side, right: _Side) -> Iterator[Finding]:
    if left.lacks("string"):
        hint = f"write {left.operand} HAS {right.operand}" if "array" in left.kinds else "use == instead"
        yield _finding(left, left, f"{left}, and CONTAINS looks into a string: this is never true", hint)
    elif right.lacks("string"):
        message = f"{right}, and CONTAINS looks for a string: this is never true"
        yield _finding(right, right, message, _alike(right, frozenset({"string"})))


def _equality(sign: str, left: _Side, right: _Side) -> Iterator[Finding]:
    if not left.kinds or not right.kinds or "null" in left.kinds | right.kinds:
        return
    if left.kinds.isdisjoint(right.kinds):
        outcome = "never true" if sign == "==" else "always true"
        if isinstance(left.operand, Path) and isinstance(right.operand, Path):
            outcome = f"{'true' if sign == '==' else 'false'} only where both are missing"
        yield _finding(left, right, f"{left} and {right}: this is {outcome}", _reconciled(left, right))


def _order(sign: str, left: _Side, right: _Side) -> Iterator[Finding]:
    for side in (left, right):
        if side.lacks(*_SORTED):
            message = f"{side}, and {sign} compares numbers or strings: this is never true"
            yield _finding(side, side, message, "use == or != instead")
            return
    if left.kinds and right.kinds and not left.kinds & right.kinds & _SORTED:
        yield _finding(left, right, f"{left} and {right}: this is never true", _reconciled(left, right))


def _reconciled(left: _Side, right: _Side) -> str:
    for side, other in ((left, right), (right, left)):
        if "array" in side.kinds and isinstance(side.operand, Path):
            return f"write {side.operand} HAS {other.operand}"
    return _alike(left, right.kinds) if isinstance(left.operand, Constant) else _alike(right, left.kinds)


def _alike(side: _Side, kinds: Kinds) -> str:
    """How to write a constant so that it is of one of the kinds."""
    value = side.operand.value if isinstance(side.operand, Constant) else None
    if isinstance(value, str):
        if "boolean" in kinds and value.lower() in ("true", "false"):
            return f"write {value.lower()} without quotation marks"
        if "number" in kinds and re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", value):
            return f"write {value.strip()} without quotation marks"
    elif isinstance(value, int | float) and "string" in kinds:
        return f'write "{literal(value)}" in quotation marks'
    return "compare values of the same kind"


def _finding(side: _Side, other: _Side, message: str, hint: str) -> Finding:
    """At the constant of the two, which is what the author can mend; certain if both sides are."""
    place = other if isinstance(other.operand, Constant) else side
    severity: Severity = "error" if side.certain and other.certain else "warning"
    return Finding(place.operand.column, message, hint, severity)
