"""One call in one row: what its events add up to. Pure, and the same however often an event arrives."""

from collections.abc import Sequence

from app.core.events import Event, EventType
from app.ports.history import PastCall

_END = (EventType.CALL_ENDED,)
_TALK_ENDS = (EventType.TASK_WRAPPING, EventType.TASK_COMPLETED, EventType.CALL_ENDED)
_WAIT_ENDS = (EventType.TASK_ASSIGNED, EventType.TASK_CANCELED, EventType.CALL_ENDED)


def summarize(sid: str, events: Sequence[Event]) -> PastCall:
    """The call that these events, in their order, tell of. Counts the first wait and the first conversation."""
    entered = _first(events, EventType.TASK_CREATED)
    waited = _after(events, entered, *_WAIT_ENDS)
    assigned = _first(events, EventType.TASK_ASSIGNED)
    parted = _after(events, assigned, *_TALK_ENDS)
    ended = _first(events, EventType.CALL_ENDED)
    return PastCall(
        sid=sid,
        started=events[0].at if events else 0,
        ended=ended.at if ended else 0,
        outcome="voicemail" if _first(events, EventType.MESSAGE_LEFT) else _latest(events, "outcome", *_END),
        # What was heard is a guess; where the call stood at its end is what it was.
        route=_latest(events, "route", *(_END if ended else ())),
        queue=_latest(events, "queue"),
        agent=assigned.worker if assigned else "",
        queued=entered is not None,
        answered=assigned is not None,
        waited_ms=_between(entered, waited),
        talked_ms=_between(assigned, parted),
        mood=_latest(events, "mood"),
        config=_latest(events, "config"),
    )


def _first(events: Sequence[Event], kind: EventType) -> Event | None:
    return next((event for event in events if event.type is kind), None)


def _after(events: Sequence[Event], start: Event | None, *kinds: EventType) -> Event | None:
    if start is None:
        return None
    later = events[events.index(start) :]
    return next((event for event in later if event.type in kinds), None)


def _between(start: Event | None, end: Event | None) -> int:
    return max(0, end.at - start.at) if start and end else 0


def _latest(events: Sequence[Event], name: str, *kinds: EventType) -> str:
    for event in reversed(events):
        value = event.data.get(name)
        if isinstance(value, str) and value and (not kinds or event.type in kinds):
            return value
    return ""
