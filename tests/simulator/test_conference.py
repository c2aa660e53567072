"""Dial Conference: who meets whom, when it starts and ends, and the callbacks that tell of it."""

from app.simulator import Answer, Caller, CallHandle, HangUp, ListenUntil
from tests.simulator.stage import AGENT, CALLER, NUMBER, PUBLIC, Stage

OTHER = "+12025550112"
TOLD = 'statusCallback="/told" statusCallbackEvent="start end join leave mute hold modify announcement"'


def room(attributes: str = "", name: str = "R") -> str:
    return f'<Dial action="{PUBLIC}/dialled"><Conference {attributes}>{name}</Conference></Dial>'


def ring(stage: Stage, twiml: str, to: str = AGENT) -> str:
    call = stage.client.calls.create(to=to, from_=NUMBER, twiml=f"<Response>{twiml}</Response>")
    assert call.sid
    return call.sid


def meeting(stage: Stage, caller_room: str, agent_room: str, **answer: float) -> CallHandle:
    """A caller and an agent in one conference."""
    stage.carrier.add_agent(AGENT, "anna", [Answer(after=0.05, **answer)])
    stage.answers["/voice/incoming"] = caller_room
    handle = stage.carrier.dial(Caller("caller", CALLER))
    handle.leg.watch(lambda: bool(handle.leg.rooms), 5)
    ring(stage, agent_room)
    handle.leg.watch(lambda: bool(handle.leg.talks), 5)
    return handle


# "ConferenceSid, FriendlyName, AccountSid, SequenceNumber, Timestamp, StatusCallbackEvent; participant events add
# CallSid, Muted, Hold, …; leave adds ReasonParticipantLeft"; "answered only for conference".
def test_two_legs_meet_and_the_conference_tells_its_story_in_order(stage: Stage) -> None:
    handle = meeting(stage, room(TOLD), room('endConferenceOnExit="true"'), talks=0.2)
    assert handle.wait(10)
    told = stage.until(lambda: len(stage.requests_to("/told")) == 6 and stage.requests_to("/told"))
    assert [(one.fields["StatusCallbackEvent"], one.fields["SequenceNumber"]) for one in told] == [
        ("participant-join", "0"),
        ("participant-join", "1"),
        ("conference-start", "2"),
        ("participant-leave", "3"),
        ("participant-leave", "4"),
        ("conference-end", "5"),
    ]
    assert all(one.genuine for one in told)
    assert {one.fields["ConferenceSid"][:2] for one in told} == {"CF"}
    assert told[0].fields["CallSid"] == handle.leg.sid
    assert [told[3].fields["ReasonParticipantLeft"], told[4].fields["ReasonParticipantLeft"]] == [
        "participant_hung_up",
        "moderator_ended_conference",
    ]
    assert told[5].fields["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert handle.result.outcome == "connected"
    dialled = stage.requests_to("/dialled")
    caller_action = next(one.fields for one in dialled if one.fields["CallSid"] == handle.leg.sid)
    assert (caller_action["DialCallStatus"], caller_action["DialBridged"]) == ("answered", "true")
    assert "DialCallSid" not in caller_action


# "conference-start: at least one participant in the conference and one with startConferenceOnEnter joins";
# "waitUrl (Conference) does not loop: silence after the end".
def test_a_caller_waits_with_music_until_somebody_starts_the_conference(stage: Stage) -> None:
    stage.answers["/music"] = "<Say>Music</Say>"
    handle = meeting(stage, room('startConferenceOnEnter="false" waitUrl="/music"'), room(), talks=0.2)
    handle.hang_up()
    assert handle.wait(10)
    assert stage.heard(handle.result) == ["Music"]
    assert len(stage.requests_to("/music")) == 1


# "unless it ends with an empty <Redirect/>".
def test_waiting_music_that_redirects_to_itself_goes_on(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = room('waitUrl="/music"')
    stage.answers["/music"] = "<Say>Music</Say><Redirect/>"
    stage.call(*[ListenUntil("music")] * 3, HangUp())
    assert len(stage.requests_to("/music")) >= 3


# "if it fails the participant is dropped to the next verb/action".
def test_broken_waiting_music_drops_the_participant(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = room('waitUrl="https://elsewhere.example/music"')
    stage.call()
    assert stage.requests_to("/dialled")[0].fields["DialBridged"] == "false"


# "Path accepts CallSid or label"; "participantLabel unique else 16025 and call falls through".
def test_a_participant_on_hold_is_parted_and_comes_back(stage: Stage) -> None:
    stage.answers["/hold"] = "<Say>On hold</Say>"
    handle = meeting(stage, room(f'{TOLD} participantLabel="customer"'), room())
    conference = stage.client.conferences.list(friendly_name="R", status="in-progress")[0]
    customer = stage.client.conferences(conference.sid).participants("customer")
    held = customer.update(hold=True, hold_url=f"{PUBLIC}/hold")
    assert (held.hold, held.call_sid, held.label) == (True, handle.leg.sid, "customer")
    assert stage.request_to("/hold").method == "GET"
    assert not handle.leg.in_company
    customer.update(hold=False)
    assert handle.leg.watch(lambda: handle.leg.in_company, 5)
    customer.update(muted=True)
    assert customer.fetch().muted
    stage.client.conferences(conference.sid).update(status="completed")
    assert handle.wait(10)
    told = stage.requests_to
    end = stage.until(lambda: [one.fields for one in told("/told") if "ReasonConferenceEnded" in one.fields])
    assert end[0]["ReasonConferenceEnded"] == "conference-ended-via-api"
    events = [one.fields["StatusCallbackEvent"] for one in told("/told")]
    assert [event for event in events if "hold" in event or "mute" in event] == [
        "participant-hold",
        "participant-unhold",
        "participant-mute",
    ]


def test_an_announcement_is_heard_by_everybody(stage: Stage) -> None:
    stage.answers["/announce"] = "<Say>Two minutes left</Say>"
    handle = meeting(stage, room(TOLD), room())
    sid = stage.client.conferences.list(friendly_name="R")[0].sid or ""
    stage.client.conferences(sid).update(announce_url=f"{PUBLIC}/announce")
    stage.until(lambda: len(stage.requests_to("/announce")) == 2)
    handle.leg.watch(lambda: any(prompt.ended for prompt in handle.leg.prompts), 5)
    assert handle.leg.in_company
    handle.hang_up()
    assert handle.wait(10)
    assert stage.heard(handle.result) == ["Two minutes left"]


# "DELETE kicks."
def test_a_kicked_participant_goes_on_after_the_dial(stage: Stage) -> None:
    stage.answers["/dialled"] = "<Say>You were removed</Say>"
    handle = meeting(stage, room(), room())
    sid = stage.client.conferences.list(status="in-progress")[0].sid or ""
    assert stage.client.conferences(sid).participants(handle.leg.sid).delete()
    assert handle.wait(10)
    assert stage.heard(handle.result) == ["You were removed"]


def test_somebody_can_be_dialled_into_a_running_conference(stage: Stage) -> None:
    handle = meeting(stage, room(), room())
    stage.carrier.add_agent(OTHER, "ben", [Answer(after=0.05)])
    sid = stage.client.conferences.list(status="in-progress")[0].sid or ""
    added = stage.client.conferences(sid).participants.create(from_=NUMBER, to=OTHER, label="second")
    assert added.status == "queued"
    assert handle.leg.watch(lambda: {talk.person for talk in handle.leg.talks} == {"anna", "ben"}, 5)
    handle.hang_up()
    assert handle.wait(10)
    assert handle.result.agents == ("anna", "ben")


# What a load drill counts as bridged twice.
def test_two_agents_with_one_caller_are_noted(stage: Stage) -> None:
    handle = meeting(stage, room(), room())
    assert stage.carrier.double_bridges == ()
    stage.carrier.add_agent(OTHER, "ben", [Answer(after=0.05)])
    ring(stage, room(), OTHER)
    handle.leg.watch(lambda: len(handle.leg.talks) > 1, 5)
    handle.hang_up()
    assert handle.wait(10)
    assert [double.reason for double in stage.carrier.double_bridges] == ["two agents in one conference"]


def test_a_caller_in_a_second_conference_is_noted(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = room()
    handle = stage.carrier.dial(Caller("caller", CALLER))
    handle.leg.watch(lambda: bool(handle.leg.rooms), 5)
    stage.client.calls(handle.leg.sid).update(twiml=f"<Response>{room(name='S')}</Response>")
    assert handle.leg.watch(lambda: len(handle.leg.rooms) == 2, 5)
    handle.hang_up()
    assert handle.wait(10)
    assert [double.reason for double in stage.carrier.double_bridges] == ["one caller in a second conference"]


# "for Conference there is ConferenceSid instead of CallSid".
def test_a_recorded_conference_is_filed(stage: Stage) -> None:
    recorded = 'record="record-from-start" recordingStatusCallback="/filed"'
    handle = meeting(stage, room(recorded), room('endConferenceOnExit="true"'), talks=0.1)
    assert handle.wait(10)
    filed = stage.request_to("/filed").fields
    assert (filed["ConferenceSid"][:2], filed["RecordingSource"]) == ("CF", "Conference")
    assert "CallSid" not in filed
