"""The check of the carrier's account finds what would fail, and says what to do."""

import json
from typing import Any

import pytest
from twilio.http import HttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]

from app.telephony.twilio.account import Expected, Finding, Level, country_of, examine, set_webhooks
from app.telephony.twilio.http import CarrierError
from app.telephony.twilio.rest import Account, create_client
from tests.telephony.twilio.support import ACCOUNT, LINKS, PUBLIC, TOKEN

NUMBER = "+15550100200"
EXPECTED = Expected(LINKS, NUMBER, [("Mei", "+12025550143"), ("Jo", "+442079460958")])
GOOD_NUMBER = {
    "sid": "PN1",
    "phone_number": NUMBER,
    "capabilities": {"voice": True},
    "voice_url": f"{PUBLIC}/voice/incoming",
    "voice_method": "POST",
    "voice_fallback_url": "https://elsewhere.example.com/fallback.xml",
    "status_callback": f"{PUBLIC}/voice/status",
    "status_callback_method": "POST",
}


class Books(HttpClient):  # type: ignore[misc]
    """The account as the REST API shows it: documents by the last part of their address."""

    def __init__(self, **pages: Any) -> None:
        self.pages: dict[str, Any] = {
            ACCOUNT: {"sid": ACCOUNT, "status": "active", "type": "Full"},
            "IncomingPhoneNumbers": listed("incoming_phone_numbers", GOOD_NUMBER),
            "OutgoingCallerIds": listed("outgoing_caller_ids", {"phone_number": "+12025550143"}),
            "US": {"iso_code": "US", "low_risk_numbers_enabled": True},
            "GB": {"iso_code": "GB", "low_risk_numbers_enabled": True},
        } | pages
        self.sent: list[dict[str, object]] = []

    def request(self, method: str, uri: str, **options: Any) -> Response:
        if method == "POST":
            self.sent.append(options["data"])
        name = uri.rsplit("/", 1)[-1].removesuffix(".json")
        page = self.pages.get(name)
        if page is None:
            raise CarrierError(404, 20404, "not found", happened=False)
        if isinstance(page, Exception):
            raise page
        return Response(200, json.dumps(page))


def listed(name: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {name: list(entries), "next_page_uri": None, "page": 0, "page_size": 50}


def findings(books: Books, expected: Expected = EXPECTED) -> list[Finding]:
    return examine(create_client(Account(ACCOUNT, TOKEN), books), expected)


def bad(books: Books, expected: Expected = EXPECTED) -> list[tuple[Level, str]]:
    found = [finding for finding in findings(books, expected) if finding.level is not Level.GOOD]
    assert all(finding.hint for finding in found), "each comes with what to do"
    return [(finding.level, finding.what) for finding in found]


def test_an_account_in_order_has_nothing_wrong() -> None:
    assert bad(Books()) == []
    assert len(findings(Books())) == 3


def test_a_trial_account_is_named_with_the_agents_it_cannot_ring() -> None:
    trial = {"sid": ACCOUNT, "status": "active", "type": "Trial"}
    (first, whole), (second, jo) = bad(Books(**{ACCOUNT: trial}))
    assert (first, second) == (Level.WARNING, Level.PROBLEM)
    assert "trial" in whole
    assert jo == "Jo's number is not verified, so it cannot be rung"


def test_a_suspended_account_is_a_problem() -> None:
    assert bad(Books(**{ACCOUNT: {"sid": ACCOUNT, "status": "suspended", "type": "Full"}})) == [
        (Level.PROBLEM, "the account is suspended")
    ]


@pytest.mark.parametrize("status", [401, 403, 404, 0, 500])
def test_an_account_that_cannot_be_read_ends_the_check(status: int) -> None:
    error = CarrierError(status, 20003, "Authenticate", happened=False)
    assert bad(Books(**{ACCOUNT: error})) == [(Level.PROBLEM, "the account cannot be read: Authenticate")]


def test_a_number_that_is_not_ours_is_a_problem() -> None:
    assert bad(Books(IncomingPhoneNumbers=listed("incoming_phone_numbers"))) == [
        (Level.PROBLEM, f"{NUMBER} is not a number of this account")
    ]


def test_no_number_is_a_problem() -> None:
    assert bad(Books(), Expected(LINKS, "")) == [(Level.PROBLEM, "no number is set")]


NUMBERS = [
    ({"voice_url": "https://old.example.com/voice"}, Level.PROBLEM, "https://old.example.com/voice"),
    ({"voice_url": ""}, Level.PROBLEM, "nobody"),
    ({"status_callback": None}, Level.PROBLEM, "call status changes"),
    ({"voice_fallback_url": ""}, Level.WARNING, "fallback"),
    ({"voice_application_sid": "AP1"}, Level.PROBLEM, "application"),
    ({"trunk_sid": "TK1"}, Level.PROBLEM, "trunk"),
    ({"capabilities": {"voice": False, "sms": True}}, Level.PROBLEM, "no voice"),
]


@pytest.mark.parametrize(("change", "level", "what"), NUMBERS)
def test_a_number_set_up_wrongly_is_found(change: dict[str, Any], level: Level, what: str) -> None:
    found = bad(Books(IncomingPhoneNumbers=listed("incoming_phone_numbers", GOOD_NUMBER | change)))
    assert [one for one, _ in found] == [level]
    assert what in found[0][1]


@pytest.mark.parametrize("end", ["#rc=2&rp=5xx", "/", ""])
def test_a_webhook_with_overrides_is_the_right_one(end: str) -> None:
    number = GOOD_NUMBER | {"voice_url": f"https://IVR.example.com/voice/incoming{end}"}
    assert bad(Books(IncomingPhoneNumbers=listed("incoming_phone_numbers", number))) == []


def test_a_country_that_is_not_allowed_is_a_problem_with_the_agents_there() -> None:
    assert bad(Books(GB={"iso_code": "GB", "low_risk_numbers_enabled": False})) == [
        (Level.PROBLEM, "calls to GB are not allowed, so Jo cannot be rung")
    ]


def test_a_country_that_cannot_be_read_is_worth_a_warning() -> None:
    (finding,) = bad(Books(GB=CarrierError(404, 20404, "not found", happened=False)))
    assert finding[0] is Level.WARNING


def test_a_number_of_no_country_is_a_problem() -> None:
    assert bad(Books(), Expected(LINKS, NUMBER, [("Mei", "0301234")])) == [
        (Level.PROBLEM, "Mei's number is of no country")
    ]


@pytest.mark.parametrize(("phone", "country"), [("+12025550143", "US"), ("+442079460958", "GB"), ("x", ""), ("", "")])
def test_a_number_tells_its_country(phone: str, country: str) -> None:
    assert country_of(phone) == country


def test_the_webhooks_can_be_set() -> None:
    books = Books(PN1=GOOD_NUMBER)
    finding = set_webhooks(create_client(Account(ACCOUNT, TOKEN), books), EXPECTED)
    assert finding.level is Level.GOOD
    assert books.sent[0]["VoiceUrl"] == f"{PUBLIC}/voice/incoming"
    assert books.sent[0]["StatusCallback"] == f"{PUBLIC}/voice/status"


def test_webhooks_of_a_number_that_is_not_ours_cannot_be_set() -> None:
    books = Books(IncomingPhoneNumbers=listed("incoming_phone_numbers"))
    assert set_webhooks(create_client(Account(ACCOUNT, TOKEN), books), EXPECTED).level is Level.PROBLEM
    assert books.sent == []


def test_webhooks_that_the_carrier_will_not_set_are_a_problem() -> None:
    books = Books(IncomingPhoneNumbers=CarrierError(401, 20003, "Authenticate", happened=False))
    assert set_webhooks(create_client(Account(ACCOUNT, TOKEN), books), EXPECTED).level is Level.PROBLEM
