"""The clock of this installation: the machine's, or one that was started at an instant of the owner's choice."""

import os
import time
from datetime import datetime
from pathlib import Path

MARK = "clock-started"


class SystemClock:
    """Milliseconds of the machine's clock plus a fixed offset; steps of the machine's clock do not show."""

    def __init__(self, offset_ms: int = 0) -> None:
        self._origin = time.time_ns() // 1_000_000 + offset_ms - _monotonic_ms()

    def now(self) -> int:
        """The present instant in milliseconds since 1970 UTC."""
        return self._origin + _monotonic_ms()


def started_clock(instant: datetime | None, data_dir: Path) -> SystemClock:
    """The clock for the CLOCK setting. All processes that share `data_dir` agree on when it was started."""
    if instant is None:
        return SystemClock()
    started = _when_started(data_dir / "run" / f"{MARK}-{int(instant.timestamp())}")
    return SystemClock(int(instant.timestamp() * 1000) - started)


def _when_started(mark: Path) -> int:
    mark.parent.mkdir(parents=True, exist_ok=True)
    own = mark.with_suffix(f".{os.getpid()}")
    own.write_text(str(time.time_ns() // 1_000_000))
    try:
        os.link(own, mark)  # the first process wins; a half-written mark cannot be seen
    except FileExistsError:
        pass
    finally:
        own.unlink()
    return int(mark.read_text())


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000
