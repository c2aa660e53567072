"""The socket over which the carrier streams what a caller says."""

import logging
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from flask_sock import Sock
from simple_websocket import ConnectionClosed  # type: ignore[import-untyped]

from app.telephony.twilio.desk import Desk, Ear
from app.telephony.twilio.frames import MESSAGE_CHARACTERS, Media, Start, Stop, decode
from app.telephony.twilio.incoming import signed_socket
from app.telephony.twilio.signature import Gate

logger = logging.getLogger(__name__)

_PING_SECONDS = 25
# Each message alone would wake two threads fifty times a second for every call. Waiting this long lets two or three
# come together: it halves what a stream costs, and delays what is heard by less than anybody notices.
_GATHER_SECONDS = 0.04
_READ_BYTES = 16 * 1024
_WAITING_FRAMES = 500  # ten seconds of audio that the ear has not taken yet
_NORMAL, _CANNOT_USE, _NOT_ALLOWED, _OUR_FAULT = 1000, 1003, 1008, 1011


class Socket(Protocol):
    """What is needed of a websocket."""

    input_buffer: list[str | bytes]

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        """The next message; None when none came in time."""

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        """Closes it with a code and a word."""


@dataclass(slots=True)
class _Stream:
    """One live stream; `replaced` once the same call has opened another."""

    socket: Socket
    replaced: bool = False
    complained: bool = False


class _Gathering(selectors.DefaultSelector):
    """Waits a little longer than until something comes, so that what follows at once is read with it."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready, a moment after it became so."""
        ready = super().select(timeout)
        if ready:
            time.sleep(_GATHER_SECONDS)
        return ready


class MediaStreams:
    """Takes audio off sockets to the ears of their calls; at most one live stream a call, the newest.

    A socket gets `start_within` seconds to say whose it is, and `idle` seconds between two pieces of audio.
    """

    def __init__(
        self,
        desk: Desk,
        gate: Gate,
        *,
        start_within: float = 5.0,
        idle: float = 30.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._gate = gate
        self._start_within = start_within
        self._idle = idle
        self._now = now
        self._live: dict[str, _Stream] = {}
        self._lock = Lock()

    def serve(self, socket: Socket) -> None:
        """Listens to one socket until it ends, however it does."""
        try:
            start = self._await_start(socket)
            if start is not None:
                self._listen(socket, start)
        except ConnectionClosed as closed:
            logger.debug("A media socket was closed: %s", closed)

    def _await_start(self, socket: Socket) -> Start | None:
        deadline = self._now() + self._start_within
        while (message := socket.receive(timeout=max(0.0, deadline - self._now()))) is not None:
            frame = decode(message)
            if isinstance(frame, Start):
                return frame
            if isinstance(frame, Stop) or self._now() >= deadline:
                break
        socket.close(_NOT_ALLOWED, "no start")
        return None

    def _listen(self, socket: Socket, start: Start) -> None:
        ear = self._ear_for(start)
        if ear is None:
            socket.close(_NOT_ALLOWED, "not the stream of a call of ours")
            return
        stream = _Stream(socket)
        try:
            if not start.telephone:
                logger.warning("Call %s streams audio of a kind we do not know", start.call)
                socket.close(_CANNOT_USE, "only mu-law at 8000 Hz")
                return
            self._replace(start.call, stream)
            code = self._pump(stream, ear, start.call)
        finally:
            self._forget(start.call, stream)
            ear.close()
        socket.close(code, "")

    def _ear_for(self, start: Start) -> Ear | None:
        if not start.call or not self._gate.knows(start.account):
            return None
        try:
            return self._desk.open_ear(start.call, start.parameters.get("token", ""))
        except Exception:  # the call goes on by keypad
            logger.exception("There is no ear for call %s", start.call)
            return None

    def _pump(self, stream: _Stream, ear: Ear, call: str) -> int:
        """Hands on audio until the stream ends; the code to close the socket with."""
        deadline = self._now() + self._idle
        while (message := stream.socket.receive(timeout=max(0.0, deadline - self._now()))) is not None:
            frame = decode(message)
            if stream.replaced or isinstance(frame, Stop):
                return _NORMAL
            if not isinstance(frame, Media):
                if self._now() >= deadline:
                    break
                continue
            deadline = self._now() + self._idle
            try:
                ear.hear(frame.payload, frame.timestamp)
            except Exception:  # the call goes on by keypad
                logger.exception("The ear of call %s failed", call)
                return _OUR_FAULT
            self._drop_what_is_late(stream, call)
        return _NORMAL

    def _drop_what_is_late(self, stream: _Stream, call: str) -> None:
        waiting = stream.socket.input_buffer
        if len(waiting) > _WAITING_FRAMES:
            del waiting[: _WAITING_FRAMES // 2]
            if not stream.complained:
                stream.complained = True
                logger.warning("Call %s is heard slower than it is spoken: dropping audio", call)

    def _replace(self, call: str, stream: _Stream) -> None:
        with self._lock:
            older = self._live.get(call)
            self._live[call] = stream
        if older is not None:
            older.replaced = True
            try:
                older.socket.close(_NORMAL, "replaced")
            except (ConnectionClosed, OSError):
                logger.debug("The replaced stream of call %s was closed already", call)

    def _forget(self, call: str, stream: _Stream) -> None:
        with self._lock:
            if self._live.get(call) is stream:
                del self._live[call]


def create_media(streams: MediaStreams, gate: Gate) -> Blueprint:
    """The socket at /media; whoever opens it without the carrier's signature gets no socket."""
    blueprint = Blueprint("media", __name__)

    @blueprint.before_request
    def believe() -> Response | None:
        verdict = gate.check_socket(signed_socket(request))
        if verdict.authentic:
            return None
        logger.warning("Refused a media socket for %s: %s", verdict.checked, verdict.why)
        return Response("not signed for this address\n", status=403, content_type="text/plain; charset=utf-8")

    @blueprint.record
    def limit_sockets(state: BlueprintSetupState) -> None:
        options = {
            "ping_interval": _PING_SECONDS,
            "max_message_size": MESSAGE_CHARACTERS,
            "receive_bytes": _READ_BYTES,
            "selector_class": _Gathering,
        }
        state.app.config.setdefault("SOCK_SERVER_OPTIONS", options)

    Sock().route("/media", bp=blueprint, strict_slashes=False, merge_slashes=False)(streams.serve)
    return blueprint
