"""Statistics in TaskRouter's terms: what live entities and past events add up to."""

from typing import Any

import pytest

from app.core.entities import Task, TaskState, Worker
from app.core.routing.definitions import Rules, WorkerActivity, Workspace
from app.core.routing.statistics import (
    ACTIVITY,
    WORKFLOW_ENTERED,
    Fact,
    Window,
    activity_durations,
    cumulative,
    queue_workers_now,
    reservations,
    tasks_now,
    workers_now,
)
from tests.builders import NOON, a_task, a_worker

WS, IDLE, LUNCH = "WS" + "1" * 32, "WA" + "2" * 32, "WA" + "3" * 32
RULES = Rules(
    workspace=Workspace(sid=WS),
    activities={
        IDLE: WorkerActivity(sid=IDLE, name="Idle", available=True),
        LUNCH: WorkerActivity(sid=LUNCH, name="Lunch"),
    },
)
SECOND = 1000


def waiting(digit: str, age: int, **fields: Any) -> Task:
    return a_task("WT" + digit * 32, created=NOON - age * SECOND, **fields)


def test_nothing_adds_up_to_zeros() -> None:
    assert tasks_now([], WS, NOON) == {
        "tasks_by_status": {"pending": 0, "reserved": 0, "assigned": 0, "wrapping": 0},
        "tasks_by_priority": {},
        "total_tasks": 0,
        "longest_task_waiting_age": 0,
        "longest_task_waiting_sid": None,
        "longest_relative_task_age_in_queue": 0,
        "longest_relative_task_sid_in_queue": None,
    }


def test_tasks_are_counted_by_status_and_priority_and_the_longest_wait_is_found() -> None:
    tasks = [
        waiting("1", 30, priority=5, queued=NOON - 20 * SECOND),
        waiting("2", 40, state=TaskState.RESERVED, queued=NOON - 10 * SECOND),
        waiting("3", 90, state=TaskState.ASSIGNED),
        waiting("4", 80, state=TaskState.WRAPPING, priority=5),
        waiting("5", 99, state=TaskState.COMPLETED),
    ]
    assert tasks_now(tasks, WS, NOON + 500) == {
        "tasks_by_status": {"pending": 1, "reserved": 1, "assigned": 1, "wrapping": 1},
        "tasks_by_priority": {"5": 2, "0": 2},
        "total_tasks": 4,
        "longest_task_waiting_age": 40,
        "longest_task_waiting_sid": "WT" + "2" * 32,
        "longest_relative_task_age_in_queue": 20,
        "longest_relative_task_sid_in_queue": "WT" + "1" * 32,
    }


def staff() -> list[Worker]:
    return [
        a_worker("ann", activity=IDLE, available=True, queues=("sales", "support")),
        a_worker("ben", activity=IDLE, available=True, queues=("support",)),
        a_worker("cat", activity=LUNCH, available=False, queues=("sales",)),
    ]


def test_workers_are_counted_by_activity() -> None:
    assert workers_now(staff(), RULES) == {
        "total_workers": 3,
        "activity_statistics": [
            {"friendly_name": "Idle", "workers": 2, "sid": IDLE},
            {"friendly_name": "Lunch", "workers": 1, "sid": LUNCH},
        ],
    }


def test_a_queue_counts_who_may_serve_it_and_who_is_available() -> None:
    found = queue_workers_now(staff(), "sales", RULES)
    assert (found["total_eligible_workers"], found["total_available_workers"]) == (2, 1)
    assert found["activity_statistics"] == [
        {"friendly_name": "Idle", "workers": 1, "sid": IDLE},
        {"friendly_name": "Lunch", "workers": 1, "sid": LUNCH},
    ]


def test_the_line_of_a_person_is_served_by_that_person() -> None:
    found = queue_workers_now(staff(), "@cat", RULES)
    assert (found["total_eligible_workers"], found["total_available_workers"]) == (1, 0)


COUNTED = {
    "reservation.created": "reservations_created",
    "reservation.accepted": "reservations_accepted",
    "reservation.rejected": "reservations_rejected",
    "reservation.timeout": "reservations_timed_out",
    "reservation.canceled": "reservations_canceled",
    "reservation.rescinded": "reservations_rescinded",
    "task.created": "tasks_created",
    "task.canceled": "tasks_canceled",
    "task.completed": "tasks_completed",
    "task.deleted": "tasks_deleted",
    "task.system-deleted": "tasks_deleted",
    "task-queue.moved": "tasks_moved",
    "task-queue.entered": "tasks_entered",
    "workflow.timeout": "tasks_timed_out_in_workflow",
}


@pytest.mark.parametrize(("kind", "name"), COUNTED.items())
def test_each_event_is_counted_under_its_own_name_and_no_other(kind: str, name: str) -> None:
    found = cumulative([Fact(type=kind, at=NOON), Fact(type=kind, at=NOON)])
    assert {each: count for each, count in found.items() if count == 2} == {name: 2}
    assert {found[each] for each in set(COUNTED.values()) - {name}} == {0}


def test_a_workflow_counts_who_entered_the_workflow() -> None:
    facts = [Fact(type="workflow.entered", at=NOON), *[Fact(type="task-queue.entered", at=NOON)] * 3]
    assert cumulative(facts, entered=WORKFLOW_ENTERED)["tasks_entered"] == 1
    assert cumulative(facts)["tasks_entered"] == 3


def waits(kind: str, *seconds: float) -> list[Fact]:
    return [Fact(type=kind, at=NOON, waited=round(each * SECOND), queued=round(each * SECOND / 2)) for each in seconds]


def test_waits_are_averaged_in_whole_seconds() -> None:
    found = cumulative([*waits("reservation.accepted", 4, 10.9, 60), *waits("task.canceled", 7)])
    assert found["avg_task_acceptance_time"] == 24
    assert found["wait_duration_until_accepted"] == {"avg": 24, "min": 4, "max": 60, "total": 74}
    assert found["wait_duration_in_queue_until_accepted"] == {"avg": 12, "min": 2, "max": 30, "total": 37}
    assert found["wait_duration_until_canceled"] == {"avg": 7, "min": 7, "max": 7, "total": 7}


def test_a_wait_that_nobody_knows_counts_as_an_acceptance_but_not_as_a_wait() -> None:
    found = cumulative([Fact(type="reservation.accepted", at=NOON), *waits("reservation.accepted", 10)])
    assert (found["reservations_accepted"], found["avg_task_acceptance_time"]) == (2, 10)


def test_waits_are_split_at_each_threshold_which_belongs_below() -> None:
    facts = [*waits("reservation.accepted", 4.9, 5, 5.001, 31), *waits("task.canceled", 2, 90)]
    assert cumulative(facts, (5, 30))["split_by_wait_time"] == {
        "5": {
            "above": {"tasks_canceled": 1, "reservations_accepted": 2},
            "below": {"tasks_canceled": 1, "reservations_accepted": 2},
        },
        "30": {
            "above": {"tasks_canceled": 1, "reservations_accepted": 1},
            "below": {"tasks_canceled": 1, "reservations_accepted": 3},
        },
    }
    assert cumulative(facts)["split_by_wait_time"] is None


def test_workers_count_reservations_only() -> None:
    facts = [Fact(type="reservation.created", at=NOON), Fact(type="task.created", at=NOON)]
    assert sum(int(str(count)) for count in reservations(facts).values()) == 1


WINDOW = Window(NOON - 900 * SECOND, NOON)


def changed(worker: str, activity: str, seconds_ago: int, lasted: int) -> Fact:
    at = NOON - seconds_ago * SECOND
    return Fact(type=ACTIVITY, at=at, worker=worker, activity=activity, lasted=lasted * SECOND)


def test_time_in_activities_counts_within_the_window_and_up_to_now() -> None:
    facts = [
        changed("ann", IDLE, 800, 5_000),  # 100 s of it lie within
        changed("ann", LUNCH, 500, 300),
        changed("ben", IDLE, 100, 60),
    ]
    workers = [
        a_worker("ann", activity=IDLE, activity_since=NOON - 500 * SECOND),
        a_worker("ben", activity=LUNCH, activity_since=NOON - 100 * SECOND),
    ]
    assert activity_durations(facts, workers, RULES, WINDOW, NOON) == [
        {"sid": IDLE, "friendly_name": "Idle", "avg": 220, "min": 60, "max": 500, "total": 660},
        {"sid": LUNCH, "friendly_name": "Lunch", "avg": 200, "min": 100, "max": 300, "total": 400},
    ]


def test_a_change_after_the_window_tells_what_the_worker_did_within() -> None:
    past = Window(NOON - 900 * SECOND, NOON - 600 * SECOND)
    workers = [a_worker("ann", activity=LUNCH, activity_since=NOON - 50 * SECOND)]
    found = activity_durations([changed("ann", IDLE, 50, 10_000)], workers, RULES, past, NOON)
    assert [each["total"] for each in found] == [300, 0]
