"""The span of time, and the thresholds, that a request for events or statistics is about."""

from app.core.routing.statistics import MINUTES, Window
from app.web.taskrouter.errors import invalid
from app.web.taskrouter.forms import Form

MINUTE_MS = 60_000
MOST_MINUTES = 10_000_000
MOST_THRESHOLDS = 50


def asked_window(asked: Form, now: int) -> Window:
    """From `StartDate`, or `Minutes` before the end (15 unless asked otherwise), up to `EndDate`, or now."""
    minutes = asked.integer("Minutes", 1, MOST_MINUTES) or MINUTES
    start, end = asked.instant("StartDate"), asked.instant("EndDate")
    end = now if end is None else end
    start = end - minutes * MINUTE_MS if start is None else start
    if start > end:
        raise invalid("StartDate", "StartDate is after EndDate")
    return Window(max(start, 0), end)


def asked_thresholds(asked: Form) -> tuple[int, ...]:
    """`SplitByWaitTime`: seconds, separated by commas; each once, in the order given."""
    given = asked.text("SplitByWaitTime", 1000) or ""
    parts = [part.strip() for part in given.split(",")] if given.strip() else []
    seconds = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 9]
    if len(seconds) != len(parts) or len(parts) > MOST_THRESHOLDS:
        raise invalid("SplitByWaitTime", f"SplitByWaitTime has to be at most {MOST_THRESHOLDS} numbers of seconds")
    return tuple(dict.fromkeys(seconds))
