"""What the checker says of rules that TaskRouter accepts in silence and never matches."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.expressions import parse
from app.core.routing.findings import Finding
from app.core.routing.types_check import types_check
from app.core.routing.vocabulary import Vocabulary, unnameable

ANA: dict[str, object] = {
    "name": "ana",
    "level": 3,
    "langs": ["en", "es"],
    "levels": {"orders": 2},
    "vip": True,
    "team": None,
}
BO: dict[str, object] = {"name": "bo", "prefs": [{"hour": 9}]}
CALL: dict[str, object] = {"lang": "en", "min": 2, "type": "call"}
WORKERS = Vocabulary.of([ANA, BO], closed=True)
TARGETS = Vocabulary.of([CALL]).under("task").joined(WORKERS.under("worker"))


def only(rule: str, vocabulary: Vocabulary) -> Finding:
    (finding,) = types_check(rule, vocabulary)
    return finding


@pytest.mark.parametrize(
    "rule",
    [
        "1 == 1",
        "name == 'ana' AND level >= 3 AND langs HAS 'en'",
        "'es' IN langs OR name IN ['cy', 'di']",
        "level IN [1, NULL] OR team == 'x' OR vip != true",
        "langs[1] == 'es' AND levels.orders > 1 AND prefs[0].hour < 12",
        "levels != NULL AND name CONTAINS 'a' AND 'b' NOT IN langs",
    ],
)
def test_a_sound_rule_has_no_findings(rule: str) -> None:
    assert types_check(rule, WORKERS) == ()


@pytest.mark.parametrize(
    ("rule", "column", "message", "hint"),
    [
        ("name HAS 'ana'", 1, "name is a string, and HAS needs a list", "use =="),
        ("1 == 1 AND level HAS 3", 12, "level is a number, and HAS needs a list", "compare it with =="),
        ("name IN 'ana'", 9, '"ana" is a string, and IN needs a list', 'write a list: IN ["ana"]'),
        ("'ana' IN name", 10, "name is a string, and IN needs a list", "CONTAINS"),
        ("level NOT IN 3", 14, "3 is a number, and NOT IN needs a list", "write a list: NOT IN [3]"),
        ("'en' HAS langs", 1, '"en" is a string, and HAS needs a list', 'langs HAS "en"'),
        ("langs HAS ['en']", 11, "langs lists string values", "looks for one thing"),
        (
            "3 NOT IN langs",
            1,
            "langs lists string values: this is true of any list there",
            'write "3" in quotation marks',
        ),
        ("level == langs", 1, "this is true only where both are missing", "write langs HAS level"),
        ("langs HAS 3", 11, "3 is a number, and langs lists string values", 'write "3" in quotation marks'),
        ("langs CONTAINS 'en'", 1, "langs is a list", 'write langs HAS "en"'),
        ("name CONTAINS 3", 15, "3 is a number", 'write "3" in quotation marks'),
        ("level >= '3'", 10, 'level is a number and "3" is a string: this is never true', "write 3 without quotation"),
        ("level == '3'", 10, "this is never true", "write 3 without quotation"),
        ("level != 'x'", 10, "this is always true", "same kind"),
        ("vip == 'true'", 8, "vip is a boolean", "write true without quotation"),
        ("vip > 1", 1, "vip is a boolean, and > compares numbers or strings", "use == or !="),
        ("level > NULL", 9, "NULL is nothing", "use == or !="),
        ("langs == 'en'", 10, "langs is a list", 'write langs HAS "en"'),
        ("level == 1 OR lang == 'en'", 15, 'there is no "lang"', "did you mean langs?"),
        ("Level == 1", 1, 'there is no "Level"', "did you mean level?"),
        ("levels.order > 1", 1, 'there is no "order" in levels', "did you mean levels.orders?"),
        ("prefs[0].hours > 1", 1, 'there is no "hours" in prefs[]', "did you mean prefs[0].hour?"),
        ("xyzzy == 1", 1, 'there is no "xyzzy"', "there is: langs, level"),
        ("worker.level == 1", 1, 'there is no "worker"', "did you mean level?"),
        ("name.first == 'x'", 1, "name is a string, so name.first is always NULL", "compare name itself"),
        ("langs.en == true", 1, "langs is a list, so langs.en is always NULL", "langs HAS"),
        ("skill-level == 1", 6, "did not expect '-' here", "names have no hyphens"),
        ("NOT (level == 1)", 1, "did not expect 'NOT' here", "no NOT on its own"),
        ("name == 'a' AND", 16, "the rule stops too early", "write it like"),
        ("level > 3 AND level < 2", 1, "this rule can never be true", "at once"),
        ("name == 'a' OR level == 1 AND level == 2", 16, "level == 1 AND level == 2 can never be true", "take this"),
        ("level != level", 1, "level != level is never true", "something else"),
    ],
)
def test_a_rule_that_cannot_do_what_it_says_is_caught_where_it_stands(
    rule: str, column: int, message: str, hint: str
) -> None:
    finding = only(rule, WORKERS)
    assert (finding.column, finding.severity) == (column, "error")
    assert message in finding.message
    assert hint in finding.hint


def test_a_rule_that_is_always_true_without_saying_so_is_a_warning() -> None:
    assert only("name != 'x' OR name == 'x'", WORKERS).message == "this rule is always true"
    assert only("1 == 2", WORKERS).severity == "warning"


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ("level > 3", "did you mean worker.level?"),
        ("lang IN worker.langs", "did you mean task.lang?"),
        ("workr.level > 3", "did you mean worker.level?"),
        ("worker.lvl == 1", "did you mean worker.level?"),
    ],
)
def test_a_name_without_its_scope_or_misspelt_is_told_the_right_one(rule: str, hint: str) -> None:
    finding = only(rule, TARGETS)
    assert (finding.hint, finding.severity) == (hint, "error")


def test_tasks_may_bring_other_attributes_so_only_a_near_name_or_kind_is_worth_a_warning() -> None:
    assert types_check("task.colour == 'red' AND task.lang IN worker.langs", TARGETS) == ()
    assert only("task.lan == 'en'", TARGETS).severity == "warning"
    assert only("task.type HAS 'call'", TARGETS).severity == "warning"
    assert only("task.min > worker.name", TARGETS).severity == "warning"


def test_where_nothing_is_known_only_the_rule_itself_can_be_wrong() -> None:
    assert types_check("anything.at[0].all == 1 AND x HAS 'y'") == ()
    assert only("x IN 'y'", Vocabulary({})).severity == "error"


def test_a_list_in_which_null_was_seen_may_hold_what_is_missing() -> None:
    seen = Vocabulary.of([{"team": 3, "tags": ["x", None]}, {"tags": ["y"]}], closed=True)
    assert types_check("team IN tags", seen) == ()


def test_declared_kinds_do_as_well_as_seen_ones() -> None:
    declared = Vocabulary({"age": frozenset({"number"}), "tags": frozenset({"array"})}, frozenset({""}))
    assert types_check("age > 3 AND tags HAS 'x'", declared) == ()
    assert "write 3 without" in only("age > '3'", declared).hint


def test_attributes_that_no_rule_can_name_are_listed() -> None:
    assert unnameable({"skill-level": 1, "ok": {"2nd": 1, "a.b": [{"x y": 1}]}, "in": 1, "fine_2": 1}) == (
        "2nd",
        "a.b",
        "in",
        "skill-level",
        "x y",
    )


relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
_WORDS = st.sampled_from(["name", "level", "langs", "levels.orders", "vip", "team", "'ana'", "3", "true", "['en', 3]"])
_SIGNS = st.sampled_from(["==", "!=", "<", ">=", "IN", "NOT IN", "HAS", "CONTAINS"])


@relaxed
@given(_WORDS, _SIGNS, _WORDS)
def test_what_is_called_never_or_always_true_is_so_of_every_known_worker(left: str, sign: str, right: str) -> None:
    rule = f"{left} {sign} {right}"
    for finding in types_check(rule, WORKERS):
        if "never true" in finding.message:
            assert not any(parse(rule).holds(worker) for worker in (ANA, BO, {}))
        if "always true" in finding.message:
            assert all(parse(rule).holds(worker) for worker in (ANA, BO, {}))
