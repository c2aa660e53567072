"""A desk that writes down what it is asked, a carrier that signs, and a check that a document is valid TwiML."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.instructions import Again, HangUp, Pause, Reply, Say, Script, Wait
from app.core.instructions import Ask as AskFor
from app.telephony.twilio.links import Links
from app.telephony.twilio.signature import Gate
from app.telephony.twilio.webhooks import Notes, create_blueprint

PUBLIC = "https://ivr.example.com"
TOKEN = "0123456789abcdef"
ACCOUNT = "AC" + "a" * 32
CALL = "CA" + "1" * 32
LEG = "CA" + "2" * 32
LINKS = Links(PUBLIC, caller_id="+15550100200")
GOODBYE = Script((Say("Goodbye."), HangUp()))


class FakeEar:
    """An ear that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, int | None]] = []
        self.closed = 0
        self.fails = False

    def hear(self, payload: bytes, timestamp: int | None) -> None:
        if self.fails:
            raise RuntimeError("deaf")
        self.heard.append((payload, timestamp))

    def close(self) -> None:
        self.closed += 1


class FakeDesk:
    """Writes down every question; answers with `scripts` by method name, or fails with `error`."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forgets everything."""
        self.asked: list[tuple[Any, ...]] = []
        self.scripts: dict[str, Script] = {
            "hold": Script((Say("You are next."),)),
            "offer": Script((AskFor((Say("A caller."),), Reply.OFFER), HangUp())),
            "left_hold": Script((Wait("orders"),)),
            "present": Script((Pause(2), Again())),
        }
        self.error: Exception | None = None
        self.ears: dict[tuple[str, str], FakeEar] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def ask(*arguments: object) -> Script | None:
            self.asked.append((name, *arguments))
            if self.error is not None:
                raise self.error
            if name in ("ended", "offer_ended", "offer_progress", "ear_lost"):
                return None
            return self.scripts.get(name, GOODBYE)

        return ask

    def open_ear(self, call: str, token: str) -> FakeEar | None:
        if self.error is not None:
            raise self.error
        return self.ears.get((call, token))


def signature(address: str, pairs: Sequence[tuple[str, str]] = (), token: str = TOKEN, by: Any = hashlib.sha1) -> str:
    """What the carrier would write in its header; written from its description, not with its SDK."""
    values: dict[str, set[str]] = {}
    for name, value in pairs:
        values.setdefault(name, set()).add(value)
    text = address + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), by).digest()).decode()


class Carrier:
    """Asks our pages as the carrier does: signed, and with what it always sends."""

    def __init__(self, desk: FakeDesk, links: Links = LINKS, notes: Notes | None = None) -> None:
        self.desk = desk
        self.links = links
        self.app = Flask("carrier")
        gate = Gate(links, TOKEN, account=ACCOUNT)
        self.app.register_blueprint(create_blueprint(desk, gate, links, notes))
        self.client: FlaskClient = self.app.test_client()

    def post(
        self, target: str, extra: Mapping[str, str] | None = None, *, call: str = CALL, **headers: str
    ) -> TestResponse:
        """One webhook. `headers` are named with underscores."""
        return self.post_pairs(target, list((standard(call) | dict(extra or {})).items()), **headers)

    def post_pairs(self, target: str, pairs: Sequence[tuple[str, str]], **headers: str) -> TestResponse:
        """One webhook with exactly these fields."""
        body = urlencode(pairs)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given.setdefault("X-Twilio-Signature", signature(self.links.public + target, pairs))
        return self.client.post(target, data=body, content_type="application/x-www-form-urlencoded", headers=given)

    def get(self, path: str, extra: Mapping[str, str] | None = None) -> TestResponse:
        """The same by GET."""
        target = f"{path}?{urlencode({**standard(CALL), **(extra or {})})}"
        return self.client.get(target, headers={"X-Twilio-Signature": signature(self.links.public + target)})


def standard(call: str = CALL) -> dict[str, str]:
    """What every voice webhook carries."""
    return {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": call,
        "CallStatus": "in-progress",
        "Direction": "inbound",
        "From": "+15550100101",
        "To": "+15550100200",
    }


_PROMPTS = {"Say", "Play", "Pause"}
_NESTING = {
    "Response": {*_PROMPTS, "Gather", "Record", "Dial", "Enqueue", "Leave", "Redirect", "Hangup", "Start", "Stop"},
    "Gather": _PROMPTS,
    "Dial": {"Number", "Conference"},
    "Start": {"Stream"},
    "Stop": {"Stream"},
    "Stream": {"Parameter"},
}
_ON_HOLD = {*_PROMPTS, "Hangup", "Redirect", "Leave", "Gather"}
_IN_ROOM = {"Play", "Say", "Pause", "Redirect"}
_ALLOWED = {"call": _NESTING["Response"], "hold": _ON_HOLD, "room": _IN_ROOM}
_ATTRIBUTES = {
    "Say": {"voice", "language"},
    "Pause": {"length"},
    "Gather": {
        "input", "action", "method", "timeout", "speechTimeout", "finishOnKey", "numDigits", "language", "hints",
        "actionOnEmptyResult",
    },
    "Record": {
        "action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "recordingStatusCallback",
    },
    "Dial": {"action", "method", "timeout", "callerId"},
    "Conference": {"beep", "startConferenceOnEnter", "endConferenceOnExit", "participantLabel", "waitUrl"},
    "Enqueue": {"action", "method", "waitUrl", "waitUrlMethod"},
    "Redirect": {"method"},
    "Stream": {"url", "name", "track", "statusCallback"},
    "Parameter": {"name", "value"},
}  # fmt: skip
_ENDS = {"Hangup", "Redirect", "Enqueue", "Dial", "Leave"}


def parse(xml: str | bytes, context: str = "call") -> ET.Element:
    """The document, if the carrier would take it: well formed, known words, and no accidental hang-up."""
    raw = xml.encode() if isinstance(xml, str) else xml
    assert raw.startswith(b"<?xml"), "something stands before the document"
    assert len(raw) < 64 * 1024
    root = ET.fromstring(raw)  # noqa: S314 # our own document
    assert root.tag == "Response"
    for child in root:
        assert child.tag in _ALLOWED[context], f"<{child.tag}> in a {context} document"
        _check(child)
    if context == "call":
        assert len(root), "an empty document hangs up"
        assert root[-1].tag in _ENDS, "the document runs out, which hangs up"
    else:
        takes_time = {*_PROMPTS, "Gather", "Leave", "Hangup"}
        assert takes_time & {child.tag for child in root}, "the document would be asked for again at once"
    return root


def _check(element: ET.Element) -> None:
    unknown = set(element.attrib) - _ATTRIBUTES.get(element.tag, set())
    assert not unknown, f"<{element.tag}> has {unknown}"
    for child in element:
        assert child.tag in _NESTING.get(element.tag, set()), f"<{child.tag}> in <{element.tag}>"
        _check(child)


def document(response: TestResponse, context: str = "call") -> ET.Element:
    """The document in an answer that the carrier takes."""
    assert response.status_code == 200, (response.status_code, response.data)
    assert response.mimetype == "text/xml"
    return parse(response.data, context)
