"""What an assignment callback is told, what its answers order, and what becomes of callers and workers."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.core.entities import ReservationState, TaskState
from app.core.events import EventType
from app.core.routing import sids
from app.ports.callbacks import Reply
from app.ports.dialling import WorkerCall
from app.ports.store import Offered
from app.ports.telephony import Outcome, Sent
from app.usecases.progress import Submission, submit
from app.usecases.taskrouter import enqueued, worker_leg
from app.usecases.taskrouter.assignment import Assignment
from app.usecases.taskrouter.enqueued import Over, Waiting
from app.usecases.taskrouter.instructions import instruct
from app.usecases.taskrouter.ordering import Orders
from app.usecases.taskrouter.wording import Refusal, Why
from app.usecases.taskrouter.worker_leg import Progress
from tests.builders import FakeClock
from tests.redis_server import RedisServers
from tests.store.adapters import ADAPTERS, adapter
from tests.usecases.taskrouter.desk import ACCOUNT, CALLBACK, CALLER, FALLBACK, LEG, PHONE, Office, made

TALK_MS = 60_000
CALL, SEND = EventType.INTENT_CALL_WORKER, EventType.INTENT_SEND_CALLER


@pytest.fixture(params=ADAPTERS)
def office(request: pytest.FixtureRequest, redis_servers: RedisServers, clock: FakeClock) -> Iterator[Office]:
    with ExitStack() as stack:
        yield Office(clock, adapter(request.param, redis_servers, clock, stack).open)


def sid_of(offered: Offered) -> str:
    assert offered.reservation is not None
    return offered.reservation.sid


def answer(office: Office, sid: str, **instruction: object) -> str:
    body = json.dumps(instruction) if instruction else ""
    return Assignment(office.context, ACCOUNT).take(sid, Reply(200, "application/json; charset=utf-8", body))


def test_a_callback_is_told_everything_of_task_worker_and_reservation(office: Office) -> None:
    worker = office.worker("Ann", contact_uri=PHONE, team="cakes")
    task = office.caller(priority="3", task='{"product": "cake"}')
    office.clock.advance_seconds(7)
    sid = sid_of(office.offered(task))
    question = Assignment(office.context, ACCOUNT).question(sid)
    assert question is not None
    assert question.addresses == (CALLBACK, FALLBACK)
    form = dict(question.form)
    assert json.loads(form["TaskAttributes"]) == {"product": "cake", "call_sid": CALLER, "from": "+12025550161"}
    assert json.loads(form["WorkerAttributes"]) == {"contact_uri": PHONE, "team": "cakes"}
    assert (form["TaskSid"], form["TaskAge"], form["TaskPriority"]) == (task.sid, "7", "3")
    assert (form["WorkerSid"], form["WorkerName"], form["WorkerActivityName"]) == (worker.sid, "Ann", "Available")
    assert (form["ReservationSid"], form["WorkflowSid"], form["AccountSid"]) == (sid, office.workflow, ACCOUNT)
    assert (form["TaskQueueName"], form["TaskChannelUniqueName"]) == ("everybody", "voice")
    assert sids.is_sid(form["TaskChannelSid"])
    assert form["WorkspaceSid"] == office.context.workspace


def test_nothing_is_asked_once_the_reservation_is_decided(office: Office) -> None:
    office.worker()
    sid = sid_of(office.offered(office.caller()))
    assert answer(office, sid, instruction="accept") == ""
    assert office.reservation(sid).state is ReservationState.ACCEPTED
    assert Assignment(office.context, ACCOUNT).question(sid) is None


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(500, "application/json", '{"instruction": "accept"}'), "HTTP 500"),
        (Reply(204, "application/json", ""), "HTTP 204"),
        (Reply(200, "text/html", '{"instruction": "accept"}'), "the content type text/html"),
        (Reply(200, "", '{"instruction": "accept"}'), "the content type (none)"),
        (Reply(200, "application/json", "{"), "the answer is no JSON"),
        (Reply(200, "application/json", '{"instruction": "dance"}'), "there is no instruction 'dance'"),
    ],
)
def test_an_answer_that_cannot_be_used_changes_nothing(office: Office, reply: Reply, why: str) -> None:
    office.worker()
    sid = sid_of(office.offered(office.caller()))
    assert Assignment(office.context, ACCOUNT).take(sid, reply).startswith(why)
    assert office.reservation(sid).state is ReservationState.PENDING
    assert not office.told(CALL)


def test_a_failed_callback_is_counted_and_the_reservation_times_out_in_its_own_time(office: Office) -> None:
    ann = office.worker()
    sid = sid_of(office.offered(office.caller()))
    Assignment(office.context, ACCOUNT).failed(sid, "HTTP 500")
    (event,) = office.told(EventType.ASSIGNMENT_FAILED)
    assert (event.reservation, event.data["reason"]) == (sid, "HTTP 500")
    assert office.reservation(sid).state is ReservationState.PENDING
    office.clock.advance_seconds(61)
    office.dispatched()
    assert office.reservation(sid).state is ReservationState.TIMEOUT
    assert office.person(ann.sid).activity == office.activities["Offline"]


def test_an_empty_answer_leaves_it_to_the_api(office: Office) -> None:
    office.worker()
    sid = sid_of(office.offered(office.caller()))
    assert Assignment(office.context, ACCOUNT).take(sid, Reply(200)) == ""
    assert answer(office, sid) == ""
    assert office.reservation(sid).state is ReservationState.PENDING


def test_a_worker_is_rejected_into_an_activity(office: Office) -> None:
    ann = office.worker()
    sid = sid_of(office.offered(office.caller()))
    assert answer(office, sid, instruction="reject", activity_sid=office.activities["Unavailable"]) == ""
    assert office.reservation(sid).state is ReservationState.REJECTED
    assert office.person(ann.sid).activity == office.activities["Unavailable"]


def test_a_dequeued_call_rings_the_workers_contact_uri_once_however_often_it_is_said(office: Office) -> None:
    office.worker()
    sid = sid_of(office.offered(office.caller()))
    for _ in range(2):
        assert answer(office, sid, instruction="dequeue", timeout=15, record="record-from-answer") == ""
    assert len(office.told(CALL)) == 1
    assert office.told(CALL)[0].data == {}
    wanted = Orders(office.context).call_for(sid)
    assert wanted == WorkerCall(
        workspace=office.context.workspace, reservation=sid, to=PHONE, seconds=15, options=wanted.options
    )  # fmt: skip
    assert wanted.options["record"] == "record-from-answer"


def test_answering_accepts_and_the_end_of_the_call_completes_the_task(office: Office) -> None:
    ann = office.worker()
    task = office.caller()
    sid = sid_of(office.offered(task))
    answer(office, sid, instruction="dequeue", post_work_activity_sid=office.activities["Unavailable"])
    Orders(office.context).placed(sid, Outcome(Sent.DONE, LEG))
    for _ in range(2):
        meeting = worker_leg.answered(office.context, sid, LEG)
        assert meeting is not None
        assert (meeting.task, meeting.is_room) == (task.sid, False)
    assigned = office.task(task.sid)
    assert (assigned.state, assigned.worker) == (TaskState.ASSIGNED, ann.sid)
    assert assigned.attributes["worker_call_sid"] == LEG
    office.clock.advance(TALK_MS)
    worker_leg.left(office.context, sid, LEG, bridged=True)
    worker_leg.ended(office.context, sid, LEG, "completed")
    assert enqueued.left(office.context, task.sid, "bridged") == Over(served=True)
    assert office.task(task.sid).state is TaskState.COMPLETED
    after = office.person(ann.sid)
    assert (after.activity, after.talked, after.reservations) == (office.activities["Unavailable"], TALK_MS, ())


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled", "completed"])
def test_a_worker_who_does_not_take_the_call_loses_the_reservation(office: Office, status: str) -> None:
    ann = office.worker()
    task = office.caller()
    sid = sid_of(office.offered(task))
    answer(office, sid, instruction="dequeue")
    Orders(office.context).placed(sid, Outcome(Sent.DONE, LEG))
    worker_leg.ended(office.context, sid, LEG, status)
    assert office.reservation(sid).state is ReservationState.TIMEOUT
    assert office.task(task.sid).state is TaskState.PENDING
    assert office.person(ann.sid).activity == office.activities["Offline"]
    assert worker_leg.answered(office.context, sid, LEG) is None


def test_a_line_that_drops_before_they_met_puts_the_caller_back_without_blame(office: Office) -> None:
    ann = office.worker()
    task = office.caller()
    sid = sid_of(office.offered(task))
    answer(office, sid, instruction="dequeue")
    worker_leg.answered(office.context, sid, LEG)
    office.clock.advance_seconds(5)
    worker_leg.left(office.context, sid, LEG, bridged=False)
    assert office.task(task.sid).state is TaskState.PENDING
    assert office.person(ann.sid).activity == office.activities["Available"]
    assert len(office.told(EventType.INTENT_LOOK_UP)) == 1
    assert enqueued.left(office.context, task.sid, "bridged") == Waiting(task.sid)
    orders = Orders(office.context)
    assert orders.caller(task.sid) == CALLER
    orders.looked_up(task.sid, Outcome(Sent.DONE, data={"status": "in-progress"}))
    assert office.task(task.sid).state is TaskState.PENDING
    orders.looked_up(task.sid, Outcome(Sent.GONE))
    assert office.task(task.sid).state is TaskState.CANCELED


def test_a_caller_who_hangs_up_frees_everybody_and_does_not_come_back_by_a_late_webhook(office: Office) -> None:
    ann = office.worker()
    task = office.caller()
    sid = sid_of(office.offered(task))
    answer(office, sid, instruction="dequeue")
    Orders(office.context).placed(sid, Outcome(Sent.DONE, LEG))
    assert enqueued.left(office.context, task.sid, "hangup") == Over()
    assert office.task(task.sid).state is TaskState.CANCELED
    assert office.person(ann.sid).reservations == ()
    assert [event.data["leg"] for event in office.told(EventType.INTENT_HANG_UP)] == [LEG]
    arriving = enqueued.Arriving(call=CALLER, workflow=office.workflow, facts={"call_sid": CALLER})
    assert enqueued.enter(office.context, arriving) == Over()
    assert worker_leg.answered(office.context, sid, LEG) is None


def test_the_same_call_is_one_task_until_its_stay_is_over(office: Office) -> None:
    first = office.caller()
    assert office.caller().sid == first.sid
    enqueued.left(office.context, first.sid, "leave")
    assert office.task(first.sid).state is TaskState.CANCELED
    second = office.caller()
    assert second.sid != first.sid
    assert office.caller().sid == second.sid


def test_a_canceled_task_takes_its_caller_off_hold(office: Office) -> None:
    task = office.caller(timeout="30")
    assert enqueued.waits(office.context, task.sid)
    office.clock.advance_seconds(31)
    office.dispatched()
    assert not enqueued.waits(office.context, task.sid)
    assert enqueued.left(office.context, task.sid, "leave") == Over()


@pytest.mark.parametrize("said", ["{", "[1]", '"x"', "[" * 50_000, json.dumps({"long": "x" * 5000})])
def test_what_the_ivr_says_badly_is_left_out_and_the_caller_kept(office: Office, said: str) -> None:
    task = office.caller(task=said, priority="high", timeout="-1")
    assert task.attributes == {"call_sid": CALLER, "from": "+12025550161"}
    assert task.priority == 0


def test_the_ivr_cannot_pass_off_one_call_as_another(office: Office) -> None:
    assert office.caller(task='{"call_sid": "CA9", "from": "me"}').attributes == {"call_sid": CALLER, "from": "me"}


@pytest.mark.parametrize(
    ("form", "why", "field"),
    [
        ({"Instruction": "dance"}, Why.INVALID, "Instruction"),
        ({"Instruction": "supervise", "Supervisor": "WK1"}, Why.INVALID, "Instruction"),
        ({"Instruction": "dequeue", "DequeueTimeout": "x"}, Why.INVALID, "DequeueTimeout"),
        ({"Instruction": "call", "CallFrom": "+12025550100"}, Why.INVALID, "CallUrl"),
        ({"Instruction": "dequeue", "DequeuePostWorkActivitySid": "WA" + "9" * 32}, Why.INVALID,
         "DequeuePostWorkActivitySid"),
    ],
)  # fmt: skip
def test_the_api_is_told_which_parameter_is_wrong(office: Office, form: dict[str, str], why: Why, field: str) -> None:
    office.worker()
    refused = instruct(office.context, office.offered(office.caller()), form)
    assert isinstance(refused, Refusal)
    assert (refused.why, refused.field) == (why, field)


def test_only_callers_who_wait_with_us_can_be_dequeued_and_only_workers_with_a_telephone_called(office: Office) -> None:
    office.worker("Ann", team="mail")
    task = made(submit(office.context, Submission(workflow=office.workflow, attributes={"kind": "mail"})))
    offered = office.offered(task)
    nobody = instruct(office.context, offered, {"Instruction": "dequeue"})
    assert isinstance(nobody, Refusal)
    assert "contact_uri" in nobody.message
    mail = instruct(office.context, offered, {"Instruction": "dequeue", "DequeueTo": PHONE})
    assert isinstance(mail, Refusal)
    assert "/voice/enqueue" in mail.message
    assert not office.told(CALL)


def test_a_call_accepts_when_it_is_answered_if_it_says_so(office: Office) -> None:
    office.worker()
    task = office.caller()
    offered = office.offered(task)
    form = {"Instruction": "call", "CallFrom": "+12025550100", "CallUrl": "https://firm.example/agent"}
    reservation = made(instruct(office.context, offered, {**form, "CallAccept": "true"}))
    assert reservation.state is ReservationState.PENDING
    wanted = Orders(office.context).call_for(reservation.sid)
    assert wanted is not None
    assert (wanted.url, wanted.caller_id) == ("https://firm.example/agent", "+12025550100")
    worker_leg.progressed(office.context, reservation.sid, LEG, "ringing")
    assert office.reservation(reservation.sid).state is ReservationState.PENDING
    worker_leg.progressed(office.context, reservation.sid, LEG, "in-progress")
    assert office.task(task.sid).state is TaskState.ASSIGNED
    worker_leg.ended(office.context, reservation.sid, LEG, "completed")
    assert office.task(task.sid).state is TaskState.ASSIGNED, "what the firm's own page did is the firm's to complete"


def test_a_redirect_sends_the_call_and_accepts_only_if_it_says_so(office: Office) -> None:
    office.worker()
    task = office.caller()
    sid = sid_of(office.offered(task))
    assert answer(office, sid, instruction="redirect", call_sid=CALLER, url="https://firm.example/x") == ""
    assert office.reservation(sid).state is ReservationState.PENDING
    assert Orders(office.context).sending(sid) == (CALLER, "https://firm.example/x")
    enqueued.left(office.context, task.sid, "redirected")
    assert office.task(task.sid).state is TaskState.RESERVED, "it was our own doing"


def test_in_a_conference_the_caller_is_fetched_when_the_worker_has_come(office: Office) -> None:
    office.worker()
    task = office.caller()
    sid = sid_of(office.offered(task))
    answer(office, sid, instruction="conference")
    assert not office.told(SEND)
    meeting = worker_leg.answered(office.context, sid, LEG)
    assert meeting is not None
    assert meeting.is_room
    assert len(office.told(SEND)) == 1
    assert Orders(office.context).sending(sid) == (CALLER, "")
    enqueued.left(office.context, task.sid, "redirected")
    assert enqueued.room(office.context, sid) == meeting
    office.clock.advance(TALK_MS)
    assert enqueued.left_room(office.context, sid) == Over(served=True)
    assert office.task(task.sid).state is TaskState.COMPLETED


def test_a_program_hears_of_the_steps_it_asked_for(office: Office) -> None:
    office.worker()
    sid = sid_of(office.offered(office.caller()))
    answer(office, sid, instruction="dequeue", status_callback_url="https://firm.example/s",
           status_callback_events=["answered", "completed"])  # fmt: skip
    for number, status in enumerate(("initiated", "ringing", "in-progress", "completed")):
        worker_leg.report(office.context, sid, Progress(LEG, status, "9" if status == "completed" else "", str(number)))
    told = office.told(EventType.INTENT_REPORT)
    assert [event.data["status"] for event in told] == ["in-progress", "completed"]
    question = Assignment(office.context, ACCOUNT).progress(told[1])
    assert question is not None
    assert (question.addresses, question.method) == (("https://firm.example/s",), "GET")
    form = dict(question.form)
    assert (form["CallSid"], form["taskCallSid"], form["CallDuration"]) == (LEG, CALLER, "9")


@pytest.mark.parametrize(
    ("sent", "left"), [(Sent.REFUSED, "timeout"), (Sent.GONE, "timeout"), (Sent.UNKNOWN, "pending")]
)
def test_a_worker_who_cannot_be_called_is_given_up_unless_they_may_be_ringing(
    office: Office, sent: Sent, left: str
) -> None:
    office.worker()
    sid = sid_of(office.offered(office.caller()))
    answer(office, sid, instruction="dequeue")
    Orders(office.context).placed(sid, Outcome(sent, why="21211"))
    assert office.reservation(sid).state == left
