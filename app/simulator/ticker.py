"""One thread that paces every media stream: a tick each 20 ms, late ones made up for, never drifting."""

import threading
import time
from typing import Protocol

from app.simulator.mouth import FrameClock


class Ticking(Protocol):
    """Something that wants every frame's number, in order."""

    def tick(self, number: int) -> None:
        """Deal with one frame; must not block."""


class Ticker:
    """Calls everything that is attached once for each frame of the clock; sleeps while nothing is."""

    def __init__(self, clock: FrameClock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._attached: tuple[Ticking, ...] = ()
        self._thread: threading.Thread | None = None
        self._closed = False

    def attach(self, ticking: Ticking) -> None:
        """Tick it from the next frame on."""
        with self._changed:
            self._attached = (*self._attached, ticking)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="simulator-ticker", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def detach(self, ticking: Ticking) -> None:
        """Tick it no more."""
        with self._changed:
            self._attached = tuple(other for other in self._attached if other is not ticking)

    def close(self) -> None:
        """Stop the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        number = self._clock.now() + 1
        while True:
            with self._changed:
                if not self._attached and not self._closed:
                    self._changed.wait_for(lambda: self._attached or self._closed)
                    number = self._clock.now() + 1
                if self._closed:
                    return
            delay = self._clock.moment(number) - time.monotonic()
            if delay > 0:
                time.sleep(delay)
            for ticking in self._attached:
                ticking.tick(number)
            number += 1
