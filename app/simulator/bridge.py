"""Two legs that talk with each other."""

import threading

from app.simulator.leg import Leg


class Bridge:
    """Joins two legs until one of them leaves; each leg's thread stays in `hold` meanwhile."""

    def __init__(self, first: Leg, second: Leg) -> None:
        self._legs = (first, second)
        self._lock: threading.RLock = first.exchange.lock
        self.begun = False
        self.over = False

    def begin(self) -> bool:
        """Let them talk; false when one of them has gone."""
        first, second = self._legs
        with self._lock:
            if self.over or first.ended or second.ended:
                self.over = True
            else:
                self.begun = True
                first.meet({second.sid: second})
                second.meet({first.sid: first})
        self._wake()
        return self.begun and not self.over

    def end(self) -> None:
        """Part them."""
        with self._lock:
            if not self.over:
                self.over = True
                for leg in self._legs:
                    leg.meet({})
        self._wake()

    def hold(self, leg: Leg, timeout: float | None = None) -> None:
        """Keep a leg's thread here until the bridge is over; whatever interrupts the leg ends the bridge."""
        try:
            leg.wait(lambda: self.over, timeout)
        finally:
            self.end()

    def _wake(self) -> None:
        for leg in self._legs:
            leg.poke()
