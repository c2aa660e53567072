"""Events through the official SDK: a task's way and everything that was defined, found by every filter."""

from datetime import UTC, datetime, timedelta

import pytest
from twilio.rest import Client

from app.core.routing.event_names import EVENTS
from tests.web.taskrouter.office import Office, an_office, refusal_of
from tests.web.taskrouter.server import Api


@pytest.fixture
def office(api: Api, client: Client) -> Office:
    """A bakery."""
    return an_office(api, client)


def served(office: Office, seconds: int = 20) -> tuple[str, str, str]:
    """A task that Ann accepts after so many seconds and completes; the SIDs of task, worker and reservation."""
    ann = office.worker()
    task = office.task()
    office.api.clock.advance_seconds(seconds)
    [offer] = office.offered(task)
    reservations = office.space.tasks(str(task.sid)).reservations
    reservations(str(offer.sid)).update(reservation_status="accepted")
    office.api.clock.advance_seconds(60)
    office.space.tasks(str(task.sid)).update(assignment_status="completed", reason="sold")
    office.api.tell(office.sid)
    return str(task.sid), str(ann.sid), str(offer.sid)


def test_a_tasks_whole_way_is_told_in_documented_events_newest_first(office: Office) -> None:
    task, worker, reservation = served(office)
    told = office.space.events.list(task_sid=task)
    assert [each.event_type for each in told][::-1] == [
        "task.created", "workflow.entered", "workflow.target-matched", "task-queue.entered", "reservation.created",
        "reservation.accepted", "reservation.completed", "task.completed",
    ]  # fmt: skip
    accepted = told[2]
    assert (accepted.resource_type, accepted.resource_sid) == ("reservation", reservation)
    assert str(accepted.resource_url).endswith(f"/Tasks/{task}/Reservations/{reservation}")
    data = accepted.event_data
    assert data is not None
    assert (data["worker_sid"], data["worker_name"], data["task_queue_name"]) == (worker, "Ann", "bread")
    assert (data["task_age"], data["workflow_name"], data["task_channel_unique_name"]) == ("20", "work", "default")
    assert data["task_attributes"] == '{"kind": "bread"}'
    assert told[0].event_data["task_completed_reason"] == "sold"  # type: ignore[index]


def test_everything_defined_is_told_and_one_event_is_fetched_by_its_sid(office: Office) -> None:
    office.api.tell(office.sid)
    told = office.space.events.list()
    kinds = {str(each.event_type) for each in told}
    assert {"workspace.created", "activity.created", "task-channel.created", "task-queue.created",
            "workflow.created"} <= kinds  # fmt: skip
    assert kinds <= set(EVENTS)
    [queue] = [each for each in told if each.resource_sid == office.bread]
    fetched = office.space.events(str(queue.sid)).fetch()
    assert fetched.event_data == queue.event_data
    assert fetched.event_data["task_queue_target_expression"] == "bakes == true"  # type: ignore[index]
    assert refusal_of(lambda: office.space.events("EV" + "0" * 32).fetch()) == (404, 20404)


def test_what_was_removed_is_told_with_its_name(office: Office) -> None:
    lunch = office.space.activities.create(friendly_name="lunch", available=False)
    office.space.activities(str(lunch.sid)).delete()
    queue = office.space.task_queues.create("cakes", target_workers="cakes == true")
    office.space.task_queues(str(queue.sid)).update(target_workers="cakes == false")
    office.space.task_queues(str(queue.sid)).delete()
    office.api.tell(office.sid)
    told = {each.event_type: each.event_data for each in office.space.events.list() if each.event_data}
    assert told["activity.deleted"]["activity_name"] == "lunch"
    assert told["activity.deleted"]["activity_available"] == "false"
    assert told["task-queue.deleted"]["task_queue_target_expression"] == "cakes == false"
    assert "task-queue.expression.updated" in told


def test_events_are_found_by_each_thing_they_name(office: Office) -> None:
    task, worker, reservation = served(office)
    events = office.space.events
    by_worker = events.list(worker_sid=worker)
    assert {each.event_type for each in by_worker} >= {"worker.created", "reservation.accepted"}
    assert {each.event_type for each in events.list(reservation_sid=reservation)} == {
        "reservation.created", "reservation.accepted", "reservation.completed",
    }  # fmt: skip
    assert len(events.list(event_type="task-queue.entered", task_queue_sid=office.bread)) == 1
    assert events.list(event_type="task-queue.entered", task_queue_sid=office.rest) == []
    assert len(events.list(event_type="workflow.entered", workflow_sid=office.workflow)) == 1
    assert {each.event_type for each in events.list(task_channel="default")} >= {"task.created"}
    assert [each.event_type for each in events.list(task_channel="voice")] == ["task-channel.created"]
    first = str(by_worker[0].sid)
    assert [each.sid for each in events.list(sid=first)] == [first]
    assert events.list(task_sid=task, worker_sid="WK" + "0" * 32) == []


def test_the_last_quarter_of_an_hour_is_listed_unless_asked_otherwise(office: Office) -> None:
    task, _, _ = served(office)
    office.api.clock.advance_seconds(16 * 60)
    assert office.space.events.list(task_sid=task) == []
    assert len(office.space.events.list(task_sid=task, minutes=30)) == 8
    now = datetime.fromtimestamp(office.api.clock.now() / 1000, UTC)
    assert len(office.space.events.list(task_sid=task, start_date=now - timedelta(hours=1))) == 8
    half = office.space.events.list(
        task_sid=task, start_date=now - timedelta(hours=1), end_date=now - timedelta(seconds=16 * 60 + 30)
    )
    assert [each.event_type for each in half][:1] == ["reservation.accepted"]


def test_pages_of_events_lead_back_in_time_and_each_event_is_seen_once(office: Office) -> None:
    served(office)
    events = office.space.events
    everything = [each.sid for each in events.list()]
    assert len(everything) > 10
    pages = [events.page(page_size=4)]
    while (following := pages[-1].next_page()) is not None:
        pages.append(following)
    walked = [[each.sid for each in page] for page in pages]
    assert [sid for page in walked for sid in page] == everything
    previous = pages[-1].previous_page()
    assert previous is not None
    assert [each.sid for each in previous] == walked[-2]


def test_attributes_are_redacted_after_thirty_days(office: Office) -> None:
    task, _, _ = served(office)
    office.api.clock.advance_seconds(31 * 86_400)
    told = office.space.events.list(task_sid=task, minutes=60 * 24 * 60)
    assert len(told) == 8
    assert all("task_attributes" not in (each.event_data or {}) for each in told)
    assert all("worker_attributes" not in (each.event_data or {}) for each in told)
    assert (told[0].event_data or {})["task_sid"] == task


@pytest.mark.parametrize("query", ["Minutes=0", "Minutes=x", "StartDate=soon", "TaskSid=WK1", "TaskChannel=fax",
                                   "PageToken=PAWyJhIiwgMV0", "PageToken=PAWzFd", "PageToken=PAWzFlOTk5XQ",
                                   "StartDate=2030-01-01&EndDate=2029-01-01"])  # fmt: skip
def test_what_cannot_be_read_is_refused(office: Office, query: str) -> None:
    office.api.refused(400, 20001, "GET", f"{office.path}/Events?{query}")


def test_the_owners_workspace_tells_its_events_too(api: Api, client: Client) -> None:
    space = client.taskrouter.v1.workspaces(api.home_sid)
    alice = str(space.workers.list()[0].sid)
    api.tell(api.home_sid)
    [created] = space.events.list(worker_sid=alice)
    assert (created.event_type, created.resource_sid) == ("worker.created", alice)
