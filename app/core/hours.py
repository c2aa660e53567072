"""Opening and working hours: is it open at a local instant, and when does that change."""

from datetime import datetime, time, timedelta

from app.core.config import Hours

LOOK_AHEAD_DAYS = 8
_MIDNIGHT = (time(0), time.max)


def slots_on(hours: Hours, day: datetime) -> tuple[tuple[time, time], ...]:
    """The slots of a local day, holidays considered, in order."""
    holiday = hours.holidays.get(day.date())
    if holiday is not None:
        return tuple(sorted(holiday))
    return tuple(sorted((slot.opens, slot.closes) for slot in hours.slots if slot.weekday == day.weekday()))


def is_open(hours: Hours | None, local: datetime) -> bool:
    """Whether it is open at a local instant; no hours mean always. A slot may close at midnight, 0:00 or 24:00."""
    if hours is None:
        return True
    clock = local.time().replace(tzinfo=None)
    return any(opens <= clock and (clock < closes or closes in _MIDNIGHT) for opens, closes in slots_on(hours, local))


def next_change(hours: Hours | None, local: datetime) -> datetime | None:
    """The next local instant at which it opens or closes, within eight days."""
    if hours is None:
        return None
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    for offset in range(LOOK_AHEAD_DAYS):
        instants = _instants(hours, midnight + timedelta(days=offset))
        later = [instant for instant in instants if instant > local.timestamp()]
        if later:
            return datetime.fromtimestamp(min(later), local.tzinfo)
    return None


def _instants(hours: Hours, day: datetime) -> list[float]:
    """Every instant of a local day at which a slot begins or ends; both of them where the clock is set back."""
    edges = []
    for opens, closes in slots_on(hours, day):
        end = day + timedelta(days=1) if closes in _MIDNIGHT else datetime.combine(day, closes, day.tzinfo)
        edges += [datetime.combine(day, opens, day.tzinfo), end]
    return [edge.replace(fold=fold).timestamp() for edge in edges for fold in (0, 1)]
