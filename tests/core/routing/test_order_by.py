"""TaskRouter's `order_by`: who comes first, who comes last, and what is ignored."""

import pytest

from app.core.expressions import ExpressionError
from app.core.routing.order_by import ordered, parse_order, sort_key

WORKERS: dict[str, dict[str, object]] = {
    "alice": {"finance": 10, "support": 8},
    "bob": {"finance": 10, "support": 5},
    "carol": {"finance": 3},
    "dave": {"support": 9, "levels": {"tax": [7]}},
}


def names(order: str, workers: dict[str, dict[str, object]] = WORKERS) -> list[str]:
    return ordered(parse_order(order), workers, workers.__getitem__, tie=lambda name: (name,))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("worker.finance ASC, worker.support ASC", "carol bob alice dave"),
        ("worker.finance DESC, worker.support ASC", "bob alice carol dave"),
        ("worker.finance desc,worker.support desc", "alice bob carol dave"),
        ("worker.support DESC", "dave alice bob carol"),
        ("worker.support", "bob alice dave carol"),
        ("worker.levels.tax[0] ASC", "dave alice bob carol"),
        ("worker.nothing DESC", "alice bob carol dave"),
        ("  ", "alice bob carol dave"),
    ],
)
def test_workers_stand_in_the_order_asked_for_and_whoever_lacks_the_attribute_comes_last(
    order: str, expected: str
) -> None:
    assert names(order) == expected.split()


@pytest.mark.parametrize("odd", ["9", True, 1.5, [1], {"a": 1}])
def test_a_clause_is_ignored_when_any_candidate_has_something_other_than_an_integer(odd: object) -> None:
    workers: dict[str, dict[str, object]] = {
        "alice": {"level": 1, "cost": 2},
        "bob": {"level": odd, "cost": 3},
        "carol": {"level": 5, "cost": 3},
    }
    assert names("worker.level DESC, worker.cost DESC", workers) == ["bob", "carol", "alice"]


def test_null_counts_as_missing_and_a_whole_number_as_an_integer_however_it_is_written() -> None:
    workers: dict[str, dict[str, object]] = {"alice": {"level": None}, "bob": {"level": 2.0}, "carol": {"level": 3}}
    assert names("worker.level ASC", workers) == ["bob", "carol", "alice"]


def test_equals_are_decided_by_the_tie() -> None:
    idle = {"alice": 50, "bob": 20, "carol": 20, "dave": 5}
    found = ordered(parse_order("worker.finance DESC"), WORKERS, WORKERS.__getitem__, lambda name: (idle[name], name))
    assert found == ["bob", "alice", "carol", "dave"]


def test_one_worker_alone_has_a_key_that_sorts() -> None:
    clauses = parse_order("worker.finance DESC, worker.support ASC")
    keys = {name: sort_key(clauses, worker) for name, worker in WORKERS.items()}
    assert sorted(keys, key=keys.__getitem__) == ["bob", "alice", "carol", "dave"]


@pytest.mark.parametrize(
    ("order", "column", "message"),
    [
        ("level DESC", 1, "'level' is no attribute of a worker"),
        ("worker", 1, "'worker' is no attribute of a worker"),
        ("worker.a, task.b", 11, "'task.b' is no attribute of a worker"),
        ("worker.level UP", 14, "did not expect 'UP' here"),
        ("worker.skill-level", 13, "did not expect '-' here"),
        ("worker.a DESC worker.b", 15, "did not expect 'worker' here"),
        ("worker.a, ", 10, "the order stops too early"),
        (", worker.a", 1, "did not expect ',' here"),
        ("worker.a DESC,, worker.b", 15, "did not expect ',' here"),
        ("x," * 4096, 1, "longer than 4096 characters"),
    ],
)
def test_a_mistake_in_an_order_is_explained_where_it_stands(order: str, column: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_order(order)
    assert (caught.value.column, caught.value.message) == (column, message)
