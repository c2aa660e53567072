"""The messages of a media stream as values; whatever cannot be read is `Unknown`, never an exception."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

MESSAGE_CHARACTERS = 64 * 1024
_INBOUND = ("inbound", "inbound_track", "")
_LARGEST_NUMBER = 2**53


@dataclass(frozen=True, slots=True)
class Connected:
    """The socket is open."""


@dataclass(frozen=True, slots=True)
class Start:
    """The stream begins. `telephone`: the audio is mu-law, 8000 per second, one channel."""

    stream: str
    call: str
    account: str = ""
    telephone: bool = True
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Media:
    """Some of the caller's audio, and its place in the stream in ms (None: not told)."""

    payload: bytes
    timestamp: int | None = None


@dataclass(frozen=True, slots=True)
class Dtmf:
    """A key was pressed."""

    digit: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What was sent before this mark has been played."""

    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The stream is over."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing we can use, and why."""

    why: str


Frame = Connected | Start | Media | Dtmf | Mark | Stop | Unknown


def decode(message: object) -> Frame:
    """Reads one message of the socket."""
    if not isinstance(message, str):
        return Unknown("not text")
    if len(message) > MESSAGE_CHARACTERS:
        return Unknown("too long")
    try:
        content = json.loads(message)
    except (ValueError, RecursionError):
        return Unknown("not JSON")
    if not isinstance(content, dict):
        return Unknown("not an object")
    event = content.get("event")
    reader = _READERS.get(event) if isinstance(event, str) else None
    return reader(content) if reader else Unknown("an event we do not know")


def _media(content: Mapping[str, object]) -> Frame:
    media = _object(content, "media")
    if _text(media, "track") not in _INBOUND:
        return Unknown("not the caller's audio")
    try:
        payload = base64.b64decode(_text(media, "payload"), validate=True)
    except (binascii.Error, ValueError):
        return Unknown("audio that is not base64")
    if not payload:
        return Unknown("no audio")
    return Media(payload, _number(media.get("timestamp")))


def _start(content: Mapping[str, object]) -> Frame:
    start = _object(content, "start")
    parameters = _object(start, "customParameters")
    return Start(
        stream=_text(start, "streamSid") or _text(content, "streamSid"),
        call=_text(start, "callSid"),
        account=_text(start, "accountSid"),
        telephone=_is_telephone(_object(start, "mediaFormat")),
        parameters={name: value for name, value in parameters.items() if isinstance(value, str)},
    )


def _is_telephone(form: Mapping[str, object]) -> bool:
    """Whether a stated format is the one we know; one that is not stated is."""
    encoding = _text(form, "encoding") or "audio/x-mulaw"
    rate = _number(form.get("sampleRate", 8000))
    channels = _number(form.get("channels", 1))
    return encoding in ("audio/x-mulaw", "audio/mulaw") and rate == 8000 and channels == 1


def _dtmf(content: Mapping[str, object]) -> Frame:
    digit = _text(_object(content, "dtmf"), "digit")
    return Dtmf(digit) if digit else Unknown("a key without its digit")


def _object(content: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = content.get(name)
    return value if isinstance(value, dict) else {}


def _text(content: Mapping[str, object], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    """A whole number that came as a number or in quotes."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        return int(value)
    return value if isinstance(value, int) and 0 <= value <= _LARGEST_NUMBER else None


_READERS: Mapping[str, Callable[[Mapping[str, object]], Frame]] = {
    "connected": lambda _: Connected(),
    "start": _start,
    "media": _media,
    "dtmf": _dtmf,
    "mark": lambda content: Mark(_text(_object(content, "mark"), "name")),
    "stop": lambda _: Stop(),
}
