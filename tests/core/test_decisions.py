"""What is written down with an offer decides it again; change the deciding fact and the choice changes."""

from dataclasses import replace

import pytest

from app.core.decisions import MOST_WORKERS, Decision, read, written
from app.core.entities import Activity, ChannelCapacity, Task, Worker
from app.core.matching import Candidates
from app.core.routing.definitions import Strategy, TaskQueue
from tests.builders import NOON, a_task, a_worker

TEAM = (
    a_worker("anna", idle_since=NOON - 9_000, served=3, talked=9, offered=5, attributes={"weight": 3, "order": 2}),
    a_worker("ben", idle_since=NOON - 2_000, served=1, talked=99, offered=2, attributes={"weight": 1, "order": 1}),
    a_worker("cleo", idle_since=NOON - 1_000, served=9, talked=1, offered=9, attributes={"levels": {"sales": 5}}),
)


def decided(task: Task, workers: tuple[Worker, ...] = TEAM, **queue: object) -> Decision:
    """A decision as it is read back from its record."""
    lane = Candidates((task,), workers, TaskQueue(sid="sales", **queue))  # type: ignore[arg-type]
    again = read(written(task, lane, NOON))
    assert [item.worker.sid for item in again.ranking()] == [
        item.worker.sid for item in Decision(task, lane, NOON).ranking()
    ]
    return again


@pytest.mark.parametrize(
    ("strategy", "first", "deciding", "then"),
    [
        (Strategy.LONGEST_IDLE, "anna", {"idle_since": NOON}, "ben"),
        (Strategy.ROUND_ROBIN, "ben", {"offered": 99}, "anna"),
        (Strategy.FEWEST_CALLS, "ben", {"served": 99}, "anna"),
        (Strategy.LEAST_TALK_TIME, "cleo", {"talked": 999}, "anna"),
        (Strategy.SKILL_LEVEL, "cleo", {"attributes": {}}, "anna"),
        (Strategy.SEQUENTIAL, "ben", {"attributes": {"order": 7}}, "anna"),
    ],
)
def test_the_recorded_facts_pick_the_same_agent_until_the_deciding_one_is_changed(
    strategy: Strategy, first: str, deciding: dict[str, object], then: str
) -> None:
    decision = decided(a_task(), strategy=strategy, skill="sales")

    (chosen,) = decision.chosen()
    assert chosen.sid == first
    changed = decision.with_worker(replace(chosen, **deciding))  # type: ignore[arg-type]
    assert [worker.sid for worker in changed.chosen()] == [then]


def test_a_draw_by_weight_is_drawn_again_alike() -> None:
    draws = [decided(a_task(f"WT{n}"), strategy=Strategy.WEIGHTED_RANDOM).chosen()[0].sid for n in range(40)]

    assert set(draws) >= {"anna", "ben"}


def test_everybody_left_out_is_named_with_the_reason() -> None:
    team = (
        a_worker("anna", activity=Activity.BREAK),
        a_worker("ben", reservations=("WR1",)),
        a_worker("cleo"),
        a_worker("dan", channels={"voice": ChannelCapacity(available=False)}),
        a_worker("eve"),
    )
    decision = decided(a_task(declined={"cleo": NOON + 12_000}), team)

    assert {worker.sid: why for worker, why in decision.left_out()} == {
        "anna": "is in the activity 'break', in which no work is offered",
        "ben": "is busy (1 of 1 on voice)",
        "cleo": "passed or missed it; asked again in 12 s",
        "dan": "takes no voice tasks",
    }
    assert [worker.sid for worker in decision.chosen()] == ["eve"]


def test_the_record_of_a_crowd_keeps_those_who_were_asked_and_counts_the_rest() -> None:
    crowd = tuple(a_worker(f"WK{n:02d}", idle_since=NOON - n) for n in range(40))
    decision = decided_of_crowd(crowd)

    assert (len(decision.lane.workers), decision.unseen) == (MOST_WORKERS, 40 - MOST_WORKERS)
    assert [worker.sid for worker in decision.chosen()] == ["WK39"]


def decided_of_crowd(crowd: tuple[Worker, ...]) -> Decision:
    """The record of a decision over more workers than it keeps."""
    return read(written(a_task(), Candidates((a_task(),), crowd, TaskQueue(sid="sales")), NOON))


def test_what_orders_the_target_is_recorded_with_it() -> None:
    workers = tuple(a_worker(name, facts={"level": level}) for name, level in (("anna", 1), ("ben", 2)))
    decision = decided(a_task(order_by="worker.level DESC"), workers)

    assert [worker.sid for worker in decision.chosen()] == ["ben"]
    ben = next(worker for worker in decision.lane.workers if worker.sid == "ben")
    assert [worker.sid for worker in decision.with_worker(replace(ben, facts={})).chosen()] == ["anna"]
