"""What a target's rule still asks of a worker once the task is known."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.expressions import ExpressionError, parse
from app.core.routing.residual import residual, residual_rule, worker_paths

TASK: dict[str, object] = {
    "lang": "en",
    "min": 2,
    "vip": True,
    "tags": ["late", "melted"],
    "who": None,
    "asked": {"for": "ana", "at": [1, {"x": "y"}]},
}


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ("1 == 1", ""),
        ("task.vip == true", ""),
        ("task.vip == 1", None),
        ("task.lang IN worker.langs", 'worker.langs HAS "en"'),
        ("worker.langs HAS task.lang", 'worker.langs HAS "en"'),
        ("task.lang IN worker.langs AND task.min == 3", None),
        ("task.lang IN worker.langs OR task.min == 2", ""),
        ("worker.level >= task.min", "worker.level >= 2"),
        ("task.min <= worker.level", "worker.level >= 2"),
        ("worker.level >= task.missing", None),
        ("worker.level != task.missing", "worker.level != null"),
        ("worker.level >= unknown", None),
        ("worker.tag IN task.tags", 'worker.tag IN ["late", "melted"]'),
        ("worker.tag IN ['melted', 'late', 'late']", 'worker.tag IN ["late", "melted"]'),
        ("worker.tag IN ['late']", 'worker.tag == "late"'),
        ("worker.tag NOT IN ['late']", 'worker.tag != "late"'),
        ("worker.tag IN []", None),
        ("worker.tag NOT IN []", ""),
        ("worker.tag NOT IN task.lang", None),
        ("'x' NOT IN worker.langs", '"x" NOT IN worker.langs'),
        ("worker.a == worker.b", "worker.a == worker.b"),
        ("worker.b == worker.a", "worker.a == worker.b"),
        ("worker.b > worker.a", "worker.a < worker.b"),
        ("worker.a IN worker.b", "worker.b HAS worker.a"),
        ("worker.a != worker.a", None),
        ("worker.b == 1 AND (worker.a == 1 AND worker.b == 1.0)", "worker.a == 1 AND worker.b == 1"),
        (
            "(worker.b == 1 OR worker.a == 2) AND worker.c == 3",
            "(worker.a == 2 OR worker.b == 1) AND worker.c == 3",
        ),
        ("worker.c == 3 AND worker.d == 4 OR worker.a == 1", "worker.a == 1 OR worker.c == 3 AND worker.d == 4"),
        ("worker.asked == task.asked", 'worker.asked == {"at": [1, {"x": "y"}], "for": "ana"}'),
        ("worker.name CONTAINS task.asked.for", 'worker.name CONTAINS "ana"'),
        ("task.lang CONTAINS worker.part", '"en" CONTAINS worker.part'),
        ("task.min CONTAINS worker.part", None),
    ],
)
def test_a_task_leaves_of_a_rule_what_it_asks_of_the_worker(rule: str, left: str | None) -> None:
    assert residual(rule, TASK) == left


def test_values_that_look_alike_are_told_apart() -> None:
    rule = "worker.x == task.x"
    asked: list[object] = [True, 1, "1", None, "None", [1], [True], "[1]"]
    assert len({residual(rule, {"x": value}) for value in asked}) == len(asked)
    assert residual(rule, {"x": 2.0}) == residual(rule, {"x": 2})


def test_time_of_day_is_known_where_it_is_given() -> None:
    rule = "taskrouter.currentTime > 0800 AND worker.shift == taskrouter.dayOfWeek"
    open_now = {"taskrouter": {"currentTime": 930, "dayOfWeek": "Mon"}}
    assert residual(rule, {}, open_now) == 'worker.shift == "Mon"'
    assert residual(rule, {}) is None


def test_a_rule_that_cannot_be_read_says_so() -> None:
    with pytest.raises(ExpressionError, match="hyphens"):
        residual("worker.skill-level == 1", {})


def test_what_is_left_may_be_longer_than_what_an_owner_may_write() -> None:
    left = residual("worker.note == task.note AND worker.other == task.note", {"note": "é" * 4000})
    assert left is not None
    rule = residual_rule(left)
    assert rule is not None
    assert rule.holds({"worker": {"note": "é" * 4000, "other": "é" * 4000}})
    assert worker_paths(left) == {"note", "other"}


def test_the_paths_of_the_worker_are_named_without_the_worker() -> None:
    rule = "task.lang IN worker.langs AND worker.channel.voice.available_capacity_percentage > 0 AND worker.t[2] == x"
    assert worker_paths(rule) == {"langs", "channel.voice.available_capacity_percentage", "t[2]"}
    assert worker_paths("") == frozenset()


relaxed = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
_VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, -7, 1.0, 2.5, 1e300, "", "x", 'x"\\', "é\n", "1", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
_ATTRIBUTES = st.dictionaries(st.sampled_from("ab"), _VALUES, max_size=2)
_WORDS = st.sampled_from(
    ["task.a", "task.b", "task.a.b", "task.b[0]", "worker.a", "worker.b", "worker.a.b", "worker.b[0]", "other"]
)
_CONSTANTS = st.sampled_from(["'x'", "1", "true", "NULL", "['x', 1]", "[]"])
_SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "IN", "NOT IN", "HAS", "CONTAINS"])
_TESTS = st.builds(" ".join, st.tuples(_WORDS | _CONSTANTS, _SIGNS, _WORDS | _CONSTANTS))
_RULES = st.recursive(
    _TESTS,
    lambda rules: st.builds("({}) {} ({})".format, rules, st.sampled_from(["AND", "OR"]), rules),
    max_leaves=6,
)


@relaxed
@given(_RULES, _ATTRIBUTES, _ATTRIBUTES)
def test_what_is_left_holds_of_a_worker_just_when_the_whole_rule_does(
    rule: str, task: dict[str, object], worker: dict[str, object]
) -> None:
    left = residual(rule, task)
    rest = residual_rule(left) if left is not None else None
    holds = left is not None and (rest is None or rest.holds({"worker": worker}))
    assert holds == parse(rule).holds({"task": task, "worker": worker})


@relaxed
@given(_RULES, _ATTRIBUTES)
def test_what_is_left_reads_the_worker_alone_and_leaves_itself(rule: str, task: dict[str, object]) -> None:
    left = residual(rule, task)
    if left:
        assert {name.partition(".")[0] for name in parse(left).names()} == {"worker"}
        assert residual(left, {}) == left


@relaxed
@given(st.lists(_TESTS, min_size=2, max_size=4), st.randoms(use_true_random=False), _ATTRIBUTES)
def test_the_order_in_which_a_rule_is_written_leaves_no_trace(tests, random, task) -> None:  # type: ignore[no-untyped-def]
    shuffled = random.sample(tests, len(tests))
    for word in ("AND", "OR"):
        assert residual(f" {word} ".join(tests), task) == residual(f" {word} ".join(shuffled), task)
