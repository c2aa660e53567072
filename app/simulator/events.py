"""What happens on the carrier, as small values for live views, results and drills."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "call started",
    "answered",
    "said",
    "played",
    "gathering",
    "key",
    "speaking",
    "typed",
    "waiting",
    "left queue",
    "ringing",
    "declined",
    "not answered",
    "bridged",
    "parted",
    "recording",
    "recorded",
    "stream started",
    "stream stopped",
    "webhook failed",
    "warning",
    "message",
    "hung up",
]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: `at` seconds after the carrier (or the scenario) started.

    `person` is who is on the leg, a caller's or an agent's name, `other` whom it concerns (the other party of a
    bridge), `text` what was said, pressed or found wrong.
    """

    at: float
    kind: Kind
    sid: str
    person: str
    text: str = ""
    other: str = ""


class EventLog:
    """Keeps every event in order and hands each to the listeners from a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._undelivered = 0
        self._started = time.monotonic()
        self._events: list[Event] = []
        self._listeners: list[Callable[[Event], None]] = []
        self._waiting: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._teller: threading.Thread | None = None

    def restart_clock(self) -> None:
        """Count event times from now on (a scenario begins)."""
        self._started = time.monotonic()

    def offset(self, moment: float) -> float:
        """A monotonic moment as seconds after the start."""
        return round(moment - self._started, 3)

    def publish(self, kind: Kind, sid: str, person: str, text: str = "", other: str = "") -> Event:
        """Append an event of this moment."""
        with self._lock:
            event = Event(self.offset(time.monotonic()), kind, sid, person, text, other)
            self._events.append(event)
            if self._listeners:
                self._undelivered += 1
                self._waiting.put(event)
        return event

    def all(self) -> tuple[Event, ...]:
        """Everything so far."""
        with self._lock:
            return tuple(self._events)

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on; returns the function that ends it."""
        with self._lock:
            self._listeners.append(listener)
            if self._teller is None:
                self._teller = threading.Thread(target=self._tell, name="simulator-events", daemon=True)
                self._teller.start()

        def end() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def flush(self, timeout: float) -> None:
        """Wait until the listeners have been given everything so far."""
        with self._lock:
            self._lock.wait_for(lambda: self._undelivered == 0, timeout)

    def close(self) -> None:
        """Deliver what is pending and stop the thread."""
        teller = self._teller
        if teller is not None:
            self._waiting.put(None)
            teller.join(timeout=5)
            self._teller = None

    def _tell(self) -> None:
        while (event := self._waiting.get()) is not None:
            for listener in tuple(self._listeners):
                listener(event)
            with self._lock:
                self._undelivered -= 1
                self._lock.notify_all()
