"""Why a task still waits: the smallest change that would connect it now, and that it does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.entities import Activity, ChannelCapacity, Task, Worker
from app.core.matching import Candidates, match
from app.core.remedies import prospect, with_workers
from app.core.routing.definitions import TaskQueue
from app.core.routing.lanes import queue_lane
from tests.builders import NOON, a_task, a_worker

SALES = queue_lane("sales")


def lane(tasks: tuple[Task, ...], workers: tuple[Worker, ...]) -> dict[str, Candidates]:
    """The lane of sales."""
    return {SALES: Candidates(tasks, workers, TaskQueue(sid="sales"))}


@pytest.mark.parametrize(
    ("worker", "sentence"),
    [
        (a_worker("anna", activity=Activity.BREAK), "if anna were available"),
        (a_worker("anna", reservations=("WR1",)), "if anna were free"),
        (a_worker("anna", activity=Activity.OFF, reservations=("WR1",)), "if anna were available and free"),
        (a_worker("anna", channels={"voice": ChannelCapacity(capacity=0)}), "if anna were free"),
    ],
)
def test_one_agent_short_of_one_thing(worker: Worker, sentence: str) -> None:
    found = prospect(a_task(), lane((a_task(),), (worker,)), (worker,), NOON)

    assert found.sentence() == f"it would be offered now {sentence}"


def test_who_declined_may_be_asked_again_soon() -> None:
    task = a_task(declined={"anna": NOON + 12_000})

    found = prospect(task, lane((task,), (a_worker("anna"),)), (a_worker("anna"),), NOON)

    assert found.sentence() == "it would be offered now in 12 s, when anna may be asked again"


def test_the_smallest_of_several_changes_is_named() -> None:
    team = (a_worker("anna", reservations=("WR1",)), a_worker("ben", activity=Activity.BREAK))

    assert prospect(a_task(), lane((a_task(),), team), team, NOON).sentence().endswith("if ben were available")


def test_callers_ahead_need_an_agent_each() -> None:
    tasks = (a_task("WT1"), a_task("WT2", created=NOON + 1), a_task("WT3", created=NOON + 2))
    team = tuple(a_worker(name, activity=Activity.OFF) for name in ("anna", "ben", "cleo", "dan"))

    found = prospect(tasks[2], lane(tasks, team), team, NOON)

    assert [remedy.worker.sid for remedy in found.remedies] == ["anna", "ben", "cleo"]


def test_more_callers_ahead_than_agents_there_are() -> None:
    tasks = (a_task("WT1"), a_task("WT2", created=NOON + 1))
    team = (a_worker("anna", activity=Activity.OFF),)

    assert not prospect(tasks[1], lane(tasks, team), team, NOON).enough


def test_a_task_about_to_be_offered_needs_nothing() -> None:
    assert prospect(a_task(), lane((a_task(),), (a_worker(),)), (a_worker(),), NOON).sentence() == (
        "it is about to be offered"
    )


WORKERS = st.builds(
    lambda duty, busy, room: {"activity": duty, "reservations": busy, "channels": {"voice": room}},
    st.sampled_from(list(Activity)),
    st.sampled_from([(), ("WR9",)]),
    st.builds(ChannelCapacity, capacity=st.integers(0, 2), available=st.booleans()),
)


@given(
    st.lists(WORKERS, min_size=1, max_size=5), st.integers(0, 4), st.dictionaries(st.integers(0, 4), st.integers(-9, 9))
)
def test_applying_the_change_connects_the_task(
    team: list[dict[str, object]], place: int, declined: dict[int, int]
) -> None:
    workers = tuple(a_worker(f"w{n}", **each) for n, each in enumerate(team))
    tasks = tuple(a_task(f"WT{n}", created=NOON + n) for n in range(place + 1))
    mine = replace(tasks[-1], declined={f"w{n}": NOON + 1000 * s for n, s in declined.items()})
    lanes = lane((*tasks[:-1], mine), workers)

    found = prospect(mine, lanes, workers, NOON)

    changed = with_workers(lanes, [remedy.worker for remedy in found.remedies])
    instant = max((remedy.at for remedy in found.remedies), default=NOON)
    assert found.enough == any(offer.task.sid == mine.sid for offer in match(changed, instant))
