"""Attributes that satisfy a rule, made from the rule itself: a quick way to see that it does not imply another.

Where no witness speaks against it nothing is shown; that is for `satisfiable` to prove.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, product

from app.core.expression_tree import Comparison, Constant, Path, Values
from app.core.expressions import parse
from app.core.routing.satisfiable import covered_by

_MOST = 64
_OTHER = "\x00"
"""A text that no rule names."""


def covers(rule: str, others: Sequence[str]) -> tuple[int, ...]:
    """`covered_by`, after a look for attributes that satisfy the rule and none of the others."""
    tests = [parse(other) for other in others]
    for witness in witnesses(rule):
        if not any(test.holds(witness) for test in tests):
            return ()
    return covered_by(rule, others)


def witnesses(rule: str) -> Iterator[Values]:
    """Some attributes with which the rule holds; perhaps none."""
    read = parse(rule)
    values: dict[Path, list[object]] = {}
    for test in read.comparisons():
        for path, found in _values(test):
            values.setdefault(path, []).extend(value for value in found if value not in values.get(path, []))
    for chosen in islice(product(*values.values()), _MOST):
        attributes = _attributes(dict(zip(values, chosen, strict=True)))
        if read.holds(attributes):
            yield attributes


def _values(test: Comparison) -> Iterator[tuple[Path, list[object]]]:
    """Values of the path in a comparison that are likely to satisfy it, and one that is not."""
    path, constant = test.left, test.right
    if isinstance(constant, Path):
        path, constant = constant, test.left
    if not isinstance(path, Path) or not isinstance(constant, Constant):
        return
    value = constant.value
    if test.operator in ("IN", "NOT IN") and isinstance(value, list | tuple):
        yield path, [*value[:2], _OTHER]
    elif test.operator == "HAS" or (test.operator in ("IN", "NOT IN") and path is test.right):
        yield path, [[value], []]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, [value, value + 1, value - 1]
    else:
        yield path, [value, _OTHER]


def _attributes(values: dict[Path, object]) -> Values:
    attributes: dict[str, object] = {}
    for path, value in values.items():
        here = attributes
        for part in path.parts[:-1]:
            inner = here.setdefault(str(part), {})
            here = inner if isinstance(inner, dict) else {}
        here[str(path.parts[-1])] = value
    return attributes
