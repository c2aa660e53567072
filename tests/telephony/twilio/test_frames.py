"""Every message of a media stream becomes a value: section F of the carrier's edge cases, message by message."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.telephony.twilio.frames import Connected, Dtmf, Mark, Media, Start, Stop, Unknown, decode

AUDIO = base64.b64encode(b"\xff" * 160).decode()
FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}


def start(**changes: Any) -> str:
    content = {
        "accountSid": "AC1",
        "streamSid": "MZ1",
        "callSid": "CA1",
        "tracks": ["inbound"],
        "mediaFormat": FORMAT,
        "customParameters": {"token": "t"},
    } | changes
    return json.dumps({"event": "start", "sequenceNumber": "1", "streamSid": "MZ1", "start": content})


def media(**content: Any) -> str:
    return json.dumps({"event": "media", "sequenceNumber": "3", "streamSid": "MZ1", "media": content})


def test_the_carriers_own_messages_are_read() -> None:
    assert decode('{"event":"connected","protocol":"Call","version":"1.0.0"}') == Connected()
    assert decode(start()) == Start("MZ1", "CA1", "AC1", True, {"token": "t"})
    assert decode(media(track="inbound", chunk="1", timestamp="5", payload=AUDIO)) == Media(b"\xff" * 160, 5)
    assert decode('{"event":"dtmf","dtmf":{"track":"inbound_track","digit":"1"}}') == Dtmf("1")
    assert decode('{"event":"mark","mark":{"name":"m"}}') == Mark("m")
    assert decode('{"event":"stop","stop":{"callSid":"CA1"}}') == Stop()


TIMES = [
    ("5", 5),
    (5, 5),
    (None, None),
    ("", None),
    ("abc", None),
    (-1, None),
    (1.5, None),
    (True, None),
    ("9" * 40, None),
]


@pytest.mark.parametrize(("sent", "timestamp"), TIMES)
def test_a_time_stamp_is_read_however_it_comes(sent: object, timestamp: int | None) -> None:  # row 61
    assert decode(media(payload=AUDIO, timestamp=sent)) == Media(b"\xff" * 160, timestamp)


@pytest.mark.parametrize("payload", ["", "!!!", "YQ", None, 7, "YQ==\n YQ==", "é"])
def test_audio_that_is_none_is_skipped(payload: object) -> None:  # row 62
    assert isinstance(decode(media(payload=payload)), Unknown)


def test_audio_of_any_size_is_taken_up_to_a_limit() -> None:  # row 62
    odd = base64.b64encode(b"\x7f" * 161).decode()
    huge = base64.b64encode(b"\x7f" * 1_000_000).decode()
    assert decode(media(payload=odd)) == Media(b"\x7f" * 161)
    assert isinstance(decode(media(payload=huge)), Unknown)


def test_what_we_say_ourselves_is_not_the_callers_audio() -> None:
    assert isinstance(decode(media(track="outbound", payload=AUDIO)), Unknown)


FORMATS = [
    ({"encoding": "audio/l16", "sampleRate": 8000, "channels": 1}, False),
    (FORMAT | {"sampleRate": 16000}, False),
    (FORMAT | {"channels": 2}, False),
    (FORMAT | {"sampleRate": "8000", "channels": "1"}, True),
    ({}, True),
    (None, True),
]


@pytest.mark.parametrize(("form", "telephone"), FORMATS)
def test_the_kind_of_audio_is_checked(form: object, telephone: bool) -> None:  # row 64
    frame = decode(start(mediaFormat=form))
    assert isinstance(frame, Start)
    assert frame.telephone is telephone


@pytest.mark.parametrize("parameters", [None, {}, [], "x", {"token": 5}])
def test_parameters_may_be_missing(parameters: object) -> None:
    frame = decode(start(customParameters=parameters))
    assert isinstance(frame, Start)
    assert frame.parameters == {}


JUNK = [
    "", "null", "[]", "7", '"start"', "{", "[" * 100_000, '{"event":5}', '{"event":["start"]}', '{"event":"brand-new"}',
    '{"event":"media"}', '{"event":"media","media":[]}', '{"event":"dtmf","dtmf":{}}', '{"event":"dtmf"}',
    "\ufeff{}", "x" * 1_000_000, b'{"event":"stop"}', b"", None,
]  # fmt: skip


@pytest.mark.parametrize("message", JUNK, ids=range(len(JUNK)))
def test_junk_is_unknown(message: object) -> None:  # rows 63 and 70
    assert isinstance(decode(message), Unknown)


@settings(max_examples=50)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.dictionaries(
    st.sampled_from(["event", "media", "start", "payload", "timestamp", "mediaFormat", "customParameters", "x"]), inner
) | st.lists(inner), max_leaves=8))  # fmt: skip
def test_no_message_is_an_error(content: object) -> None:
    decode(json.dumps(content))
    for event in ("start", "media", "mark", "dtmf", "stop"):
        decode(json.dumps({"event": event, event: content}))
