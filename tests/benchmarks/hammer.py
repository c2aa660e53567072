"""A small load generator: one thread, kept-alive connections, each with one request under way at any moment."""

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

_LONGEST_SECONDS = 10.0
_CHUNK = 65536


@dataclass
class Blow:
    """What one run measured; latencies in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    reconnected: int = 0

    @property
    def rate(self) -> float:
        """Answered requests per second."""
        return len(self.latencies) / self.seconds


class _Connection:
    """One connection with the request that it waits for."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.socket = self._connect()
        self.sent = 0.0
        self._request = b""
        self._answer = bytearray()

    def send(self, request: bytes) -> None:
        """Sends the next request."""
        self._request, self.sent = request, time.perf_counter()
        self._answer.clear()
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """The whole answer; None while more is to come. An empty one: the server has hung up."""
        piece = self.socket.recv(_CHUNK)
        self._answer += piece
        if not piece:
            return b""
        end = self._answer.find(b"\r\n\r\n")
        if end < 0:
            return None
        complete = end + 4 + _content_length(bytes(self._answer[:end]))
        return bytes(self._answer) if len(self._answer) >= complete else None

    def again(self) -> None:
        """Opens a new connection and sends the same request: the server had closed an idle one."""
        self.socket.close()
        self.socket = self._connect()
        self.send(self._request)

    def _connect(self) -> socket.socket:
        connected = socket.create_connection(self._address, _LONGEST_SECONDS)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("an answer without Content-Length")


def hammer(address: tuple[str, int], requests: Iterator[bytes], *, connections: int = 16, seconds: float = 3.0) -> Blow:
    """Sends these requests for so long, `connections` at a time; an answer other than 200 counts as refused."""
    blow = Blow()
    with selectors.DefaultSelector() as selector:
        lines = [_Connection(address) for _ in range(connections)]
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
        began = time.perf_counter()
        for line in lines:
            line.send(next(requests))
        waiting = connections
        while waiting:
            for key, _ in selector.select(_LONGEST_SECONDS) or _nobody_answers():
                waiting -= _take(key.data, selector, blow, requests, began + seconds)
        blow.seconds = time.perf_counter() - began
        for line in lines:
            line.socket.close()
    return blow


def _take(
    line: _Connection, selector: selectors.BaseSelector, blow: Blow, requests: Iterator[bytes], until: float
) -> bool:
    """Takes in what came on a line and sends its next request; true if the line is done."""
    answer = line.receive()
    if answer is None:
        return False
    if not answer:
        selector.unregister(line.socket)
        blow.reconnected += 1
        line.again()
        selector.register(line.socket, selectors.EVENT_READ, line)
        return False
    now = time.perf_counter()
    blow.latencies.append(now - line.sent)
    blow.refused += not answer.startswith(b"HTTP/1.1 200 ")
    if now >= until:
        return True
    line.send(next(requests))
    return False


def _nobody_answers() -> list[tuple[selectors.SelectorKey, int]]:
    raise TimeoutError(f"no answer within {_LONGEST_SECONDS:g} s")
