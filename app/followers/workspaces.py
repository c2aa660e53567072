"""One worker thread for each workspace: what serves the owner's serves those that the API makes too."""

import logging
from collections.abc import Callable
from threading import Event as StopEvent
from threading import Thread
from typing import Protocol

from app.ports.store import StoreUnavailable
from app.usecases.context import Context
from app.usecases.workspaces import Workspaces

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class Runner(Protocol):
    """What serves one workspace."""

    def run(self, stop: StopEvent) -> None:
        """Works until told to stop."""


class _Served:
    """A workspace being served in a thread of its own."""

    def __init__(self, name: str, runner: Runner) -> None:
        self.stop = StopEvent()
        self.thread = Thread(target=runner.run, args=(self.stop,), name=name, daemon=True)
        self.thread.start()


class EveryWorkspace:
    """Keeps one runner going for every workspace there is; new ones are found within a second.

    A runner whose thread ended by an error is started again: the error is logged by whoever sees it first.
    """

    def __init__(self, workspaces: Workspaces, make: Callable[[Context], Runner]) -> None:
        self._workspaces = workspaces
        self._make = make
        self._served: dict[str, _Served] = {}

    def run(self, stop: StopEvent) -> None:
        """Serves them all until told to stop, and waits for the last to finish."""
        while not stop.is_set():
            try:
                self._look()
            except StoreUnavailable:
                log.warning("the store is out of reach: no new workspaces can be seen")
            stop.wait(LOOK_SECONDS)
        for served in self._served.values():
            served.stop.set()
        for served in self._served.values():
            served.thread.join()

    def _look(self) -> None:
        present = {context.workspace: context for context in self._workspaces.all()}
        for name in self._served.keys() - present.keys():
            self._served.pop(name).stop.set()
        for name, context in present.items():
            served = self._served.get(name)
            if served is None or not served.thread.is_alive():
                self._served[name] = _Served(name, self._make(context))
