"""Webhooks fail, retry, redirect and fall back as the carrier documents it."""

import socket
import threading

import flask
import pytest

from app.simulator import Caller, Carrier, HangUp, ListenUntil, Press
from app.simulator.overrides import Overrides
from tests.simulator.stage import ACCOUNT, CALLER, NUMBER, PUBLIC, Stage, twiml


# "CallSid, AccountSid, From, To, CallStatus, ApiVersion, Direction"; "First inbound request normally says ringing".
def test_the_first_webhook_carries_the_standard_parameters_and_a_genuine_signature(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Say>Hello</Say>"
    result = stage.call()
    first = stage.requests_to("/voice/incoming")[0]
    assert first.genuine
    assert first.method == "POST"
    assert first.fields == {
        "CallSid": result.sid,
        "AccountSid": ACCOUNT,
        "From": CALLER,
        "To": NUMBER,
        "Caller": CALLER,
        "Called": NUMBER,
        "CallStatus": "ringing",
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
    }
    assert first.headers["Host"] == "unicone.example"
    assert first.headers["X-Forwarded-Proto"] == "https"


# "Phone-number StatusCallback: once at end, 1.1 + CallDuration."
def test_the_end_of_a_call_is_told_once(stage: Stage) -> None:
    stage.call()
    told = stage.requests_to("/voice/status")
    assert [(asked.fields["CallStatus"], asked.genuine) for asked in told] == [("completed", True)]
    assert told[0].fields["CallDuration"] == "0"
    assert told[0].fields["SequenceNumber"] == "0"


# "Twilio keeps cookies for the call."
def test_cookies_are_kept_for_the_call_and_not_for_the_next(stage: Stage) -> None:
    def first(_: object) -> flask.Response:
        answer = twiml("<Redirect>/second</Redirect>")
        answer.set_cookie("menu", "7", secure=True)
        return answer

    stage.answers["/voice/incoming"] = first
    stage.call()
    stage.call()
    assert stage.requests_to("/second")[0].headers["Cookie"] == "menu=7"
    assert all("Cookie" not in asked.headers for asked in stage.requests_to("/voice/incoming"))


# "A 3xx answer from the action URL loses Digits (Twilio follows it but does not resend)."
def test_a_redirected_action_loses_its_digits(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = '<Gather numDigits="1" action="/old"><Say>Press a key</Say></Gather>'
    stage.answers["/old"] = lambda _: flask.redirect("/new?x=1", 302)
    stage.call(ListenUntil("press"), Press("7"))
    assert stage.requests_to("/old")[0].fields["Digits"] == "7"
    followed = stage.requests_to("/new")[0]
    assert (followed.method, followed.fields["x"], followed.fields["CallStatus"]) == ("GET", "1", "in-progress")
    assert "Digits" not in followed.fields
    assert followed.genuine


# "follows ≤10 redirects (then 11215)".
def test_redirects_without_end_are_error_11215(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = lambda _: flask.redirect("/voice/incoming", 302)
    stage.call()
    assert stage.requests_to("/voice/fallback")[0].fields["ErrorCode"] == "11215"
    assert len(stage.requests_to("/voice/incoming")) == 11


# "If TwiML cannot be fetched or executed, Twilio immediately calls the fallback URL with ErrorCode and ErrorUrl
# added; your reply there continues the call."
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (flask.Response("broken", 500), "11200"),
        (flask.Response("<Response>", content_type="text/xml"), "12100"),
        (flask.Response("{}", content_type="application/json"), "12300"),
    ],
)
def test_the_fallback_continues_a_call_whose_document_is_broken(
    stage: Stage, answer: flask.Response, code: str
) -> None:
    stage.answers["/voice/incoming"] = answer
    stage.answers["/voice/fallback"] = "<Say>We will be right back</Say>"
    result = stage.call()
    asked = stage.requests_to("/voice/fallback")[0].fields
    assert (asked["ErrorCode"], asked["ErrorUrl"]) == (code, f"{PUBLIC}/voice/incoming")
    assert stage.heard(result) == ["We will be right back"]
    assert result.outcome == "message"
    assert stage.carrier.gaps if code == "11200" else not stage.carrier.gaps


# "Without one the caller hears an error message and is hung up."
def test_without_a_working_fallback_the_caller_hears_an_apology(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = flask.Response("broken", 500)
    stage.answers["/voice/fallback"] = flask.Response("broken", 503)
    result = stage.call()
    assert result.outcome == "failed"
    assert "application error" in stage.heard(result)[0]
    assert [trouble.split()[0] for trouble in result.troubles] == ["11200", "11200"]


# "audio/* = played then hang up; text/plain = TwiML if it parses, else read aloud then hang up."
def test_plain_text_is_read_aloud(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = flask.Response("Ice cream\nis back", content_type="text/plain")
    assert stage.heard(stage.call()) == ["Ice cream is back"]


def test_plain_text_that_is_twiml_is_executed(stage: Stage) -> None:
    body = "<Response><Say>Hello</Say></Response>"
    stage.answers["/voice/incoming"] = flask.Response(body, content_type="text/plain")
    assert stage.heard(stage.call()) == ["Hello"]


# "Default therefore: one retry, only on connect failure. Retries carry I-Twilio-Idempotency-Token."
def test_a_failed_connection_is_tried_once_more_with_the_same_token() -> None:
    tokens: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def hang_up_on_everybody() -> None:
            for _ in range(4):
                connection, _address = listener.accept()
                with connection:
                    head = connection.recv(65536).decode()
                    tokens.extend(line for line in head.split("\r\n") if line.startswith("I-Twilio-Idempotency"))

        thread = threading.Thread(target=hang_up_on_everybody)
        thread.start()
        with Carrier(
            account_sid=ACCOUNT,
            auth_token="t",
            number=NUMBER,
            public_url=PUBLIC,
            connect_to=f"http://127.0.0.1:{port}",
            status_path="",
            speech_rate=1000.0,
        ) as carrier:
            stage_call = carrier.dial(Caller("caller", CALLER))
            assert stage_call.wait(10)
            assert stage_call.result.outcome == "failed"
        thread.join()
    assert len(tokens) == 4  # the document and its retry, the fallback and its retry
    assert tokens[0] == tokens[1] != tokens[2]


# "rc retries 0–5 (1); rp 4xx,5xx,ct,rt,all (ct)"; "The fragment is not part of the signature."
def test_the_fragment_of_a_url_asks_for_more_retries(stage: Stage) -> None:
    answers = iter([flask.Response(status=503), flask.Response(status=503), twiml("<Say>At last</Say>")])
    stage.answers["/voice/incoming"] = "<Redirect>/flaky#rc=2&amp;rp=5xx</Redirect>"
    stage.answers["/flaky"] = lambda _: next(answers)
    assert stage.heard(stage.call()) == ["At last"]
    asked = stage.requests_to("/flaky")
    assert len(asked) == 3
    assert all(one.genuine for one in asked)


# "rt read ms 100–15000".
def test_a_late_answer_is_error_11205(stage: Stage) -> None:
    released = threading.Event()

    def slow(_: object) -> str:
        released.wait(10)
        return ""

    stage.answers["/voice/incoming"] = "<Redirect>/slow#rt=150</Redirect>"
    stage.answers["/slow"] = slow
    stage.answers["/voice/fallback"] = lambda _: released.set() or "<Say>Sorry</Say>"
    assert stage.heard(stage.call()) == ["Sorry"]
    assert stage.requests_to("/voice/fallback")[0].fields["ErrorCode"] == "11205"


def test_overrides_out_of_range_are_ignored() -> None:
    assert Overrides.of("https://a.example/#rc=9&ct=5&rt=abc&rp=never") == Overrides()
    assert Overrides.of("https://a.example/#rc=0&ct=200&tt=3000&rp=all") == Overrides(
        0.2, 15.0, 3.0, 0, frozenset({"all"})
    )


# GET: the parameters are in the query, the signature covers the URL with them.
def test_a_get_webhook_carries_its_parameters_in_the_query(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = '<Redirect method="GET">/second?a=b</Redirect>'
    stage.call()
    asked = stage.requests_to("/second")[0]
    assert (asked.method, asked.fields["a"], asked.fields["To"]) == ("GET", "b", NUMBER)
    assert asked.genuine


def test_an_address_beyond_this_machine_is_never_connected_to(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Redirect>https://elsewhere.example/voice</Redirect>"
    stage.call()
    assert stage.requests_to("/voice/fallback")[0].fields["ErrorCode"] == "11210"


def test_a_caller_who_hangs_up_unanswered_leaves_a_call_that_was_not_answered(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Pause length='20'/><Say>Hello</Say>"
    result = stage.call(HangUp())
    assert result.outcome == "abandoned"
    assert stage.requests_to("/voice/status")[0].fields["CallStatus"] == "no-answer"


def test_what_is_not_heard_is_noted(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Say>Hello</Say>"
    assert stage.call(ListenUntil("goodbye", 5)).notes == ("the call ended before 'goodbye' was heard",)
