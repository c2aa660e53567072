"""How a day went: offered, answered, abandoned, average speed of answer, service level. Pure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from app.ports.history import DayReport, PastCall

ABANDONED = "abandoned"


def by_day(calls: Sequence[PastCall], timezone: str, within_ms: int) -> tuple[DayReport, ...]:
    """One report for each local day with calls, in order; `calls` must be in the order they started."""
    zone = ZoneInfo(timezone)

    def day_of(call: PastCall) -> date:
        return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=call.started)).astimezone(zone).date()

    return tuple(_of_day(day, tuple(group), within_ms) for day, group in groupby(calls, key=day_of))


def _of_day(day: date, calls: Sequence[PastCall], within_ms: int) -> DayReport:
    offered = [call for call in calls if call.queued]
    answered = [call for call in offered if call.answered]
    in_time = sum(call.waited_ms <= within_ms for call in answered)
    return DayReport(
        day=day,
        offered=len(offered),
        answered=len(answered),
        abandoned=sum(call.outcome == ABANDONED for call in offered if not call.answered),
        asa_ms=round(sum(call.waited_ms for call in answered) / len(answered)) if answered else None,
        service_level=in_time / len(offered) if offered else None,
    )
