"""Proves that a rule can never hold, always holds, or holds whenever another does, whatever the attributes.

A "yes" is a proof: it covers NULL, wrong types and everything else that the evaluator does. A rule that is too big to
take apart, or that turns on comparing two paths, may get "not proven" where cleverer reasoning would find a proof.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from app.core.expression_tree import AllOf, Comparison, Node
from app.core.expressions import parse
from app.core.routing.cells import Demand, can_all_hold, work
from app.core.routing.simplify import Truth, any_of, simplified

MOST_CASES = 64
MOST_WORK = 4_000_000

_Case = frozenset[Demand]
_ANY: _Case = frozenset()


class _TooMuch(Exception):
    """The rule has more to it than is worth looking into."""


def satisfiable(expression: str | Node) -> bool:
    """False only if it is proven that no attributes satisfy the rule. Raises ExpressionError, as do all here."""
    return not _never(_rule(expression), True)


def always_holds(expression: str | Node) -> bool:
    """True only if it is proven that all attributes satisfy the rule."""
    return _never(_rule(expression), False)


def implies(expression: str | Node, other: str | Node) -> bool:
    """True only if it is proven that whatever satisfies the one satisfies the other. Both read the same attributes."""
    return _implies(_rule(expression), _rule(other))


def covered_by(expression: str, earlier: Sequence[str]) -> tuple[int, ...]:
    """The places of the earlier rules that together take all that would satisfy this one; none if not proven.

    Of rules that each take everything, the first is named. A filter is out of reach if earlier filters that never
    let a task fall through cover it.
    """
    rule = _rule(expression)
    for place, other in enumerate(earlier):
        if _implies(rule, _rule(other)):
            return (place,)
    return tuple(range(len(earlier))) if earlier and _implies(rule, any_of(map(_rule, earlier))) else ()


def _rule(expression: str | Node) -> Truth:
    return _read(expression) if isinstance(expression, str) else simplified(expression)


@lru_cache(maxsize=2048)
def _read(text: str) -> Truth:
    return simplified(parse(text).tree)


def _never(rule: Truth, holds: bool) -> bool:
    try:
        return not _Search().cases(rule, holds, [_ANY])
    except _TooMuch:
        return False


def _implies(rule: Truth, other: Truth) -> bool:
    if str(rule) == str(other):
        return True
    search = _Search()
    try:
        return not any(search.cases(other, False, [given]) for given in search.cases(rule, True, [_ANY]))
    except _TooMuch:
        return False


class _Search:
    """Takes rules apart into cases, within bounds."""

    def __init__(self) -> None:
        self._work_left = MOST_WORK

    def cases(self, rule: Truth, holds: bool, given: list[_Case]) -> list[_Case]:
        """The given cases, each narrowed to where the rule holds (or does not), without those that contradict."""
        if isinstance(rule, bool):
            return given if rule == holds else []
        if isinstance(rule, Comparison):
            demand = Demand(str(rule), holds, rule)
            return [case | {demand} for case in given if demand in case or self._agrees(case, demand)]
        # What narrows comes before what branches, so that most branches end at once.
        parts = sorted(rule.parts, key=lambda part: not isinstance(part, Comparison))
        if isinstance(rule, AllOf) == holds:
            for part in parts:
                given = _bounded(self.cases(part, holds, given))
            return given
        return _bounded([case for part in parts for case in self.cases(part, holds, given)])

    def _agrees(self, case: _Case, demand: Demand) -> bool:
        """Whether the demand leaves room for a value of its path; two paths contradict only the very opposite."""
        if replace(demand, holds=not demand.holds) in case:
            return False
        path = demand.path
        if path is None:
            return True
        demands = sorted({demand, *(each for each in case if each.path == path)}, key=_strictest_first)
        self._work_left -= work(demands)
        if self._work_left < 0:
            raise _TooMuch
        return can_all_hold(demands)


def _strictest_first(demand: Demand) -> tuple[bool, str]:
    return (demand.holds != (demand.test.operator in ("==", "IN", "HAS")), demand.text)


def _bounded(cases: list[_Case]) -> list[_Case]:
    distinct = list(dict.fromkeys(cases))
    if len(distinct) > MOST_CASES:
        raise _TooMuch
    return distinct
