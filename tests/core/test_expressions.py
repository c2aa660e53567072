"""TaskRouter's expression language: what each operator holds of, and how mistakes are explained."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.expression_tree import literal
from app.core.expressions import MAX_DEPTH, MAX_LENGTH, ExpressionError, parse

CALLER: dict[str, object] = {
    "type": "ticket",
    "value": 7,
    "score": 5.5,
    "vip": True,
    "nothing": None,
    "languages": ["en", "es"],
    "frozen": ("en", 1),
    "task": {"skill": "orders", "tags": ["late", "melted"], "deep": {"er": [{"x": 1}]}},
}


@pytest.mark.parametrize(
    "rule",
    [
        "1 == 1",
        "0 != 1",
        '"apple" != "orange"',
        "type = 'ticket'",
        "value > 6 AND value >= 7 AND value < 8 AND value <= 7",
        "score >= 5.1",
        "value == 7.0",
        "-1 < value",
        "'apple' < 'banana'",
        "vip == true",
        "VIP == NULL",
        "nothing == null",
        "missing == NULL",
        "task.skill == 'orders'",
        "task.tags[1] == 'melted'",
        "task.deep.er[ 0 ] != NULL",
        "type IN ['lead', 'ticket']",
        "type not  in ['lead', 'sms']",
        "task.skill IN ['orders']",
        "'late' IN task.tags",
        "languages HAS 'es'",
        "frozen has 'en'",
        "languages == ['en', 'es']",
        "type CONTAINS 'ick'",
        "(type == 'lead' OR type == 'ticket') AND value == 7",
        "type == 'ticket' OR value == 0 AND value == 1",
        r"'it\'s' == " + '"it\'s"',
        "'' != NULL",
        "  type\n==\t'ticket'  ",
        r"'say \"hi\"' == " + r'"say \"hi\""',
        r"'\u00e9\n' == " + '"é\n"',
        '"C:\\data" == "C:data"',
        "1.5e3 == 1500 AND 0800 == 800",
        "task.deep.er == [{'x': 1.0}]",
        "task.deep == {'er': [{'x': 1}]}",
        "[1, 'ticket'] HAS type",
        "3 < value AND 'ticket' IN ['ticket']",
        "'a ticket' CONTAINS type",
        "TRUE == vip AND False != vip",
        "task.skill IN ['orders'] AND NULL == missing",
        "value == value AND task.tags != languages",
        "order == NULL AND android == NULL AND nullable == NULL",
    ],
)
def test_a_rule_holds(rule: str) -> None:
    assert parse(rule).holds(CALLER)


@pytest.mark.parametrize(
    "rule",
    [
        "type == 'TICKET'",
        "(type == 'ticket' OR value == 0) AND value == 1",
        "type HAS 'ticket'",
        "type IN 'ticket'",
        "type IN []",
        "type NOT IN 'lead'",
        "languages CONTAINS 'en'",
        "value > '6'",
        "value < NULL",
        "vip == 1",
        "vip > 0",
        "1 IN [true]",
        "missing > 1",
        "missing.deeper[3].still == 1",
        "task.tags[2] == 'late'",
        "task[0] == 'orders'",
        "languages.en == 'en'",
        "missing NOT IN missing",
        "task.deep == {'er': [{'x': true}]}",
        "task.deep == {}",
        "type HAS type",
        "type IN task.skill",
        "missing <= missing",
    ],
)
def test_a_rule_of_the_wrong_type_or_value_is_false_rather_than_an_error(rule: str) -> None:
    assert not parse(rule).holds(CALLER)


@pytest.mark.parametrize(
    ("rule", "column", "message", "hint"),
    [
        ("", 1, "the rule is empty", "write it like"),
        ("skills", 7, "the rule stops too early", "write it like"),
        ("a == 1 AND ", 11, "the rule stops too early", "write it like"),
        ("(a == 1", 8, "the rule stops too early", "write it like"),
        ("a == 1)", 7, "did not expect ')' here", "write it like"),
        ("skil-level == 1", 5, "did not expect '-' here", "names have no hyphens"),
        ("a == 1 && b == 2", 8, "did not expect '&' here", "write AND"),
        ("a == 1 || b == 2", 8, "did not expect '|' here", "write OR"),
        ("NOT a == 1", 1, "did not expect 'NOT' here", "use != or NOT IN"),
        ("a == 'x", 6, 'did not expect "\'" here', "missing its partner"),
        ("a == “x”", 6, "did not expect '“' here", "straight quotation marks"),
        ("a b", 3, "did not expect 'b' here", "write it like"),
        ("a IN [b]", 7, "did not expect 'b' here", "write it like"),
        ("and == 1", 1, "did not expect 'and' here", "write it like"),
        ("lower(a) == 'x'", 6, "did not expect '(' here", "there are no functions"),
        ("a IN ('x', 'y')", 6, "did not expect '(' here", "lists have square brackets"),
        ("a + 1 == 2", 3, "did not expect '+' here", "no arithmetic"),
        ("a =~ 'x.*'", 4, "did not expect '~' here", "there are no patterns"),
        ("a LIKE 'x%'", 3, "did not expect 'LIKE' here", "there are no patterns"),
        ("a IS NULL", 3, "did not expect 'IS' here", "write == NULL"),
        ("a <> 1", 4, "did not expect '>' here", "write !="),
        ("$priority > 1", 1, "did not expect '$' here", "names begin with a letter"),
        ("a == 12x", 6, "did not expect '12x' here", "write it like"),
    ],
)
def test_a_mistake_is_explained_where_it_stands(rule: str, column: int, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(rule)
    assert (caught.value.column, caught.value.message) == (column, message)
    assert hint in caught.value.hint


def test_brackets_nest_up_to_a_limit() -> None:
    def nested(depth: int) -> str:
        return "(" * depth + "a == '((('" + ")" * depth

    assert parse(nested(MAX_DEPTH)).holds({"a": "((("})
    with pytest.raises(ExpressionError, match="too many brackets"):
        parse(nested(MAX_DEPTH + 1))


def test_lists_nest_no_deeper_than_brackets() -> None:
    with pytest.raises(ExpressionError, match="too many brackets"):
        parse(f"a == {'[' * (MAX_DEPTH + 1)}{']' * (MAX_DEPTH + 1)}")


def test_a_rule_may_not_be_endless() -> None:
    with pytest.raises(ExpressionError, match="longer than"):
        parse("a == 1 OR " * MAX_LENGTH + "a == 2")


def test_a_rule_names_the_paths_it_reads() -> None:
    rule = parse("skills HAS 'orders' AND (task.tags[0] == worker.tag OR 'x' IN levels.a)")
    assert rule.names() == {"skills", "task.tags[0]", "worker.tag", "levels.a"}


def test_the_same_text_is_parsed_once() -> None:
    assert parse("a == 1") is parse("a == 1")


def test_every_part_of_a_rule_knows_its_column() -> None:
    test = parse("a == 1 AND  task.b IN ['x']").comparisons()[1]
    assert (test.left.column, test.right.column) == (13, 23)


def column_of_the_mistake(text: str) -> int:
    """Where the rule cannot be read; 0 if it can."""
    try:
        parse(text).holds({})
    except ExpressionError as error:
        return error.column
    return 0


@given(st.text(alphabet="ab.[]()'\"=<>! 01,\\-_&", max_size=40) | st.text(max_size=30))
def test_any_text_is_a_rule_or_an_explained_mistake(text: str) -> None:
    assert column_of_the_mistake(text) in range(len(text) + 2)


# Drawing is slow on a busy machine, and that says nothing about the rules.
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
_WORDS = st.sampled_from(["a", "b", "a.b", "'x'", "1", "true", "NULL", "['x', 1]", "{'a': [1.0]}"])
_SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "IN", "NOT IN", "HAS", "CONTAINS"])
_TESTS = st.builds(" ".join, st.tuples(_WORDS, _SIGNS, _WORDS))
_RULES = st.recursive(
    _TESTS,
    lambda rules: st.builds(
        "({}) {} ({})".format,
        rules,
        st.sampled_from(["AND", "or"]),
        rules,
    ),
    max_leaves=6,
)
_JSON = st.recursive(
    st.sampled_from([None, True, False, 0, 1, -7, 10**30, 1.0, 2.5, "", "x", "xy"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)


@relaxed
@given(_RULES, st.dictionaries(st.sampled_from("ab"), _JSON, max_size=2))
def test_no_attributes_make_a_rule_fail(rule: str, attributes: dict[str, object]) -> None:
    assert parse(rule).holds(attributes) in (True, False)


@relaxed
@given(_TESTS, _TESTS, st.dictionaries(st.sampled_from("ab"), _JSON, max_size=2))
def test_and_and_or_are_those_of_logic(one: str, other: str, attributes: dict[str, object]) -> None:
    first, second = parse(one).holds(attributes), parse(other).holds(attributes)
    assert parse(f"{one} AND {other}").holds(attributes) == (first and second)
    assert parse(f"{one} OR {other}").holds(attributes) == (first or second)


@relaxed
@given(_RULES, st.dictionaries(st.sampled_from("ab"), _JSON, max_size=2))
def test_a_rule_written_out_reads_back_as_itself(rule: str, attributes: dict[str, object]) -> None:
    read = parse(rule)
    again = parse(str(read.tree))
    assert str(again.tree) == str(read.tree)
    assert again.holds(attributes) == read.holds(attributes)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)


@relaxed
@given(_VALUES)
def test_any_json_can_be_written_as_a_constant(value: object) -> None:
    assert parse(f"a == {literal(value)}").holds({"a": value})
