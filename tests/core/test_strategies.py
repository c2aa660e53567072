"""Every strategy asks everybody who is free, in an order that the same facts always give."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.entities import ChannelCapacity, Task, Worker
from app.core.lifecycle import ReservationEvent
from app.core.matching import RING_ALL, Candidates, match
from app.core.missed import Terms
from app.core.offers import Held, accept, complete, release, reserve, wrap
from app.core.routing.definitions import Strategy, TaskQueue
from app.core.strategies import Weighing, done_today, ranked
from tests.builders import NOON, a_task, a_worker

TERMS = Terms(missed_limit=0, retry_after=15)
DAY = 86_400_000
JSON = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False), st.text(max_size=2))
LEVELS = st.one_of(JSON, st.dictionaries(st.just("rum"), JSON))
WORKERS = st.lists(
    st.builds(
        lambda sid, numbers, attributes: a_worker(
            f"w{sid}", idle_since=numbers[0], offered=numbers[1], served=numbers[2], talked=numbers[3],
            counted=numbers[4], attributes=attributes,
        ),
        st.integers(0, 99),
        st.tuples(*[st.integers(0, 3)] * 5),
        st.fixed_dictionaries({}, optional={"weight": JSON, "order": JSON, "levels": LEVELS}),
    ),
    max_size=8, unique_by=lambda worker: worker.sid,
)  # fmt: skip


def of(strategy: Strategy, **fields: object) -> TaskQueue:
    """A queue with this strategy."""
    return TaskQueue(sid="sales", strategy=strategy, skill="rum", **fields)  # type: ignore[arg-type]


def order(task: Task, workers: list[Worker], queue: TaskQueue, now: int = NOON, today: int = 0) -> list[str]:
    """Who is asked, first to last."""
    return [item.worker.sid for item in ranked(task, workers, Weighing(queue, now, today))]


@pytest.mark.parametrize("strategy", list(Strategy))
@settings(deadline=None)
@given(workers=WORKERS, declined=st.sets(st.integers(0, 99)), chance=st.randoms())
def test_everybody_free_is_asked_once_in_an_order_that_hangs_on_facts_alone(
    strategy: Strategy, workers: list[Worker], declined: set[int], chance: object
) -> None:
    task = a_task(declined={f"w{number}": NOON - 1 for number in declined})
    asked = order(task, workers, of(strategy), today=1)
    shuffled = list(workers)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert sorted(asked) == sorted(worker.sid for worker in workers)
    assert order(task, shuffled, of(strategy), today=1) == asked
    passed = [sid in task.declined for sid in asked]
    assert passed == sorted(passed), "who passed comes after everybody who did not"


@pytest.mark.parametrize(
    ("strategy", "first", "second", "why"),
    [
        (Strategy.LONGEST_IDLE, {"idle_since": NOON - 9_000}, {"idle_since": NOON - 8_000}, "longest idle (9 s)"),
        (Strategy.ROUND_ROBIN, {"offered": 1, "idle_since": NOON}, {"offered": 2}, "longest not asked"),
        (Strategy.FEWEST_CALLS, {"served": 2, "idle_since": NOON}, {"served": 3}, "fewest calls (2)"),
        (Strategy.LEAST_TALK_TIME, {"talked": 9_000, "served": 9}, {"talked": 10_000}, "least talk time (9 s)"),
        (Strategy.SKILL_LEVEL, {"attributes": {"levels": {"rum": 3}}}, {"attributes": {"levels": {"rum": 2}}},
         "highest level of rum (3)"),
        (Strategy.SKILL_LEVEL, {"attributes": {"levels": {"rum": 1}}}, {"attributes": {}}, "highest level of rum (1)"),
        (Strategy.RING_ALL, {"idle_since": NOON - 2_000}, {}, "all are rung, idle 2 s"),
        (Strategy.SEQUENTIAL, {"attributes": {"order": 0}}, {"attributes": {"order": 1}}, "first in sequence"),
        (Strategy.SEQUENTIAL, {"attributes": {"order": 7}}, {"attributes": {}}, "first in sequence"),
        (Strategy.WEIGHTED_RANDOM, {"attributes": {"weight": 1}}, {"attributes": {"weight": 0}}, "drawn by weight"),
    ],
)  # fmt: skip
def test_what_each_strategy_prefers_and_how_it_says_so(
    strategy: Strategy, first: Mapping[str, object], second: Mapping[str, object], why: str
) -> None:
    workers = [a_worker("a", **{"idle_since": NOON - 1, **second}), a_worker("z", **{"idle_since": NOON - 1, **first})]

    best, other = ranked(a_task(), workers, Weighing(of(strategy), NOON))

    assert (best.worker.sid, other.worker.sid, best.why) == ("z", "a", why)


def test_work_of_the_day_before_does_not_count() -> None:
    busy_yesterday = a_worker("anna", served=9, talked=9_000, counted=NOON - 1)
    ben = a_worker("ben", served=1, talked=1_000, counted=NOON)

    for strategy in (Strategy.FEWEST_CALLS, Strategy.LEAST_TALK_TIME):
        assert order(a_task(), [busy_yesterday, ben], of(strategy), today=NOON) == ["anna", "ben"]
        assert order(a_task(), [busy_yesterday, ben], of(strategy), today=NOON - DAY) == ["ben", "anna"]


def a_conversation(worker: Worker, begins: int, lasts: int, today: int) -> Worker:
    """The worker after they were offered a task, took it and talked."""
    task = a_task("WT9", created=begins)
    offered = reserve(task, worker, "WR9", "", TERMS, begins)
    reservation = next(write.new for write in offered.writes if write.old is None)
    held = Held(reservation, offered.latest(worker))  # type: ignore[arg-type]
    taken = accept(offered.latest(task), held, (), begins, today)
    held = Held(taken.latest(held.reservation), taken.latest(held.worker))
    talked = wrap(taken.latest(task), held, begins + lasts, begins + lasts)
    held = Held(talked.latest(held.reservation), talked.latest(held.worker))
    return complete(talked.latest(task), held, begins + lasts).latest(held.worker)


def test_a_new_day_begins_at_nothing_and_a_conversation_counts_for_the_day_on_which_it_began() -> None:
    midnight = NOON + DAY
    tired = a_conversation(a_worker(), NOON, 5_000, NOON)
    assert done_today(tired, NOON) == (1, 5_000)
    late = a_conversation(tired, midnight - 1_000, 4_000, NOON)
    assert done_today(late, NOON) == (2, 9_000)
    assert done_today(late, midnight) == (0, 0)

    fresh = a_conversation(late, midnight + 9_000, 2_000, midnight)

    assert done_today(fresh, midnight) == (1, 2_000)


@pytest.mark.parametrize("answers", [True, False])
@settings(deadline=None)
@given(count=st.integers(1, 6), rounds=st.integers(1, 3), tick=st.integers(0, 1000))
def test_round_robin_visits_everybody_before_anybody_twice(answers: bool, count: int, rounds: int, tick: int) -> None:
    team = {f"w{n}": a_worker(f"w{n}") for n in range(count)}
    asked: list[str] = []
    for number in range(count * rounds):
        now = NOON + tick * number
        task = a_task(f"WT{number}", created=now)
        (offer, *_) = match({"sales": Candidates((task,), tuple(team.values()), of(Strategy.ROUND_ROBIN))}, now)
        asked.append(offer.worker.sid)
        change = reserve(task, offer.worker, f"WR{number}", "", TERMS, now)
        if answers:
            team[offer.worker.sid] = a_conversation(offer.worker, now, 0, 0)
            continue
        reservation = next(write.new for write in change.writes if write.old is None)
        held = Held(reservation, change.latest(offer.worker))  # type: ignore[arg-type]
        missed = release(change.latest(task), held, ReservationEvent.TIME_OUT, "", TERMS, now)
        team[offer.worker.sid] = missed.latest(held.worker)

    if tick or rounds == 1:
        rounds_asked = [set(asked[at : at + count]) for at in range(0, len(asked), count)]
        assert rounds_asked == [set(team)] * rounds
    else:
        assert set(asked[:count]) == set(team)


def test_a_weighted_draw_keeps_to_the_weights_over_many_tasks() -> None:
    weights = {"anna": 5, "ben": 3, "cleo": 2, "dora": 0}
    workers = [a_worker(name, attributes={"weight": weight}) for name, weight in weights.items()]
    draws = 4000

    first = Counter(order(a_task(f"WT{number}"), workers, of(Strategy.WEIGHTED_RANDOM))[0] for number in range(draws))

    assert first["dora"] == 0
    for name in ("anna", "ben", "cleo"):
        # Five standard deviations of a share of at most one half.
        assert abs(first[name] / draws - weights[name] / 10) < 5 * (0.25 / draws) ** 0.5


def test_a_task_that_comes_back_is_drawn_anew() -> None:
    workers = [a_worker(f"w{n}") for n in range(9)]

    draws = {tuple(order(a_task(offers=offers), workers, of(Strategy.WEIGHTED_RANDOM))) for offers in range(9)}

    assert len(draws) == 9


@pytest.mark.parametrize("attributes", [{"weight": True}, {"weight": "many"}, {"weight": None}, {"levels": [3]},
                                        {"levels": {"rum": "high"}}, {"order": "first"}])  # fmt: skip
def test_attributes_that_are_no_numbers_count_as_not_written(attributes: Mapping[str, object]) -> None:
    workers = [a_worker("odd", attributes=attributes), a_worker("plain"), a_worker("third")]
    plain = [replace(worker, attributes={}) for worker in workers]

    for strategy in Strategy:
        assert order(a_task(), workers, of(strategy)) == order(a_task(), plain, of(strategy))


def test_ring_all_rings_everybody_up_to_fifty_and_the_next_task_gets_who_is_left() -> None:
    workers = tuple(a_worker(f"w{number:02}") for number in range(RING_ALL + 3))
    tasks = (a_task("WT1"), a_task("WT2", created=NOON + 1))

    offers = match({"sales": Candidates(tasks, workers, of(Strategy.RING_ALL))}, NOON)

    assert Counter(offer.task.sid for offer in offers) == {"WT1": RING_ALL, "WT2": 3}
    assert len({offer.worker.sid for offer in offers}) == RING_ALL + 3


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize(
    ("declined", "asked"),
    [
        ({}, "anna"),
        ({"anna": NOON + 9}, "ben"),
        ({"anna": NOON - 9}, "ben"),
        ({"anna": NOON - 9, "ben": NOON + 9}, "anna"),
        ({"anna": NOON + 9, "ben": NOON - 9}, "ben"),
        ({"anna": NOON - 9, "ben": NOON - 9}, "anna"),
        ({"anna": NOON + 9, "ben": NOON + 9}, ""),
    ],
    ids=["nobody passed", "anna just passed", "anna passed a while ago", "ben just passed, anna earlier",
         "anna just passed, ben earlier", "both passed a while ago", "both just passed"],
)  # fmt: skip
def test_who_passed_is_asked_again_only_when_nobody_else_is_free(
    strategy: Strategy, declined: Mapping[str, int], asked: str
) -> None:
    anna = a_worker("anna", idle_since=1, attributes={"levels": {"rum": 9}, "weight": 900, "order": 0})
    ben = a_worker("ben", idle_since=2, offered=1, served=1, talked=1, attributes={"weight": 0.001, "order": 1})
    lane = Candidates((a_task(declined=declined),), (anna, ben), of(strategy))

    offers = match({"sales": replace(lane, queue=replace(lane.queue, max_reserved=1))}, NOON)

    assert [offer.worker.sid for offer in offers][:1] == ([asked] if asked else [])


def test_who_passed_is_not_asked_again_for_being_the_least_loaded() -> None:
    room = {"voice": ChannelCapacity(capacity=3)}
    anna = a_worker("anna", channels=room)
    ben = a_worker("ben", channels=room, reservations=("WR9", "WR8"))
    task = a_task(declined={"anna": NOON - 9})

    (offer,) = match({"sales": Candidates((task,), (anna, ben), optimized=True)}, NOON)

    assert offer.worker.sid == "ben"


def test_who_passed_is_not_asked_again_for_being_what_the_target_orders_by() -> None:
    workers = (a_worker("anna", facts={"level": 9}), a_worker("ben", facts={"level": 1}))
    task = a_task(declined={"anna": NOON - 9}, order_by="worker.level DESC")

    (offer,) = match({"sales": Candidates((task,), workers)}, NOON)

    assert offer.worker.sid == "ben"


def test_ties_go_to_the_longest_idle_and_then_by_name() -> None:
    team = [a_worker("ben"), a_worker("anna"), a_worker("cleo", idle_since=NOON - 1)]

    for strategy in set(Strategy) - {Strategy.WEIGHTED_RANDOM}:
        orders = {tuple(order(a_task(), list(some), of(strategy))) for some in permutations(team)}
        assert orders == {("cleo", "anna", "ben")}
