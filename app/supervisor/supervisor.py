"""Keeps a list of processes running, from the first start to an orderly end."""

import fcntl
import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO

from app.supervisor.child import Backoff, Child
from app.supervisor.output import LogFiles, Output
from app.supervisor.process import Process, end_leftovers

logger = logging.getLogger(__name__)

# How often it looks: bounds the time between a death and the restart.
_TICK_S = 0.05
_SLOW_START_S = 30.0


class AlreadyRunning(Exception):
    """Another supervisor has this data folder."""


class NotReady(Exception):
    """Some process did not get ready in time; the message names it."""


class _Slot:
    """The supervisor's notes on one child."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.backoff = Backoff()
        self.process: Process | None = None
        self.start_at: float | None = 0.0  # monotonic; None: not to be started (again)
        self.was_ready = False  # since its latest start
        self.ever_ready = False
        self.said_slow = False


class Supervisor:
    """Starts children in order, restarts what dies, stops them in reverse order.

    Use `run()` to serve until a signal comes, or `start()` and `stop()` (or `with`) inside another program.
    Keeps pids in DATA_DIR/run and, unless told otherwise, output in DATA_DIR/logs.
    """

    def __init__(self, children: Sequence[Child], data_dir: Path, output: Output | None = None) -> None:
        self._run_dir = data_dir.absolute() / "run"
        self._output = output or LogFiles(data_dir.absolute() / "logs")
        self._slots = [_Slot(child) for child in children]
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._hurry = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock_file: IO[bytes] | None = None
        self._failure: BaseException | None = None

    @property
    def plan(self) -> tuple[Child, ...]:
        """What it is to run, in order."""
        return tuple(slot.child for slot in self._slots)

    @property
    def children(self) -> dict[str, int]:
        """The pid of each child that runs now, by name."""
        with self._changed:
            return {slot.child.name: slot.process.pid for slot in self._slots if slot.process}

    def run(self, on_ready: Callable[[], None] | None = None) -> None:
        """Serve until SIGINT, SIGTERM or SIGHUP; a second signal stops without grace. Main thread only.

        `on_ready` is called once, from another thread, when every child has become ready.
        """
        handled = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in handled}
        try:
            self._lock()
            if on_ready:
                threading.Thread(target=self._announce, args=(on_ready,), daemon=True).start()
            self._supervise()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self) -> None:
        """Supervise from a thread of its own. Raises AlreadyRunning."""
        self._lock()
        # Linux ends a child when the *thread* that started it ends, so one thread does everything.
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop all children, the last started first; returns when they are gone. Harmless if called twice."""
        self._stopping.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def wait_ready(self, timeout: float) -> None:
        """Return once every child is ready. Raises NotReady, naming the one that keeps us waiting."""
        with self._changed:
            self._changed.wait_for(lambda: self._failure or not self._awaited(), timeout)
            if self._failure:
                raise NotReady("the supervisor failed") from self._failure
            if self._awaited():
                raise NotReady(f"{self._awaited()[0]} was not ready within {timeout:g} s")

    def wait_change(self, condition: Callable[[dict[str, int]], bool], timeout: float) -> bool:
        """Wait until `condition` holds for `children`; whether it came to hold in time."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self.children), timeout)

    def __enter__(self) -> "Supervisor":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _awaited(self) -> list[str]:
        return [slot.child.name for slot in self._slots if not slot.was_ready and slot.start_at is not None]

    def _announce(self, on_ready: Callable[[], None]) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping.is_set() or not self._awaited())
        if not self._stopping.is_set():
            on_ready()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()

    def _lock(self) -> None:
        self._run_dir.mkdir(parents=True, exist_ok=True)
        lock_file = (self._run_dir / "supervisor.lock").open("ab")
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock_file.close()
            raise AlreadyRunning(
                f"A server already runs on {self._run_dir.parent}. Stop it, or set another DATA_DIR."
            ) from error
        self._lock_file = lock_file

    def _supervise(self) -> None:
        try:
            for name in end_leftovers(self._run_dir):
                logger.warning("ended %s, left running by an earlier server", name)
            while not self._stopping.is_set():
                self._tick()
                self._stopping.wait(_TICK_S)
        except BaseException as error:
            self._failure = error
            logger.exception("the supervisor failed; stopping everything")
            raise
        finally:
            self._stop_all()

    def _tick(self) -> None:
        for slot in self._slots:
            if slot.process:
                self._look_after(slot)
            elif slot.start_at is not None and time.monotonic() >= slot.start_at:
                self._start(slot)
            # In order: what comes later waits for the first readiness of what comes before it.
            if not slot.ever_ready and slot.start_at is not None:
                return

    def _start(self, slot: _Slot) -> None:
        slot.was_ready = slot.said_slow = False
        try:
            process = Process(slot.child, self._run_dir, self._output)
        except OSError as error:  # no memory, no disk: it may pass
            delay = slot.backoff.next_delay(ran_for_s=0)
            slot.start_at = time.monotonic() + delay
            logger.warning("%s cannot be started (%s); trying again in %.1f s", slot.child.name, error, delay)
            return
        with self._changed:
            slot.process = process
        self._look_after(slot)

    def _look_after(self, slot: _Slot) -> None:
        process = slot.process
        if process is None:
            return
        code = process.exit_code()
        if code is not None:
            self._ended(slot, process, code)
        elif not slot.was_ready:
            self._ask_ready(slot, process)

    def _ask_ready(self, slot: _Slot, process: Process) -> None:
        if process.is_ready():
            with self._changed:
                slot.was_ready = slot.ever_ready = True
                self._changed.notify_all()
        elif process.ran_for_s() > _SLOW_START_S and not slot.said_slow:
            slot.said_slow = True
            logger.warning("%s is still not ready after %.0f s", slot.child.name, _SLOW_START_S)

    def _ended(self, slot: _Slot, process: Process, code: int) -> None:
        process.clear_away()
        delay = slot.backoff.next_delay(process.ran_for_s())
        with self._changed:
            slot.process = None
            slot.was_ready = False
            slot.start_at = time.monotonic() + delay if slot.child.restart else None
            self._changed.notify_all()
        if slot.child.restart:
            logger.warning("%s ended (%s); starting it again in %.1f s", slot.child.name, _how(code), delay)
        elif code:
            logger.error("%s ended (%s)", slot.child.name, _how(code))

    def _stop(self, slot: _Slot) -> None:
        if slot.process:
            slot.process.stop(0.0 if self._hurry.is_set() else slot.child.grace_s)
        with self._changed:
            slot.process = None
            self._changed.notify_all()

    def _stop_all(self) -> None:
        for _, slots in groupby(reversed(self._slots), key=lambda slot: slot.child.group or slot.child.name):
            stopping = [threading.Thread(target=self._stop, args=(slot,)) for slot in slots]
            for thread in stopping:
                thread.start()
            for thread in stopping:
                thread.join()
        if self._lock_file:
            self._lock_file.close()
            self._lock_file = None


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    return f"signal {signal.Signals(-code).name}" if -code in signal.valid_signals() else f"signal {-code}"
