"""Sets events aside that no attempt could handle, so that they never block those behind them."""

import logging
import traceback

from app.ports.store import Delivered, Store

log = logging.getLogger(__name__)

ATTEMPTS = 5
COUNTED_FOR = 24 * 3600
KEPT_FOR = 14 * 24 * 3600


class SetAside:
    """Counts failures of a group's events in the store, so that a crash in between does not start over."""

    def __init__(self, store: Store, group: str) -> None:
        self._store = store
        self._group = group

    def failed(self, delivered: Delivered, error: Exception) -> bool:
        """Counts one failure; True when it was the last attempt and the event may be acknowledged."""
        name = f"poison:{self._group}:{delivered.id}"
        attempts = self._store.count(f"{name}:attempts", COUNTED_FOR)
        place = where(error)
        what = delivered.event.type.value
        if attempts < ATTEMPTS:
            log.warning("%s failed at %s %s (attempt %d): %s", self._group, what, delivered.id, attempts, place)
            return False
        log.error("%s gives up on %s %s: %s", self._group, what, delivered.id, place)
        self._store.note(name, f"{what}: {place}", KEPT_FOR)
        return True


def where(error: BaseException) -> str:
    """The kind of an error and where it arose: its message is left out, since it may quote a caller."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    return f"{type(error).__name__} in {last.name} ({last.filename}:{last.lineno})"
