"""Sends status callbacks beside the calls: in order for each call, never in the way of another."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Callbacks:
    """A small pool of threads; jobs of one key run one after another, in the order in which they were added."""

    def __init__(self, threads: int = 12) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="simulator-callback")
        self._changed = threading.Condition()
        self._jobs: dict[str, deque[Callable[[], None]]] = {}
        self._closed = False

    def add(self, key: str, job: Callable[[], None]) -> None:
        """Run `job` after the earlier ones of the same key; ignored once closed."""
        with self._changed:
            if self._closed:
                return
            if key in self._jobs:
                self._jobs[key].append(job)
                return
            self._jobs[key] = deque([job])
            self._pool.submit(self._work, key)

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is left to send; false when that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._jobs, timeout)

    def close(self) -> None:
        """Send nothing more; what runs is waited for."""
        with self._changed:
            self._closed = True
            for jobs in self._jobs.values():
                while len(jobs) > 1:
                    jobs.pop()
            self._changed.wait_for(lambda: not self._jobs, 20)
        self._pool.shutdown(wait=True)

    def _work(self, key: str) -> None:
        with self._changed:
            job = self._jobs[key][0]
        try:
            job()
        finally:
            with self._changed:
                jobs = self._jobs[key]
                jobs.popleft()
                if not jobs:
                    del self._jobs[key]
                    self._changed.notify_all()
                else:
                    self._pool.submit(self._work, key)
