"""The event stream in memory, as Redis streams behave: groups, pending deliveries, trimming."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.store import event_ids
from app.store.event_ids import EventId

Pair = tuple[str, bytes]


@dataclass(slots=True)
class _Delivery:
    consumer: str
    at: int


@dataclass(slots=True)
class _Group:
    last: EventId = event_ids.FIRST
    pending: dict[EventId, _Delivery] = field(default_factory=dict)

    def needs_from(self) -> EventId:
        """The oldest event that the group has not done with."""
        return min(self.pending) if self.pending else (self.last[0], self.last[1] + 1)


class MemoryEvents:
    """Not safe between threads by itself: the store holds its lock around every call."""

    def __init__(self) -> None:
        self._ids: list[EventId] = []
        self._blobs: list[bytes] = []
        self._latest = event_ids.FIRST
        self._groups: dict[str, _Group] = {}

    @property
    def latest(self) -> EventId:
        """The id of the latest event ever appended."""
        return self._latest

    def append(self, blob: bytes, now: int) -> str:
        """Appends an event and returns its id, which is greater than all before even if the clock is not."""
        instant, sequence = self._latest
        self._latest = (now, 0) if now > instant else (instant, sequence + 1)
        self._ids.append(self._latest)
        self._blobs.append(blob)
        return event_ids.text_of(self._latest)

    def after(self, position: EventId, count: int) -> list[Pair]:
        """The next events after an id."""
        start = bisect_right(self._ids, position)
        return [self._pair(at) for at in range(start, min(start + count, len(self._ids)))]

    def follow(self, group_name: str, consumer: str, count: int, now: int) -> list[Pair]:
        """The next events for a group, which are pending from now on."""
        group = self._groups.setdefault(group_name, _Group())
        pairs = self.after(group.last, count)
        for text, _ in pairs:
            group.last = event_ids.parse(text)
            group.pending[group.last] = _Delivery(consumer, now)
        return pairs

    def acknowledge(self, group_name: str, ids: Sequence[str]) -> None:
        """Ends the pending deliveries of these events."""
        group = self._groups.get(group_name)
        if group:
            for text in ids:
                group.pending.pop(event_ids.parse(text), None)

    def reclaim(self, group_name: str, consumer: str, idle_ms: int, count: int, now: int) -> list[Pair]:
        """Pending deliveries at least this old, oldest event first; they count anew from now."""
        group = self._groups.setdefault(group_name, _Group())
        old = sorted(event_id for event_id, delivery in group.pending.items() if now - delivery.at >= idle_ms)
        for event_id in old[:count]:
            group.pending[event_id] = _Delivery(consumer, now)
        return [self._pair(bisect_right(self._ids, event_id) - 1) for event_id in old[:count]]

    def trim(self, kept: int) -> int:
        """Drops what every group has acknowledged, all but the latest `kept`."""
        if not self._groups or len(self._ids) < kept:
            return 0
        first = min(self._ids[-kept], *(group.needs_from() for group in self._groups.values()))
        dropped = sum(1 for event_id in self._ids if event_id < first)
        del self._ids[:dropped], self._blobs[:dropped]
        return dropped

    def _pair(self, at: int) -> Pair:
        return event_ids.text_of(self._ids[at]), self._blobs[at]
