"""Reservations through the official SDK, seen from tasks and from workers, judged by the specification."""

import pytest
from twilio.rest import Client

from app.core.entities import TaskState, Worker
from tests.builders import a_call, a_reservation, a_task
from tests.web.taskrouter.office import Office, an_office, refusal_of
from tests.web.taskrouter.server import Api

TASK, OFFER, CALL = "WT" + "1" * 32, "WR" + "1" * 32, "CA" + "1" * 32


@pytest.fixture
def office(api: Api, client: Client) -> Office:
    """A bakery."""
    return an_office(api, client)


def test_a_reservation_is_seen_from_its_task_and_from_its_worker(office: Office) -> None:
    ann, task = office.worker(), office.task()
    [offer] = office.offered(task)
    seen = office.space.workers(str(ann.sid)).reservations(str(offer.sid)).fetch()
    assert (seen.sid, seen.task_sid, seen.worker_name) == (offer.sid, task.sid, "Ann")
    assert office.space.tasks(str(task.sid)).reservations(str(offer.sid)).fetch().worker_sid == ann.sid
    other = office.task()
    assert refusal_of(office.space.tasks(str(other.sid)).reservations(str(offer.sid)).fetch) == (404, 20404)
    bea = office.worker("Bea")
    by_other = office.space.workers(str(bea.sid)).reservations(str(offer.sid))
    assert refusal_of(lambda: by_other.update(reservation_status="accepted")) == (404, 20404)


def test_an_accepted_reservation_is_wrapped_up_and_completed(office: Office) -> None:
    ann, task = office.worker(), office.task()
    [offer] = office.offered(task)
    reservation = office.space.workers(str(ann.sid)).reservations(str(offer.sid))
    states = []
    for status in ("accepted", "wrapping", "completed"):
        assert reservation.update(reservation_status=status).reservation_status == status
        states.append(office.space.tasks(str(task.sid)).fetch().assignment_status)
    assert states == ["assigned", "wrapping", "completed"]
    assert [each.task_sid for each in office.space.workers(str(ann.sid)).reservations.list()] == [task.sid]


def test_a_rejected_task_goes_to_the_next_and_the_worker_into_the_activity_they_name(office: Office) -> None:
    ann, task = office.worker(), office.task()
    office.api.clock.advance_seconds(1)
    office.worker("Bea")
    [offer] = office.offered(task)
    reservation = office.space.tasks(str(task.sid)).reservations(str(offer.sid))
    nowhere = {"reservation_status": "rejected", "worker_activity_sid": "WA" + "0" * 32}
    assert refusal_of(lambda: reservation.update(**nowhere)) == (400, 20001)
    reservation.update(reservation_status="rejected", worker_activity_sid=office.offline)
    assert office.space.workers(str(ann.sid)).fetch().activity_name == "Offline"
    offers = {each.worker_name: each.reservation_status for each in office.offered(task)}
    assert offers == {"Ann": "rejected", "Bea": "pending"}


def test_of_several_who_are_asked_the_first_to_accept_has_the_task(api: Api, client: Client) -> None:
    office = an_office(api, client, max_reserved_workers=3)
    for name in ("Ann", "Bea", "Cy"):
        office.worker(name)
    task = office.task()
    first, *others = office.offered(task)
    assert len(others) == 2
    first.update(reservation_status="accepted")
    reservations = office.space.tasks(str(task.sid)).reservations
    states = {each.sid: each.reservation_status for each in reservations.list()}
    assert states == {first.sid: "accepted"} | {each.sid: "rescinded" for each in others}
    for late in others:
        assert refusal_of(lambda late=late: late.update(reservation_status="accepted")) == (400, 20001)
    assert [each.sid for each in reservations.list(reservation_status="accepted")] == [first.sid]
    assert [each.sid for each in reservations.list(worker_sid=str(others[0].worker_sid))] == [others[0].sid]
    assert len(reservations.list(page_size=1)) == 3


def test_a_reservation_can_be_timed_out_by_order_and_its_worker_goes_where_the_workspace_says(office: Office) -> None:
    office.space.update(timeout_activity_sid=office.offline)
    ann, task = office.worker(), office.task()
    [offer] = office.offered(task)
    assert offer.update(reservation_status="timeout").reservation_status == "timeout"
    assert office.space.workers(str(ann.sid)).fetch().activity_name == "Offline"
    assert office.space.tasks(str(task.sid)).fetch().assignment_status == "pending"


def test_the_instructions_accept_and_reject_do_what_the_statuses_do(office: Office) -> None:
    ann, task = office.worker(), office.task()
    [offer] = office.offered(task)
    worker = office.space.workers(str(ann.sid))
    assert worker.reservations(str(offer.sid)).update(instruction="reject").reservation_status == "rejected"
    again = next(each for each in office.offered(task) if each.reservation_status == "pending")
    assert again.update(instruction="accept").reservation_status == "accepted"
    assert refusal_of(lambda: again.update(instruction="accept")) == (400, 20001)
    assert refusal_of(lambda: again.update(instruction="juggle")) == (400, 20001)


def test_the_queue_says_in_which_activity_its_workers_are_while_they_work(api: Api, client: Client) -> None:
    office = an_office(api, client)
    busy = office.space.activities.create("busy", available=False)
    office.space.task_queues(office.bread).update(assignment_activity_sid=str(busy.sid))
    ann, task = office.worker(), office.task()
    [offer] = office.offered(task)
    offer.update(reservation_status="accepted")
    assert office.space.workers(str(ann.sid)).fetch().activity_name == "busy"


def test_what_was_decided_on_another_version_of_a_reservation_is_refused(office: Office) -> None:
    office.worker()
    task = office.task()
    [offer] = office.offered(task)
    url = f"{office.path}/Tasks/{task.sid}/Reservations/{offer.sid}"
    tag = office.api.http("GET", url).headers["ETag"]
    office.api.refused(412, 20412, "POST", url, data={"ReservationStatus": "accepted"}, headers={"If-Match": '"9"'})
    assert refusal_of(lambda: offer.update(instruction="accept", if_match='"9"')) == (412, 20412)
    assert offer.update(reservation_status="accepted", if_match=tag).reservation_status == "accepted"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"ReservationStatus": ""},
        {"ReservationStatus": "taken"},
        {"ReservationStatus": "canceled"},
        {"ReservationStatus": "rescinded"},
        {"ReservationStatus": "wrapping"},
        {"ReservationStatus": "completed"},
        {"ReservationStatus": "rejected", "WorkerActivitySid": "offline"},
        {"Instruction": "supervise"},
        {"Instruction": "dequeue"},
    ],
)
def test_an_answer_that_a_pending_reservation_does_not_take_changes_nothing(
    office: Office, form: dict[str, str]
) -> None:
    office.worker()
    task = office.task()
    [offer] = office.offered(task)
    url = f"{office.path}/Tasks/{task.sid}/Reservations/{offer.sid}"
    before = office.api.http("GET", url)
    office.api.refused(400, 20001, "POST", url, data=form)
    after = office.api.http("GET", url)
    assert (after.json(), after.headers["ETag"]) == (before.json(), before.headers["ETag"])


def test_a_caller_is_accepted_on_the_phone_that_rings_and_nowhere_else(api: Api, client: Client) -> None:
    alice = api.context(api.home_sid).store.get(Worker, "alice")
    assert alice is not None
    api.exists(
        api.home_sid,
        a_call(CALL, task=TASK),
        a_task(TASK, call=CALL, state=TaskState.RESERVED, reservations=(OFFER,)),
        a_reservation(OFFER, task=TASK, call=CALL, worker="alice"),
    )
    home = client.taskrouter.v1.workspaces(api.home_sid)
    [offer] = home.tasks(TASK).reservations.list()
    assert offer.worker_name == "alice"
    assert refusal_of(lambda: offer.update(reservation_status="accepted")) == (400, 20001)
    assert refusal_of(lambda: offer.update(instruction="accept")) == (400, 20001)
    assert refusal_of(lambda: offer.update(instruction="conference")) == (400, 20001)
    assert offer.update(reservation_status="rejected").reservation_status == "rejected"
    assert home.tasks(TASK).fetch().workflow_friendly_name == "Unicone"
