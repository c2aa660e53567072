"""Workers through the official SDK, judged by the specification; bad input over plain HTTP."""

import json

import pytest
from twilio.rest import Client

from app.core.entities import Worker
from app.core.events import EventType
from tests.web.taskrouter.office import Office, an_office, refusal_of
from tests.web.taskrouter.server import Api


@pytest.fixture
def office(api: Api, client: Client) -> Office:
    """A bakery."""
    return an_office(api, client)


def events(office: Office, kind: EventType) -> list[dict[str, object]]:
    """What the stream tells of this kind."""
    return [dict(item.event.data) for item in office.context.store.since("0") if item.event.type is kind]


def test_a_new_worker_takes_one_task_of_each_channel_in_the_default_activity(office: Office) -> None:
    made = office.space.workers.create("Ann", attributes='{"bakes": true, "tools": {"oven": [1, {"hot": null}]}}')
    assert (made.friendly_name, made.activity_name, made.available) == ("Ann", "Offline", False)
    assert json.loads(str(made.attributes)) == {"bakes": True, "tools": {"oven": [1, {"hot": None}]}}
    fetched = office.space.workers(str(made.sid)).fetch()
    assert (fetched.sid, fetched.date_created) == (made.sid, made.date_created)
    channels = office.space.workers(str(made.sid)).worker_channels.list()
    assert {each.task_channel_unique_name: each.configured_capacity for each in channels} == dict.fromkeys(
        ("chat", "default", "sms", "video", "voice"), 1
    )
    assert [item["name"] for item in events(office, EventType.WORKER_CREATED)] == ["Ann"]


def test_no_two_workers_have_one_name_whatever_its_case(office: Office) -> None:
    ann = office.worker("Ann")
    assert refusal_of(lambda: office.worker("ANN")) == (400, 20001)
    office.space.workers(str(ann.sid)).update(friendly_name="Bea")
    assert refusal_of(lambda: office.worker("bea")) == (400, 20001)
    other = office.worker("ann")
    assert other.sid != ann.sid
    assert refusal_of(lambda: office.space.workers(str(ann.sid)).update(friendly_name="Ann")) == (400, 20001)
    assert office.space.workers(str(ann.sid)).update(friendly_name="BEA").friendly_name == "BEA"


def test_a_worker_goes_into_another_activity_and_the_event_tells_for_how_long_the_last_one_was(office: Office) -> None:
    ann = office.worker()
    office.api.clock.advance_seconds(90)
    gone = office.space.workers(str(ann.sid)).update(activity_sid=office.offline)
    assert (gone.activity_name, gone.available) == ("Offline", False)
    assert gone.date_status_changed > ann.date_status_changed  # type: ignore[operator]
    [told] = events(office, EventType.WORKER_CHANGED)
    assert (told["previous"], told["activity"], told["lasted"]) == (office.available, office.offline, 90_000)


def test_who_becomes_unavailable_keeps_their_offers_unless_they_reject_them(office: Office) -> None:
    ann = office.worker()
    task = office.task()
    [offer] = office.offered(task)
    office.space.workers(str(ann.sid)).update(activity_sid=office.offline)
    assert office.space.tasks(str(task.sid)).reservations(str(offer.sid)).fetch().reservation_status == "pending"
    office.space.workers(str(ann.sid)).update(activity_sid=office.available)
    worker = office.space.workers(str(ann.sid))
    assert refusal_of(lambda: worker.update(activity_sid=office.available, reject_pending_reservations=True)) == (
        400,
        20001,
    )
    worker.update(activity_sid=office.offline, reject_pending_reservations=True)
    assert worker.reservations(str(offer.sid)).fetch().reservation_status == "rejected"
    assert office.space.tasks(str(task.sid)).fetch().assignment_status == "pending"
    held = office.context.store.get(Worker, str(ann.sid))
    assert held is not None
    assert (held.reservations, held.held) == ((), {"default": 0})


def test_new_attributes_decide_at_once_which_queues_a_worker_serves(office: Office) -> None:
    ann = office.worker()
    task = office.task(attributes='{"kind": "other"}')
    assert office.offered(task) == []
    office.space.workers(str(ann.sid)).update(attributes='{"bakes": false}')
    assert [offer.worker_name for offer in office.offered(task)] == ["Ann"]
    assert events(office, EventType.WORKER_ATTRIBUTES) == [{"changed": ["attributes"], "queues": [office.rest]}]


def test_workers_are_found_by_name_activity_rule_and_queue(office: Office) -> None:
    office.worker("Ann", attributes='{"bakes": true, "level": 3}')
    office.api.clock.advance_seconds(1)
    bea = office.worker("Bea", attributes='{"bakes": false}', activity_sid=office.offline)
    workers = office.space.workers
    found = {
        "activity_name": workers.list(activity_name="Offline"),
        "activity_sid": workers.list(activity_sid=office.offline),
        "available": workers.list(available="false"),
        "friendly_name": workers.list(friendly_name="bea"),
        "rule": workers.list(target_workers_expression="friendly_name == 'Bea' AND activity_name == 'Offline'"),
        "queue_sid": workers.list(task_queue_sid=office.rest),
        "queue_name": workers.list(task_queue_name="rest"),
    }
    names = {asked: [each.friendly_name for each in answer] for asked, answer in found.items()}
    assert names == {asked: ["Bea"] for asked in found}
    assert [each.friendly_name for each in workers.list(available="true")] == ["Ann"]
    assert [each.friendly_name for each in workers.list(target_workers_expression="level >= 3")] == ["Ann"]
    assert [each.friendly_name for each in workers.list()] == ["Ann", "Bea"]
    office.api.clock.advance_seconds(1)
    workers(str(bea.sid)).update(activity_sid=office.available)
    in_order = workers.list(ordering="DateStatusChanged:desc")
    assert [each.friendly_name for each in in_order] == ["Bea", "Ann"]


def test_a_long_list_of_workers_is_walked_in_pages_forth_and_back(office: Office) -> None:
    for number in range(7):
        office.worker(f"w{number}")
        office.api.clock.advance_seconds(1)
    everybody = [f"w{number}" for number in range(7)]
    assert [each.friendly_name for each in office.space.workers.list(page_size=3)] == everybody
    second = office.space.workers.page(page_size=3).next_page()
    assert second is not None
    assert [each.friendly_name for each in second] == everybody[3:6]
    first = second.previous_page()
    assert first is not None
    assert [each.friendly_name for each in first] == everybody[:3]


def test_a_worker_who_holds_something_is_not_removed(office: Office) -> None:
    ann = office.worker()
    task = office.task()
    [offer] = office.offered(task)
    worker = office.space.workers(str(ann.sid))
    assert refusal_of(worker.delete) == (409, 20409)
    worker.reservations(str(offer.sid)).update(reservation_status="accepted")
    assert refusal_of(worker.delete) == (409, 20409)
    worker.reservations(str(offer.sid)).update(reservation_status="completed")
    assert worker.delete()
    assert refusal_of(worker.fetch) == (404, 20404)
    assert office.worker("Ann").sid == ann.sid


def test_what_was_decided_on_another_version_of_a_worker_is_refused(office: Office) -> None:
    ann = office.worker()
    url = f"{office.path}/Workers/{ann.sid}"
    tag = office.api.http("GET", url).headers["ETag"]
    worker = office.space.workers(str(ann.sid))
    worker.update(attributes="{}", if_match=tag)
    assert refusal_of(lambda: worker.update(attributes='{"a": 1}', if_match=tag)) == (412, 20412)
    # The SDK forgets the header when it deletes.
    office.api.refused(412, 20412, "DELETE", url, headers={"If-Match": tag})
    assert worker.fetch().attributes == "{}"


def test_the_owners_agents_have_their_names_from_the_file_and_their_activity_from_whoever_sets_it(
    api: Api, client: Client
) -> None:
    home = client.taskrouter.v1.workspaces(api.home_sid)
    [alice] = home.workers.list()
    assert (alice.friendly_name, alice.activity_name, alice.available) == ("alice", "available", True)
    worker = home.workers(str(alice.sid))
    assert refusal_of(lambda: worker.update(friendly_name="Al")) == (409, 20409)
    assert refusal_of(lambda: worker.update(attributes="{}")) == (409, 20409)
    assert refusal_of(worker.delete) == (409, 20409)
    pause = next(each for each in home.activities.list() if each.friendly_name == "break")
    assert worker.update(activity_sid=str(pause.sid)).activity_name == "break"
    lunch = home.activities.create("lunch", available=False)
    assert worker.update(activity_sid=str(lunch.sid)).activity_name == "lunch"
    assert refusal_of(lambda: home.workers.create("Alice", activity_sid=str(lunch.sid))) == (400, 20001)
    made = home.workers.create("Bob", attributes='{"skills": ["sales"]}')
    assert [each.friendly_name for each in home.workers.list()] == ["alice", "Bob"]
    assert home.workers(str(made.sid)).delete()


DEEP = '{"a":' * 500 + "1" + "}" * 500


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ({}, "FriendlyName"),
        ({"FriendlyName": " "}, "FriendlyName"),
        ({"FriendlyName": "x" * 65}, "FriendlyName"),
        ({"FriendlyName": "x", "Attributes": "[1]"}, "Attributes"),
        ({"FriendlyName": "x", "Attributes": "{"}, "Attributes"),
        ({"FriendlyName": "x", "Attributes": '{"a": NaN}'}, "Attributes"),
        ({"FriendlyName": "x", "Attributes": '{"a": "\\ud800"}'}, "Attributes"),
        ({"FriendlyName": "x", "Attributes": DEEP}, "Attributes"),
        ({"FriendlyName": "x", "Attributes": '{"a": "%s"}' % ("x" * 4096)}, "Attributes"),
        ({"FriendlyName": "x", "ActivitySid": "WA1"}, "ActivitySid"),
        ({"FriendlyName": "x", "ActivitySid": "WA" + "0" * 32}, "ActivitySid"),
    ],
)
def test_a_worker_who_cannot_be_is_refused_by_the_parameter_at_fault(
    office: Office, form: dict[str, str], named: str
) -> None:
    message = office.api.refused(400, 20001, "POST", f"{office.path}/Workers", data=form)
    assert named in message
    assert office.space.workers.list() == []


def test_a_rule_that_cannot_be_read_and_an_unknown_order_are_refused(office: Office) -> None:
    url = f"{office.path}/Workers"
    assert "column 4" in office.api.refused(400, 20001, "GET", url, params={"TargetWorkersExpression": "a =& 1"})
    office.api.refused(400, 20001, "GET", url, params={"Ordering": "Age:asc"})
    office.api.refused(404, 20404, "GET", f"{url}/WK{'0' * 32}")
    office.api.refused(404, 20404, "GET", f"{url}/alice")
