"""What can be proven of rules: that they never hold, always hold, or take all that another would."""

from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.expressions import parse
from app.core.routing.satisfiable import MOST_CASES, always_holds, covered_by, implies, satisfiable


@pytest.mark.parametrize(
    "rule",
    [
        "1 == 2",
        "level > 3 AND level < 2",
        "level > 3 AND level <= 3",
        "level >= 3 AND level < 3",
        "level == 3 AND level != 3.0",
        "level >= '3' AND level <= 5",
        "level == 3 AND level == '3'",
        "vip == true AND vip == 1",
        "vip != true AND vip IN [true]",
        "type IN ['a', 'b'] AND type NOT IN ['b', 'c', 'a']",
        "type IN ['a', 'b'] AND type > 'b'",
        "type == 'a' AND (type == 'b' OR type == 'c')",
        "skills HAS 'x' AND 'x' NOT IN skills",
        "skills HAS 'x' AND skills == 'x'",
        "skills HAS 'x' AND skills == NULL",
        "skills == ['x'] AND skills HAS 'y'",
        "name CONTAINS 'ana' AND name == 'bob'",
        "name < ''",
        "'abc' CONTAINS name AND name == 'x'",
        "missing == NULL AND missing > 0",
        "prefs == {'a': 1} AND prefs == {'a': true}",
        "(a == 1 OR b == 1) AND a != 1 AND b != 1",
        "task.a == worker.b AND level == 1 AND level == 2",
    ],
)
def test_a_rule_that_can_never_hold_is_proven_so(rule: str) -> None:
    assert not satisfiable(rule)


@pytest.mark.parametrize(
    "rule",
    [
        "1 == 1",
        "level > 2 AND level < 3",
        "level != 3 AND level != 'x'",
        "level NOT IN [1, 2] AND level == NULL",
        "skills HAS 'x' AND skills HAS 'y' AND 'z' NOT IN skills",
        "skills HAS 'x' AND skills != ['x']",
        "name CONTAINS 'ab' AND name > 'b'",
        "type IN ['a', 'b'] AND type != 'a'",
        "a == 1 AND b == 2 OR a == 2 AND a == 3",
    ],
)
def test_a_rule_that_can_hold_is_not_condemned(rule: str) -> None:
    assert satisfiable(rule)


@pytest.mark.parametrize(
    ("rule", "other"),
    [
        ("level > 3", "level > 2"),
        ("level > 3", "level >= 3"),
        ("level == 3", "level IN [1, 3.0]"),
        ("type == 'a' AND level > 1", "type == 'a'"),
        ("type == 'a'", "type == 'a' OR level > 1"),
        ("type == 'a'", "type != 'b'"),
        ("type == 'a'", "type != NULL"),
        ("missing == NULL", "missing NOT IN ['a']"),
        ("type IN ['a', 'b']", "type == 'b' OR type == 'a'"),
        ("skills HAS 'x' AND skills HAS 'y'", "'y' IN skills"),
        ("level > 2 OR level <= 2", "level != NULL AND level != 'x'"),
        ("name == 'Ana Lima'", "name CONTAINS 'Ana'"),
        ("name CONTAINS 'Ana L'", "name CONTAINS 'Ana'"),
        ("name > 'b'", "name != true AND 'x' NOT IN ['y']"),
        ("task.lang IN worker.langs AND worker.level > 1", "worker.langs HAS task.lang"),
        ("1 == 2", "type == 'a'"),
        ("type == 'a'", "1 == 1"),
    ],
)
def test_whatever_satisfies_the_one_rule_is_proven_to_satisfy_the_other(rule: str, other: str) -> None:
    assert implies(rule, other)


@pytest.mark.parametrize(
    ("rule", "other"),
    [
        ("level > 2", "level > 3"),
        ("type != 'b'", "type == 'a'"),
        ("type != 'b'", "type != NULL"),
        ("level != NULL", "level > 2 OR level <= 2"),
        ("skills HAS 'x'", "skills == ['x']"),
        ("name > 'b'", "name CONTAINS 'x'"),
        ("name > 'b' AND name CONTAINS 'x'", "name CONTAINS 'xy'"),
        ("1 == 1", "vip == true OR vip == false"),
        ("worker.langs HAS task.lang", "worker.langs HAS 'en'"),
    ],
)
def test_nothing_is_proven_that_some_attributes_refute(rule: str, other: str) -> None:
    assert not implies(rule, other)


def test_a_rule_that_always_holds_is_proven_so_and_null_counts() -> None:
    assert always_holds("1 == 1")
    assert always_holds("type == 'a' OR type != 'a'")
    assert not always_holds("level > 1 OR level <= 1")


def test_a_filter_is_covered_by_an_earlier_one_or_by_several_together() -> None:
    earlier = ["vip == true", "type == 'call'", "type == 'sms' OR level > 3"]
    assert covered_by("type == 'call' AND lang == 'en'", earlier) == (1,)
    assert covered_by("type IN ['sms', 'call']", earlier) == (0, 1, 2)
    assert covered_by("type == 'lead'", earlier) == ()
    assert covered_by("type == 'lead'", []) == ()


def test_a_rule_too_big_to_take_apart_is_left_unproven_in_good_time() -> None:
    clauses = [f"(a{number} == 1 OR b{number} == 1)" for number in range(MOST_CASES)]
    big = " AND ".join(clauses)
    assert satisfiable(big)
    assert implies(big, big)
    assert not implies(big, f"{big} OR a0 == 2 AND b0 == 2")
    assert satisfiable(" AND ".join(f"(a != {number} OR a != -{number})" for number in range(1, 150)))


relaxed = settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
_CONSTANTS = ["'x'", "'xy'", "''", "1", "2", "1.5", "true", "NULL", "['x', 1]", "['x']", "[]", "{'a': 1}"]
_SIGNS = ["==", "!=", "<", "<=", ">", ">=", "IN", "NOT IN", "HAS", "CONTAINS"]
_TESTS = st.builds(
    " ".join,
    st.one_of(
        st.tuples(st.sampled_from(["a", "a", "b", "a.a"]), st.sampled_from(_SIGNS), st.sampled_from(_CONSTANTS)),
        st.tuples(st.sampled_from(_CONSTANTS), st.sampled_from(_SIGNS), st.sampled_from(["a", "b"])),
        st.tuples(st.sampled_from("ab"), st.sampled_from(_SIGNS), st.sampled_from("ab")),
    ),
)


def rules(leaves: int) -> st.SearchStrategy[str]:
    return st.recursive(
        _TESTS,
        lambda parts: st.builds("({}) {} ({})".format, parts, st.sampled_from(["AND", "OR"]), parts),
        max_leaves=leaves,
    )


_SCALARS: list[object] = [None, True, False, 0, 1, 1.25, 1.5, 1.75, 2, 3, "", "w", "x", "xa", "xy", "xyz", "y"]
_COMPOUND: list[object] = [[], ["x"], ["x", 1], ["x", "xy"], [True, 2], [[]], {}, {"a": 1}, {"a": "x"}, {"a": True}]
VALUES = _SCALARS + _COMPOUND
_ATTRIBUTES = st.fixed_dictionaries({}, optional={"a": st.sampled_from(VALUES), "b": st.sampled_from(VALUES)})


@relaxed
@given(rules(4), st.lists(_ATTRIBUTES, min_size=12, max_size=12))
def test_no_attributes_satisfy_what_is_proven_never_to_hold(rule: str, many: list[dict[str, object]]) -> None:
    read = parse(rule)
    held = [attributes for attributes in many if read.holds(attributes)]
    assert satisfiable(rule) or held == []
    assert held == many or not always_holds(rule)


@relaxed
@given(rules(3), rules(3), st.lists(_ATTRIBUTES, min_size=12, max_size=12))
def test_no_attributes_refute_a_proven_implication(rule: str, other: str, many: list[dict[str, object]]) -> None:
    if implies(rule, other):
        read, wider = parse(rule), parse(other)
        assert [each for each in many if read.holds(each) and not wider.holds(each)] == []


_MEMBERS: list[object] = ["x", "xy", 1, 2, True, None]
_UNIVERSE = [*VALUES, *(list(some) for size in range(7) for some in combinations(_MEMBERS, size)), ["x", "x"], {"b": 1}]
_ON_ONE = st.builds(
    " ".join,
    st.one_of(
        st.tuples(
            st.just("a"),
            st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
            st.sampled_from(["'x'", "'xy'", "''", "1", "2", "1.5", "true", "NULL", "['x', 1]", "{'a': 1}"]),
        ),
        st.tuples(st.just("a"), st.sampled_from(["IN", "NOT IN"]), st.sampled_from(["[]", "['x', 1]", "[2, true]"])),
        st.tuples(st.sampled_from(["'x'", "2"]), st.sampled_from(["IN", "NOT IN"]), st.just("a")),
    ),
)


@relaxed
@given(st.lists(_ON_ONE, min_size=1, max_size=4))
def test_over_one_attribute_every_rule_that_nothing_satisfies_is_found(tests: list[str]) -> None:
    rule = parse(" AND ".join(tests))
    assert satisfiable(rule.text) == any(rule.holds({"a": value}) for value in _UNIVERSE)
