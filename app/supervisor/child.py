"""What the supervisor must know about a process it is to run."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Child:
    """One process to keep running.

    `ready` tells whether it does its work yet (asked often, so it must answer within a second); without one
    it counts as ready once it runs. `env` is added to the supervisor's own environment. Neighbours of one `group` are
    stopped at the same time.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    restart: bool = True
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10.0
    pass_fds: tuple[int, ...] = ()
    group: str = ""


@dataclass(slots=True)
class Backoff:
    """How long to wait before the next restart: at once, then ever longer, never giving up."""

    first_s: float = 0.5
    longest_s: float = 30.0
    healthy_s: float = 60.0
    failures: int = 0

    def next_delay(self, ran_for_s: float) -> float:
        """The wait after a process that ran for so long has died; a long run wipes out earlier failures."""
        if ran_for_s >= self.healthy_s:
            self.failures = 0
        self.failures += 1
        if self.failures == 1:
            return 0.0
        # The exponent is bounded, or a server that failed for weeks would compute with enormous numbers.
        return min(self.longest_s, self.first_s * 2.0 ** min(self.failures - 2, 16))
