"""The ids of events: an instant in milliseconds and a number that tells events of one instant apart."""

EventId = tuple[int, int]

FIRST: EventId = (0, 0)
_LARGEST = 2**64 - 1

KEPT = 1_000
"""How many of the latest events are never trimmed, for pages that come back."""


def parse(text: str) -> EventId:
    """The id in a text such as "1700000000000-3" or "0"; raises ValueError (it may come from a browser)."""
    instant, _, sequence = text.partition("-")
    if not _is_number(instant) or not _is_number(sequence or "0"):
        raise ValueError(f"{text[:50]!r} is not the id of an event")
    return int(instant), int(sequence or "0")


def text_of(event_id: EventId) -> str:
    """The id as followers see it."""
    return f"{event_id[0]}-{event_id[1]}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20 and int(text) <= _LARGEST
