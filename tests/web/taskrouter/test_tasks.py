"""Tasks through the official SDK, judged by the specification; bad input over plain HTTP."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from twilio.rest import Client

from app.core.entities import Task
from app.core.events import EventType
from app.usecases.deadlines import look_after_due
from tests.builders import NOON
from tests.web.taskrouter.office import Office, an_office, refusal_of
from tests.web.taskrouter.server import Api

HOUR = 3600


@pytest.fixture
def office(api: Api, client: Client) -> Office:
    """A bakery."""
    return an_office(api, client)


def test_a_task_waits_where_its_workflow_puts_it(office: Office) -> None:
    made = office.task(attributes='{"kind": "cake", "tiers": [{"size": 3}]}', timeout=60, task_channel="chat")
    assert (made.assignment_status, made.priority, made.timeout) == ("pending", 7, 60)
    assert (made.task_queue_sid, made.task_queue_friendly_name) == (office.rest, "rest")
    assert (made.workflow_sid, made.task_channel_unique_name) == (office.workflow, "chat")
    office.api.clock.advance_seconds(5)
    fetched = office.space.tasks(str(made.sid)).fetch()
    assert (fetched.age, json.loads(str(fetched.attributes))["tiers"]) == (5, [{"size": 3}])
    assert fetched.virtual_start_time == fetched.date_created == made.task_queue_entered_date


def test_nobody_to_take_it_in_time_cancels_a_task(office: Office) -> None:
    made = office.task(timeout=60)
    office.api.clock.advance_seconds(60)
    look_after_due(office.context)
    ended = office.space.tasks(str(made.sid)).fetch()
    assert (ended.assignment_status, ended.reason) == ("canceled", "Task TTL Exceeded")


def test_a_task_for_one_worker_goes_to_them_however_busy_they_are(office: Office) -> None:
    ann, _ = office.worker("Ann"), office.worker("Bea")
    tasks = [office.task(routing_target=ann.sid) for _ in range(2)]
    assert {task.ignore_capacity for task in tasks} == {True}
    assert [offer.worker_name for task in tasks for offer in office.offered(task)] == ["Ann", "Ann"]
    polite = office.task(routing_target=ann.sid, ignore_capacity="false")
    assert (polite.ignore_capacity, polite.routing_target) == (False, ann.sid)
    assert office.offered(polite) == []


def test_a_task_for_a_queue_or_another_workflow_goes_there(office: Office) -> None:
    routing = {"task_routing": {"default_filter": {"queue": office.rest, "priority": 3}}}
    other = office.space.workflows.create("other", json.dumps(routing))
    assert refusal_of(office.task) == (400, 20001)
    to_queue = office.task(routing_target=office.rest)
    to_queue_too = office.task(task_queue_sid=office.rest)
    to_workflow = office.task(routing_target=other.sid)
    assert [task.task_queue_sid for task in (to_queue, to_queue_too, to_workflow)] == [office.rest] * 3
    assert (to_workflow.priority, to_workflow.workflow_friendly_name) == (3, "other")
    assert office.task(workflow_sid=office.workflow).task_queue_sid == office.bread


def test_who_says_they_began_to_wait_earlier_is_served_earlier(office: Office) -> None:
    first = office.task()
    second = office.task(virtual_start_time=datetime.fromtimestamp(NOON / 1000 - HOUR, UTC))
    ann = office.worker()
    assert len(office.offered(second)) == 1
    assert office.offered(first) == []
    assert office.space.workers(str(ann.sid)).reservations.list()[0].task_sid == second.sid


def test_new_attributes_send_a_waiting_task_where_it_belongs_now_and_it_keeps_its_age(office: Office) -> None:
    made = office.task(attributes='{"kind": "other"}')
    office.api.clock.advance_seconds(30)
    moved = office.space.tasks(str(made.sid)).update(attributes='{"kind": "bread"}')
    assert (moved.task_queue_sid, moved.age) == (office.bread, 30)
    office.worker()
    assert len(office.offered(moved)) == 1


def test_priority_channel_and_start_of_a_waiting_task_can_be_changed(office: Office) -> None:
    made = office.task()
    task = office.space.tasks(str(made.sid))
    begun = datetime.fromtimestamp(NOON / 1000 - 60, UTC)
    changed = task.update(priority=9, task_channel="sms", virtual_start_time=begun)
    assert (changed.priority, changed.task_channel_unique_name) == (9, "sms")
    assert changed.virtual_start_time == begun
    cake = office.task(attributes='{"kind": "cake"}')
    assert office.space.tasks(str(cake.sid)).update(priority=9).priority == 7
    office.worker()
    assert len(office.offered(made)) == 1
    assert refusal_of(lambda: task.update(task_channel="chat")) == (400, 20001)


def test_a_task_goes_through_its_life_by_order(office: Office) -> None:
    office.worker()
    made = office.task()
    task = office.space.tasks(str(made.sid))
    assert refusal_of(lambda: task.update(assignment_status="completed", reason="too early")) == (400, 20001)
    [offer] = office.offered(made)
    assert task.fetch().assignment_status == "reserved"
    offer.update(reservation_status="accepted")
    assert refusal_of(lambda: task.update(assignment_status="canceled", reason="too late")) == (400, 20001)
    assert task.update(assignment_status="wrapping", reason="talked").assignment_status == "wrapping"
    assert task.reservations(str(offer.sid)).fetch().reservation_status == "wrapping"
    assert refusal_of(lambda: task.update(assignment_status="wrapping")) == (400, 20001)
    done = task.update(assignment_status="completed", reason="sold")
    assert (done.assignment_status, done.reason) == ("completed", "sold")
    assert task.reservations(str(offer.sid)).fetch().reservation_status == "completed"
    assert refusal_of(lambda: task.update(assignment_status="completed")) == (400, 20001)
    assert task.update(attributes='{"noted": true}').attributes == '{"noted":true}'


def test_a_canceled_task_takes_back_what_it_was_offered_as(office: Office) -> None:
    office.worker()
    made = office.task()
    [offer] = office.offered(made)
    task = office.space.tasks(str(made.sid))
    assert refusal_of(lambda: task.update(assignment_status="canceled", attributes="{}")) == (400, 20001)
    assert refusal_of(lambda: task.update(reason="no status")) == (400, 20001)
    gone = task.update(assignment_status="canceled", reason="sold out")
    assert (gone.assignment_status, gone.reason) == ("canceled", "sold out")
    assert task.reservations(str(offer.sid)).fetch().reservation_status == "canceled"
    assert len(office.offered(office.task())) == 1


@pytest.mark.parametrize("until", ["waiting", "reserved", "assigned", "ended"])
def test_a_task_can_be_removed_in_any_state_and_frees_its_worker(office: Office, until: str) -> None:
    ann = office.worker() if until != "waiting" else None
    made = office.task()
    task = office.space.tasks(str(made.sid))
    if ann:
        [offer] = office.offered(made)
        if until != "reserved":
            offer.update(reservation_status="accepted")
        if until == "ended":
            offer.update(reservation_status="completed")
    assert task.delete()
    assert refusal_of(task.fetch) == (404, 20404)
    events = [item.event.type for item in office.context.store.since("0") if item.event.task == made.sid]
    assert events.count(EventType.TASK_DELETED) == 1
    assert events.count(EventType.TASK_COMPLETED) == (1 if until == "ended" else 0)
    if ann:
        [room] = [
            each
            for each in office.space.workers(str(ann.sid)).worker_channels.list()
            if each.task_channel_unique_name == "default"
        ]
        assert room.assigned_tasks == 0


def test_what_was_decided_on_another_version_of_a_task_is_refused(office: Office) -> None:
    made = office.task()
    url = f"{office.path}/Tasks/{made.sid}"
    tag = office.api.http("GET", url).headers["ETag"]
    task = office.space.tasks(str(made.sid))
    answer = office.api.http("POST", url, data={"Priority": "3"}, headers={"If-Match": tag})
    assert answer.headers["ETag"] == office.api.http("GET", url).headers["ETag"] != tag
    assert refusal_of(lambda: task.update(priority=5, if_match=tag)) == (412, 20412)
    office.api.refused(412, 20412, "DELETE", url, headers={"If-Match": tag})
    assert task.fetch().priority == 3


def test_tasks_are_found_by_state_place_priority_and_attributes(office: Office) -> None:
    office.worker()
    held = office.task(attributes='{"kind": "bread", "loaves": 2}')
    office.api.clock.advance_seconds(1)
    waiting = office.task(attributes='{"kind": "bread", "loaves": 5}', priority=4)
    office.api.clock.advance_seconds(1)
    done = office.task(attributes='{"kind": "cake"}')
    [offer] = office.offered(waiting)
    offer.update(reservation_status="accepted")
    office.space.tasks(str(done.sid)).update(assignment_status="canceled", reason="sold out")
    names = {str(held.sid): "held", str(waiting.sid): "waiting", str(done.sid): "done"}

    def found(**asked: Any) -> list[str]:
        return [names[str(task.sid)] for task in office.space.tasks.list(**asked)]

    assert found() == ["held", "waiting", "done"]
    assert found(assignment_status=["assigned", "canceled"]) == ["waiting", "done"]
    assert found(assignment_status=["pending"]) == ["held"]
    assert found(priority=4) == ["waiting"]
    assert found(task_queue_sid=office.rest) == found(task_queue_name="rest") == ["done"]
    assert found(workflow_sid=office.workflow) == found(workflow_name="work") == ["held", "waiting", "done"]
    assert found(workflow_name="other") == []
    assert found(evaluate_task_attributes="loaves > 3 OR task.kind == 'cake'") == ["waiting", "done"]
    assert found(has_addons=True) == []
    assert found(routing_target=office.rest) == []
    assert found(ordering="Priority:desc,DateCreated:desc") == ["done", "waiting", "held"]
    assert found(ordering="DateCreated:desc", page_size=1) == ["done", "waiting", "held"]


def test_the_tasks_of_a_page_are_those_that_follow_whatever_ends_meanwhile(office: Office) -> None:
    made = []
    for _ in range(6):
        made.append(str(office.task().sid))
        office.api.clock.advance_seconds(1)
    first = office.space.tasks.page(page_size=2)
    assert [task.sid for task in first] == made[:2]
    office.space.tasks(made[0]).delete()
    office.space.tasks(made[3]).update(assignment_status="canceled", reason="gone")
    second = first.next_page()
    assert second is not None
    assert [task.sid for task in second] == made[2:4]
    third = second.next_page()
    assert third is not None
    assert [task.sid for task in third] == made[4:]
    again = third.previous_page()
    assert again is not None
    assert [task.sid for task in again] == made[2:4]


FUTURE = "2999-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ({"Attributes": "no"}, "Attributes"),
        ({"Attributes": json.dumps({"a": "x" * 4096})}, "Attributes"),
        ({"Timeout": "1209601"}, "Timeout"),
        ({"Timeout": "0"}, "Timeout"),
        ({"Priority": "2147483648"}, "Priority"),
        ({"Priority": "-1"}, "Priority"),
        ({"TaskChannel": "fax"}, "TaskChannel"),
        ({"WorkflowSid": "WW" + "0" * 32}, "Workflow"),
        ({"WorkflowSid": "calls"}, "WorkflowSid"),
        ({"VirtualStartTime": FUTURE}, "VirtualStartTime"),
        ({"VirtualStartTime": "1899-12-31T23:59:59Z"}, "VirtualStartTime"),
        ({"VirtualStartTime": "soon"}, "VirtualStartTime"),
        ({"RoutingTarget": "WK" + "0" * 32}, "RoutingTarget"),
        ({"RoutingTarget": "WQ" + "0" * 32}, "RoutingTarget"),
        ({"RoutingTarget": "anybody"}, "RoutingTarget"),
        ({"IgnoreCapacity": "true"}, "IgnoreCapacity"),
        ({"TaskQueueSid": "WQ" + "0" * 32}, "TaskQueue"),
    ],
)
def test_a_task_that_cannot_be_is_refused_by_the_parameter_at_fault(
    office: Office, form: dict[str, str], named: str
) -> None:
    assert named in office.api.refused(400, 20001, "POST", f"{office.path}/Tasks", data=form)
    assert office.space.tasks.list() == []


@pytest.mark.parametrize(
    "form",
    [
        {"AssignmentStatus": "done"},
        {"AssignmentStatus": "assigned"},
        {"AssignmentStatus": "reserved"},
        {"AssignmentStatus": "wrapping"},
        {"Attributes": "{'a': 1}"},
        {"Priority": "high"},
        {"TaskChannel": "fax"},
        {"VirtualStartTime": FUTURE},
    ],
)
def test_an_update_that_cannot_be_changes_nothing(office: Office, form: dict[str, str]) -> None:
    made = office.task()
    before = office.context.store.get(Task, str(made.sid))
    office.api.refused(400, 20001, "POST", f"{office.path}/Tasks/{made.sid}", data={"Priority": "8", **form})
    assert office.context.store.get(Task, str(made.sid)) == before


def test_questions_that_cannot_be_read_are_refused(office: Office) -> None:
    url = f"{office.path}/Tasks"
    office.task()
    for asked in (
        {"Ordering": "Age:asc"},
        {"Ordering": "DateCreated:asc,VirtualStartTime:asc"},
        {"EvaluateTaskAttributes": "a =="},
        {"AssignmentStatus": "pending,open"},
        {"PageToken": "PAWyJ4IiwgInkiXQ"},
        {"PageToken": "nonsense"},
    ):
        office.api.refused(400, 20001, "GET", url, params=asked)
    office.api.refused(404, 20404, "GET", f"{url}/WT{'0' * 32}")
    office.api.refused(415, 20001, "POST", url, json={"Attributes": "{}"})
