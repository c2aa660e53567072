"""A day's report counts what the trade counts."""

from datetime import date

from app.history.reports import by_day
from app.ports.history import PastCall

MIDNIGHT_NEW_YORK = 1_750_046_400_000  # 2025-06-16 04:00 UTC
HOUR = 3_600_000


def call(after: int, **more: object) -> PastCall:
    return PastCall(sid=f"CA{after}", started=MIDNIGHT_NEW_YORK + after, **more)  # type: ignore[arg-type]


def test_a_day_counts_offered_answered_abandoned_speed_and_service_level() -> None:
    (day,) = by_day(
        [
            call(0, queued=True, answered=True, waited_ms=10_000, outcome="answered"),
            call(1, queued=True, answered=True, waited_ms=20_000, outcome="answered"),
            call(2, queued=True, answered=True, waited_ms=60_000, outcome="answered"),
            call(3, queued=True, waited_ms=2_000, outcome="abandoned"),
            call(4, queued=True, waited_ms=90_000, outcome="voicemail"),
            call(5, outcome="told"),
        ],
        "America/New_York",
        within_ms=20_000,
    )
    assert (day.offered, day.answered, day.abandoned) == (5, 3, 1)
    assert day.asa_ms == 30_000
    assert day.service_level == 2 / 5


def test_a_day_is_the_owners_day() -> None:
    days = by_day([call(-HOUR), call(0), call(24 * HOUR)], "America/New_York", 20_000)
    assert [day.day for day in days] == [date(2025, 6, 15), date(2025, 6, 16), date(2025, 6, 17)]


def test_figures_that_no_call_gives_a_meaning_are_left_open() -> None:
    (day,) = by_day([call(0, outcome="told")], "UTC", 20_000)
    assert (day.offered, day.asa_ms, day.service_level) == (0, None, None)
