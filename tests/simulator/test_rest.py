"""The REST API, driven by the official SDK and compared with the carrier's published shapes."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from app.simulator import Answer, Caller, CallHandle, Fault
from tests.simulator.stage import ACCOUNT, AGENT, CALLER, NUMBER, PUBLIC, TOKEN, Stage

# Cut out of the carrier's OpenAPI file (MIT licence): each resource's fields with type, pattern or values.
SHAPES: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("rest_shapes.json").read_text())
PROGRESS = ["initiated", "ringing", "answered", "completed"]


def check(shape: str, resource: object) -> None:
    jsonschema.validate(resource, SHAPES[shape])


def talking(stage: Stage, document: str = "<Say>Hello</Say><Pause length='20'/>") -> CallHandle:
    """A call that is in the middle of something."""
    stage.answers["/voice/incoming"] = document
    handle = stage.carrier.dial(Caller("caller", CALLER))
    handle.leg.watch(lambda: bool(handle.leg.prompts or handle.leg.waiting_in or handle.leg.rooms), 5)
    return handle


def refused(stage: Stage, **fields: str) -> tuple[int, int]:
    answer = stage.rest("POST", "/Calls.json", **{"To": AGENT, "From": NUMBER, "Twiml": "<Response/>", **fields})
    return answer.status_code, answer.json()["code"]


# "Calls.create: To, From required; one of Url | Twiml; StatusCallbackEvent (repeat the key per event)".
def test_a_created_call_rings_tells_its_progress_and_runs_its_document(stage: Stage) -> None:
    stage.answers["/agent"] = lambda asked: f"<Say>Answered by {asked.fields['To']}</Say>"
    stage.carrier.add_agent(AGENT, "anna", [Answer(after=0.05)])
    call = stage.client.calls.create(
        to=AGENT,
        from_=NUMBER,
        url=f"{PUBLIC}/agent",
        status_callback=f"{PUBLIC}/progress",
        status_callback_event=PROGRESS,
        timeout=20,
    )
    assert (call.status, call.direction, call.to) == ("queued", "outbound-api", AGENT)
    told = stage.until(lambda: len(stage.requests_to("/progress")) == 4 and stage.requests_to("/progress"))
    assert [(one.fields["SequenceNumber"], one.fields["CallStatus"]) for one in told] == [
        ("0", "initiated"),
        ("1", "ringing"),
        ("2", "in-progress"),
        ("3", "completed"),
    ]
    assert {one.fields["CallbackSource"] for one in told} == {"call-progress-events"}
    assert "CallDuration" in told[3].fields
    assert stage.requests_to("/agent")[0].fields["CallStatus"] == "in-progress"
    assert stage.client.calls(call.sid).fetch().status == "completed"


# "canceled (meant for queued/ringing) | completed (also in progress)"; the final status is canceled.
@pytest.mark.parametrize("status", ["canceled", "completed"])
def test_a_ringing_call_can_be_ended(stage: Stage, status: str) -> None:
    stage.carrier.add_agent(AGENT, "anna", [Answer("ignore")])
    callback = f"{PUBLIC}/progress"
    call = stage.client.calls.create(
        to=AGENT, from_=NUMBER, url=f"{PUBLIC}/agent", status_callback=callback, status_callback_event=PROGRESS
    )
    stage.until(lambda: len(stage.requests_to("/progress")) == 2)
    stage.client.calls(call.sid).update(status=status)
    told = stage.until(lambda: len(stage.requests_to("/progress")) == 3 and stage.requests_to("/progress"))
    assert told[2].fields["CallStatus"] == "canceled"
    assert stage.requests_to("/agent") == []


def test_a_call_in_progress_is_ended_by_completed_and_not_by_canceled(stage: Stage) -> None:
    handle = talking(stage)
    assert stage.client.calls(handle.leg.sid).update(status="canceled").status == "in-progress"
    assert stage.client.calls(handle.leg.sid).update(status="completed").status == "completed"
    assert handle.wait(10)
    assert handle.result.ended_by == "server"


# "Not in progress ⇒ 21220."
def test_an_ended_or_ringing_call_takes_no_other_twiml(stage: Stage) -> None:
    ended = stage.call()
    stage.carrier.add_agent(AGENT, "anna", [Answer("ignore")])
    ringing = stage.client.calls.create(to=AGENT, from_=NUMBER, twiml="<Response/>")
    for sid in (ended.sid, ringing.sid):
        with pytest.raises(TwilioRestException) as caught:
            stage.client.calls(sid).update(twiml="<Response/>")
        assert (caught.value.status, caught.value.code) == (400, 21220)


def test_calls_are_listed_by_status_and_numbers_over_several_pages(stage: Stage) -> None:
    for _ in range(5):
        stage.call()
    assert len(stage.client.calls.list(page_size=2)) == 5
    assert len(stage.client.calls.list(status="completed", to=NUMBER, from_=CALLER)) == 5
    assert stage.client.calls.list(status="in-progress") == []
    assert stage.client.calls.list(to=AGENT) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": ""}, 21201),
        ({"From": ""}, 21213),
        ({"To": "12345"}, 21211),
        ({"From": "+12025550999"}, 21210),
        ({"Twiml": ""}, 21205),
        ({"Twiml": "x" * 4001}, 32018),
        ({"Timeout": "soon"}, 21208),
        ({"StatusCallback": PUBLIC, "StatusCallbackEvent": "sneezed"}, 21626),
    ],
)
def test_a_call_that_the_carrier_would_not_place_is_refused(stage: Stage, fields: dict[str, str], code: int) -> None:
    assert refused(stage, **fields) == (400, code)
    assert stage.carrier.rings == ()


def test_a_country_that_is_not_allowed_is_refused(stage: Stage) -> None:
    stage.carrier.exchange.allowed_prefixes = ("+1",)
    assert refused(stage, To="+37120000000") == (400, 21215)
    countries = stage.client.voice.v1.dialing_permissions.countries.list()
    allowed = {country.iso_code: country.low_risk_numbers_enabled for country in countries}
    assert (allowed["US"], allowed["LV"]) == (True, False)


def test_wrong_credentials_are_refused(stage: Stage) -> None:
    url = f"{stage.carrier.api_url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    for auth in (None, (ACCOUNT, "wrong"), ("AC" + "1" * 32, TOKEN)):
        answer = requests.get(url, auth=auth, timeout=5)
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    other = requests.get(url.replace(ACCOUNT, "AC" + "1" * 32), auth=(ACCOUNT, TOKEN), timeout=5)
    assert (other.status_code, other.json()["code"]) == (404, 20404)


@pytest.mark.parametrize("path", ["/Calls/CA1.json", "/Conferences/CF1.json", "/Queues/QU1.json", "/Nothing.json"])
def test_what_is_not_there_is_404(stage: Stage, path: str) -> None:
    answer = stage.rest("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)


# "429/20429, never processed, safe to retry"; "5xx/timeouts: outcome unknown".
def test_faults_are_shown_as_often_as_asked_for(stage: Stage) -> None:
    stage.carrier.inject(Fault(r"/Calls\.json", status=429, code=20429, times=2, headers={"Retry-After": "1"}))
    assert [refused(stage) for _ in range(2)] == [(429, 20429)] * 2
    assert stage.carrier.rings == ()
    stage.carrier.inject(Fault(r"/Calls\.json", status=503, after=True, body="<html>"))
    answer = stage.rest("POST", "/Calls.json", To=AGENT, From=NUMBER, Twiml="<Response/>")
    assert (answer.status_code, answer.text) == (503, "<html>")
    assert [ring.number for ring in stage.carrier.rings] == [AGENT]
    assert stage.rest("GET", "/Calls.json").status_code == 200


# "Enable: human, machine_start; sync → AnsweredBy on the TwiML request; async → POST to AsyncAmdStatusCallback".
@pytest.mark.parametrize(("conduct", "expected"), [("hang_up", "human"), ("voicemail", "machine_start")])
def test_machine_detection_says_who_answered(stage: Stage, conduct: Any, expected: str) -> None:
    stage.carrier.add_agent(AGENT, "anna", [Answer(conduct, after=0.05, lasts=5)])
    options = {"to": AGENT, "from_": NUMBER, "url": f"{PUBLIC}/agent", "machine_detection": "Enable"}
    first = stage.carrier.exchange.legs[stage.client.calls.create(**options).sid or ""]
    assert stage.request_to("/agent").fields["AnsweredBy"] == expected
    assert first.watch(lambda: first.ended, 5)
    stage.client.calls.create(**options, async_amd="true", async_amd_status_callback=f"{PUBLIC}/amd")
    assert stage.request_to("/amd").fields["AnsweredBy"] == expected
    assert "AnsweredBy" not in stage.requests_to("/agent")[1].fields


def test_messages_are_sent_and_their_delivery_told(stage: Stage) -> None:
    message = stage.client.messages.create(to=CALLER, from_=NUMBER, body="Hello", status_callback=f"{PUBLIC}/sms")
    assert message.status == "queued"
    told = stage.until(lambda: len(stage.requests_to("/sms")) == 2 and stage.requests_to("/sms"))
    assert [one.fields["MessageStatus"] for one in told] == ["sent", "delivered"]
    assert [text.body for text in stage.carrier.texts] == ["Hello"]
    assert stage.client.messages(message.sid).fetch().status == "delivered"
    with pytest.raises(TwilioRestException):
        stage.client.messages.create(to=CALLER, from_=NUMBER, body="x" * 1601)


def test_queues_can_be_made_found_and_deleted(stage: Stage) -> None:
    queue = stage.client.queues.create(friendly_name="sales", max_size=7)
    assert stage.client.queues(queue.sid).update(max_size=8).max_size == 8
    assert [one.friendly_name for one in stage.client.queues.list()] == ["sales"]
    with pytest.raises(TwilioRestException):
        stage.client.queues.create(friendly_name="sales")
    with pytest.raises(TwilioRestException) as caught:
        stage.client.queues(queue.sid).members("Front").update(url=f"{PUBLIC}/x")
    assert caught.value.code == 20404
    assert stage.client.queues(queue.sid).delete()
    assert stage.client.queues.list() == []


def test_a_webhook_can_be_read_and_set(stage: Stage) -> None:
    own = stage.client.incoming_phone_numbers.list(phone_number=NUMBER)[0]
    assert own.voice_url == f"{PUBLIC}/voice/incoming"
    stage.client.incoming_phone_numbers(own.sid).update(voice_url=f"{PUBLIC}/other", status_callback="")
    stage.call()
    assert [asked.path for asked in stage.asked] == ["/other"]


def test_the_account_says_what_it_is_and_whom_it_may_call(stage: Stage) -> None:
    account = stage.client.api.accounts(ACCOUNT).fetch()
    assert (account.type, account.status) == ("Full", "active")
    stage.carrier.exchange.verified_numbers.append(AGENT)
    assert [one.phone_number for one in stage.client.outgoing_caller_ids.list()] == [AGENT]


def test_a_trial_account_calls_verified_numbers_only() -> None:
    stage = Stage(account_type="Trial")
    try:
        assert refused(stage) == (400, 21219)
        stage.carrier.exchange.verified_numbers.append(AGENT)
        assert stage.rest("POST", "/Calls.json", To=AGENT, From=NUMBER, Twiml="<Response/>").status_code == 201
    finally:
        stage.close()


# "outbound API calls 1 CPS per account by default, queued beyond".
def test_calls_beyond_the_allowed_rate_stay_queued() -> None:
    stage = Stage(calls_per_second=0.01)
    try:
        for _ in range(2):
            stage.rest("POST", "/Calls.json", To=AGENT, From=NUMBER, Twiml="<Response/>")
        second, first = stage.client.calls.list()
        assert stage.carrier.exchange.legs[first.sid].watch(lambda: bool(stage.carrier.rings), 5)
        assert stage.client.calls(second.sid).fetch().status == "queued"
    finally:
        stage.close()


def test_every_resource_has_the_published_shape(stage: Stage) -> None:
    stage.client.queues.create(friendly_name="sales")
    in_queue = talking(stage, '<Enqueue waitUrl="">sales</Enqueue>')
    in_room = talking(stage, '<Dial><Conference participantLabel="a">R</Conference></Dial>')
    message = stage.client.messages.create(to=CALLER, from_=NUMBER, body="Hello").sid
    queue = stage.client.queues.list()[0].sid
    room = stage.client.conferences.list()[0].sid
    own = stage.client.incoming_phone_numbers.list()[0].sid
    call = in_queue.leg.sid
    for shape, path in {
        "call": f"/Calls/{call}.json",
        "queue": f"/Queues/{queue}.json",
        "member": f"/Queues/{queue}/Members/{call}.json",
        "conference": f"/Conferences/{room}.json",
        "participant": f"/Conferences/{room}/Participants/a.json",
        "message": f"/Messages/{message}.json",
        "number": f"/IncomingPhoneNumbers/{own}.json",
        "account": ".json",
    }.items():
        check(shape, stage.rest("GET", path).json())
    url = "wss://unicone.example/media"
    check("stream", stage.rest("POST", f"/Calls/{in_room.leg.sid}/Streams.json", Url=url).json())
    stage.carrier.exchange.verified_numbers.append(AGENT)
    check("caller_id", stage.rest("GET", "/OutgoingCallerIds.json").json()["outgoing_caller_ids"][0])
    for handle in (in_queue, in_room):
        handle.hang_up()
        assert handle.wait(10)
    check("call", stage.rest("GET", f"/Calls/{call}.json").json())
    check("conference", stage.rest("GET", f"/Conferences/{room}.json").json())
