"""How webhooks are delivered and by whom: sections A and B of the carrier's edge cases."""

import logging
from io import BytesIO
from urllib.parse import quote, urlencode

import pytest

from app.core.inputs import Arrival, Digits, Silence, Utterance
from app.core.instructions import HangUp, Say, Script
from app.ports.store import StoreUnavailable
from app.telephony.twilio.webhooks import REMEMBERED_SECONDS, RecentAnswers
from tests.telephony.twilio.support import CALL, PUBLIC, Carrier, FakeDesk, document, parse, signature, standard

CALLER_PAGES = [
    "/voice/incoming", "/voice/fallback", "/voice/turn", "/voice/turn/3", "/voice/recorded/3", "/voice/left",
    "/voice/parted", "/voice/voicemail",
]  # fmt: skip
HOLD_PAGES = ["/voice/hold", "/voice/hold/key", "/voice/ringing"]
AGENT_PAGES = ["/agent/RE1/offer", "/agent/RE1/key", "/agent/RE1/left"]
TOLD = ["/voice/status", "/voice/voicemail/status", "/voice/stream", "/agent/RE1/status"]
TWIML = [*CALLER_PAGES, *HOLD_PAGES, *AGENT_PAGES, "/sms/incoming"]
PAGES = [*TWIML, *TOLD]


def test_a_call_is_answered(carrier: Carrier, desk: FakeDesk) -> None:
    root = document(carrier.post("/voice/incoming"))
    assert root[0].text == "Goodbye."
    assert desk.asked == [("answer", Arrival(CALL, "+15550100101", "+15550100200", "inbound"))]


def test_the_same_request_twice_gets_the_same_answer_with_effects_once() -> None:  # row 1
    desk = FakeDesk()
    carrier = Carrier(desk)
    first = carrier.post("/voice/turn/3", {"Digits": "1"}, I_Twilio_Idempotency_Token="t1")
    desk.scripts["turn"] = Script((Say("Something else."), HangUp()))
    second = carrier.post("/voice/turn/3", {"Digits": "1"}, I_Twilio_Idempotency_Token="t1")
    third = carrier.post("/voice/turn/3", {"Digits": "1"}, I_Twilio_Idempotency_Token="t2")
    assert first.data == second.data != third.data
    assert len(desk.asked) == 2


def test_a_token_of_another_page_or_call_is_another_request() -> None:
    desk = FakeDesk()
    carrier = Carrier(desk)
    carrier.post("/voice/turn/3", I_Twilio_Idempotency_Token="t1")
    carrier.post("/voice/turn/4", I_Twilio_Idempotency_Token="t1")
    carrier.post("/voice/turn/4", call="CA9", I_Twilio_Idempotency_Token="t1")
    assert len(desk.asked) == 3


def test_a_makeshift_answer_is_not_kept_for_the_next_try() -> None:
    desk = FakeDesk()
    carrier = Carrier(desk)
    desk.error = StoreUnavailable("down")
    carrier.post("/voice/turn/3", I_Twilio_Idempotency_Token="t1")
    desk.error = None
    assert document(carrier.post("/voice/turn/3", I_Twilio_Idempotency_Token="t1"))[0].text == "Goodbye."


def test_an_answer_is_remembered_for_a_quarter_of_an_hour() -> None:  # row 1
    now = [1000.0]
    notes = RecentAnswers(lambda: now[0])
    notes.remember("t", "<Response/>")
    now[0] += REMEMBERED_SECONDS
    assert notes.recall("t") == "<Response/>"
    now[0] += 1
    assert notes.recall("t") is None


def test_only_so_many_answers_are_remembered() -> None:
    notes = RecentAnswers()
    for number in range(5000):
        notes.remember(str(number), "x")
    assert notes.recall("0") is None
    assert notes.recall("4999") == "x"


def test_notes_that_fail_do_not_keep_an_answer_back(desk: FakeDesk) -> None:
    class Broken:
        def recall(self, token: str) -> str | None:
            raise StoreUnavailable("down")

        def remember(self, token: str, xml: str) -> None:
            raise StoreUnavailable("down")

    answer = Carrier(desk, notes=Broken()).post("/voice/incoming", I_Twilio_Idempotency_Token="t1")
    assert document(answer)[0].text == "Goodbye."


@pytest.mark.parametrize("page", TWIML)
def test_a_page_asked_by_get_answers_the_same(carrier: Carrier, desk: FakeDesk, page: str) -> None:  # row 9
    posted = carrier.post(page, {"Digits": "1"})
    asked = list(desk.asked)
    got = carrier.get(page, {"Digits": "1"})
    assert (posted.status_code, posted.data) == (got.status_code, got.data)
    assert desk.asked == asked * 2


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_other_methods_do_nothing(carrier: Carrier, desk: FakeDesk, page: str, method: str) -> None:  # row 11
    answer = carrier.client.open(page, method=method, headers={"X-Twilio-Signature": signature(PUBLIC + page)})
    assert answer.status_code == 405
    assert desk.asked == []


@pytest.mark.parametrize("page", PAGES)
def test_an_unsigned_request_is_refused_and_changes_nothing(
    carrier: Carrier, desk: FakeDesk, page: str, caplog: pytest.LogCaptureFixture
) -> None:  # row 21
    assert carrier.client.post(page, data=standard()).status_code == 403
    assert carrier.post(page, X_Twilio_Signature="wrong").status_code == 403
    assert desk.asked == []
    assert PUBLIC + page in caplog.text
    assert "+1555" not in caplog.text


BODIES = [
    (b"", "application/x-www-form-urlencoded"),
    (b'{"CallSid": "CA1"}', "application/json"),
    (b"not json", "application/json"),
    (b"CallSid=CA1", ""),
    (b"CallSid=CA1", "text/plain; charset=nonsense"),
    (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    (b"--x", "multipart/form-data"),
    (b"\xff\xfe%ff%00=%zz&&;=", "application/x-www-form-urlencoded"),
    (b"<xml/>", "text/xml"),
]


@pytest.mark.parametrize(("body", "kind"), BODIES)
def test_an_odd_body_is_refused_and_not_failed_on(
    carrier: Carrier, desk: FakeDesk, body: bytes, kind: str
) -> None:  # row 10
    for headers in ({}, {"X-Twilio-Signature": "x"}, {"X-Twilio-Signature": signature(PUBLIC + "/voice/incoming")}):
        answer = carrier.client.post("/voice/incoming", data=body, content_type=kind, headers=headers)
        assert answer.status_code in (400, 403, 415)
    assert desk.asked == []


def test_fields_nobody_knows_are_signed_and_ignored(carrier: Carrier, desk: FakeDesk) -> None:  # row 12
    document(carrier.post("/voice/incoming", {"StirVerstat": "A", "NewOne": ""}))
    assert len(desk.asked) == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_request_with_nothing_optional_is_answered(carrier: Carrier, page: str) -> None:  # row 13
    answer = carrier.post_pairs(page, [("CallSid", CALL), ("AccountSid", standard()["AccountSid"])])
    assert answer.status_code == (204 if page in TOLD else 200)


@pytest.mark.parametrize("page", [page for page in PAGES if page != "/sms/incoming"])
@pytest.mark.parametrize("sid", [None, "", "CA1/../x", "x" * 65, "CA\u0661"])
def test_a_request_about_no_call_is_refused(
    carrier: Carrier, desk: FakeDesk, page: str, sid: str | None
) -> None:  # row 14
    pairs = [(name, value) for name, value in standard().items() if name != "CallSid"]
    answer = carrier.post_pairs(page, pairs if sid is None else [*pairs, ("CallSid", sid)])
    assert answer.status_code == 400
    assert desk.asked == []


@pytest.mark.parametrize("account", [None, "", "AC" + "b" * 32])
def test_a_request_of_another_account_is_refused(
    carrier: Carrier, desk: FakeDesk, account: str | None
) -> None:  # row 14
    pairs = [(name, value) for name, value in standard().items() if name != "AccountSid"]
    answer = carrier.post_pairs("/voice/incoming", pairs if account is None else [*pairs, ("AccountSid", account)])
    assert answer.status_code == 403
    assert desk.asked == []


def test_of_a_repeated_field_the_first_counts_and_the_body_before_the_address(
    carrier: Carrier, desk: FakeDesk
) -> None:  # row 15
    pairs = [*standard().items(), ("Digits", "1"), ("Digits", "2")]
    document(carrier.post_pairs("/voice/turn/3?Digits=9", pairs))
    assert desk.asked == [("turn", CALL, 3, Digits("1"))]


def test_a_body_too_large_is_refused_quickly(carrier: Carrier, desk: FakeDesk) -> None:  # row 16
    assert carrier.post("/voice/incoming", {"Big": "x" * 1_000_000}).status_code == 413
    assert carrier.client.post("/voice/incoming", data=b"x" * 1_000_000).status_code == 413
    assert desk.asked == []


def test_a_body_too_large_that_does_not_say_so_is_refused(carrier: Carrier, desk: FakeDesk) -> None:  # row 16
    answer = carrier.client.post(
        "/voice/incoming",
        input_stream=BytesIO(b"a" * 300_000),
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    assert answer.status_code == 413
    assert desk.asked == []


def test_too_many_fields_are_refused(carrier: Carrier, desk: FakeDesk) -> None:  # row 16
    pairs = [(f"P{number}", "x") for number in range(10_000)]
    assert carrier.post_pairs("/voice/incoming", pairs).status_code == 413
    assert carrier.client.get("/voice/incoming?" + urlencode(pairs)).status_code in (403, 413)
    assert desk.asked == []


def test_a_large_value_is_cut_where_it_is_used(carrier: Carrier, desk: FakeDesk) -> None:  # row 16
    extra = {"Digits": "", "SpeechResult": "word " * 20_000, "Confidence": "0.9"}
    document(carrier.post("/voice/turn/3", extra))
    heard = desk.asked[0][3]
    assert isinstance(heard, Utterance)
    assert len(heard.text) <= 2000


@pytest.mark.parametrize("words", ["\0\x01", "\u202eevil\u202c", "🍦🍨", "e\u0301", "\ufffe"])
def test_odd_characters_pass_through(carrier: Carrier, desk: FakeDesk, words: str) -> None:  # row 17
    desk.scripts["turn"] = Script((Say(f"You said {words}."), HangUp()))
    document(carrier.post("/voice/turn/3", {"SpeechResult": words}))
    assert desk.asked == [("turn", CALL, 3, Utterance(words, source="carrier"))]


@pytest.mark.parametrize("raw", [b"CallerName=%ff%fe", b"CallerName=%ed%a0%80", b"CallerName=\xc3\x28", b"%ff=1"])
def test_what_is_no_unicode_is_never_an_error(carrier: Carrier, desk: FakeDesk, raw: bytes) -> None:  # row 17
    body = urlencode(standard()).encode() + b"&" + raw
    answer = carrier.client.post(
        "/voice/incoming",
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": "c2ln"},
    )
    assert answer.status_code == 403
    assert desk.asked == []


@pytest.mark.parametrize("page", TWIML)
@pytest.mark.parametrize("form", ["{}/", "/{}", "{}//"])
def test_a_slash_too_many_is_no_redirect(carrier: Carrier, page: str, form: str) -> None:  # row 19
    answer = carrier.post(form.format(page), {"Digits": "1"})
    assert answer.status_code in (200, 404)
    if form == "{}/":
        assert answer.status_code == 200


def test_an_address_with_overrides_validates_without_them(carrier: Carrier) -> None:  # row 20
    pairs = list(standard().items())
    given = signature(PUBLIC + "/voice/incoming?shop=1", pairs)  # configured with #rc=2&rp=5xx behind it
    document(carrier.post_pairs("/voice/incoming?shop=1", pairs, X_Twilio_Signature=given))


def test_what_a_proxy_says_of_our_address_is_not_believed(carrier: Carrier, desk: FakeDesk) -> None:  # row 22
    pairs = list(standard().items())
    given = signature("https://evil.example.org/voice/incoming", pairs)
    headers = {"X_Forwarded_Host": "evil.example.org", "X_Forwarded_Proto": "https", "Host": "evil.example.org"}
    answer = carrier.post_pairs("/voice/incoming", pairs, X_Twilio_Signature=given, **headers)
    assert answer.status_code == 403
    document(carrier.post("/voice/incoming", **headers))
    assert len(desk.asked) == 1


def test_two_signature_headers_are_none(carrier: Carrier) -> None:  # row 21
    pairs = list(standard().items())
    good = signature(PUBLIC + "/voice/incoming", pairs)
    answer = carrier.client.post(
        "/voice/incoming",
        data=urlencode(pairs),
        content_type="application/x-www-form-urlencoded",
        headers=[("X-Twilio-Signature", good), ("X-Twilio-Signature", good)],
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("page", TWIML)
@pytest.mark.parametrize("error", [StoreUnavailable("down"), KeyError("ours"), RecursionError()])
def test_whatever_is_down_the_line_stays_open(
    carrier: Carrier, desk: FakeDesk, page: str, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:  # rule 8, rows 51 and 87
    desk.error = error
    caplog.set_level(logging.CRITICAL + 1, "app.telephony.twilio.webhooks")
    answer = carrier.post(page, {"Digits": "1"})
    if page == "/sms/incoming":
        assert len(parse_empty(answer.data)) == 0
    elif page in HOLD_PAGES:
        assert document(answer, "hold")[0].tag == "Pause"
    elif page in AGENT_PAGES:
        assert document(answer)[-1].tag == "Hangup"
    else:
        root = document(answer)
        assert root[-1].tag == "Redirect"
        assert any(child.tag == "Pause" for child in root)


def parse_empty(xml: bytes) -> list[object]:
    assert b"<Response />" in xml
    return []


def test_a_call_that_could_not_be_answered_is_answered_on_the_next_try(carrier: Carrier, desk: FakeDesk) -> None:
    desk.error = StoreUnavailable("down")
    target = document(carrier.post("/voice/incoming"))[-1].text or ""
    desk.error = None
    document(carrier.post(target.removeprefix(PUBLIC)))
    assert desk.asked[0] == desk.asked[1] == ("answer", Arrival(CALL, "+15550100101", "+15550100200", "inbound"))


def test_trying_again_ends_some_time_with_a_word(carrier: Carrier, desk: FakeDesk) -> None:  # row 59
    desk.error = StoreUnavailable("down")
    target, tries = "/voice/turn/3", 0
    while (last := document(carrier.post(target))[-1]).tag == "Redirect":
        target, tries = (last.text or "").removeprefix(PUBLIC), tries + 1
        assert tries < 100
    assert tries == 40


@pytest.mark.parametrize("page", TOLD)
def test_what_is_only_told_is_acknowledged_even_when_we_fail(carrier: Carrier, desk: FakeDesk, page: str) -> None:
    extra = {"CallStatus": "completed", "RecordingStatus": "completed", "RecordingUrl": "https://x/RE1"}
    assert carrier.post(page, extra).status_code == 204
    desk.error = StoreUnavailable("down")
    assert carrier.post(page, extra).status_code == 204


def test_an_answer_too_large_for_the_carrier_is_not_sent(carrier: Carrier, desk: FakeDesk) -> None:
    desk.scripts["turn"] = Script((*(Say("x" * 9000) for _ in range(10)), HangUp()))
    root = parse(carrier.post("/voice/turn/3").data)
    assert root[-1].tag == "Redirect"


def test_silence_is_told_as_such(carrier: Carrier, desk: FakeDesk) -> None:
    carrier.post("/voice/turn/3", {"Digits": ""})
    carrier.post("/voice/turn/3", {"SpeechResult": " "})
    assert desk.asked == [("turn", CALL, 3, Silence())] * 2


@pytest.mark.parametrize("turn", ["-1", "abc", "9" * 5000, "٣", "1.5"])
def test_a_turn_that_is_none_gets_the_present_instructions(carrier: Carrier, desk: FakeDesk, turn: str) -> None:
    document(carrier.post(f"/voice/turn/{quote(turn)}", {"Digits": "1"}))
    assert desk.asked == [("present", CALL)]
