"""The live page's data, once or as a stream of server-sent events."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Response, stream_with_context

from app.ports.store import Snapshot, StoreUnavailable
from app.web.gate import Gate
from app.web.heard import Heard
from app.web.problems import problem
from app.web.services import Services
from app.web.view import live

LOOK_EVERY_MS = 1_000
AT_MOST_EVERY = 0.2
HEARTBEAT_MS = 10_000
LIFETIME_MS = 10 * 60_000
RETRY_MS = 1_000


class LiveView:
    """Makes the live page's data from the store."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._heard = Heard(services.store)

    def now(self) -> dict[str, Any]:
        """Everything the page shows, and the instant it was so."""
        return {**self.of(self._services.store.snapshot()), "now": self._services.clock.now()}

    def of(self, snapshot: Snapshot) -> dict[str, Any]:
        """What a snapshot looks like on the page."""
        services = self._services
        shown = live(snapshot, services.config(), self._heard.of(snapshot.calls))
        return {**shown, "degraded": list(services.health().degraded)}


class LiveStream:
    """A stream per open page: a snapshot at once and after each change, five a second at most.

    Each holds a thread of the server, so their number is capped; a page that gets none asks now and then instead.
    """

    def __init__(self, services: Services, view: LiveView) -> None:
        self._services = services
        self._view = view
        self._places = threading.BoundedSemaphore(services.max_streams)

    def open(self) -> Response:
        """A new stream, or 503 when all places are taken."""
        if not self._places.acquire(blocking=False):
            refused = problem(503, why="As many live pages are open as this server streams to")
            refused.headers["Retry-After"] = "5"
            return refused
        response = Response(stream_with_context(self._lines()), mimetype="text/event-stream")
        response.headers["X-Accel-Buffering"] = "no"
        # Runs however the stream ends, even if the browser left before its first line.
        response.call_on_close(_once(self._places.release))
        return response

    def _lines(self) -> Iterator[str]:
        services = self._services
        yield f"retry: {RETRY_MS}\n\n"
        opened = spoken = services.clock.now()
        shown, position = "", ""
        while not services.closing.is_set() and services.clock.now() - opened < LIFETIME_MS:
            try:
                position, present = self._look(position)
            except StoreUnavailable:
                yield "event: away\ndata: {}\n\n"
                services.closing.wait(1)
                continue
            now = services.clock.now()
            if present != shown:
                shown, spoken = present, now
                yield f'event: live\ndata: {{"now": {now}, {present[1:]}\n\n'
                services.closing.wait(AT_MOST_EVERY)
            elif now - spoken >= HEARTBEAT_MS:
                spoken = now
                yield ": still here\n\n"

    def _look(self, position: str) -> tuple[str, str]:
        """Waits for something to happen after `position`, and returns where the stream is and what there is to show.

        It looks once a second anyway: what is degraded changes without an event.
        """
        store = self._services.store
        if position:
            store.since(position, count=1, block_ms=LOOK_EVERY_MS)
        snapshot = store.snapshot()
        return snapshot.event, json.dumps(self._view.of(snapshot), ensure_ascii=False)


def _once(action: Callable[[], None]) -> Callable[[], None]:
    """The action, which only the first call runs: a response may be closed twice."""
    waiting = [action]
    return lambda: waiting.pop()() if waiting else None


def live_blueprint(gate: Gate, stream: LiveStream) -> Blueprint:
    """The stream under /live."""
    blueprint = Blueprint("live", __name__)
    blueprint.before_request(gate.refusal)
    blueprint.add_url_rule("/live", view_func=stream.open, endpoint="stream")
    return blueprint
