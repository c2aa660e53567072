"""The latest words of every live call, read from their personal records only when there are new ones."""

import threading
from collections.abc import Iterable, Mapping

from app.core.entities import Call
from app.ports.store import Store


class Heard:
    """Keeps what it read while a call lives; shared by all pages of a process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, str]] = {}

    def of(self, calls: Iterable[Call]) -> Mapping[str, str]:
        """The latest words of each of these calls, which are all that live now; others are forgotten."""
        with self._lock:
            known = self._known
        fresh = {call.sid: self._latest(call, known.get(call.sid)) for call in calls if call.utterances}
        with self._lock:
            self._known = fresh
        return {sid: text for sid, (_, text) in fresh.items()}

    def _latest(self, call: Call, known: tuple[int, str] | None) -> tuple[int, str]:
        if known and known[0] == call.utterances:
            return known
        return call.utterances, self._store.personal(call.sid).get(f"heard:{call.utterances}", "")
