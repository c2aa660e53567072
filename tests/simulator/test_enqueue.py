"""Enqueue and Dial Queue: waiting, being taken, leaving."""

import pytest

from app.simulator import Answer, Caller, HangUp, ListenUntil, Press, WaitFor
from tests.simulator.stage import AGENT, CALLER, NUMBER, PUBLIC, Stage

ENQUEUE = '<Enqueue waitUrl="/wait" action="/after">sales</Enqueue><Say>next verb</Say>'
WAIT = "<Say>Please hold</Say><Pause length='1'/>"


def ring(stage: Stage, twiml: str) -> str:
    call = stage.client.calls.create(to=AGENT, from_=NUMBER, twiml=f"<Response>{twiml}</Response>")
    assert call.sid
    return call.sid


# "QueuePosition, QueueSid, QueueTime (s), AvgQueueTime, CurrentQueueSize, MaxQueueSize"; "Runs out ⇒ Twilio
# re-requests waitUrl for ever"; "hangup".
def test_a_waiting_caller_hears_the_waiting_document_again_and_again(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = ENQUEUE
    stage.answers["/wait"] = lambda asked: f"<Say>You are number {asked.fields['QueuePosition']}</Say>"
    result = stage.call(*[ListenUntil("number 1")] * 3, HangUp())
    asked = stage.requests_to("/wait")[0]
    assert asked.genuine
    assert asked.fields["QueueSid"].startswith("QU")
    assert (asked.fields["CurrentQueueSize"], asked.fields["MaxQueueSize"]) == ("1", "1000")
    assert asked.fields["QueueTime"] == asked.fields["AvgQueueTime"] == "0"
    assert len(stage.requests_to("/wait")) >= 3
    after = stage.request_to("/after").fields
    assert (after["QueueResult"], after["CallStatus"]) == ("hangup", "completed")
    assert result.outcome == "abandoned"


# "Leave ⇒ Enqueue ends, action (if any) is requested at once, else next verb."
@pytest.mark.parametrize(("action", "heard"), [(' action="/after"', "after"), ("", "next verb")])
def test_leaving_the_queue_goes_on_at_the_action_or_the_next_verb(stage: Stage, action: str, heard: str) -> None:
    stage.answers["/voice/incoming"] = ENQUEUE.replace(' action="/after"', action)
    stage.answers["/wait"] = "<Say>One moment</Say><Leave/>"
    stage.answers["/after"] = lambda asked: f"<Say>after {asked.fields['QueueResult']}</Say>"
    said = stage.heard(stage.call())
    assert said[0] == "One moment"
    assert said[1].startswith(heard)


def test_keys_pressed_on_hold_are_gathered(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = ENQUEUE
    stage.answers["/wait"] = '<Gather numDigits="1" action="/key" timeout="20"><Say>Press 1 to leave</Say></Gather>'
    stage.answers["/key"] = "<Leave/>"
    stage.call(ListenUntil("press 1"), Press("1"))
    assert stage.requests_to("/key")[0].fields["Digits"] == "1"
    assert stage.requests_to("/after")[0].fields["QueueResult"] == "leave"


# "Live call replaced through REST interrupts any verb, incl. Enqueue (QueueResult=redirected)."
def test_a_waiting_caller_can_be_redirected_over_rest(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = ENQUEUE
    stage.answers["/wait"] = WAIT
    stage.answers["/elsewhere"] = "<Say>Elsewhere</Say>"
    handle = stage.carrier.dial(Caller("caller", CALLER))
    handle.leg.watch(lambda: bool(handle.leg.waiting_in), 5)
    stage.client.calls(handle.leg.sid).update(url=f"{PUBLIC}/elsewhere", method="POST")
    assert handle.wait(10)
    assert "Elsewhere" in stage.heard(handle.result)
    assert stage.request_to("/after").fields["QueueResult"] == "redirected"


# "queue-full".
def test_a_full_queue_is_told_to_the_action(stage: Stage) -> None:
    stage.client.queues.create(friendly_name="sales", max_size=1)
    stage.answers["/voice/incoming"] = ENQUEUE
    stage.answers["/wait"] = WAIT
    first = stage.carrier.dial(Caller("first", CALLER))
    first.leg.watch(lambda: bool(first.leg.waiting_in), 5)
    stage.call()
    fields = stage.requests_to("/after")[0].fields
    assert fields["QueueResult"] == "queue-full"
    assert "QueueSid" not in fields
    first.hang_up()


# "an empty <Response/> would spin".
def test_a_waiting_document_that_takes_no_time_is_warned_of(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = ENQUEUE
    stage.answers["/wait"] = lambda asked: "<Leave/>" if len(stage.requests_to("/wait")) > 2 else ""
    assert any("takes no time" in trouble for trouble in stage.call().troubles)


def test_a_waiting_document_that_fails_ends_the_waiting_with_an_error(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = ENQUEUE.replace("/wait", "https://elsewhere.example/wait")
    stage.call()
    assert stage.requests_to("/after")[0].fields["QueueResult"] == "error"


# "<Dial><Queue url> (runs on the queued caller's leg before bridging): standard + QueueSid, CallSid, QueueTime,
# DequeingCallSid"; "once, after the bridge ends, for Dial-dequeued calls: bridged".
def test_an_agent_who_dials_the_queue_gets_the_first_who_waits(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = ENQUEUE
    stage.answers["/wait"] = WAIT
    stage.answers["/whisper"] = "<Say>You will be recorded</Say>"
    stage.answers["/after"] = "<Say>Goodbye</Say>"
    stage.carrier.add_agent(AGENT, "anna", [Answer(after=0.05, talks=0.2)])
    handle = stage.carrier.dial(Caller("caller", CALLER))
    handle.leg.watch(lambda: bool(handle.leg.waiting_in), 5)
    queue_dial = f'<Dial action="{PUBLIC}/dialled"><Queue url="{PUBLIC}/whisper">sales</Queue></Dial>'
    agent_sid = ring(stage, queue_dial)
    assert handle.wait(10)
    whisper = stage.requests_to("/whisper")[0].fields
    assert (whisper["CallSid"], whisper["DequeingCallSid"]) == (handle.leg.sid, agent_sid)
    assert stage.requests_to("/after")[0].fields["QueueResult"] == "bridged"
    assert stage.heard(handle.result)[-2:] == ["You will be recorded", "Goodbye"]
    assert handle.result.agent == "anna"


# "Empty queue ⇒ waits until Dial timeout": here somebody comes in time.
def test_an_agent_who_dials_an_empty_queue_waits_for_the_next_caller(stage: Stage) -> None:
    stage.client.queues.create(friendly_name="sales")
    stage.answers["/voice/incoming"] = ENQUEUE
    stage.answers["/wait"] = WAIT
    stage.carrier.add_agent(AGENT, "anna", [Answer(after=0.05, talks=0.2)])
    ring(stage, "<Say>Waiting</Say><Dial timeout='20'><Queue>sales</Queue></Dial>")
    assert stage.call(WaitFor("connected", 10)).agent == "anna"


# "missing queue ⇒ error status to action".
def test_dialling_a_queue_that_does_not_exist_fails(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = '<Dial action="/dialled"><Queue>nobody</Queue></Dial>'
    stage.call()
    assert stage.requests_to("/dialled")[0].fields["DialCallStatus"] == "failed"


# "POST Url (req), Method = dequeue and run that TwiML."
def test_the_first_who_waits_can_be_dequeued_over_rest(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = ENQUEUE
    stage.answers["/wait"] = WAIT
    stage.answers["/taken"] = "<Say>Taken out</Say>"
    handle = stage.carrier.dial(Caller("caller", CALLER))
    handle.leg.watch(lambda: bool(handle.leg.waiting_in), 5)
    queue = stage.client.queues.list()[0]
    assert [member.call_sid for member in queue.members.list()] == [handle.leg.sid]
    member = stage.client.queues(queue.sid).members("Front").update(url=f"{PUBLIC}/taken")
    assert (member.call_sid, member.position) == (handle.leg.sid, 1)
    assert handle.wait(10)
    assert "Taken out" in stage.heard(handle.result)
    assert stage.client.queues(queue.sid).fetch().current_size == 0
