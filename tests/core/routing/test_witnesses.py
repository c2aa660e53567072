"""Witnesses satisfy the rule they are made of, and never hide that it is covered by others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.expressions import parse
from app.core.routing.satisfiable import covered_by
from app.core.routing.witnesses import covers, witnesses

TESTS = st.sampled_from(
    ["a == 1", "a > 2", "a <= 2", "a != 'x'", "b HAS 'x'", "'x' IN b", "a IN [1, 'x']", "a NOT IN [2, 3]", "c.d == 'y'",
     "c.d CONTAINS 'y'", "c == NULL", "a == c.d", "b[0] == 1"]
)  # fmt: skip
RULES = st.recursive(
    TESTS,
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(
        lambda it: f"({it[0]}) {it[1]} ({it[2]})"
    ),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(RULES)
def test_every_witness_satisfies_its_rule(rule: str) -> None:
    assert all(parse(rule).holds(witness) for witness in witnesses(rule))


@settings(max_examples=150, deadline=None)
@given(RULES, st.lists(RULES, max_size=3))
def test_a_look_for_witnesses_changes_no_proof(rule: str, others: list[str]) -> None:
    assert covers(rule, others) == covered_by(rule, others)


@pytest.mark.parametrize(
    "rule",
    ["a == 'x' AND n > 3", "b HAS 'x' AND c.d != 'y'", "a IN ['x', 'y'] OR n <= 2", "t CONTAINS 'z'", "'x' IN b"],
)
def test_common_rules_have_a_witness(rule: str) -> None:
    assert next(witnesses(rule), None) is not None
