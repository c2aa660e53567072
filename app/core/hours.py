"""Opening and working hours: is it open at a local instant, and when does that change."""

from datetime import datetime, time, timedelta

from app.core.config import Hours

LOOK_AHEAD_DAYS = 8
_MIDNIGHT = (time(0), time.max)
_DAY = 86_400
_HALF_HOUR = 1_800


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
        later = [instant for instant in instants if instant > local.timestamp() and _turns(hours, instant, local)]
        if later:
            return datetime.fromtimestamp(min(later), local.tzinfo)
    return None


def day_began(local: datetime) -> int:
    """The instant (ms) at which the day of a local instant began; where midnight is skipped, the first after it."""
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return int(midnight.timestamp() * 1000)


def _instants(hours: Hours, day: datetime) -> list[float]:
    """Every instant of a local day at which it may open or close.

    That is where a slot begins or ends, and, on a day on which the clock is changed, every half hour: the clock may
    then jump into a slot or out of it.
    """
    edges = []
    for opens, closes in slots_on(hours, day):
        end = day + timedelta(days=1) if closes in _MIDNIGHT else datetime.combine(day, closes, day.tzinfo)
        edges += [datetime.combine(day, opens, day.tzinfo), end]
    first, last = day.timestamp(), (day + timedelta(days=1)).timestamp()
    changed = last - first != _DAY
    jumps = [first + half * _HALF_HOUR for half in range(1, int((last - first) / _HALF_HOUR))] if changed else []
    return [edge.replace(fold=fold).timestamp() for edge in edges for fold in (0, 1)] + jumps


def _turns(hours: Hours, instant: float, local: datetime) -> bool:
    """Whether it opens or closes at this very instant."""
    before, after = (datetime.fromtimestamp(at, local.tzinfo) for at in (instant - 1, instant))
    return is_open(hours, before) is not is_open(hours, after)
