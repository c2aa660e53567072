"""Follows the stream for intents and carries each out in a pool of threads, those that belong together in order."""

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from threading import Event as StopEvent

from app.core.events import Event, EventType
from app.followers.follower import Follower, Pace
from app.followers.lanes import Lanes
from app.followers.poison import SetAside
from app.ports.clock import Clock
from app.ports.store import Delivered, Store, StoreUnavailable

log = logging.getLogger(__name__)

Hand = Callable[[Delivered], None]
"""Carries out one intent; what it raises is counted against the intent, which comes again."""


class IntentFollower:
    """Carries out the intents of `hands`, at least once, as one of a group; everything else is acknowledged at once.

    Intents of one `lane_of` are carried out in their order, others side by side. Any number may run.
    """

    def __init__(  # noqa: PLR0913 - one parameter for each thing it connects
        self,
        store: Store,
        group: str,
        consumer: str,
        hands: Mapping[EventType, Hand],
        clock: Clock,
        *,
        lane_of: Callable[[Event], str],
        threads: int,
        pace: Pace,
    ) -> None:
        self._store = store
        self._group = group
        self._hands = hands
        self._lane_of = lane_of
        self._aside = SetAside(store, group)
        self._lanes = Lanes(threads, group)
        self._lock = threading.Lock()
        self._in_hand: set[str] = set()
        self._follower = Follower(store, group, consumer, self._accept, clock, pace=pace)

    def run(self, stop: StopEvent) -> None:
        """Follows the stream until told to stop; finishes what is under way, leaves the rest to the group."""
        try:
            self._follower.run(stop)
        finally:
            self.close()

    def step(self, block_ms: int = 0) -> int:
        """Takes what is in the stream; carrying it out is the pool's."""
        return self._follower.step(block_ms)

    def close(self) -> None:
        """Ends the pool once what is under way is through."""
        self._lanes.close()

    def _accept(self, batch: Sequence[Delivered]) -> Collection[str]:
        done = []
        for delivered in batch:
            if delivered.event.type not in self._hands:
                done.append(delivered.id)
            elif self._take_in_hand(delivered.id):
                self._lanes.add(self._lane_of(delivered.event), partial(self._perform, delivered))
        return done

    def _take_in_hand(self, intent: str) -> bool:
        with self._lock:
            if intent in self._in_hand:
                return False
            self._in_hand.add(intent)
            return True

    def _perform(self, delivered: Delivered) -> None:
        try:
            if self._done(delivered):
                self._store.acknowledge(self._group, (delivered.id,))
        except StoreUnavailable:
            log.warning("%s: store unavailable at %s; it comes again", self._group, delivered.event.type.value)
        finally:
            with self._lock:
                self._in_hand.discard(delivered.id)

    def _done(self, delivered: Delivered) -> bool:
        """Whether an intent has been dealt with for good."""
        try:
            self._hands[delivered.event.type](delivered)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one bad intent must not silence the others
            return self._aside.failed(delivered, error)
        return True
