"""What the API defines is stored once, seen by every process, and refused where the workspace has no room for it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.core.config import Config
from app.core.routing.definitions import TaskQueue, Workspace
from app.ports.scorer import Reading
from app.store.memory import MemoryStore
from app.usecases.context import Context
from app.usecases.taskrouter.activities import ACTIVITIES, create_activity
from app.usecases.taskrouter.definitions import Sort, any_task, find
from app.usecases.taskrouter.task_channels import CHANNELS
from app.usecases.taskrouter.task_queues import QUEUES, QueueFields, create_queue, update_queue
from app.usecases.taskrouter.wording import Refusal, Why
from app.usecases.taskrouter.workflows import WORKFLOWS
from tests.builders import FakeClock, a_task, births
from tests.shop import CountingIds, FixedConfigs

WORKSPACE = "WS" + "1" * 32


class NoScorer:
    """Nobody speaks here."""

    name = "none"

    def read(self, text: str, config: Config) -> Reading:
        """No mood."""
        return Reading()


@pytest.fixture
def context() -> Context:
    """A workspace that only the API knows."""
    clock = FakeClock()
    configs = FixedConfigs(Config(version="v1", business="Shop"))
    return Context(
        MemoryStore(WORKSPACE, clock), clock, CountingIds(), configs, NoScorer(), workspace=WORKSPACE, of_file=False
    )


def another_process(context: Context) -> Context:
    """The same workspace as another process has it: the same store, nothing else in common."""
    return replace(context)


def queue(context: Context, name: str, **fields: object) -> TaskQueue:
    made = create_queue(context, name, QueueFields(**fields))  # type: ignore[arg-type]
    assert isinstance(made, TaskQueue)
    return made


def test_another_process_sees_a_definition_as_soon_as_it_is_stored(context: Context) -> None:
    other = another_process(context)
    assert other.rules.fresh().queues == {}
    made = queue(context, "bread")
    assert find(other.rules.fresh(), QUEUES, made.sid) == made
    update_queue(other, made.sid, QueueFields(target_workers="1==2"))
    assert context.rules.fresh().queues[made.sid].target_workers == "1==2"


def test_of_many_who_make_the_same_queue_at_once_one_succeeds(context: Context) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: create_queue(another_process(context), "bread", QueueFields()), range(8)))
    refused = [each for each in made if isinstance(each, Refusal)]
    assert [each.why for each in refused] == [Why.TAKEN] * 7
    assert len(context.rules.fresh().queues) == 1


def test_definitions_made_at_once_lose_nothing_and_no_revision(context: Context) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: queue(another_process(context), f"q{number}"), range(12)))
    workspace = context.store.get(Workspace, WORKSPACE)
    assert workspace is not None
    assert (len(context.rules.fresh().queues), workspace.revision) == (12, 12)


def test_two_changes_of_one_queue_at_once_are_both_kept(context: Context) -> None:
    made = queue(context, "bread")
    changes = [QueueFields(target_workers="a == 1"), QueueFields(max_reserved=7), QueueFields(lifo=True)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda fields: update_queue(another_process(context), made.sid, fields), changes))
    kept = context.rules.fresh().queues[made.sid]
    assert (kept.target_workers, kept.max_reserved, kept.lifo, kept.version) == ("a == 1", 7, True, 4)


def test_a_hundred_activities_are_enough(context: Context) -> None:
    for number in range(ACTIVITIES.limit):
        assert not isinstance(create_activity(context, f"a{number}", available=False), Refusal)
    refused = create_activity(context, "one more", available=False)
    assert isinstance(refused, Refusal)
    assert (refused.why, len(context.rules.fresh().activities)) == (Why.INVALID, ACTIVITIES.limit)


@pytest.mark.parametrize(("sort", "limit"), [(ACTIVITIES, 100), (CHANNELS, 15), (QUEUES, 5_000), (WORKFLOWS, 1_000)])
def test_there_is_room_for_as_many_as_is_documented(sort: Sort[TaskQueue], limit: int) -> None:
    assert sort.limit == limit


def test_a_task_beyond_the_first_thousand_is_found(context: Context) -> None:
    tasks = [a_task(f"WT{number:032d}", queue="WQ1" if number == 1500 else "WQ0") for number in range(1600)]
    context.store.commit(births(*tasks))
    assert any_task(context, lambda task: task.queue == "WQ1")
    assert not any_task(context, lambda task: task.queue == "WQ2")
