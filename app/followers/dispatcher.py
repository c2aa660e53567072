"""The dispatcher: pairs tasks with workers as events tell of them, and looks after every deadline that passes."""

import logging
from threading import Event as StopEvent

from app.ports.store import StoreUnavailable
from app.usecases.breaking import watch_the_line
from app.usecases.context import Contention, Context
from app.usecases.deadlines import look_after_due
from app.usecases.dispatching import dispatch, dispatch_everything, openings
from app.usecases.redefining import apply_definitions
from app.usecases.reordering import reorder_lines
from app.usecases.staffing import sync_workers

log = logging.getLogger(__name__)

GROUP = "dispatcher"
LOOK_EVERY_MS = 200
SWEEP_EVERY_MS = 5_000
TIDY_EVERY_MS = 60_000
PAUSE_SECONDS = 0.5


class Dispatcher:
    """Any number may run: each decision is a commit that only one of them wins."""

    def __init__(self, context: Context, consumer: str) -> None:
        self._context = context
        self._consumer = consumer
        self._config: str | None = None
        self._swept = 0
        self._tidied = 0

    def run(self, stop: StopEvent) -> None:
        """Works until told to stop; while the store is out of reach it waits and goes on."""
        while not stop.is_set():
            try:
                self.step(LOOK_EVERY_MS)
            except StoreUnavailable:
                log.warning("the store is out of reach; trying again")
                stop.wait(PAUSE_SECONDS)
            except Contention:
                log.exception("a decision kept losing; it is taken again")

    def step(self, block_ms: int = 0) -> None:
        """One round: the rules if they changed, new events, due deadlines, and now and then everything."""
        self._staff()
        store = self._context.store
        deliveries = store.follow(GROUP, self._consumer, block_ms=self._patience(block_ms))
        if deliveries:
            apply_definitions(self._context, deliveries)
            dispatch(self._context, openings(self._context, deliveries))
            if watch_the_line(self._context, deliveries):
                dispatch_everything(self._context)
            store.acknowledge(GROUP, [delivery.id for delivery in deliveries])
        look_after_due(self._context)
        self._sweep()

    def _patience(self, block_ms: int) -> int:
        """How long to wait for events without missing a deadline."""
        deadline = self._context.store.next_deadline() if block_ms else 0
        return min(block_ms, max(1, deadline - self._context.clock.now())) if deadline else block_ms

    def _staff(self) -> None:
        version = self._context.configs.current().version if self._context.of_file else ""
        if version != self._config:
            sync_workers(self._context)
            reorder_lines(self._context)
            dispatch_everything(self._context)
            self._config = version

    def _sweep(self) -> None:
        """Whatever a crashed dispatcher took from the stream and did not finish is found here."""
        now = self._context.clock.now()
        if now - self._swept < SWEEP_EVERY_MS:
            return
        self._swept = now
        store = self._context.store
        left = store.reclaim(GROUP, self._consumer, idle_ms=SWEEP_EVERY_MS)
        apply_definitions(self._context, left)
        dispatch_everything(self._context)
        store.acknowledge(GROUP, [delivery.id for delivery in left])
        if now - self._tidied >= TIDY_EVERY_MS:
            self._tidied = now
            store.tidy()
