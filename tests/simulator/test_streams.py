"""Media streams: the documented messages, paced frames, both directions, and every way to end."""

import base64
import json
from typing import Any

from twilio.request_validator import RequestValidator

from app.simulator import Caller, DropStream, HangUp, ListenUntil, Press, SayWords, Speak, Wait
from app.simulator.audio import FRAME_BYTES, SILENCE
from tests.simulator.stage import ACCOUNT, CALLER, PUBLIC, TOKEN, Line, Stage

MEDIA = "wss://unicone.example/media"
START = (
    f'<Start><Stream url="{MEDIA}" name="ear" statusCallback="/stream">'
    '<Parameter name="token" value="t1"/></Stream></Start>'
)


def media(line: Line) -> list[dict[str, Any]]:
    return [message for message in line.messages if message["event"] == "media"]


def sound(line: Line) -> bytes:
    return b"".join(base64.b64decode(message["media"]["payload"]) for message in media(line))


# The messages of section 3.1: connected has no number, start is 1, the counter runs over all later messages; chunk
# counts media from 1; timestamp is ms since stream start; every number is in quotes except mediaFormat's.
def test_a_stream_introduces_itself_sends_frames_and_stops(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = f"{START}<Say>Hello</Say><Pause length='10'/>"
    result = stage.call(ListenUntil("hello"), Wait(2.0), HangUp())
    line = stage.lines[0]
    stage.until(lambda: line.closed)
    connected, start, *rest, stop = line.messages
    assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    sid = start["streamSid"]
    assert start == {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": sid,
        "start": {
            "accountSid": ACCOUNT,
            "streamSid": sid,
            "callSid": result.sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"token": "t1"},
        },
    }
    for number, message in enumerate(rest):
        assert message["event"] == "media"
        assert message["sequenceNumber"] == str(number + 2)
        assert message["streamSid"] == sid
        assert message["media"]["chunk"] == str(number + 1)
        assert message["media"]["timestamp"] == str(number * 20)
        assert message["media"]["track"] == "inbound"
        assert base64.b64decode(message["media"]["payload"]) == SILENCE
    assert stop["event"] == "stop"
    assert stop["stop"] == {"accountSid": ACCOUNT, "callSid": result.sid}
    assert len(rest) > 3


# "Twilio signs the wss://host/path form."
def test_the_handshake_is_signed_for_the_public_address(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = f"{START}<Pause length='10'/>"
    stage.call(SayWords("hello", 0.05), HangUp())
    headers = stage.lines[0].headers
    assert headers["Host"] == "unicone.example"
    assert RequestValidator(TOKEN).validate(MEDIA, {}, headers["X-Twilio-Signature"])


def test_what_the_caller_says_is_in_the_frames_unchanged(stage: Stage) -> None:
    voice = bytes(range(FRAME_BYTES)) * 5
    stage.answers["/voice/incoming"] = f"{START}<Say>Hello</Say><Pause length='10'/>"
    stage.call(ListenUntil("hello"), Speak(voice, "voice"), SayWords("i want to order", 0.1), Wait(0.1), HangUp())
    stage.until(lambda: stage.lines[0].closed)
    heard = sound(stage.lines[0])
    assert voice in heard
    frames = [heard[at : at + FRAME_BYTES] for at in range(0, len(heard), FRAME_BYTES)]
    assert [frame for frame in frames if frame.startswith(b"SWB1:")] == [
        b"SWB1:i want to order\n".ljust(FRAME_BYTES, b"\xff")
    ]


# "The stream continues across redirects, Enqueue, conference, until Stop or hang-up"; stream status callbacks.
def test_a_stream_outlives_its_document_until_it_is_stopped(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = f"{START}<Redirect>/queue</Redirect>"
    stage.answers["/queue"] = '<Enqueue waitUrl="/wait">q</Enqueue><Stop><Stream name="ear"/></Stop><Say>Stopped</Say>'
    stage.answers["/wait"] = "<Say>Wait</Say><Leave/>"
    result = stage.call(ListenUntil("stopped"), HangUp())
    stage.until(lambda: stage.lines[0].closed)
    assert stage.heard(result) == ["Wait", "Stopped"]
    told = stage.until(lambda: len(stage.requests_to("/stream")) == 2 and stage.requests_to("/stream"))
    assert [one.fields["StreamEvent"] for one in told] == ["stream-started", "stream-stopped"]
    assert (told[0].fields["StreamName"], told[0].fields["CallSid"]) == ("ear", result.sid)
    assert "From" not in told[0].fields
    assert "T" in told[0].fields["Timestamp"]


# "Errors: 31920 handshake ≠ 101, 31922 scheme not wss, 31923 bad URL": the call goes on without the stream.
def test_a_stream_that_cannot_be_opened_is_told_and_the_call_goes_on(stage: Stage) -> None:
    stage.refuse_media = True
    plain = START.replace("wss:", "ws:").replace('"ear"', '"plain"')
    query = START.replace("/media", "/media?a=b").replace('"ear"', '"query"')
    stage.answers["/voice/incoming"] = f"{START}{plain}{query}<Say>Still here</Say><Pause length='10'/>"
    handle = stage.carrier.dial(Caller("caller", CALLER))
    told = stage.until(lambda: len(stage.requests_to("/stream")) == 3 and stage.requests_to("/stream"))
    assert {one.fields["StreamName"]: one.fields["StreamError"][:5] for one in told} == {
        "ear": "31920",
        "plain": "31922",
        "query": "31923",
    }
    assert handle.leg.watch(lambda: bool(handle.leg.prompts), 5)
    handle.hang_up()
    assert handle.wait(10)


def test_a_lost_connection_ends_the_stream_and_not_the_call(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = f"{START}<Say>Hello</Say><Pause length='1'/><Say>Still here</Say>"
    result = stage.call(ListenUntil("hello"), Wait(0.1), DropStream())
    stage.until(lambda: stage.lines[0].closed)
    assert [one.fields["StreamEvent"] for one in stage.requests_to("/stream")] == ["stream-started", "stream-error"]
    assert stage.heard(result) == ["Hello", "Still here"]


def test_both_tracks_are_counted_each_for_itself(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = (
        f'<Start><Stream url="{MEDIA}" track="both_tracks"/></Start><Say>Hello</Say><Pause length="10"/>'
    )
    stage.call(ListenUntil("hello"), Wait(0.2), HangUp())
    stage.until(lambda: stage.lines[0].closed)
    assert stage.lines[0].messages[1]["start"]["tracks"] == ["inbound", "outbound"]
    first, second, third = media(stage.lines[0])[:3]
    assert [(one["media"]["track"], one["media"]["chunk"]) for one in (first, second, third)] == [
        ("inbound", "1"),
        ("outbound", "1"),
        ("inbound", "2"),
    ]


# "Connect/Stream blocks until your server closes the socket (then action or next verb)"; dtmf is bidirectional only.
def test_a_two_way_stream_blocks_tells_keys_and_ends_when_the_server_closes(stage: Stage) -> None:
    def close_on_key(connection: Any, message: dict[str, Any]) -> None:
        if message["event"] == "dtmf":
            connection.close()

    stage.on_media = close_on_key
    stage.answers["/voice/incoming"] = f'<Connect><Stream url="{MEDIA}"/></Connect><Say>Closed</Say>'
    result = stage.call(SayWords("hello", 0.05), Press("7"))
    dtmf = [message for message in stage.lines[0].messages if message["event"] == "dtmf"]
    assert [message["dtmf"] for message in dtmf] == [{"track": "inbound_track", "digit": "7"}]
    assert stage.heard(result) == ["Closed"]


# "mark … echoed when everything queued before it has played"; "clear empties the queue and returns the outstanding".
def test_marks_come_back_when_played_or_cleared(stage: Stage) -> None:
    def play(connection: Any, message: dict[str, Any]) -> None:
        sid = message.get("streamSid")
        if message["event"] == "start":
            payload = base64.b64encode(SILENCE * 5).decode()
            connection.send(json.dumps({"event": "media", "streamSid": sid, "media": {"payload": payload}}))
            connection.send(json.dumps({"event": "mark", "streamSid": sid, "mark": {"name": "played"}}))
        elif message["event"] == "mark" and message["mark"]["name"] == "played":
            payload = base64.b64encode(SILENCE * 5000).decode()
            connection.send(json.dumps({"event": "media", "streamSid": sid, "media": {"payload": payload}}))
            connection.send(json.dumps({"event": "mark", "streamSid": sid, "mark": {"name": "cleared"}}))
            connection.send(json.dumps({"event": "clear", "streamSid": sid}))
        elif message["event"] == "mark":
            connection.close()

    stage.on_media = play
    stage.answers["/voice/incoming"] = f'<Connect action="/done"><Stream url="{MEDIA}"/></Connect>'
    stage.answers["/done"] = "<Say>Done</Say>"
    assert stage.heard(stage.call()) == ["Done"]
    messages = stage.lines[0].messages
    names = [message["mark"]["name"] for message in messages if message["event"] == "mark"]
    assert names == ["played", "cleared"]
    first = next(number for number, message in enumerate(messages) if message["event"] == "mark")
    assert sum(message["event"] == "media" for message in messages[:first]) >= 4


# "a binary frame ⇒ 31950".
def test_a_binary_frame_is_error_31950(stage: Stage) -> None:
    def misbehave(connection: Any, message: dict[str, Any]) -> None:
        if message["event"] == "start":
            connection.send(b"\xff\xff")

    stage.on_media = misbehave
    callback = f'statusCallback="{PUBLIC}/stream"'
    stage.answers["/voice/incoming"] = f'<Connect><Stream url="{MEDIA}" {callback}/></Connect><Say>After</Say>'
    assert stage.heard(stage.call()) == ["After"]
    assert stage.requests_to("/stream")[-1].fields["StreamError"].startswith("31950")


# "REST Streams can only start/stop one-way streams."
def test_a_stream_can_be_started_and_stopped_over_rest(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Say>Hello</Say><Pause length='20'/>"
    handle = stage.carrier.dial(Caller("caller", CALLER))
    handle.leg.watch(lambda: bool(handle.leg.prompts), 5)
    call = stage.client.calls(handle.leg.sid)
    stream = call.streams.create(url=MEDIA, name="late", parameter1_name="k", parameter1_value="v")
    line = stage.until(lambda: stage.lines and len(stage.lines[0].messages) > 3 and stage.lines[0])
    assert line.messages[1]["start"]["customParameters"] == {"k": "v"}
    assert call.streams(stream.sid).update(status="stopped").status == "stopped"
    stage.until(lambda: line.closed)
    handle.hang_up()
    assert handle.wait(10)
