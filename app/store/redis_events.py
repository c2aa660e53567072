"""The event stream in Redis: groups of followers, and readers without one."""

from collections.abc import Callable, Sequence

from app.ports.store import Delivered
from app.store import event_ids
from app.store.codec import unpack_events
from app.store.server import Argument, Refused, Reply, Server

_SLICE_MS = 1_000
_START = "0-0"
_NO_GROUP = ("NOGROUP", "UNBLOCKED")
"""How servers say that there is no such group: to who asks, and to who waited while the stream was dropped."""


class RedisEvents:
    """The stream under one key. Waiting is cut into slices shorter than the time-out: a dead server is noticed."""

    def __init__(self, server: Server, key: str) -> None:
        self._server = server
        self._key = key
        self._slice_ms = min(_SLICE_MS, int(server.socket_timeout * 1000 * 2 / 3))

    def follow(self, group: str, consumer: str, *, count: int, block_ms: int) -> tuple[Delivered, ...]:
        """See `Store.follow`."""
        command = ("XREADGROUP", "GROUP", group, consumer, "COUNT", count)
        reply = self._in_group(group, lambda: self._wait(command, ">", block_ms))
        return unpack_events(_pairs(reply))

    def acknowledge(self, group: str, ids: Sequence[str]) -> None:
        """See `Store.acknowledge`."""
        if ids:
            self._server.call("XACK", self._key, group, *ids)

    def reclaim(self, group: str, consumer: str, *, idle_ms: int, count: int) -> tuple[Delivered, ...]:
        """See `Store.reclaim`."""
        cursor = _START
        while True:
            command = ("XAUTOCLAIM", self._key, group, consumer, idle_ms, cursor, "COUNT", count)
            reply = self._in_group(group, lambda: self._server.call(*command))  # noqa: B023 -- called at once
            cursor = reply[0].decode()
            pairs = _pairs(reply[1])
            if pairs or cursor == _START:
                return unpack_events(pairs)

    def since(self, last_id: str, *, count: int, block_ms: int) -> tuple[Delivered, ...]:
        """See `Store.since`."""
        position = self._latest() if last_id == "$" else event_ids.text_of(event_ids.parse(last_id))
        while True:
            pairs = _pairs(self._wait(("XREAD", "COUNT", count), position, block_ms))
            delivered = unpack_events(pairs)
            if delivered or not pairs:
                return delivered
            position = pairs[-1][0]

    def trim(self) -> int:
        """See `Store.trim`."""
        return int(self._server.run("trim", (self._key,), (event_ids.KEPT,)))

    def _latest(self) -> str:
        entries = self._server.call("XREVRANGE", self._key, "+", "-", "COUNT", 1)
        return str(entries[0][0].decode()) if entries else _START

    def _wait(self, command: Sequence[Argument], position: str, block_ms: int) -> Reply:
        remaining = block_ms
        while True:
            slice_ms = min(remaining, self._slice_ms)
            blocking: tuple[Argument, ...] = ("BLOCK", slice_ms) if slice_ms > 0 else ()
            reply = self._server.call(*command, *blocking, "STREAMS", self._key, position)
            remaining -= slice_ms
            if reply or remaining <= 0:
                return reply[0][1] if reply else []

    def _in_group(self, group: str, command: Callable[[], Reply]) -> Reply:
        try:
            return command()
        except Refused as refusal:
            if refusal.code not in _NO_GROUP:
                raise
        self._create(group)
        return command()

    def _create(self, group: str) -> None:
        try:
            self._server.call("XGROUP", "CREATE", self._key, group, "0", "MKSTREAM")
        except Refused as refusal:
            if refusal.code != "BUSYGROUP":
                raise


def _pairs(entries: Reply) -> list[tuple[str, bytes]]:
    """Ids and blobs of a reply's entries; Redis 6 answers nil for one that is no more."""
    return [(entry[0].decode(), entry[1][1]) for entry in entries if entry is not None]
