"""Workspaces come and go while the server runs, and each is served by somebody."""

import threading
from collections import Counter

from app.core.routing.sids import WORKSPACE, derive
from app.followers.workspaces import EveryWorkspace
from app.store.memory import MemoryStore
from app.usecases.context import Context
from app.usecases.workspaces import Workspaces
from tests.builders import NOON
from tests.shop import Shop

OTHER = derive(WORKSPACE, "other")


class Recorder:
    """Serves a workspace by noting that it does."""

    def __init__(self, context: Context, serving: "Serving") -> None:
        self._name, self._serving = context.workspace, serving

    def run(self, stop: threading.Event) -> None:
        """Works until told to stop; the first to serve "shop" falls over."""
        if self._serving.began(self._name) == 1 and self._serving.fragile == self._name:
            return
        stop.wait()
        self._serving.ended(self._name)


class Serving:
    """Who is being served, for tests to wait on."""

    def __init__(self, fragile: str = "") -> None:
        self.fragile = fragile
        self.starts: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()
        self._changed = threading.Condition()

    def began(self, name: str) -> int:
        """A runner starts; how many have by now."""
        with self._changed:
            self.starts[name] += 1
            self._changed.notify_all()
            return self.starts[name]

    def ended(self, name: str) -> None:
        """A runner was stopped."""
        with self._changed:
            self.ends[name] += 1
            self._changed.notify_all()

    def until(self, starts: dict[str, int], ends: dict[str, int]) -> bool:
        """Waits until this many have started and ended."""
        with self._changed:
            return self._changed.wait_for(lambda: (dict(self.starts), dict(self.ends)) == (starts, ends), timeout=20)


def served(serving: Serving) -> tuple[Workspaces, threading.Event, threading.Thread]:
    """Every workspace of a shop, served in the background."""
    shop = Shop()
    workspaces = Workspaces(shop.context, lambda name: MemoryStore(name, shop.clock))
    stop = threading.Event()
    everybody = EveryWorkspace(workspaces, lambda context: Recorder(context, serving))
    thread = threading.Thread(target=everybody.run, args=(stop,))
    thread.start()
    return workspaces, stop, thread


def test_a_new_workspace_is_served_and_a_deleted_one_no_more() -> None:
    serving = Serving()
    workspaces, stop, thread = served(serving)
    assert serving.until({"shop": 1}, {})

    workspaces.register(OTHER, "Other", NOON)
    assert serving.until({"shop": 1, OTHER: 1}, {})

    workspaces.forget(OTHER)
    assert serving.until({"shop": 1, OTHER: 1}, {OTHER: 1})
    stop.set()
    thread.join(timeout=20)
    assert serving.until({"shop": 1, OTHER: 1}, {OTHER: 1, "shop": 1})


def test_a_runner_that_fell_over_is_started_again() -> None:
    serving = Serving(fragile="shop")
    _, stop, thread = served(serving)

    assert serving.until({"shop": 2}, {})
    stop.set()
    thread.join(timeout=20)
