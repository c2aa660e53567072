"""Tells workspaces' event callbacks what happened: signed forms, tried again ever later, side by side."""

import logging
import threading
from collections import Counter
from functools import partial
from threading import Event as StopEvent

from app.core.routing.feed import callback_form
from app.followers.lanes import Lanes
from app.followers.poison import where
from app.ports.callbacks import CallbackFailed, Callbacks
from app.ports.clock import Clock
from app.ports.history import HistoryUnavailable
from app.ports.taskrouter_events import Due, TaskRouterEvents

log = logging.getLogger(__name__)

ANSWER_SECONDS = 15.0
THREADS = 16
AT_ONCE = 8
"""How many callbacks of one workspace are under way at a time; of one that fails, only one."""
ATTEMPTS = 10
GIVE_UP_MS = 4 * 3_600_000
LONGEST_PAUSE_MS = 300_000
LEASE_MS = 150_000
"""Longer than the slowest receiver takes for everything of one workspace that may be under way."""
LOOK_SECONDS = 0.25


class EventCallbacks:
    """Sends what the feed left to be told. Any number may run: each callback is leased to one of them.

    Events of one task or worker are told in their order, as long as none fails. A receiver that fails is left alone
    for a while, twice as long each time, so that neither it nor other workspaces suffer; an event is given up after
    ten attempts, or when it is four hours old.
    """

    def __init__(
        self,
        events: TaskRouterEvents,
        callbacks: Callbacks,
        clock: Clock,
        account: str,
        *,
        threads: int = THREADS,
    ) -> None:
        self._events = events
        self._callbacks = callbacks
        self._clock = clock
        self._account = account
        self._lanes = Lanes(threads, "event-callbacks")
        self._lock = threading.Lock()
        self._under_way: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._left_alone: dict[str, int] = {}

    def run(self, stop: StopEvent) -> None:
        """Sends until told to stop; finishes what is under way."""
        try:
            while not stop.is_set():
                if not self._step_if_possible():
                    stop.wait(LOOK_SECONDS)
        finally:
            self.close()

    def step(self) -> int:
        """Takes what is due now and returns how many; the pool sends them. Raises `HistoryUnavailable`."""
        taken = self._events.due(self._clock.now(), LEASE_MS, self._room)
        with self._lock:
            self._under_way.update(callback.event.workspace for callback in taken)
        for callback in taken:
            self._lanes.add(callback.event.task or callback.event.resource, partial(self._perform, callback))
        return len(taken)

    def close(self) -> None:
        """Ends the pool once what is under way is through."""
        self._lanes.close()

    def _step_if_possible(self) -> int:
        try:
            return self.step()
        except HistoryUnavailable:
            log.warning("event callbacks wait: the database is away")
            return 0

    def _room(self, workspace: str) -> int:
        with self._lock:
            if self._left_alone.get(workspace, 0) > self._clock.now():
                return 0
            at_once = 1 if self._failures[workspace] else AT_ONCE
            return at_once - self._under_way[workspace]

    def _perform(self, callback: Due) -> None:
        is_too_old = self._clock.now() - callback.event.at > GIVE_UP_MS
        trouble = None if is_too_old else self._trouble(callback)
        self._remember(callback.event.workspace, trouble)
        try:
            if is_too_old:
                self._give_up(callback)
            elif trouble:
                self._postpone(callback, trouble)
            else:
                self._events.settled([callback.event.sid])
        except HistoryUnavailable:
            log.warning("an event callback could not be ticked off: it is sent again")

    def _trouble(self, callback: Due) -> str:
        """Sends it; what is wrong with the answer, or nothing."""
        form = callback_form(callback.event, self._account)
        try:
            reply = self._callbacks.send(callback.url, form, seconds=ANSWER_SECONDS)
        except CallbackFailed as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - one bad address must not silence the others
            return where(error)
        return "" if 200 <= reply.status < 300 else f"HTTP {reply.status}"

    def _remember(self, workspace: str, trouble: str | None) -> None:
        """Leaves a receiver that fails alone; those that were under way together count as one failure.

        `trouble` None: it was not asked.
        """
        with self._lock:
            now = self._clock.now()
            self._under_way[workspace] -= 1
            if trouble == "":
                self._failures.pop(workspace, None)
            elif trouble and self._left_alone.get(workspace, 0) <= now:
                self._failures[workspace] += 1
                self._left_alone[workspace] = now + _pause(self._failures[workspace])

    def _postpone(self, callback: Due, trouble: str) -> None:
        event, attempts = callback.event, callback.attempts + 1
        log.warning("the event callback of %s failed (attempt %d): %s", event.workspace, attempts, trouble)
        if attempts >= ATTEMPTS:
            self._give_up(callback)
        else:
            self._events.postponed(event.sid, self._clock.now() + _pause(attempts))

    def _give_up(self, callback: Due) -> None:
        log.error("gave up telling %s of %s %s", callback.event.workspace, callback.event.type, callback.event.sid)
        self._events.settled([callback.event.sid])


def _pause(failures: int) -> int:
    """How long to wait after so many failures, in ms."""
    return min(1000 << min(failures - 1, 20), LONGEST_PAUSE_MS)
