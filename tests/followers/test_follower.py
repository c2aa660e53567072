"""A follower hands on every event, whatever fails around it."""

import threading
from collections.abc import Collection, Iterator, Sequence

import pytest

from app.core.events import EventType
from app.followers.follower import Follower, Pace
from app.ports.store import Delivered, StoreUnavailable
from app.store.memory import MemoryStore
from tests.builders import FakeClock
from tests.followers.fakes import PATIENCE, event, happened

PACE = Pace(block_ms=50, first_pause=0.001, longest_pause=0.002)


class Reader:
    """Handles events by writing down their calls; `troubles` are raised first, one at a time."""

    def __init__(self, *troubles: Exception) -> None:
        self.read: list[str] = []
        self._troubles = list(troubles)
        self._changed = threading.Condition()

    def __call__(self, batch: Sequence[Delivered]) -> Collection[str]:
        if self._troubles:
            raise self._troubles.pop(0)
        with self._changed:
            self.read += [delivered.event.call for delivered in batch]
            self._changed.notify_all()
        return [delivered.id for delivered in batch]

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.read) >= count, PATIENCE)


class Busy(Exception):
    """What the reader writes to is away for a while."""


@pytest.fixture
def store(clock: FakeClock) -> MemoryStore:
    return MemoryStore("test", clock)


def pending(store: MemoryStore) -> list[str]:
    return [delivered.event.call for delivered in store.reclaim("readers", "auditor", idle_ms=0)]


def test_events_are_handed_on_in_order_and_acknowledged(store: MemoryStore, clock: FakeClock) -> None:
    reader = Reader()
    happened(store, *(event(EventType.CALL_ANSWERED, f"CA{n}") for n in range(5)))
    follower = Follower(store, "readers", "one", reader, clock)
    assert follower.step() == 5
    assert follower.step() == 0
    assert reader.read == ["CA0", "CA1", "CA2", "CA3", "CA4"]
    assert pending(store) == []


def test_what_a_dead_follower_left_comes_back(store: MemoryStore, clock: FakeClock) -> None:
    happened(store, event(EventType.CALL_ANSWERED))
    assert store.follow("readers", "dead")
    reader = Reader()
    follower = Follower(store, "readers", "alive", reader, clock, pace=PACE)
    follower.step()
    assert reader.read == []
    clock.advance(PACE.reclaim_idle_ms)
    follower.step()
    assert reader.read == ["CA1"]
    assert pending(store) == []


def test_while_its_database_is_away_a_batch_is_kept_and_tried_again(store: MemoryStore, clock: FakeClock) -> None:
    reader = Reader(Busy(), Busy())
    happened(store, event(EventType.CALL_ANSWERED, "CA1"))
    follower = Follower(store, "readers", "one", reader, clock, transient=(Busy,))
    for _ in range(2):
        with pytest.raises(Busy):
            follower.step()
    happened(store, event(EventType.CALL_ENDED, "CA2"))
    follower.step()
    follower.step()
    assert reader.read == ["CA1", "CA2"]
    assert pending(store) == []


def test_an_event_nobody_can_handle_is_set_aside_and_does_not_block_the_others(
    store: MemoryStore, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    read: list[str] = []

    def handle(batch: Sequence[Delivered]) -> Collection[str]:
        for delivered in batch:
            if delivered.event.call == "CA-bad":
                raise ValueError("the caller +15550100009 said something odd")
        read.extend(delivered.event.call for delivered in batch)
        return [delivered.id for delivered in batch]

    ids = happened(store, *(event(EventType.CALL_ANSWERED, call) for call in ("CA1", "CA-bad", "CA2")))
    follower = Follower(store, "readers", "one", handle, clock, pace=PACE)
    for _ in range(5):
        follower.step()
        clock.advance(PACE.reclaim_idle_ms)
    assert read == ["CA1", "CA2"]
    assert pending(store) == []
    note = store.noted(f"poison:readers:{ids[1]}")
    assert note is not None
    assert "call.answered: ValueError in handle" in note
    assert "+1555" not in note + caplog.text
    assert "gives up" in caplog.text


class Flaky(MemoryStore):
    """A store that is away for the first few times it is followed."""

    def __init__(self, clock: FakeClock, failures: int) -> None:
        super().__init__("test", clock)
        self._failures: Iterator[int] = iter(range(failures))

    def follow(self, group: str, consumer: str, *, count: int = 100, block_ms: int = 0) -> tuple[Delivered, ...]:
        if next(self._failures, None) is not None:
            raise StoreUnavailable
        return super().follow(group, consumer, count=count, block_ms=block_ms)


def test_the_loop_outlives_a_store_that_is_away_and_stops_when_told(clock: FakeClock) -> None:
    store, reader, stop = Flaky(clock, failures=3), Reader(), threading.Event()
    follower = Follower(store, "readers", "one", reader, clock, pace=PACE)
    loop = threading.Thread(target=follower.run, args=(stop,))
    loop.start()
    happened(store, event(EventType.CALL_ANSWERED))
    reader.wait_for(1)
    stop.set()
    loop.join(PATIENCE)
    assert not loop.is_alive()
    assert reader.read == ["CA1"]
