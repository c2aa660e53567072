"""Whether one value can pass several comparisons at once: tries one value of every sort that they tell apart.

Comparisons with constants cut all values into cells: each constant, NULL, true and false; the numbers and the strings
between two constants; all other arrays; all other objects. Within a cell every comparison answers alike, but for
HAS and CONTAINS, whose answers are taken as free unless they contradict one another.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.expression_tree import OPERATORS, Comparison, Constant, Path, literal

_ORDERED = frozenset({"<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Demand:
    """A canonical comparison, and whether it is to hold. Its text says which it is, as in Python `1 == True`."""

    text: str
    holds: bool
    test: Comparison = field(compare=False)

    @property
    def path(self) -> Path | None:
        """The one path compared with a constant; None where two paths are compared."""
        if isinstance(self.test.left, Path):
            return self.test.left if isinstance(self.test.right, Constant) else None
        return self.test.right if isinstance(self.test.right, Path) else None

    @property
    def constant(self) -> object:
        """What the path is compared with."""
        side = self.test.right if isinstance(self.test.left, Path) else self.test.left
        return side.value if isinstance(side, Constant) else None


@dataclass(frozen=True, slots=True)
class _Gap:
    """All values of a kind that are no constant of the rule; numbers and strings: those just above `floor`."""

    kind: str
    floor: object = None


def can_all_hold(demands: Sequence[Demand]) -> bool:
    """False only if no value of a path meets all these demands on it, which must compare it with constants."""
    constants = _constants(demands)
    points: list[object] = [None, True, False, *constants]
    return any(_meets(point, demands) for point in points) or any(_may_meet(gap, demands) for gap in _gaps(constants))


def work(demands: Sequence[Demand]) -> int:
    """About how many comparisons `can_all_hold` makes at most."""
    return len(demands) * (len(_constants(demands)) + 1)


def _constants(demands: Iterable[Demand]) -> list[object]:
    found: list[object] = []
    for demand in demands:
        value = demand.constant
        if demand.test.operator in ("IN", "NOT IN") and isinstance(value, list | tuple):
            found.extend(value)
        found.append(value)
    return found


def _meets(value: object, demands: Iterable[Demand]) -> bool:
    return all(_answer(value, demand.test) == demand.holds for demand in demands)


def _answer(value: object, test: Comparison) -> bool:
    left, right = (side.value if isinstance(side, Constant) else value for side in (test.left, test.right))
    return OPERATORS[test.operator](left, right)


def _gaps(constants: Iterable[object]) -> Iterator[_Gap]:
    numbers: set[Any] = set()
    strings: set[str] = set()
    for value in constants:
        if isinstance(value, str):
            strings.add(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            numbers.add(value)
    # Nothing sorts before the empty string, so there is no gap below it.
    floors: list[object] = [] if "" in strings else [None]
    yield from (_Gap("string", floor) for floor in [*floors, *strings])
    yield from (_Gap("number", floor) for floor in [None, *numbers])
    yield _Gap("array")
    yield _Gap("object")


def _may_meet(gap: _Gap, demands: Sequence[Demand]) -> bool:
    answers = [(_answer_in(gap, demand.test), demand) for demand in demands]
    if any(answer is not None and answer != demand.holds for answer, demand in answers):
        return False
    free = [demand for answer, demand in answers if answer is None]
    return _strings_agree(free) if gap.kind == "string" else _members_agree(free)


def _answer_in(gap: _Gap, test: Comparison) -> bool | None:
    """What a comparison says of every value in the gap; None if it tells some of them from others."""
    on_the_right = isinstance(test.left, Constant)
    if test.operator in _ORDERED:
        return _ordered_in(gap, test)
    if test.operator == "CONTAINS":
        return None if gap.kind == "string" else False
    if test.operator == "HAS" or (test.operator == "NOT IN" and on_the_right):
        return None if gap.kind == "array" else False
    return test.operator in ("!=", "NOT IN")


def _ordered_in(gap: _Gap, test: Comparison) -> bool:
    limit: Any = test.right.value if isinstance(test.right, Constant) else None
    if _kind(limit) != gap.kind:
        return False
    above = gap.floor is not None and limit <= gap.floor
    return above if test.operator in (">", ">=") else not above


def _kind(value: object) -> str | None:
    if isinstance(value, str):
        return "string"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else None


def _strings_agree(demands: Iterable[Demand]) -> bool:
    """A string that contains all of `parts` contains whatever they contain, and the empty string."""
    wanted: Mapping[bool, list[str]] = {True: [""], False: []}
    for demand in demands:
        if isinstance(demand.test.left, Path) and isinstance(demand.constant, str):
            wanted[demand.holds].append(demand.constant)
    return not any(absent in part for absent in wanted[False] for part in wanted[True])


def _members_agree(demands: Iterable[Demand]) -> bool:
    wanted: Mapping[bool, set[str]] = {True: set(), False: set()}
    for demand in demands:
        wanted[demand.holds == (demand.test.operator == "HAS")].add(literal(demand.constant))
    return wanted[True].isdisjoint(wanted[False])
