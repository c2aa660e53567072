"""The carrier's end of a media socket: text frames out without ever blocking, text frames in."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

_CONNECT_SECONDS: Final = 10.0
_MOST_UNSENT_BYTES: Final = 4 * 1024 * 1024


class SocketFailed(Exception):
    """The socket could not be opened or broke; `code` is the carrier's error number."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


class MediaSocket:
    """One web socket. One thread receives; any thread may send, and what does not fit waits in a bounded buffer."""

    def __init__(self, connect_url: str, host: str, headers: Sequence[tuple[str, str]]) -> None:
        parts = urlsplit(connect_url)
        self._lock = threading.Lock()
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._unsent = bytearray()
        self._closed = False
        self._over = False
        self.close_code = 1006
        try:
            self._socket = socket.create_connection((parts.hostname or "", parts.port or 80), _CONNECT_SECONDS)
        except TimeoutError as error:
            raise SocketFailed(31901, "connecting took too long") from error
        except OSError as error:
            raise SocketFailed(31902, f"the connection was refused: {error}") from error
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._shake_hands(parts.path or "/", host, headers)
            self._socket.settimeout(None)
        except BaseException:
            self._socket.close()
            raise

    def _shake_hands(self, target: str, host: str, headers: Sequence[tuple[str, str]]) -> None:
        extra = [(name.encode(), value.encode()) for name, value in headers]
        self._socket.sendall(self._protocol.send(Request(host=host, target=target, extra_headers=extra)))
        while True:
            try:
                data = self._socket.recv(65536)
                self._protocol.receive_data(data or None)
                event = next(self._protocol.events(), None)
            except TimeoutError as error:
                raise SocketFailed(31901, "the handshake took too long") from error
            except (OSError, RemoteProtocolError) as error:
                raise SocketFailed(31920, f"the handshake failed: {error}") from error
            if isinstance(event, AcceptConnection):
                return
            if isinstance(event, RejectConnection):
                raise SocketFailed(31920, f"the handshake was answered {event.status_code}, not 101")
            if event is not None and not isinstance(event, RejectData):
                raise SocketFailed(31920, "the handshake was not answered by a web socket")
            if not data:
                raise SocketFailed(31920, "the connection was closed during the handshake")

    def send(self, text: str) -> bool:
        """Send a text frame; false when the socket is closed or its other end does not keep up."""
        with self._lock:
            if self._closed:
                return False
            try:
                self._push(self._protocol.send(TextMessage(data=text)))
            except LocalProtocolError:
                return False
            return len(self._unsent) < _MOST_UNSENT_BYTES

    def _push(self, data: bytes) -> None:
        """Give the kernel as much as it takes now."""
        self._unsent += data
        try:
            while self._unsent:
                sent = self._socket.send(self._unsent, socket.MSG_DONTWAIT)
                del self._unsent[:sent]
        except BlockingIOError:
            return
        except OSError:
            self._closed = True

    def received(self) -> Iterator[str]:
        """Every text frame from the other end, until it closes; raises SocketFailed when that is not allowed."""
        # The handshake's last packet may have brought the first frames along.
        whole: list[str] = []
        while not self._over:
            yield from self._texts(whole)
            try:
                data = self._socket.recv(65536)
                with self._lock:
                    self._protocol.receive_data(data or None)
            except (OSError, RemoteProtocolError, LocalProtocolError):
                return
            if not data:
                yield from self._texts(whole)
                return

    def _texts(self, whole: list[str]) -> Iterator[str]:
        with self._lock:
            events = list(self._protocol.events())
        for event in events:
            if isinstance(event, TextMessage):
                whole.append(event.data)
                if event.message_finished:
                    yield "".join(whole)
                    whole.clear()
            elif isinstance(event, BytesMessage):
                raise SocketFailed(31950, "a binary frame; only text frames are understood")
            elif isinstance(event, Ping):
                self._answer(event.response())
            elif isinstance(event, CloseConnection) and not self._over:  # the end of the stream is told as one more
                self.close_code = event.code
                self._over = True
                self._answer(event.response())

    def _answer(self, event: Event) -> None:
        with self._lock:
            if not self._closed:
                try:
                    self._push(self._protocol.send(event))
                except LocalProtocolError:
                    self._closed = True

    def close(self, code: int = 1000) -> None:
        """Say goodbye and close; the receiving thread ends."""
        with self._lock:
            if not self._closed:
                with suppress(LocalProtocolError):
                    self._push(self._protocol.send(CloseConnection(code=code)))
            self._closed = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def break_off(self) -> None:
        """Vanish without saying goodbye."""
        with self._lock:
            self._closed = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Give the descriptor back; for the receiving thread, when it is done."""
        self.close()
        self._socket.close()
