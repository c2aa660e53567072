"""Runs work on a small pool of threads: within one lane in order, lanes side by side."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

log = logging.getLogger(__name__)

Work = Callable[[], None]


class Lanes:
    """A lane is a name; work of one name never overlaps or overtakes itself. An empty lane holds no thread."""

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._queued: dict[str, deque[Work]] = {}
        self._closed = False

    def add(self, lane: str, work: Work) -> None:
        """Runs `work` after everything added to its lane before; does nothing once closed."""
        with self._lock:
            if self._closed:
                return
            waiting = self._queued.get(lane)
            if waiting is not None:
                waiting.append(work)
                return
            self._queued[lane] = deque((work,))
            self._pool.submit(self._run_first, lane)

    def close(self) -> None:
        """Lets what is running finish, and drops what has not begun."""
        with self._lock:
            self._closed = True
            self._queued.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run_first(self, lane: str) -> None:
        with self._lock:
            waiting = self._queued.get(lane)
            if not waiting:
                return
            work = waiting[0]
        try:
            work()
        except Exception:
            log.exception("work in a lane must deal with its own errors")
        self._go_on(lane)

    def _go_on(self, lane: str) -> None:
        # One piece at a time and back into the pool, so that a long lane does not starve the others.
        with self._lock:
            if self._closed:
                return
            waiting = self._queued[lane]
            waiting.popleft()
            if waiting:
                self._pool.submit(self._run_first, lane)
            else:
                del self._queued[lane]
