"""What instructions order becomes requests of the carrier's REST API, against one on loopback."""

from collections.abc import Iterator

import pytest

from app.ports.dialling import Dialler, WorkerCall
from app.ports.telephony import Sent
from app.telephony.twilio.dialling import TwilioDialler
from app.telephony.twilio.http import Retry
from app.telephony.twilio.rest import Account
from app.telephony.twilio.stay_links import StayLinks
from tests.telephony.twilio.rest_api import Api, Reply, serving
from tests.telephony.twilio.support import ACCOUNT, CALL, LEG, LINKS, PUBLIC, TOKEN

ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"
WORKSPACE, RESERVATION, QUEUE = "WS" + "1" * 32, "WR" + "2" * 32, "QU" + "3" * 32
MADE = Reply(201, {"sid": LEG, "status": "queued"})


@pytest.fixture(scope="module")
def running() -> Iterator[Api]:
    with serving() as api:
        yield api


@pytest.fixture
def api(running: Api) -> Api:
    running.requests.clear()
    running.replies = [MADE]
    return running


@pytest.fixture
def dialler(api: Api) -> TwilioDialler:
    account = Account(ACCOUNT, TOKEN, api.url, caller_id="+15550100200")
    return TwilioDialler(account, StayLinks(LINKS), Retry(lambda _: None, lambda: 0.5))


def a_call(**fields: object) -> WorkerCall:
    defaults = {"workspace": WORKSPACE, "reservation": RESERVATION, "to": "+15550100301", "seconds": 15}
    return WorkerCall(**(defaults | fields))  # type: ignore[arg-type]


def test_it_is_a_dialler(dialler: TwilioDialler) -> None:
    whole: Dialler = dialler
    assert whole is dialler


def test_a_worker_is_called_to_our_page(api: Api, dialler: TwilioDialler) -> None:
    outcome = dialler.call(a_call())
    assert (outcome.sent, outcome.sid) == (Sent.DONE, LEG)
    sent = dict(api.requests[0].form)
    page = f"{PUBLIC}/worker/{WORKSPACE}/{RESERVATION}"
    assert (sent["To"], sent["From"], sent["Timeout"]) == ("+15550100301", "+15550100200", "15")
    assert (sent["Url"], sent["StatusCallback"]) == (f"{page}/answered", f"{page}/status")
    assert not {"Record", "SipAuthUsername"} & sent.keys()


def test_what_the_instruction_names_goes_along(api: Api, dialler: TwilioDialler) -> None:
    options = {
        "record": "record-from-answer-dual", "recording_status_callback": "https://firm.example/rec",
        "recording_status_callback_method": "POST", "sip_auth_username": "ann", "sip_auth_password": "s3cret",
    }  # fmt: skip
    dialler.call(
        a_call(to="sip:ann@firm.example", caller_id="+15550100999", url="https://firm.example/x", options=options)
    )
    sent = dict(api.requests[0].form)
    assert (sent["From"], sent["Url"]) == ("+15550100999", "https://firm.example/x")
    assert (sent["Record"], sent["RecordingChannels"]) == ("true", "dual")
    assert sent["RecordingStatusCallback"] == "https://firm.example/rec"
    assert (sent["SipAuthUsername"], sent["SipAuthPassword"]) == ("ann", "s3cret")


@pytest.mark.parametrize(("seconds", "sent"), [(1, "5"), (600, "600"), (999, "600")])
def test_ringing_lasts_as_long_as_the_carrier_allows(api: Api, dialler: TwilioDialler, seconds: int, sent: str) -> None:
    dialler.call(a_call(seconds=seconds))
    assert dict(api.requests[0].form)["Timeout"] == sent


def test_a_call_that_may_have_been_placed_is_not_placed_again(api: Api, dialler: TwilioDialler) -> None:
    api.replies = [Reply(hang_up=True)]
    assert dialler.call(a_call()).sent is Sent.UNKNOWN
    assert len(api.requests) == 1


def test_a_caller_is_sent_on_and_again_if_the_carrier_stumbles(api: Api, dialler: TwilioDialler) -> None:
    api.replies = [Reply(503, "broken"), Reply(200, {"sid": CALL, "status": "in-progress"})]
    assert dialler.meet(CALL, WORKSPACE, RESERVATION).sent is Sent.DONE
    assert [asked.path for asked in api.requests] == [f"{ROOT}/Calls/{CALL}.json"] * 2
    assert dict(api.requests[1].form)["Url"] == f"{PUBLIC}/voice/room/{WORKSPACE}/{RESERVATION}"


@pytest.mark.parametrize(
    "gone", [Reply(404, {"code": 20404, "message": "no"}), Reply(400, {"code": 21220, "message": "no"})]
)
def test_a_call_that_has_ended_is_gone(api: Api, dialler: TwilioDialler, gone: Reply) -> None:
    api.replies = [gone]
    assert dialler.send(CALL, "https://firm.example/x").sent is Sent.GONE
    assert dialler.state(CALL).sent is Sent.GONE


def test_an_empty_line_is_removed(api: Api, dialler: TwilioDialler) -> None:
    api.replies = [Reply(204, "")]
    assert dialler.drop_line(QUEUE).sent is Sent.DONE
    assert (api.requests[0].method, api.requests[0].path) == ("DELETE", f"{ROOT}/Queues/{QUEUE}.json")
