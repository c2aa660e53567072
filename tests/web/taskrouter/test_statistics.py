"""Statistics through the official SDK, each operation judged by the specification."""

from collections.abc import Mapping
from typing import Any

import pytest
from twilio.rest import Client

from tests.web.taskrouter.office import Office, an_office
from tests.web.taskrouter.server import Api


@pytest.fixture
def office(api: Api, client: Client) -> Office:
    """A bakery in which Ann has accepted one task after 20 s, one waits for 90 s, and one was canceled after 40 s.

    The task that waits is urgent; Ann came 120 s ago, Bea is offline since then, and nobody serves the rest.
    """
    made = an_office(api, client)
    made.worker("Ann")
    made.worker("Bea", activity_sid=made.offline)
    api.clock.advance_seconds(10)
    taken = made.task()
    api.clock.advance_seconds(20)
    [offer] = made.offered(taken)
    made.space.tasks(str(taken.sid)).reservations(str(offer.sid)).update(reservation_status="accepted")
    made.task(attributes='{"kind": "bread", "waits": true}', priority=9)
    canceled = made.task(attributes='{"kind": "other"}', task_channel="chat")
    api.clock.advance_seconds(40)
    made.space.tasks(str(canceled.sid)).update(assignment_status="canceled", reason="gave up")
    api.clock.advance_seconds(50)
    made.dispatched()
    api.tell(made.sid)
    return made


def waiting_task(office: Office) -> str:
    return next(str(each.sid) for each in office.space.tasks.list() if "waits" in str(each.attributes))


def numbers(instance: object, *names: str) -> dict[str, Any]:
    return {name: getattr(instance, name) for name in names}


def in_activities(found: object) -> dict[str, int]:
    assert isinstance(found, list)
    return {each["friendly_name"]: each["workers"] for each in found if each["workers"]}


STATUS = {"pending": 1, "reserved": 0, "assigned": 1, "wrapping": 0}


def test_a_workspace_now(office: Office) -> None:
    found = office.space.real_time_statistics().fetch()
    assert (found.tasks_by_status, found.tasks_by_priority) == (STATUS, {"0": 1, "9": 1})
    assert numbers(found, "total_tasks", "total_workers", "longest_task_waiting_age", "longest_task_waiting_sid") == {
        "total_tasks": 2, "total_workers": 2, "longest_task_waiting_age": 90,
        "longest_task_waiting_sid": waiting_task(office),
    }  # fmt: skip
    assert in_activities(found.activity_statistics) == {"Available": 1, "Offline": 1}


def test_a_workspace_over_a_while(office: Office) -> None:
    found = office.space.cumulative_statistics().fetch(split_by_wait_time="5,30")
    assert numbers(found, "tasks_created", "tasks_canceled", "tasks_completed", "reservations_created",
                   "reservations_accepted", "avg_task_acceptance_time", "tasks_timed_out_in_workflow") == {
        "tasks_created": 3, "tasks_canceled": 1, "tasks_completed": 0, "reservations_created": 1,
        "reservations_accepted": 1, "avg_task_acceptance_time": 20, "tasks_timed_out_in_workflow": 0,
    }  # fmt: skip
    assert found.wait_duration_until_accepted == {"avg": 20, "min": 20, "max": 20, "total": 20}
    assert found.wait_duration_until_canceled == {"avg": 40, "min": 40, "max": 40, "total": 40}
    assert found.split_by_wait_time == {
        "5": {"above": {"tasks_canceled": 1, "reservations_accepted": 1},
              "below": {"tasks_canceled": 0, "reservations_accepted": 0}},
        "30": {"above": {"tasks_canceled": 1, "reservations_accepted": 0},
               "below": {"tasks_canceled": 0, "reservations_accepted": 1}},
    }  # fmt: skip
    assert (found.end_time - found.start_time).total_seconds() == 900  # type: ignore[operator]


def test_a_workspaces_numbers_side_by_side(office: Office) -> None:
    found = office.space.statistics().fetch()
    assert found.realtime is not None
    assert found.cumulative is not None
    assert (found.realtime["total_workers"], found.cumulative["tasks_created"]) == (2, 3)
    assert found.cumulative["start_time"] < found.cumulative["end_time"]


def test_a_workflow_now_and_over_a_while(office: Office) -> None:
    workflow = office.space.workflows(office.workflow)
    now = workflow.real_time_statistics().fetch()
    assert (now.tasks_by_status, now.total_tasks, now.workflow_sid) == (STATUS, 2, office.workflow)
    past = workflow.cumulative_statistics().fetch()
    assert numbers(past, "tasks_entered", "tasks_canceled", "reservations_accepted") == {
        "tasks_entered": 3, "tasks_canceled": 1, "reservations_accepted": 1,
    }  # fmt: skip
    both = workflow.statistics().fetch()
    assert both.realtime is not None
    assert both.cumulative is not None
    assert (both.realtime["total_tasks"], both.cumulative["tasks_entered"]) == (2, 3)


def test_a_queue_now(office: Office) -> None:
    bread = office.space.task_queues(office.bread).real_time_statistics().fetch()
    assert numbers(bread, "total_eligible_workers", "total_available_workers", "total_tasks",
                   "longest_task_waiting_age", "longest_relative_task_age_in_queue",
                   "longest_relative_task_sid_in_queue") == {
        "total_eligible_workers": 2, "total_available_workers": 1, "total_tasks": 2, "longest_task_waiting_age": 90,
        "longest_relative_task_age_in_queue": 90, "longest_relative_task_sid_in_queue": waiting_task(office),
    }  # fmt: skip
    assert bread.tasks_by_status == STATUS
    assert in_activities(bread.activity_statistics) == {"Available": 1, "Offline": 1}
    rest = office.space.task_queues(office.rest).real_time_statistics().fetch()
    assert (rest.total_tasks, rest.total_eligible_workers, rest.longest_task_waiting_sid) == (0, 0, None)


def test_a_queue_over_a_while(office: Office) -> None:
    bread = office.space.task_queues(office.bread).cumulative_statistics().fetch(split_by_wait_time="30")
    assert numbers(bread, "tasks_entered", "tasks_canceled", "reservations_created", "reservations_accepted") == {
        "tasks_entered": 2, "tasks_canceled": 0, "reservations_created": 1, "reservations_accepted": 1,
    }  # fmt: skip
    assert bread.wait_duration_in_queue_until_accepted == {"avg": 20, "min": 20, "max": 20, "total": 20}
    rest = office.space.task_queues(office.rest).cumulative_statistics().fetch()
    assert (rest.tasks_entered, rest.tasks_canceled, rest.reservations_created) == (1, 1, 0)
    both = office.space.task_queues(office.bread).statistics().fetch()
    assert both.realtime is not None
    assert both.cumulative is not None
    assert (both.realtime["total_tasks"], both.cumulative["tasks_entered"]) == (2, 2)


def test_every_queue_in_one_list(office: Office) -> None:
    found = {each.task_queue_sid: each for each in office.space.task_queues.statistics.list(page_size=1)}
    assert set(found) == {office.bread, office.rest}
    bread = found[office.bread]
    assert bread.realtime is not None
    assert bread.cumulative is not None
    assert (bread.realtime["total_tasks"], bread.cumulative["reservations_accepted"]) == (2, 1)
    named = office.space.task_queues.statistics.list(friendly_name="rest")
    assert [each.task_queue_sid for each in named] == [office.rest]


class Asked:
    """The body of a bulk request, as the SDK wants it."""

    def __init__(self, *queues: str) -> None:
        self._queues = queues

    def to_dict(self) -> Mapping[str, object]:
        return {"queueSids": list(self._queues)}


def test_many_queues_at_once_and_zeros_for_one_that_is_not_there(office: Office) -> None:
    missing = "WQ" + "0" * 32
    bulk = office.space.task_queues.bulk_real_time_statistics.create(Asked(office.bread, missing))
    assert bulk.task_queue_response_count == 2
    assert bulk.task_queue_data is not None
    bread, unknown = bulk.task_queue_data
    assert (bread["task_queue_sid"], bread["total_tasks"], bread["total_available_workers"]) == (office.bread, 2, 1)
    assert (unknown["task_queue_sid"], unknown["total_tasks"], unknown["tasks_by_priority"]) == (missing, 0, {})


@pytest.mark.parametrize("body", [None, [], {"queueSids": []}, {"queueSids": ["WQ1"]}, {"queueSids": [7]},
                                  {"queueSids": ["WQ" + "0" * 32] * 51}])  # fmt: skip
def test_a_bulk_request_without_readable_sids_is_refused(office: Office, body: object) -> None:
    office.api.refused(400, 20001, "POST", f"{office.path}/TaskQueues/RealTimeStatistics", json=body)


def test_all_workers_now_and_over_a_while(office: Office) -> None:
    now = office.space.workers.real_time_statistics().fetch()
    assert (now.total_workers, in_activities(now.activity_statistics)) == (2, {"Available": 1, "Offline": 1})
    past = office.space.workers.cumulative_statistics().fetch()
    assert (past.reservations_created, past.reservations_accepted) == (1, 1)
    assert spent(past.activity_durations) == {"Available": 120, "Offline": 120}


def spent(found: object) -> dict[str, int]:
    assert isinstance(found, list)
    return {each["friendly_name"]: each["total"] for each in found if each["total"]}


def test_one_workers_time_in_each_activity_counts_what_still_runs(office: Office) -> None:
    ann = next(str(each.sid) for each in office.space.workers.list() if each.friendly_name == "Ann")
    office.space.workers(ann).update(activity_sid=office.offline)
    office.api.clock.advance_seconds(30)
    office.api.tell(office.sid)
    found = office.space.workers(ann).statistics().fetch()
    assert found.worker_sid == ann
    assert found.cumulative is not None
    assert found.cumulative["reservations_accepted"] == 1
    assert spent(found.cumulative["activity_durations"]) == {"Available": 120, "Offline": 30}


def test_workers_are_asked_for_by_name_and_queue(office: Office) -> None:
    statistics = office.space.workers.statistics()
    assert (statistics.fetch(friendly_name="bea").realtime or {})["total_workers"] == 1
    named = statistics.fetch(friendly_name="Bea").cumulative or {}
    assert (named["reservations_created"], spent(named["activity_durations"])) == (0, {"Offline": 120})
    assert (statistics.fetch(task_queue_sid=office.bread).realtime or {})["total_workers"] == 2
    assert (statistics.fetch(task_queue_name="rest").realtime or {})["total_workers"] == 0


def test_numbers_of_one_channel(office: Office) -> None:
    channels = {each.unique_name: str(each.sid) for each in office.space.task_channels.list()}
    for chat in ("chat", channels["chat"]):
        past = office.space.cumulative_statistics().fetch(task_channel=chat)
        assert (past.tasks_created, past.tasks_canceled, past.reservations_created) == (1, 1, 0)
        assert office.space.real_time_statistics().fetch(task_channel=chat).total_tasks == 0
    assert office.space.real_time_statistics().fetch(task_channel="default").total_tasks == 2


def test_the_window_is_the_last_quarter_of_an_hour_unless_asked_otherwise(office: Office) -> None:
    office.api.clock.advance_seconds(1200)
    assert office.space.cumulative_statistics().fetch().tasks_created == 0
    assert office.space.cumulative_statistics().fetch(minutes=60).tasks_created == 3
    assert spent(office.space.workers.cumulative_statistics().fetch().activity_durations) == {
        "Available": 900, "Offline": 900,
    }  # fmt: skip


@pytest.mark.parametrize("query", ["SplitByWaitTime=5,x", "SplitByWaitTime=-1", "Minutes=0", "TaskChannel=fax",
                                   "StartDate=yesterday", "SplitByWaitTime=" + "1," * 50 + "1"])  # fmt: skip
def test_what_cannot_be_read_is_refused(office: Office, query: str) -> None:
    office.api.refused(400, 20001, "GET", f"{office.path}/CumulativeStatistics?{query}")


@pytest.mark.parametrize("path", ["TaskQueues/WQ{0}", "Workflows/WW{0}", "Workers/WK{0}"])
def test_statistics_of_what_is_not_there_are_not_found(office: Office, path: str) -> None:
    office.api.refused(404, 20404, "GET", f"{office.path}/{path.format('0' * 32)}/Statistics")


def test_the_owners_workspace_has_statistics_too(api: Api, client: Client) -> None:
    space = client.taskrouter.v1.workspaces(api.home_sid)
    assert (space.statistics().fetch().realtime or {})["total_workers"] == 1
    queue = str(space.task_queues.list(friendly_name="support")[0].sid)
    assert space.task_queues(queue).real_time_statistics().fetch().total_eligible_workers == 1
    workflow = str(space.workflows.list()[0].sid)
    assert space.workflows(workflow).statistics().fetch().workflow_sid == workflow
