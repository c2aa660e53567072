"""Dial Number: ringing, screening, bridging, and what the action is told."""

import pytest

from app.simulator import Answer, Caller, HangUp, ListenUntil, WaitFor
from tests.simulator.stage import AGENT, CALLER, NUMBER, Stage

OTHER = "+12025550112"
EVENTS = 'statusCallback="/progress" statusCallbackEvent="initiated ringing answered completed"'


def dial(numbers: str = f"<Number>{AGENT}</Number>", attributes: str = 'timeout="5"') -> str:
    return f'<Dial action="/dialled" {attributes}>{numbers}</Dial>'


def agent(stage: Stage, *answers: Answer, number: str = AGENT, name: str = "anna") -> None:
    stage.carrier.add_agent(number, name, answers)


# "DialCallStatus completed; DialCallSid and DialCallDuration; DialBridged"; "Direction=outbound-dial, ParentCallSid".
def test_an_agent_who_answers_is_bridged_and_the_action_is_told(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = dial(f"<Number {EVENTS}>{AGENT}</Number>")
    stage.answers["/dialled"] = "<Say>Goodbye</Say>"
    agent(stage, Answer(after=0.05, talks=0.3))
    result = stage.call()
    fields = stage.requests_to("/dialled")[0].fields
    assert (fields["DialCallStatus"], fields["DialBridged"]) == ("completed", "true")
    assert int(fields["DialCallDuration"]) <= 1
    assert (result.outcome, result.agent) == ("connected", "anna")
    assert result.talked == pytest.approx(0.3, abs=0.25)
    assert stage.heard(result) == ["Goodbye"]
    told = [asked.fields for asked in stage.requests_to("/progress")]
    assert [(one["CallStatus"], one["SequenceNumber"]) for one in told] == [
        ("initiated", "0"),
        ("ringing", "1"),
        ("in-progress", "2"),
        ("completed", "3"),
    ]
    child = told[0]
    assert (child["Direction"], child["ParentCallSid"], child["CallSid"]) == (
        "outbound-dial",
        result.sid,
        fields["DialCallSid"],
    )
    assert (child["From"], child["To"]) == (CALLER, AGENT)
    assert all(asked.genuine for asked in stage.asked)


@pytest.mark.parametrize(("answer", "status"), [(Answer("busy"), "busy"), (Answer("ignore"), "no-answer")])
def test_an_agent_who_does_not_answer_is_told_as_such(stage: Stage, answer: Answer, status: str) -> None:
    stage.answers["/voice/incoming"] = dial()
    agent(stage, answer)
    stage.call()
    fields = stage.requests_to("/dialled")[0].fields
    assert (fields["DialCallStatus"], fields["DialBridged"]) == (status, "false")
    assert "DialCallDuration" not in fields


# "Without action execution continues"; a bare number as text; "callerId (caller's)".
def test_without_an_action_the_next_verb_follows(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = f'<Dial callerId="{NUMBER}">{AGENT}</Dial><Say>After</Say>'
    agent(stage, Answer(after=0.05, talks=0.1))
    assert stage.heard(stage.call()) == ["After"]
    assert stage.client.calls.list(to=AGENT)[0]._from == NUMBER


# "≤10 per Dial ring together; first to answer wins, rest dropped."
def test_of_several_phones_the_first_to_answer_wins(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = dial(f"<Number>{AGENT}</Number><Number {EVENTS}>{OTHER}</Number>")
    agent(stage, Answer(after=0.1, talks=0.2))
    agent(stage, Answer(after=3), number=OTHER, name="ben")
    result = stage.call()
    assert result.agents == ("anna",)
    assert stage.request_to("/progress")
    assert [asked.fields["CallStatus"] for asked in stage.requests_to("/progress")][-1] == "canceled"
    assert {(ring.agent, ring.did) for ring in result.rung} == {("anna", "accepted"), ("ben", "canceled")}


# "Falling off its end = accept and bridge; so a screening document must end in Hangup."
@pytest.mark.parametrize(("key", "bridged"), [("1", "true"), ("2", "false")])
def test_a_screened_agent_is_bridged_only_when_the_document_runs_out(stage: Stage, key: str, bridged: str) -> None:
    stage.answers["/voice/incoming"] = dial(f'<Number url="/screen">{AGENT}</Number>')
    stage.answers["/screen"] = '<Gather numDigits="1" action="/key"><Say>Press 1</Say></Gather><Hangup/>'
    stage.answers["/key"] = lambda asked: "" if asked.fields["Digits"] == "1" else "<Hangup/>"
    agent(stage, Answer("keys", after=0.05, press_after=0.05, press=(key,), talks=0.2))
    stage.call()
    fields = stage.requests_to("/dialled")[0].fields
    assert (fields["DialCallStatus"], fields["DialBridged"]) == ("completed", bridged)
    screen = stage.requests_to("/screen")[0].fields
    assert (screen["To"], screen["Direction"]) == (AGENT, "outbound-dial")


# "hangupOnStar".
def test_a_star_ends_the_conversation_when_that_is_wanted(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = dial(attributes='hangupOnStar="true"')
    agent(stage, Answer(after=0.05))
    stage.answers["/dialled"] = "<Say>Starred</Say>"
    handle = stage.carrier.dial(Caller("caller", CALLER))
    handle.leg.watch(lambda: bool(handle.leg.talks) and handle.leg.listening > 0, 5)
    handle.leg.press("*")
    assert handle.wait(10)
    assert stage.heard(handle.result) == ["Starred"]


# "answerOnBridge keeps caller ringing only if Dial is first."
def test_the_caller_keeps_hearing_ringing_until_the_bridge(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = dial(attributes='answerOnBridge="true" timeout="5"')
    agent(stage, Answer("busy"))
    stage.call()
    assert stage.requests_to("/dialled")[0].fields["CallStatus"] == "ringing"


# "If the initial caller hangs up the session ends."
def test_a_caller_who_hangs_up_stops_the_ringing(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Say>Ringing</Say>" + dial(f"<Number {EVENTS}>{AGENT}</Number>")
    agent(stage, Answer("ignore"))
    handle = stage.carrier.dial(Caller("caller", CALLER))
    stage.until(lambda: len(stage.requests_to("/progress")) == 2)
    handle.hang_up()
    assert handle.wait(10)
    stage.until(lambda: len(stage.requests_to("/progress")) == 3)
    assert stage.requests_to("/progress")[2].fields["CallStatus"] == "canceled"
    assert stage.request_to("/dialled").fields["CallStatus"] == "completed"
    assert handle.result.outcome == "abandoned"


# "RecordingUrl (only with record= on this Dial)"; "For Dial record the CallSid is the parent leg".
def test_a_recorded_conversation_has_its_address_in_the_action(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = dial(attributes='record="record-from-answer" recordingStatusCallback="/filed"')
    agent(stage, Answer(after=0.05, talks=0.2))
    result = stage.call()
    assert "/Recordings/RE" in stage.requests_to("/dialled")[0].fields["RecordingUrl"]
    filed = stage.request_to("/filed").fields
    assert (filed["CallSid"], filed["RecordingSource"]) == (result.sid, "DialVerb")


def test_a_child_that_is_given_other_twiml_leaves_the_conversation(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = dial()
    stage.answers["/dialled"] = "<Say>Alone</Say>"
    agent(stage, Answer(after=0.05))
    handle = stage.carrier.dial(Caller("caller", CALLER, (WaitFor("connected", 5), ListenUntil("alone"), HangUp())))
    handle.leg.watch(lambda: bool(handle.leg.talks), 5)
    child = stage.client.calls(handle.leg.talks[0].sid)
    child.update(twiml="<Response><Say>Elsewhere</Say></Response>")
    assert handle.wait(10)
    assert "DialCallDuration" not in stage.requests_to("/dialled")[0].fields
    assert "Elsewhere" in stage.events("said")
