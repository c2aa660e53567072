"""How much of which work a worker takes, through the official SDK and judged by the specification."""

import pytest
from twilio.rest import Client

from app.core.events import EventType
from tests.web.taskrouter.office import Office, an_office, refusal_of
from tests.web.taskrouter.server import Api


@pytest.fixture
def office(api: Api, client: Client) -> Office:
    """A bakery."""
    return an_office(api, client)


def test_a_channel_is_found_by_its_name_its_sid_and_that_of_the_task_channel(office: Office) -> None:
    channels = office.space.workers(str(office.worker().sid)).worker_channels
    [voice] = [each for each in channels.list() if each.task_channel_unique_name == "voice"]
    found = {channels(name).fetch().sid for name in ("voice", str(voice.sid), str(voice.task_channel_sid))}
    assert found == {voice.sid}
    assert refusal_of(channels("fax").fetch) == (404, 20404)


def test_a_worker_takes_as_many_tasks_at_once_as_the_capacity_says(office: Office) -> None:
    ann = office.worker()
    channels = office.space.workers(str(ann.sid)).worker_channels
    assert channels("default").update(capacity=2).configured_capacity == 2
    tasks = [office.task() for _ in range(3)]
    assert sorted(len(office.offered(task)) for task in tasks) == [0, 1, 1]
    full = channels("default").fetch()
    assert (full.assigned_tasks, full.available_capacity_percentage) == (2, 0)
    assert channels("voice").fetch().available_capacity_percentage == 100


def test_workers_take_one_task_of_a_channel_that_comes_later(office: Office) -> None:
    channels = office.space.workers(str(office.worker().sid)).worker_channels
    office.space.task_channels.create("Fax", "fax")
    office.dispatched()
    assert channels("fax").fetch().configured_capacity == 1
    assert len(office.offered(office.task(task_channel="fax"))) == 1


def test_less_room_than_is_held_takes_nothing_away(office: Office) -> None:
    ann = office.worker()
    channels = office.space.workers(str(ann.sid)).worker_channels
    channels("default").update(capacity=4)
    first, second = office.task(), office.task()
    office.dispatched()
    shrunk = channels("default").update(capacity=1)
    assert (shrunk.configured_capacity, shrunk.assigned_tasks, shrunk.available_capacity_percentage) == (1, 2, 0)
    third = office.task()
    assert [len(office.offered(task)) for task in (first, second, third)] == [1, 1, 0]
    for task in (first, second):
        [offer] = office.space.tasks(str(task.sid)).reservations.list()
        offer.update(reservation_status="accepted")
        offer.update(reservation_status="completed")
        office.dispatched()
    assert len(office.offered(third)) == 1


def test_a_closed_channel_gets_nothing_until_it_is_open_again(office: Office) -> None:
    ann = office.worker()
    channels = office.space.workers(str(ann.sid)).worker_channels
    assert channels("default").update(available=False).available is False
    task = office.task()
    assert office.offered(task) == []
    channels("default").update(available=True)
    assert len(office.offered(task)) == 1
    told = [item.event for item in office.context.store.since("0") if item.event.type is EventType.WORKER_CHANNEL]
    assert [(event.data["channel"], event.data["available"]) for event in told] == [
        ("default", False),
        ("default", True),
    ]


@pytest.mark.parametrize("form", [{"Capacity": "51"}, {"Capacity": "-1"}, {"Capacity": "many"}, {"Available": "maybe"}])
def test_a_capacity_that_cannot_be_is_refused(office: Office, form: dict[str, str]) -> None:
    url = f"{office.path}/Workers/{office.worker().sid}/Channels/voice"
    before = office.api.http("GET", url).json()
    office.api.refused(400, 20001, "POST", url, data=form)
    assert office.api.http("GET", url).json() == before
    office.api.refused(404, 20404, "GET", f"{office.path}/Workers/WK{'0' * 32}/Channels")
