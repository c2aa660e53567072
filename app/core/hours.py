"""Opening and working hours: is it open at a local instant, and when does that change."""

from datetime import datetime, time, timedelta

from app.core.config import Hours

LOOK_AHEAD_DAYS = 8


def slots_on(hours: Hours, day: datetime) -> tuple[tuple[time, time], ...]:
    """The slots of a local day, holidays considered, in order."""
    holiday = hours.holidays.get(day.date())
    if holiday is not None:
        return tuple(sorted(holiday))
    return tuple(sorted((slot.opens, slot.closes) for slot in hours.slots if slot.weekday == day.weekday()))


def is_open(hours: Hours | None, local: datetime) -> bool:
    """Whether it is open at a local instant; no hours at all mean always. A slot closing at 0:00 lasts to midnight."""
    if hours is None:
        return True
    clock = local.time().replace(tzinfo=None)
    return any(opens <= clock and (clock < closes or closes == time(0)) for opens, closes in slots_on(hours, local))


def next_change(hours: Hours | None, local: datetime) -> datetime | None:
    """The next local instant at which it opens or closes, within eight days."""
    if hours is None:
        return None
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    for offset in range(LOOK_AHEAD_DAYS):
        day = midnight + timedelta(days=offset)
        for edge in _edges(hours, day):
            if edge > local:
                return edge
    return None


def _edges(hours: Hours, day: datetime) -> list[datetime]:
    edges = []
    for opens, closes in slots_on(hours, day):
        end = day + timedelta(days=1) if closes == time(0) else day.replace(hour=closes.hour, minute=closes.minute)
        edges += [day.replace(hour=opens.hour, minute=opens.minute), end]
    return sorted(edges)
