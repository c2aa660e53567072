"""Keeps a number of telephone lines busy: as soon as one call on a line has ended, the next one begins."""

import threading
import time
from collections.abc import Callable

from app.simulator.callers import Caller
from app.simulator.carrier import CallHandle, Carrier

_RAMP_SECONDS = 0.15
Who = Callable[[int, int], Caller]


class Lines:
    """So many lines of callers on one carrier, from `start` to `finish`."""

    def __init__(self, carrier: Carrier, count: int, who: Who) -> None:
        self.handles: list[CallHandle] = []
        self._carrier = carrier
        self._who = who
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._deadline = float("inf")
        self._threads = [
            threading.Thread(target=self._use, args=(number,), name=f"line {number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        """Lets the first callers call, one shortly after the other."""
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> None:
        """No more calls; waits so long for those under way to end, then hangs up on them."""
        self._deadline = time.monotonic() + seconds
        self._closing.set()
        for thread in self._threads:
            thread.join(max(0.1, self._deadline - time.monotonic()))
        for handle in self.alive():
            handle.leg.hang_up("carrier")
            handle.wait(1)

    def alive(self) -> list[CallHandle]:
        """The calls under way."""
        with self._lock:
            return [handle for handle in self.handles if not handle.leg.ended]

    def _use(self, number: int) -> None:
        turn = 0
        self._closing.wait(number * _RAMP_SECONDS)
        while not self._closing.is_set():
            handle = self._carrier.dial(self._who(number, turn))
            with self._lock:
                self.handles.append(handle)
            while not handle.wait(0.5):
                if time.monotonic() > self._deadline:
                    return
            turn += 1
