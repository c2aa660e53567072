"""Priority and waiting time in one exact, total order, over all lanes, and what it promises to the least important."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.entities import Task
from app.core.indexes import AGEING_LIMIT, LATEST, serving_member, serving_score
from app.core.matching import Candidates, match
from app.core.routing.definitions import TaskQueue
from app.core.serving import in_order, precedence
from tests.builders import NOON, a_task, a_worker

HIGHEST = 2**31 - 1
PRIORITIES = st.one_of(st.integers(0, HIGHEST), st.integers(HIGHEST - 3, HIGHEST), st.integers(0, 3))
INSTANTS = st.one_of(st.integers(1, LATEST), st.integers(NOON, NOON + 5), st.integers(LATEST - 3, LATEST))
AGEINGS = st.one_of(st.integers(1, AGEING_LIMIT), st.just(AGEING_LIMIT), st.just(1))


@st.composite
def _tasks(draw: st.DrawFn, ageings: st.SearchStrategy[int]) -> list[Task]:
    drawn = draw(st.lists(st.tuples(PRIORITIES, INSTANTS, ageings), min_size=2, max_size=12))
    return [
        a_task(f"WT{number:02}", priority=priority, created=created, ageing=ageing, queue=f"q{ageing}")
        for number, (priority, created, ageing) in enumerate(drawn)
    ]


@settings(deadline=None)
@given(ageing=AGEINGS, data=st.data())
def test_the_index_orders_one_lane_exactly_though_its_scores_are_floats(ageing: int, data: st.DataObject) -> None:
    tasks = data.draw(_tasks(st.just(ageing)))

    as_indexed = sorted(tasks, key=lambda task: (float(serving_score(task)), serving_member(task)))
    exactly = sorted(
        tasks, key=lambda task: (task.since - Fraction(1000 * ageing) * task.priority, task.since, task.sid)
    )

    assert all(int(float(serving_score(task))) == serving_score(task) for task in tasks)
    assert [task.sid for task in as_indexed] == [task.sid for task in exactly]


@settings(deadline=None)
@given(_tasks(st.just(0)))
def test_strict_priority_is_as_exact(tasks: list[Task]) -> None:
    as_indexed = sorted(tasks, key=lambda task: (float(serving_score(task)), serving_member(task)))

    assert as_indexed == sorted(tasks, key=lambda task: (-task.priority, task.since, task.sid))


def test_the_largest_scores_fit_into_a_floats_integers() -> None:
    assert 1000 * AGEING_LIMIT * HIGHEST + LATEST < 2**53


@settings(deadline=None)
@given(_tasks(st.sampled_from((0, 1, 30, AGEING_LIMIT))), st.randoms())
def test_lanes_of_any_ageing_are_served_in_one_order_whichever_of_them_are_looked_at(
    tasks: list[Task], chance: object
) -> None:
    chance.shuffle(tasks)  # type: ignore[attr-defined]
    names = sorted({task.queue for task in tasks})
    lanes = {
        name: Candidates(tuple(task for task in tasks if task.queue == name), (), TaskQueue(sid=name)) for name in names
    }

    together = [task.sid for _, task in in_order(lanes)]
    without_one = [task.sid for _, task in in_order({name: lanes[name] for name in names[1:]})]

    assert together == [task.sid for task in sorted(tasks, key=precedence)]
    assert without_one == [sid for sid in together if sid in without_one]


@settings(deadline=None)
@given(ageing=AGEINGS, data=st.data())
def test_nobody_is_passed_by_whoever_comes_later_than_their_priority_is_worth(ageing: int, data: st.DataObject) -> None:
    tasks = sorted(data.draw(_tasks(st.just(ageing))), key=precedence)

    for place, passed in enumerate(tasks):
        for before in tasks[:place]:
            assert before.since - passed.since <= 1000 * ageing * (before.priority - passed.priority)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"priority": 1}, {"ageing": 30, "priority": 9, "created": NOON - 3_600_000}),
        ({"priority": 0, "created": NOON - 91_000}, {"ageing": 30, "priority": 3}),
        ({"ageing": 30, "priority": 3}, {"priority": 0, "created": NOON - 89_000}),
        ({"ageing": 60, "priority": 2}, {"ageing": 30, "priority": 3}),
    ],
    ids=[
        "strict priority before all that age", "but strict without priority by age",
        "an aging priority before who came little earlier", "each by what its own queue makes of its priority",
    ],
)  # fmt: skip
def test_between_lanes_of_different_ageing(one: dict[str, int], other: dict[str, int]) -> None:
    first, second = a_task("first", **one), a_task("second", queue="other", **other)
    lanes = {"a": Candidates((second,), (), TaskQueue(sid="a")), "b": Candidates((first,), (), TaskQueue(sid="b"))}

    assert [task.sid for _, task in in_order(lanes)] == ["first", "second"]


def starts(tasks: Sequence[Task], agents: int, handling: int) -> dict[str, int]:
    """When the conversation of each task begins, if each lasts as long and `match` decides who is next."""
    free = {f"agent{n}": 0 for n in range(agents)}
    begun: dict[str, int] = {}
    now = min(task.created for task in tasks)
    while len(begun) < len(tasks):
        waiting = tuple(task for task in tasks if task.created <= now and task.sid not in begun)
        idle = tuple(a_worker(name, idle_since=since) for name, since in free.items() if since <= now)
        for offer in match({"sales": Candidates(waiting, idle)}, now):
            begun[offer.task.sid] = now
            free[offer.worker.sid] = now + handling
        coming = [task.created for task in tasks if task.created > now]
        now = min((instant for instant in (*coming, *free.values()) if instant > now), default=now)
    return begun


@settings(deadline=None)
@given(
    arrivals=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 5)), min_size=1, max_size=20),
    agents=st.integers(1, 3),
    ageing=st.integers(1, 20),
    handling=st.integers(1, 60),
)
def test_a_lower_priority_costs_no_more_than_coming_later_by_what_the_difference_is_worth(
    arrivals: list[tuple[int, int]], agents: int, ageing: int, handling: int
) -> None:
    """The bound: with ageing `a`, whoever has priority p begins no later than first come, first served would let begin
    the last of those who come within D = a * (highest - p) seconds after them.

    Proof. d goes before c only if since_d - a*p_d <= since_c - a*p_c, so since_d <= since_c + a*(p_d - p_c), which is
    at most since_c + D. So c is at latest the k-th to begin, k being the number of those who came until since_c + D.
    Conversations last equally long and nobody is idle while somebody waits, so the k-th conversation begins at the
    same instant whatever the order; and first come, first served gives it to the last of those k.
    """
    tasks = [
        a_task(f"WT{number:02}", created=NOON + 1000 * at, priority=priority, ageing=ageing)
        for number, (at, priority) in enumerate(arrivals)
    ]
    plain = [a_task(task.sid, created=task.created) for task in tasks]
    aged, fifo = starts(tasks, agents, 1000 * handling), starts(plain, agents, 1000 * handling)
    highest = max(task.priority for task in tasks)

    for task in tasks:
        until = task.created + 1000 * ageing * (highest - task.priority)
        assert aged[task.sid] <= max(fifo[other.sid] for other in tasks if other.created <= until)
