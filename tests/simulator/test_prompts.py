"""Say, Play, Pause, Redirect, Reject, Hangup: what the caller hears, and how the call goes on."""

import flask
import pytest

from app.simulator import Caller, HangUp, ListenUntil
from app.simulator.audio import SILENCE, to_samples, write_wav
from tests.simulator.stage import CALLER, Stage


def wav(frames: int) -> flask.Response:
    return flask.Response(write_wav(to_samples(SILENCE * frames)), content_type="audio/x-wav")


# "Top to bottom, one document at a time. End of document with nothing left = hang up."
def test_verbs_run_from_top_to_bottom_and_then_the_call_ends(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Say>One</Say><Say loop='2'>Two</Say>"
    result = stage.call()
    assert stage.heard(result) == ["One", "Two", "Two"]
    assert (result.outcome, result.ended_by) == ("message", "server")


def test_saying_takes_as_long_as_its_text(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = f"<Say>{'a' * 80}</Say><Say>b</Say>"
    first, second = stage.call().said
    assert second.at - first.at >= 80 / 400 - 0.01


def test_a_file_plays_for_its_true_length_and_is_fetched_once(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = '<Play loop="2">/music.wav</Play><Say>b</Say>'
    stage.answers["/music.wav"] = wav(10)
    played, again, said = stage.call().said
    assert (played.kind, again.kind, said.kind) == ("played", "played", "said")
    assert said.at - played.at >= 0.4 - 0.01
    fetched = stage.requests_to("/music.wav")
    assert [(asked.method, asked.genuine) for asked in fetched] == [("GET", True)]


# "loop (1; 0 ≈ forever)".
def test_endless_music_plays_until_the_caller_hangs_up(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = '<Play loop="0">/music.wav</Play>'
    stage.answers["/music.wav"] = wav(2)

    result = stage.call(*[ListenUntil("music")] * 3, HangUp())
    assert len(stage.events("played")) >= 3
    assert result.outcome == "abandoned"


@pytest.mark.parametrize("answer", [flask.Response(status=404), flask.Response(b"ID3", content_type="audio/mpeg")])
def test_a_file_that_cannot_be_played_is_noted_and_the_call_goes_on(stage: Stage, answer: flask.Response) -> None:
    stage.answers["/voice/incoming"] = "<Play>/music.mp3</Play><Say>Still here</Say>"
    stage.answers["/music.mp3"] = answer
    result = stage.call()
    assert stage.heard(result) == ["Still here"]
    assert len(result.troubles) == 1


# "Redirect: rest of doc ignored"; "method (POST)".
def test_a_redirect_leaves_the_rest_of_its_document(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Say>One</Say><Redirect>two?x=1</Redirect><Say>never</Say>"
    stage.answers["/voice/two"] = lambda asked: (
        f"<Say>{asked.method} {asked.fields['CallStatus']} {asked.url[-3:]}</Say>"
    )
    assert stage.heard(stage.call()) == ["One", "POST in-progress x=1"]


# "Only as first verb avoids answering; ends call no-answer/busy."
@pytest.mark.parametrize(("reason", "status"), [("rejected", "no-answer"), ("busy", "busy")])
def test_a_rejected_call_is_never_answered(stage: Stage, reason: str, status: str) -> None:
    stage.answers["/voice/incoming"] = f'<Reject reason="{reason}"/>'
    assert stage.call().outcome == "refused"
    assert stage.requests_to("/voice/status")[0].fields["CallStatus"] == status


def test_a_call_that_has_been_answered_can_only_be_hung_up(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Say>Hello</Say><Reject/>"
    assert stage.call().outcome == "message"
    assert stage.requests_to("/voice/status")[0].fields["CallStatus"] == "completed"


def test_hanging_up_ends_the_call_at_once(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Say>Bye</Say><Hangup/><Say>never</Say>"
    assert stage.heard(stage.call()) == ["Bye"]


def test_an_interrupted_prompt_is_marked_as_cut(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = f"<Say>Hello {'a' * 4000}</Say>"
    said = stage.call(ListenUntil("hello"), HangUp()).said
    assert [one.cut for one in said] == [True]


# "Live call replaced through REST (Url/Twiml) interrupts any verb."
def test_a_live_call_can_be_given_other_twiml_at_any_moment(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = f"<Say>Hello {'a' * 4000}</Say><Say>never</Say>"
    handle = stage.carrier.dial(Caller("caller", CALLER))
    handle.leg.watch(lambda: bool(handle.leg.prompts), 5)
    stage.client.calls(handle.leg.sid).update(twiml="<Response><Say>Changed</Say></Response>")
    assert handle.wait(10)
    assert stage.heard(handle.result) == [f"Hello {'a' * 4000}", "Changed"]


def test_a_text_in_the_middle_of_a_call_is_sent(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Message>Your order is ready</Message><Say>Done</Say>"
    stage.call()
    assert [(text.to, text.body) for text in stage.carrier.texts] == [(CALLER, "Your order is ready")]


def test_a_persons_text_is_answered_by_the_servers_twiml(stage: Stage) -> None:
    stage.answers["/sms/incoming"] = "<Message><Body>Thanks</Body></Message>"
    stage.carrier.text(CALLER, "STOP")
    asked = stage.requests_to("/sms/incoming")[0]
    assert asked.genuine
    assert (asked.fields["Body"], asked.fields["NumMedia"], asked.fields["MessageSid"][:2]) == ("STOP", "0", "SM")
    assert [(text.to, text.body) for text in stage.carrier.texts] == [(CALLER, "Thanks")]
