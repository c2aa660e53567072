"""Recordings: what can go wrong between the carrier's word that there is one and its sound (row 77)."""

from collections.abc import Iterator
from io import BytesIO

import pytest
import requests

from app.ports.telephony import RecordingMissing
from app.telephony.twilio.recordings import RecordingSource
from tests.telephony.twilio.rest_api import Api, Reply, serving

CREDENTIALS = ("AC1", "secret-token")


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Api, Api]]:
    with serving() as carrier, serving() as elsewhere:
        yield carrier, elsewhere


@pytest.fixture
def carrier(servers: tuple[Api, Api]) -> Api:
    servers[0].requests.clear()
    return servers[0]


@pytest.fixture
def elsewhere(servers: tuple[Api, Api]) -> Api:
    servers[1].requests.clear()
    return servers[1]


def fetch(carrier: Api, url: str, largest: int = 1000) -> bytes:
    with requests.Session() as session:
        session.trust_env = False
        return RecordingSource(CREDENTIALS, carrier.url, largest).fetch(session, url)


def test_the_wav_is_asked_for_at_the_carrier_we_talk_to(carrier: Api) -> None:
    carrier.replies = [Reply(200, b"RIFF")]
    assert fetch(carrier, "https://api.twilio.com/Recordings/RE1") == b"RIFF"
    assert carrier.requests[0].path == "/Recordings/RE1.wav"
    assert carrier.requests[0].headers["Authorization"].startswith("Basic ")


def test_a_kind_that_is_named_is_left_as_it_is(carrier: Api) -> None:
    carrier.replies = [Reply(200, b"RIFF")]
    fetch(carrier, f"{carrier.url}/Recordings/RE1.wav")
    assert carrier.requests[0].path == "/Recordings/RE1.wav"


MISSING = [
    (Reply(404, {"code": 20404}), "404"),
    (Reply(401, ""), "401"),
    (Reply(503, "<html>"), "503"),
    (Reply(400, {"code": 16109}), "400"),
    (Reply(200, b""), "empty"),
    (Reply(200, b"x" * 1001), "larger"),
    (Reply(hang_up=True), "no answer"),
]


@pytest.mark.parametrize(("reply", "why"), MISSING)
def test_a_recording_that_cannot_be_had_is_missing_for_a_reason(carrier: Api, reply: Reply, why: str) -> None:
    carrier.replies = [reply]
    with pytest.raises(RecordingMissing, match=why):
        fetch(carrier, f"{carrier.url}/Recordings/RE1")


@pytest.mark.parametrize(
    "url", ["", "ftp://x/y", "file:///etc/passwd", "http://localhost/x", "https://127.0.0.1/x", "https://["]
)
def test_an_address_that_is_no_place_for_recordings_is_not_asked(carrier: Api, url: str) -> None:
    with pytest.raises(RecordingMissing):
        fetch(carrier, url)
    assert carrier.requests == []


def test_a_redirect_within_the_carrier_keeps_the_credentials(carrier: Api) -> None:
    carrier.replies = [Reply(302, "", {"Location": "/media/RE1.wav"}), Reply(200, b"RIFF")]
    assert fetch(carrier, f"{carrier.url}/Recordings/RE1") == b"RIFF"
    assert all("Authorization" in request.headers for request in carrier.requests)


def test_a_redirect_out_of_https_or_into_this_machine_is_not_followed(carrier: Api, elsewhere: Api) -> None:
    carrier.replies = [Reply(302, "", {"Location": f"{elsewhere.url}/RE1.wav"})]
    with pytest.raises(RecordingMissing, match="address"):
        fetch(carrier, f"{carrier.url}/Recordings/RE1")
    assert elsewhere.requests == []


def test_credentials_go_to_nobody_but_the_carrier() -> None:
    class Wire(requests.adapters.BaseAdapter):
        """Answers for every host, and keeps who was shown what."""

        def __init__(self) -> None:
            self.seen: list[tuple[str, bool]] = []

        def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:  # type: ignore[override]
            self.seen.append((str(request.url), "Authorization" in request.headers))
            answer = requests.Response()
            answer.request = request
            answer.status_code = 200 if len(self.seen) > 1 else 302
            answer.headers["Location"] = "https://storage.example.com/RE1.wav"
            answer.raw = BytesIO(b"RIFF")
            return answer

        def close(self) -> None:
            """Nothing is open."""

    wire = Wire()
    with requests.Session() as session:
        session.mount("https://", wire)
        source = RecordingSource(CREDENTIALS)
        assert source.fetch(session, "https://api.twilio.com/Recordings/RE1") == b"RIFF"
    assert wire.seen == [
        ("https://api.twilio.com/Recordings/RE1.wav", True),
        ("https://storage.example.com/RE1.wav", False),
    ]


def test_redirects_without_end_are_given_up(carrier: Api) -> None:
    carrier.replies = [Reply(302, "", {"Location": "/again"})]
    with pytest.raises(RecordingMissing, match="without end"):
        fetch(carrier, f"{carrier.url}/Recordings/RE1")
    assert len(carrier.requests) == 4
