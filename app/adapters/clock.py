"""The clock of this installation: the machine's, or one that was started at an instant of the owner's choice."""

import os
import time
from datetime import datetime
from pathlib import Path

HELD = "held"


class SystemClock:
    """Milliseconds of the machine's clock; steps of it during this process's life do not show."""

    def __init__(self) -> None:
        self._origin = time.time_ns() // 1_000_000 - _monotonic_ms()

    def now(self) -> int:
        """The present instant in milliseconds since 1970 UTC."""
        return self._origin + _monotonic_ms()


class StartedClock:
    """A clock that began at `instant` (ms) when the mark says, and stands still there while the mark says "held"."""

    def __init__(self, instant: int, mark: Path) -> None:
        self._instant = instant
        self._mark = mark
        self._machine = SystemClock()
        self._started = 0

    def now(self) -> int:
        """The present instant in milliseconds since 1970 UTC."""
        if not self._started:
            text = self._mark.read_text()
            if text == HELD:
                return self._instant
            self._started = int(text)
        return self._instant + max(0, self._machine.now() - self._started)


def started_clock(instant: datetime | None, data_dir: Path) -> SystemClock | StartedClock:
    """The clock for the CLOCK setting. All processes that share `data_dir` agree on when it was started."""
    if instant is None:
        return SystemClock()
    mark = _mark(instant, data_dir)
    if not mark.exists():
        _write(mark, str(SystemClock().now()), first=True)
    return StartedClock(_milliseconds(instant), mark)


def hold_clock(instant: datetime, data_dir: Path) -> None:
    """Has the clock of a server that is about to start stand still, until `release_clock`."""
    _write(_mark(instant, data_dir), HELD)


def release_clock(instant: datetime, data_dir: Path) -> None:
    """Lets the clock run from now on, in every process at the same instant."""
    _write(_mark(instant, data_dir), str(SystemClock().now()))


def _mark(instant: datetime, data_dir: Path) -> Path:
    return data_dir / "run" / f"clock-started-{_milliseconds(instant)}"


def _write(mark: Path, text: str, *, first: bool = False) -> None:
    """Replaces the mark in one step; `first`: only if there is none yet, whichever process comes first."""
    mark.parent.mkdir(parents=True, exist_ok=True)
    own = mark.with_suffix(f".{os.getpid()}")
    own.write_text(text)
    if not first:
        own.replace(mark)
        return
    try:
        os.link(own, mark)
    except FileExistsError:
        return
    finally:
        own.unlink()


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000
