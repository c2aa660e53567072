"""Asks the owner's programs what to do with reservations, beside everything else: no answer holds up routing."""

import logging

from app.core.events import EventType
from app.followers.follower import Pace
from app.followers.intents import IntentFollower
from app.ports.callbacks import CallbackFailed, Callbacks
from app.ports.clock import Clock
from app.ports.store import Delivered, Store
from app.usecases.taskrouter.assignment import Assignment

log = logging.getLogger(__name__)

GROUP = "assignments"
THREADS = 16
ANSWER_SECONDS = 5.0
# Two addresses take ten seconds at the most; what lies longer than that has lost its follower.
PACE = Pace(reclaim_idle_ms=15_000)


class Assignments(IntentFollower):
    """Does each `intent.assign`: at least once, and what an answer orders of the telephone once at the most.

    It also tells the programs that instructions named how workers' calls get on (`intent.report`). Every reservation is
    asked about in a thread of a pool. Any number of these may run.
    """

    def __init__(
        self, store: Store, assignment: Assignment, callbacks: Callbacks, clock: Clock, consumer: str,
        *, threads: int = THREADS, pace: Pace = PACE,
    ) -> None:  # fmt: skip
        self._assignment = assignment
        self._callbacks = callbacks
        hands = {EventType.INTENT_ASSIGN: self._ask, EventType.INTENT_REPORT: self._report}
        super().__init__(
            store, GROUP, consumer, hands, clock, lane_of=lambda event: event.reservation, threads=threads, pace=pace
        )

    def _ask(self, delivered: Delivered) -> None:
        reservation = delivered.event.reservation
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

    def _report(self, delivered: Delivered) -> None:
        question = self._assignment.progress(delivered.event)
        if question is None:
            return
        try:
            self._callbacks.send(question.addresses[0], question.form, seconds=ANSWER_SECONDS, method=question.method)
        except CallbackFailed as failure:
            log.warning("nobody could be told how a worker's call gets on: %s", failure)
