"""A firm keeps its IVR and its assignment callback, and its callers meet its workers through our queue."""

import json

from app.core.entities import TaskState
from app.core.events import EventType
from app.simulator.agents import Answer
from app.simulator.callers import WaitFor
from tests.scenarios.taskrouter.office import FIRM, NUMBER, OFFLINE, Office
from tests.scenarios.world import eventually

TALKS = Answer(after=0.1, talks=3.5)


def test_a_caller_whom_the_firm_sends_here_meets_a_worker_who_then_goes_where_the_firm_says(office: Office) -> None:
    ann = office.worker("Ann", "+12025550171", TALKS)
    office.firm.instruction = {"instruction": "dequeue", "post_work_activity_sid": office.activities[OFFLINE]}
    office.firm.query = {"Task": json.dumps({"product": "cake"}), "priority": "7", "Action": f"{FIRM}/after"}
    call = office.dial("wants cake", "+12025550161", WaitFor("ended"))
    task = office.becomes(call, TaskState.ASSIGNED)
    assert task.priority == 7
    assert task.attributes["product"] == "cake"
    assert task.attributes["from"] == "+12025550161"
    assert task.attributes["worker_call_sid"] == [leg.sid for leg in office.carrier.exchange.legs.values()][1]
    assert office.firm.genuine == [True]
    asked = office.firm.asked[0]
    assert (asked["TaskSid"], asked["WorkerSid"], asked["WorkerName"]) == (task.sid, ann.sid, "Ann")
    assert asked["WorkflowSid"] == office.workflow
    office.becomes(call, TaskState.COMPLETED)
    assert eventually(lambda: office.present(ann).activity == office.activities[OFFLINE])
    assert call.wait(10)
    assert call.result.agents == ("Ann",)
    assert [back["QueueResult"] for back in office.firm.came_back] == ["bridged"]
    assert not office.carrier.gaps
    assert not office.carrier.exchange.queues, "the caller's own line was left behind at the carrier"


def test_a_caller_who_hangs_up_before_anybody_came_is_canceled_and_the_phone_stops_ringing(office: Office) -> None:
    ann = office.worker("Ann", "+12025550172", Answer(does="ignore"))
    call = office.dial("gives up", "+12025550162", WaitFor("waiting"), patience=60)
    office.becomes(call, TaskState.RESERVED)
    assert eventually(lambda: len(office.carrier.rings) == 1)
    call.hang_up()
    task = office.becomes(call, TaskState.CANCELED)
    assert task.reason == "hangup"
    assert eventually(lambda: all(leg.ended for leg in office.carrier.exchange.legs.values()))
    assert eventually(lambda: office.present(ann).reservations == ())


def test_who_does_not_answer_loses_the_reservation_and_the_next_worker_is_called(office: Office) -> None:
    office.firm.instruction = {"instruction": "dequeue", "timeout": 5}
    ann = office.worker("Ann", "+12025550173", Answer(does="busy"))
    call = office.dial("is patient", "+12025550163", WaitFor("ended"))
    assert eventually(lambda: office.present(ann).activity == office.activities[OFFLINE]), "the timeout activity"
    office.worker("Ben", "+12025550174", TALKS)
    task = office.becomes(call, TaskState.COMPLETED, within=20)
    assert office.kinds(task).count(EventType.RESERVATION_TIMEOUT) == 1
    assert call.wait(10)
    assert call.result.agents == ("Ben",)


def test_worker_and_caller_meet_in_a_conference_when_the_firm_wants_one(office: Office) -> None:
    office.worker("Ann", "+12025550175", TALKS)
    office.firm.instruction = {"instruction": "conference", "from": NUMBER, "end_conference_on_exit": True}
    call = office.dial("meets in a room", "+12025550165", WaitFor("ended"))
    office.becomes(call, TaskState.COMPLETED)
    assert call.wait(10)
    assert call.result.agents == ("Ann",)
    assert not office.carrier.gaps


def test_a_call_can_be_sent_elsewhere(office: Office) -> None:
    office.worker("Ann", "+12025550176", TALKS)
    office.firm.instruction = {
        "instruction": "redirect", "call_sid": "$call_sid", "url": f"{FIRM}/elsewhere", "accept": True,
    }  # fmt: skip
    call = office.dial("is sent away", "+12025550166", WaitFor("ended"))
    office.becomes(call, TaskState.ASSIGNED)
    assert call.wait(10)
    assert call.result.said[-1].text == "You are elsewhere now."


def test_the_official_sdk_dequeues_a_call_that_the_callback_left_to_it(office: Office) -> None:
    office.firm.instruction = None
    office.worker("Ann", "+12025550178", TALKS)
    ben = "+12025550179"
    office.carrier.add_agent(ben, "Ben", [TALKS])
    call = office.dial("is dequeued", "+12025550170", WaitFor("ended"))
    reservation = office.reservation_of(call)
    answered = reservation.update(instruction="dequeue", dequeue_to=ben, dequeue_timeout=20)
    assert answered.reservation_status == "pending"
    office.becomes(call, TaskState.ASSIGNED)
    assert reservation.fetch().reservation_status == "accepted"
    office.becomes(call, TaskState.COMPLETED)
    assert call.wait(10)
    assert call.result.agents == ("Ben",)


def test_a_broken_callback_is_asked_again_at_its_fallback(office: Office) -> None:
    office.worker("Ann", "+12025550177", TALKS)
    office.firm.status = 500
    call = office.dial("is served all the same", "+12025550167", WaitFor("ended"))
    office.becomes(call, TaskState.ASSIGNED)
    assert [asked["path"] for asked in office.firm.asked] == ["/assign", "/fallback"]


def test_a_caller_sent_to_a_workflow_that_is_not_there_hears_so_or_goes_back_to_the_firm(office: Office) -> None:
    office.firm.enqueue = office.firm.enqueue[:-32] + "0" * 32
    call = office.dial("is told", "+12025550168", WaitFor("ended"))
    assert call.wait(10)
    assert "nobody can take your call" in call.result.said[-1].text
    office.firm.query = {"Action": f"{FIRM}/after"}
    call = office.dial("goes back", "+12025550169", WaitFor("ended"))
    assert call.wait(10)
    assert call.result.said[-1].text == "Back at the firm. Goodbye."
