"""The media socket: over a real one where the wire matters, over a made-up one for the rest of section F."""

import base64
import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from flask import Flask
from simple_websocket import Client, ConnectionClosed
from werkzeug.serving import make_server

from app.telephony.twilio.media import MediaStreams, create_media
from app.telephony.twilio.signature import Gate
from tests.telephony.twilio.support import ACCOUNT, CALL, LINKS, PUBLIC, TOKEN, FakeDesk, FakeEar, signature

SOCKET = PUBLIC.replace("https", "wss") + "/media"
SIGNED = {"X-Twilio-Signature": signature(SOCKET)}
GATE = Gate(LINKS, TOKEN, account=ACCOUNT)


def start(call: str = CALL, token: str = "t", **changes: Any) -> str:
    content = {"accountSid": ACCOUNT, "callSid": call, "customParameters": {"token": token}} | changes
    return json.dumps({"event": "start", "start": content})


def media(audio: bytes = b"\xff" * 160, timestamp: int = 0) -> str:
    payload = base64.b64encode(audio).decode()
    return json.dumps({"event": "media", "media": {"timestamp": str(timestamp), "payload": payload}})


STOP = '{"event":"stop"}'


class Clock:
    """Stands still until a socket waits in vain."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class MadeUp:
    """A socket that brings these messages, an exception among them being raised; then nothing, for ever."""

    def __init__(self, clock: Clock, *messages: object, each: float = 0.02) -> None:
        self.input_buffer: list[str | bytes] = []
        self.closed: list[int | None] = []
        self._clock = clock
        self._messages = list(messages)
        self._each = each

    def receive(self, timeout: float | None = None) -> Any:
        if not self._messages:
            self._clock.at += timeout or 0
            return None
        self._clock.at += self._each
        message = self._messages.pop(0)
        if isinstance(message, Exception):
            raise message
        return message

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        self.closed.append(reason)


class Listening:
    """Streams of one desk that knows one call."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.desk = FakeDesk()
        self.ear = FakeEar()
        self.desk.ears[CALL, "t"] = self.ear
        self.streams = MediaStreams(self.desk, GATE, start_within=5, idle=30, now=self.clock)

    def serve(self, *messages: object, each: float = 0.02) -> MadeUp:
        socket = MadeUp(self.clock, *messages, each=each)
        self.streams.serve(socket)
        return socket


@pytest.fixture
def listening() -> Listening:
    return Listening()


def test_audio_reaches_the_ear_with_its_place_in_the_stream(listening: Listening) -> None:
    socket = listening.serve('{"event":"connected"}', start(), media(b"a", 0), media(b"b", 20), STOP)
    assert listening.ear.heard == [(b"a", 0), (b"b", 20)]
    assert listening.ear.closed == 1
    assert socket.closed == [1000]


def test_audio_before_the_start_is_dropped(listening: Listening) -> None:  # row 60
    listening.serve(media(b"early"), start(), media(b"a"), STOP)
    assert listening.ear.heard == [(b"a", 0)]


def test_a_second_start_changes_nothing(listening: Listening) -> None:  # row 60
    listening.serve(start(), media(b"a"), start("CA9"), media(b"b"), STOP)
    assert [audio for audio, _ in listening.ear.heard] == [b"a", b"b"]


def test_a_socket_that_never_starts_is_closed(listening: Listening) -> None:  # row 60
    assert listening.serve('{"event":"connected"}').closed == [1008]
    assert listening.clock.at == pytest.approx(5)


def test_a_socket_that_only_talks_is_closed_too(listening: Listening) -> None:  # row 60
    assert listening.serve(*([media()] * 100), each=0.1).closed == [1008]
    assert listening.clock.at == pytest.approx(5, abs=0.2)


def test_a_stream_that_falls_silent_is_closed(listening: Listening) -> None:  # row 65
    assert listening.serve(start(), media(b"a")).closed == [1000]
    assert listening.ear.closed == 1


def test_a_stream_without_audio_is_closed_though_it_talks(listening: Listening) -> None:  # row 65
    assert listening.serve(start(), *(['{"event":"mark","mark":{}}'] * 100), each=1).closed == [1000]


def test_junk_between_the_audio_is_skipped(listening: Listening) -> None:  # rows 62 and 63
    listening.serve(start(), "{", b"\0", "[]", media(b"a"), '{"event":"new"}', media(b"b"), STOP)
    assert [audio for audio, _ in listening.ear.heard] == [b"a", b"b"]


def test_audio_after_the_stop_is_not_heard(listening: Listening) -> None:  # row 65
    listening.serve(start(), media(b"a"), STOP, media(b"late"))
    assert listening.ear.heard == [(b"a", 0)]


def test_a_socket_that_breaks_off_is_the_end_of_its_stream(listening: Listening) -> None:  # row 65
    listening.serve(start(), media(b"a"), ConnectionClosed(1006))
    assert listening.ear.closed == 1


@pytest.mark.parametrize("begin", [start("CA9"), start(token="stolen"), start(customParameters=None), start("")])
def test_a_stream_of_no_call_of_ours_is_refused(listening: Listening, begin: str) -> None:  # row 27
    assert listening.serve(begin, media()).closed == [1008]
    assert listening.ear.heard == []


def test_a_stream_of_another_account_is_refused(listening: Listening) -> None:
    assert listening.serve(start(accountSid="AC9"), media()).closed == [1008]


def test_a_desk_that_fails_is_no_ear(listening: Listening) -> None:
    listening.desk.error = RuntimeError("down")
    assert listening.serve(start(), media()).closed == [1008]


def test_audio_of_an_unknown_kind_is_never_listened_to(listening: Listening) -> None:  # row 64
    other = {"encoding": "audio/l16", "sampleRate": 16000, "channels": 1}
    assert listening.serve(start(mediaFormat=other), media()).closed == [1003]
    assert listening.ear.heard == []
    assert listening.ear.closed == 1


def test_an_ear_that_fails_closes_the_stream(listening: Listening) -> None:  # row 69
    listening.ear.fails = True
    assert listening.serve(start(), media(), media()).closed == [1011]
    assert listening.ear.closed == 1


def test_an_ear_that_falls_behind_loses_the_oldest_audio(listening: Listening) -> None:  # row 69
    socket = MadeUp(listening.clock, start(), media(), STOP)
    socket.input_buffer = [str(number) for number in range(600)]
    listening.streams.serve(socket)
    assert socket.input_buffer[0] == "250"


def test_of_two_streams_of_a_call_the_newest_is_heard(listening: Listening) -> None:  # row 66
    older_is_live, newer_is_done = threading.Event(), threading.Event()

    class Older(MadeUp):
        def receive(self, timeout: float | None = None) -> Any:
            if len(self._messages) == 1:
                older_is_live.set()
                assert newer_is_done.wait(10)
            return super().receive(timeout)

    older = Older(listening.clock, start(), media(b"mixed"))
    thread = threading.Thread(target=listening.streams.serve, args=(older,))
    thread.start()
    assert older_is_live.wait(10)
    listening.serve(start(), media(b"new"), STOP)
    newer_is_done.set()
    thread.join(10)
    assert [audio for audio, _ in listening.ear.heard] == [b"new"]
    assert older.closed[0] == 1000


@pytest.fixture
def server(listening: Listening) -> Iterator[str]:
    app = Flask("media")
    app.register_blueprint(create_media(MediaStreams(listening.desk, GATE, start_within=5, idle=5), GATE))
    http = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"ws://127.0.0.1:{http.server_port}"
    http.shutdown()
    thread.join()
    http.server_close()


def test_a_signed_socket_is_heard_to_its_end(listening: Listening, server: str) -> None:
    socket = Client(f"{server}/media", headers=SIGNED)
    for message in (start(), media(b"a", 0), media(b"b", 20), STOP):
        socket.send(message)
    with pytest.raises(ConnectionClosed):
        socket.receive(timeout=10)
    assert listening.ear.heard == [(b"a", 0), (b"b", 20)]
    assert listening.ear.closed == 1


def test_a_message_too_large_ends_the_stream_and_nothing_else(listening: Listening, server: str) -> None:  # row 62
    socket = Client(f"{server}/media", headers=SIGNED)
    socket.send(start())
    socket.send(media(b"\xff" * 200_000))
    with pytest.raises(ConnectionClosed):
        socket.receive(timeout=10)
    assert listening.ear.heard == []
    another = Client(f"{server}/media", headers=SIGNED)
    for message in (start(), media(b"a", 0), STOP):
        another.send(message)
    with pytest.raises(ConnectionClosed):
        another.receive(timeout=10)
    assert listening.ear.heard == [(b"a", 0)]


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
HTTPS = {"X-Twilio-Signature": signature(PUBLIC + "/media")}


@pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": "x"}, HTTPS])
def test_a_socket_not_signed_for_its_wss_address_is_refused_before_it_opens(
    listening: Listening, server: str, headers: dict[str, str]
) -> None:  # row 26
    connection = HTTPConnection(server.removeprefix("ws://"), timeout=10)
    connection.request("GET", "/media", headers=UPGRADE | headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 403
    assert listening.ear.heard == []
