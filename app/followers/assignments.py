"""Asks the owner's programs what to do with reservations, beside everything else: no answer holds up routing."""

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from functools import partial
from threading import Event as StopEvent

from app.core.events import Event, EventType
from app.followers.follower import Follower, Pace
from app.followers.lanes import Lanes
from app.followers.poison import SetAside
from app.ports.callbacks import CallbackFailed, Callbacks
from app.ports.clock import Clock
from app.ports.store import Delivered, Store, StoreUnavailable
from app.usecases.taskrouter.assignment import Assignment

log = logging.getLogger(__name__)

GROUP = "assignments"
THREADS = 16
ANSWER_SECONDS = 5.0
# Two addresses take ten seconds at the most; what lies longer than that has lost its follower.
PACE = Pace(reclaim_idle_ms=15_000)


class Assignments:
    """Does each `intent.assign`: at least once, and what an answer orders of the telephone once at the most.

    It also tells the programs that instructions named how workers' calls get on (`intent.report`).

    Every reservation is asked about in a thread of a pool. Any number of these may run.
    """

    def __init__(
        self, store: Store, assignment: Assignment, callbacks: Callbacks, clock: Clock, consumer: str,
        *, threads: int = THREADS, pace: Pace = PACE,
    ) -> None:  # fmt: skip
        self._store = store
        self._assignment = assignment
        self._callbacks = callbacks
        self._aside = SetAside(store, GROUP)
        self._lanes = Lanes(threads, GROUP)
        self._lock = threading.Lock()
        self._in_hand: set[str] = set()
        self._do: dict[EventType, Callable[[Event], None]] = {
            EventType.INTENT_ASSIGN: self._ask,
            EventType.INTENT_REPORT: self._report,
        }
        self._follower = Follower(store, GROUP, consumer, self._accept, clock, pace=pace)

    def run(self, stop: StopEvent) -> None:
        """Follows the stream until told to stop; finishes what is being asked."""
        try:
            self._follower.run(stop)
        finally:
            self.close()

    def step(self, block_ms: int = 0) -> int:
        """Takes what is in the stream; the asking is the pool's."""
        return self._follower.step(block_ms)

    def close(self) -> None:
        """Ends the pool once the questions under way are answered."""
        self._lanes.close()

    def _accept(self, batch: Sequence[Delivered]) -> Collection[str]:
        done = []
        for delivered in batch:
            if delivered.event.type not in self._do:
                done.append(delivered.id)
            elif self._take_in_hand(delivered.id):
                self._lanes.add(delivered.event.reservation, partial(self._perform, delivered))
        return done

    def _take_in_hand(self, intent: str) -> bool:
        with self._lock:
            if intent in self._in_hand:
                return False
            self._in_hand.add(intent)
            return True

    def _perform(self, delivered: Delivered) -> None:
        try:
            if self._asked(delivered):
                self._store.acknowledge(GROUP, (delivered.id,))
        except StoreUnavailable:
            log.warning("assignments: store unavailable; it comes again")
        finally:
            with self._lock:
                self._in_hand.discard(delivered.id)

    def _asked(self, delivered: Delivered) -> bool:
        """Whether a reservation has been dealt with for good."""
        try:
            self._do[delivered.event.type](delivered.event)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one bad reservation must not silence the others
            return self._aside.failed(delivered, error)
        return True

    def _ask(self, event: Event) -> None:
        reservation = event.reservation
        question = self._assignment.question(reservation)
        if question is None:
            return
        why = ""
        for address in question.addresses:
            try:
                reply = self._callbacks.send(address, question.form, seconds=ANSWER_SECONDS)
            except CallbackFailed as failure:
                why = str(failure)
                continue
            why = self._assignment.take(reservation, reply)
            if not why:
                return
        self._assignment.failed(reservation, why)

    def _report(self, event: Event) -> None:
        question = self._assignment.progress(event)
        if question is None:
            return
        try:
            self._callbacks.send(question.addresses[0], question.form, seconds=ANSWER_SECONDS, method=question.method)
        except CallbackFailed as failure:
            log.warning("nobody could be told how a worker's call gets on: %s", failure)
