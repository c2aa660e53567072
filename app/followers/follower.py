"""One loop over the event stream: follow, handle, acknowledge, and carry on whatever is down."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from threading import Event as StopEvent

from app.followers.poison import SetAside
from app.ports.clock import Clock
from app.ports.store import Delivered, Store, StoreUnavailable

log = logging.getLogger(__name__)

Handler = Callable[[Sequence[Delivered]], Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a follower spends its time. `reclaim_idle_ms`: how long an event may lie with a follower that died."""

    batch: int = 100
    block_ms: int = 1_000
    reclaim_idle_ms: int = 10_000
    reclaim_every_ms: int = 2_000
    first_pause: float = 0.05
    longest_pause: float = 5.0


class Follower:
    """Hands every event of the stream to `handle`, at least once and in order.

    `handle` returns the ids it has done with. The others stay the group's: whoever took them acknowledges them
    later, or they come back after `reclaim_idle_ms`. An exception listed in `transient` keeps the batch and has
    it handled again after a pause; any other one is counted against its event (see `SetAside`).
    """

    def __init__(
        self,
        store: Store,
        group: str,
        consumer: str,
        handle: Handler,
        clock: Clock,
        *,
        transient: tuple[type[Exception], ...] = (),
        pace: Pace | None = None,
    ) -> None:
        self._store = store
        self._group = group
        self._consumer = consumer
        self._handle = handle
        self._clock = clock
        self._transient: tuple[type[Exception], ...] = (StoreUnavailable, *transient)
        self._pace = pace or Pace()
        self._aside = SetAside(store, group)
        self._held: tuple[Delivered, ...] = ()
        self._next_reclaim = 0

    def run(self, stop: StopEvent) -> None:
        """Steps until told to stop; waits ever longer while something it needs is down."""
        pause = 0.0
        while not stop.is_set():
            try:
                self.step(self._pace.block_ms)
            except self._transient as error:
                pause = min(max(2 * pause, self._pace.first_pause), self._pace.longest_pause)
                log.warning("follower %s: %s; again in %.2f s", self._group, type(error).__name__, pause)
                stop.wait(pause)
            else:
                pause = 0.0

    def step(self, block_ms: int = 0) -> int:
        """Handles what is there, or what comes within `block_ms`; returns how many events it took.

        Raises what is transient; the events concerned are kept.
        """
        batch = self._held or self._reclaimed()
        if not batch:
            batch = self._store.follow(self._group, self._consumer, count=self._pace.batch, block_ms=block_ms)
        if batch:
            self._take(batch)
        return len(batch)

    def _reclaimed(self) -> tuple[Delivered, ...]:
        now = self._clock.now()
        if now < self._next_reclaim:
            return ()
        batch = self._store.reclaim(
            self._group, self._consumer, idle_ms=self._pace.reclaim_idle_ms, count=self._pace.batch
        )
        if len(batch) < self._pace.batch:
            self._next_reclaim = now + self._pace.reclaim_every_ms
        return batch

    def _take(self, batch: tuple[Delivered, ...]) -> None:
        self._held = batch
        try:
            done = self._handle(batch)
        except self._transient:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler does wrong must not stop the stream
            done = self._one_by_one(batch, error)
        self._held = ()
        if done:
            self._store.acknowledge(self._group, tuple(done))

    def _one_by_one(self, batch: tuple[Delivered, ...], error: Exception) -> Collection[str]:
        if len(batch) == 1:
            return (batch[0].id,) if self._aside.failed(batch[0], error) else ()
        done: list[str] = []
        for delivered in batch:
            try:
                done.extend(self._handle((delivered,)))
            except self._transient:
                raise
            except Exception as own:  # noqa: BLE001 - as above, and now it is known whose it is
                if self._aside.failed(delivered, own):
                    done.append(delivered.id)
        return done
