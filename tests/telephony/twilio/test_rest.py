"""Telephone commands over REST: section G of the carrier's edge cases, against an API on loopback."""

import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from app.ports.telephony import Outcome, RecordingMissing, Sent, Telephony
from app.telephony.twilio.http import CarrierHttp, Retry, may_repeat, without_numbers
from app.telephony.twilio.rest import Account, TwilioTelephony, create_client
from tests.telephony.twilio.rest_api import Api, Reply, serving
from tests.telephony.twilio.support import ACCOUNT, CALL, LEG, LINKS, PUBLIC, TOKEN

ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"
REFUSED = Reply(400, {"code": 21211, "message": "The 'To' number +15550100999 is not a valid phone number."})
BUSY = Reply(429, {"code": 20429, "message": "Too Many Requests"})
BROKEN = Reply(503, "<html><body>Service Unavailable</body></html>")
MADE = Reply(201, {"sid": LEG, "status": "queued"})


@pytest.fixture(scope="module")
def running() -> Iterator[Api]:
    with serving() as api:
        yield api


@pytest.fixture
def api(running: Api) -> Api:
    running.requests.clear()
    running.replies = [Reply(200, {"sid": CALL, "status": "in-progress"})]
    return running


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def telephony(api: Api, waits: list[float]) -> TwilioTelephony:
    return a_telephony(api.url, waits)


def a_telephony(url: str, waits: list[float], **options: Any) -> TwilioTelephony:
    account = Account(ACCOUNT, TOKEN, url, caller_id="+15550100200", **options)
    return TwilioTelephony(account, LINKS, Retry(waits.append, lambda: 0.5))


def test_it_is_a_telephone(telephony: TwilioTelephony) -> None:
    whole: Telephony = telephony
    assert whole is telephony


def test_a_redirect_names_our_public_page(api: Api, telephony: TwilioTelephony) -> None:
    outcome = telephony.redirect(CALL, 4)
    assert outcome == Outcome(Sent.DONE, sid=CALL, data={"status": "in-progress"})
    asked = api.requests[0]
    assert (asked.method, asked.path) == ("POST", f"{ROOT}/Calls/{CALL}.json")
    assert dict(asked.form) == {"Url": f"{PUBLIC}/voice/turn?turn=4", "Method": "POST"}
    assert asked.headers["Authorization"].startswith("Basic ")


def test_an_agent_is_rung_for_a_reservation(api: Api, telephony: TwilioTelephony) -> None:
    api.replies = [MADE]
    assert telephony.ring("RE1", "+15550100301", 20) == Outcome(Sent.DONE, sid=LEG)
    asked = api.requests[0]
    assert asked.path == f"{ROOT}/Calls.json"
    sent = dict(asked.form)
    assert (sent["To"], sent["From"], sent["Timeout"]) == ("+15550100301", "+15550100200", "20")
    assert sent["Url"] == f"{PUBLIC}/agent/RE1/offer"
    assert sent["StatusCallback"] == f"{PUBLIC}/agent/RE1/status"
    events = [value for name, value in asked.form if name == "StatusCallbackEvent"]
    assert events == ["initiated", "ringing", "answered", "completed"]
    assert "MachineDetection" not in sent


def test_machines_are_looked_for_when_wanted(api: Api, waits: list[float]) -> None:
    a_telephony(api.url, waits, detect_machines=True).ring("RE1", "+15550100301", 20)
    assert dict(api.requests[0].form)["MachineDetection"] == "Enable"


@pytest.mark.parametrize(("seconds", "sent"), [(0, "5"), (5, "5"), (600, "600"), (9999, "600")])
def test_ringing_lasts_as_long_as_the_carrier_allows(
    api: Api, telephony: TwilioTelephony, seconds: int, sent: str
) -> None:
    telephony.ring("RE1", "+15550100301", seconds)
    assert dict(api.requests[0].form)["Timeout"] == sent


def test_a_ringing_leg_is_cancelled(api: Api, telephony: TwilioTelephony) -> None:
    api.replies = [Reply(200, {"sid": LEG, "status": "canceled"})]
    assert telephony.hang_up(LEG, ringing=True).sent is Sent.DONE
    assert [dict(asked.form) for asked in api.requests] == [{"Status": "canceled"}]


@pytest.mark.parametrize(
    "first", [Reply(200, {"sid": LEG, "status": "in-progress"}), Reply(400, {"code": 21220, "message": "Not so."})]
)
def test_a_leg_picked_up_meanwhile_is_ended(api: Api, telephony: TwilioTelephony, first: Reply) -> None:
    api.replies = [first, Reply(200, {"sid": LEG, "status": "completed"})]
    assert telephony.hang_up(LEG, ringing=True).sent is Sent.DONE
    assert [dict(asked.form)["Status"] for asked in api.requests] == ["canceled", "completed"]


def test_a_call_is_ended(api: Api, telephony: TwilioTelephony) -> None:
    assert telephony.hang_up(CALL).sent is Sent.DONE
    assert dict(api.requests[0].form) == {"Status": "completed"}


def test_a_calls_state_is_as_the_carrier_says(api: Api, telephony: TwilioTelephony) -> None:  # row 37
    assert telephony.state(CALL).data == {"status": "in-progress"}
    assert api.requests[0].method == "GET"


def test_a_text_is_sent_no_longer_than_allowed(api: Api, telephony: TwilioTelephony) -> None:
    api.replies = [Reply(201, {"sid": "SM1"})]
    assert telephony.tell("+15550100301", "x" * 2000) == Outcome(Sent.DONE, sid="SM1")
    assert len(dict(api.requests[0].form)["Body"]) == 1600


GONE = [
    Reply(400, {"code": 21220, "message": "Call is not in-progress. Cannot redirect."}),
    Reply(404, {"code": 20404, "message": "not found"}),
    Reply(404, "<html>Not Found</html>"),
]


@pytest.mark.parametrize("reply", GONE)
def test_a_call_that_has_ended_is_gone(api: Api, telephony: TwilioTelephony, reply: Reply) -> None:  # rows 54 and 55
    api.replies = [reply]
    assert telephony.redirect(CALL, 1).sent is Sent.GONE
    assert telephony.hang_up(CALL).sent is Sent.GONE
    assert telephony.hang_up(CALL, ringing=True).sent is Sent.GONE
    assert telephony.state(CALL).sent is Sent.GONE


def test_a_refusal_says_why_without_the_number(api: Api, telephony: TwilioTelephony) -> None:  # row 76
    api.replies = [REFUSED]
    outcome = telephony.ring("RE1", "+15550100999", 20)
    assert outcome == Outcome(Sent.REFUSED, why="21211: The 'To' number (number) is not a valid phone number.")
    assert len(api.requests) == 1


@pytest.mark.parametrize("body", ["", "null", "[]", "{", '{"message": 5}', '{"code": "x"}', "<html>"])
def test_a_refusal_in_any_form_is_a_refusal(api: Api, telephony: TwilioTelephony, body: str) -> None:  # row 76
    api.replies = [Reply(400, body)]
    assert telephony.ring("RE1", "+15550100999", 20).sent is Sent.REFUSED


def test_wrong_credentials_are_said_loudly(
    api: Api, telephony: TwilioTelephony, caplog: pytest.LogCaptureFixture
) -> None:  # row 76
    api.replies = [Reply(401, {"code": 20003, "message": "Authenticate"})]
    assert telephony.redirect(CALL, 1).sent is Sent.REFUSED
    assert "TWILIO_AUTH_TOKEN" in caplog.text
    assert TOKEN not in caplog.text


def test_too_many_requests_are_sent_again_after_a_while(
    api: Api, telephony: TwilioTelephony, waits: list[float]
) -> None:  # row 72
    api.replies = [BUSY, BUSY, MADE]
    assert telephony.ring("RE1", "+15550100301", 20).sent is Sent.DONE
    assert waits == [0.25, 0.5]


def test_the_carriers_wish_how_long_to_wait_is_heeded_within_reason(
    api: Api, telephony: TwilioTelephony, waits: list[float]
) -> None:  # row 72
    slow = [Reply(429, {}, {"Retry-After": wish}) for wish in ("2", "3600")]
    api.replies = [*slow, MADE]
    telephony.ring("RE1", "+15550100301", 20)
    assert waits == [2.0, 5.0]


def test_too_many_requests_for_ever_are_given_up(api: Api, telephony: TwilioTelephony) -> None:  # row 72
    api.replies = [BUSY]
    assert telephony.ring("RE1", "+15550100301", 20).sent is Sent.REFUSED
    assert len(api.requests) == 3


UNCLEAR = [BROKEN, Reply(500, ""), Reply(hang_up=True), Reply(200, "<html>ok</html>")]


@pytest.mark.parametrize("reply", UNCLEAR)
def test_an_agent_who_may_have_been_rung_is_not_rung_again(
    api: Api, telephony: TwilioTelephony, reply: Reply
) -> None:  # row 73
    api.replies = [reply]
    assert telephony.ring("RE1", "+15550100301", 20).sent is Sent.UNKNOWN
    assert telephony.tell("+15550100301", "hello").sent is Sent.UNKNOWN
    assert len(api.requests) == 2


@pytest.mark.parametrize("reply", [BROKEN, Reply(hang_up=True)])
def test_what_may_happen_twice_is_sent_again(api: Api, telephony: TwilioTelephony, reply: Reply) -> None:  # row 74
    good = api.replies[0]
    api.replies = [reply, reply, good]
    assert telephony.redirect(CALL, 1).sent is Sent.DONE
    api.replies = [reply, reply, good]
    assert telephony.state(CALL).sent is Sent.DONE
    api.replies = [reply]
    assert telephony.hang_up(CALL).sent is Sent.UNKNOWN
    assert len(api.requests) == 9


def test_a_carrier_that_does_not_answer_is_waited_for_only_so_long(waits: list[float]) -> None:  # row 75
    with socket.create_server(("127.0.0.1", 0)) as silent:
        http = CarrierHttp(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=(0.2, 0.2), retry=Retry(waits.append))
        client = create_client(Account(ACCOUNT, TOKEN), http)
        with pytest.raises(Exception, match="ReadTimeout") as caught:
            client.calls.create(to="+1", from_="+1", url="https://x")
    assert getattr(caught.value, "happened", None) is True
    assert waits == []


def test_a_carrier_that_cannot_be_reached_was_never_asked(waits: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    outcome = a_telephony(f"http://127.0.0.1:{port}", waits).ring("RE1", "+15550100301", 20)
    assert outcome.sent is Sent.REFUSED
    assert len(waits) == 2


def test_regions_of_the_environment_are_not_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:  # row 79
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    client = create_client(Account(ACCOUNT, TOKEN))
    assert client.get_hostname("https://api.twilio.com/x") == "https://api.twilio.com/x"


NEW = "https://api.twilio.com/2010-04-01/Accounts/AC1"


@pytest.mark.parametrize(
    ("method", "address", "again"),
    [
        ("POST", f"{NEW}/Calls.json", False),
        ("POST", f"{NEW}/Messages.json", False),
        ("POST", f"{NEW}/Calls/CA1.json", True),
        ("POST", f"{NEW}/IncomingPhoneNumbers/PN1.json", True),
        ("GET", f"{NEW}/Calls.json", True),
        ("DELETE", f"{NEW}/Calls/CA1.json", True),
    ],
)
def test_only_what_makes_nothing_new_may_be_repeated(method: str, address: str, again: bool) -> None:
    assert may_repeat(method, address) is again


def test_no_phone_number_gets_into_a_reason() -> None:
    assert without_numbers("+15550100301 and 15550100301, error 21211") == "(number) and (number), error 21211"


def test_requests_are_not_logged_with_their_numbers(
    api: Api, telephony: TwilioTelephony, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    telephony.ring("RE1", "+15550100301", 20)
    assert "5550100301" not in caplog.text


def test_a_recording_comes_through_the_same_account(api: Api, telephony: TwilioTelephony) -> None:
    api.replies = [Reply(200, b"RIFFdata")]
    address = f"https://api.twilio.com{ROOT}/Recordings/RE1"
    assert telephony.recording(address) == b"RIFFdata"
    assert api.requests[0].path == f"{ROOT}/Recordings/RE1.wav"
    api.replies = [Reply(404, {"code": 20404})]
    with pytest.raises(RecordingMissing, match="404"):
        telephony.recording(address)
