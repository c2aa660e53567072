"""A media stream: 20 ms frames of one leg's sound to the server's socket, and sound back if it is two-way."""

import base64
import binascii
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from app.simulator.addresses import Unreachable
from app.simulator.audio import RATE, SILENCE
from app.simulator.facts import Callback
from app.simulator.leg import Leg
from app.simulator.sids import iso8601, new_sid
from app.simulator.signature import signature
from app.simulator.webhook import Request
from app.simulator.websocket import MediaSocket, SocketFailed

_SILENCE_BASE64: Final = base64.b64encode(SILENCE).decode()
_FRAME_MS: Final = 20
_TRACKS: Final[Mapping[str, tuple[str, ...]]] = {
    "inbound_track": ("inbound",),
    "outbound_track": ("outbound",),
    "both_tracks": ("inbound", "outbound"),
}


@dataclass(frozen=True, slots=True)
class StreamOrder:
    """What the TwiML (or a REST request) asks for."""

    url: str
    name: str = ""
    track: str = "inbound_track"
    parameters: Mapping[str, str] = field(default_factory=dict)
    callback: Callback | None = None
    two_way: bool = False


class MediaStream:
    """One stream of one leg. It is connected beside the call, fed by the ticker, and ends once."""

    def __init__(self, leg: Leg, order: StreamOrder) -> None:
        self.leg = leg
        self.order = order
        self.sid = new_sid("MZ")
        self.name = order.name or self.sid
        self.two_way = order.two_way
        self.over = False
        self.frames_sent = 0
        self.updated = datetime.now(UTC)
        self._lock = threading.Lock()
        self._socket: MediaSocket | None = None
        self._sequence = 0
        self._first_frame = self._next_frame = 0
        self._tracks = _TRACKS[order.track]
        self._playing_until = 0.0
        self._marks: list[tuple[float, str]] = []

    @property
    def connecting(self) -> bool:
        """Whether the socket is still being opened."""
        return not self.over and self._first_frame == 0

    def start(self) -> None:
        """Connect and stream, beside the call."""
        with self.leg.exchange.lock:
            self.leg.streams.append(self)
        self.leg.exchange.spawn(f"stream {self.sid}", self._run)

    def stop(self) -> None:
        """End the stream in the orderly way."""
        with self._lock:
            if self.over:
                return
            message = {"stop": {"accountSid": self.leg.exchange.settings.account_sid, "callSid": self.leg.sid}}
            self._say("stop", message)
        self._finish("stream-stopped", "")

    def drop(self) -> None:
        """Lose the connection without a word, as a broken network does."""
        with self._lock:
            connection = self._socket
        if connection is not None:
            connection.break_off()

    def tick(self, number: int) -> None:
        """Send every frame up to this one that has not been sent, and the marks whose sound has been played."""
        with self._lock:
            if self.over or self._socket is None:
                return
            kept_up = True
            for due in range(self._next_frame, number + 1):
                kept_up = self._send_frame(self._socket, due)
            self._return_marks(time.monotonic())
            connection = self._socket
        if not kept_up:
            connection.close()

    def _send_frame(self, connection: MediaSocket, number: int) -> bool:
        """Send one frame of each track; the lock is held."""
        self._next_frame = number + 1
        sound = self.leg.mouth.frame(number)
        payload = _SILENCE_BASE64 if sound is SILENCE else base64.b64encode(sound).decode()
        offset = number - self._first_frame
        kept_up = True
        for track in self._tracks:
            self._sequence += 1
            kept_up = connection.send(
                f'{{"event":"media","sequenceNumber":"{self._sequence}","media":{{"track":"{track}",'
                f'"chunk":"{offset + 1}","timestamp":"{offset * _FRAME_MS}",'
                f'"payload":"{payload if track == "inbound" else _SILENCE_BASE64}"}},"streamSid":"{self.sid}"}}'
            )
        self.frames_sent += 1
        return kept_up

    def dtmf(self, digit: str) -> None:
        """Tell of a key; only two-way streams are told."""
        with self._lock:
            self._say("dtmf", {"dtmf": {"track": "inbound_track", "digit": digit}})

    # --- its life ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            connection = self._connect()
        except SocketFailed as failure:
            self._finish("stream-error", str(failure))
            return
        error = ""
        try:
            if self._begin(connection):
                for text in connection.received():
                    self._hear(text)
        except SocketFailed as failure:
            error = str(failure)
        finally:
            connection.release()
            if not error and connection.close_code not in {1000, 1001, 1005}:
                error = f"31924 the socket broke with code {connection.close_code}"
            self._finish("stream-error" if error else "stream-stopped", error)

    def _connect(self) -> MediaSocket:
        exchange, url = self.leg.exchange, self.order.url
        if not url.startswith("wss://"):
            raise SocketFailed(31922, f"the scheme of {url} is not wss")
        if "?" in url:
            raise SocketFailed(31923, f"{url} has a query, which streams do not allow")
        try:
            target = exchange.addresses.connectable(url)
        except Unreachable as error:
            raise SocketFailed(31923, str(error)) from error
        headers = [
            ("X-Twilio-Signature", signature(exchange.settings.auth_token, url)),
            ("X-Forwarded-Proto", "https"),
            ("User-Agent", "Twilio.TmeWs/1.0"),
        ]
        return MediaSocket(target, exchange.addresses.host_header(url), headers)

    def _begin(self, connection: MediaSocket) -> bool:
        """Introduce the stream and let it be ticked; false when the call ended meanwhile."""
        exchange = self.leg.exchange
        start = {
            "accountSid": exchange.settings.account_sid,
            "streamSid": self.sid,
            "callSid": self.leg.sid,
            "tracks": list(self._tracks),
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": RATE, "channels": 1},
            "customParameters": dict(self.order.parameters),
        }
        with self._lock:
            if self.over:
                return False
            self._socket = connection
            connection.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
            self._say("start", {"start": start})
            self._first_frame = self._next_frame = exchange.clock.now() + 1
        self._tell_callback("stream-started", "")
        self.leg.tell("stream started", self.name)
        exchange.ticker.attach(self)
        self.leg.poke()
        return True

    def _finish(self, event: str, error: str) -> None:
        """End once: whoever comes first says why."""
        with self._lock:
            if self.over:
                return
            self.over = True
            self.updated = datetime.now(UTC)
            connection, self._socket = self._socket, None
        self.leg.exchange.ticker.detach(self)
        if connection is not None:
            connection.close()
        self._tell_callback(event, error)
        self.leg.tell("stream stopped", error or self.name)
        self.leg.poke()

    def _tell_callback(self, event: str, error: str) -> None:
        callback = self.order.callback
        if callback is None:
            return
        leg = self.leg
        fields = {
            "AccountSid": leg.exchange.settings.account_sid,
            "CallSid": leg.sid,
            "StreamSid": self.sid,
            "StreamName": self.name,
            "StreamEvent": event,
            "Timestamp": iso8601(),
        }
        if error:
            fields["StreamError"] = error
        request = Request(callback.url, callback.method, fields, sid=leg.sid, purpose=event)
        leg.exchange.notify(self.sid, leg.web, request)

    def _say(self, event: str, message: Mapping[str, object]) -> None:
        """Send one message; the lock is held."""
        if self._socket is not None:
            self._sequence += 1
            head = {"event": event, "sequenceNumber": str(self._sequence), "streamSid": self.sid}
            self._socket.send(json.dumps({**head, **message}))

    # --- what the server sends -----------------------------------------------------------------------------------

    def _hear(self, text: str) -> None:
        """Play media, keep marks, clear; one-way streams hear nothing."""
        if not self.two_way:
            return
        try:
            message = json.loads(text)
            event = message["event"]
            with self._lock:
                now = time.monotonic()
                if event == "media":
                    sound = base64.b64decode(message["media"]["payload"], validate=True)
                    self._playing_until = max(now, self._playing_until) + len(sound) / RATE
                elif event == "mark":
                    self._marks.append((self._playing_until, str(message["mark"]["name"])))
                    self._return_marks(now)
                elif event == "clear":
                    self._playing_until = now
                    self._marks = [(0.0, name) for _, name in self._marks]
                    self._return_marks(now)
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise SocketFailed(31950, f"a message that cannot be understood: {error}") from error

    def _return_marks(self, now: float) -> None:
        """Echo the marks before which everything has been played; the lock is held."""
        while self._marks and self._marks[0][0] <= now:
            self._say("mark", {"mark": {"name": self._marks.pop(0)[1]}})
