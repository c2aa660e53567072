"""Opening hours and shifts on the business's own clock, changes of the clock included."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.core.config import Hours, Shift
from app.core.hours import is_open, next_change

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 6, 8, tzinfo=NEW_YORK)


def slots(*times: tuple[str, str], days: range = range(7)) -> tuple[Shift, ...]:
    """The same slots on each of these days."""
    return tuple(
        Shift(weekday=day, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))
        for day in days
        for opens, closes in times
    )


SPLIT = Hours(slots=slots(("09:00", "12:30"), ("13:30", "18:00"), days=range(5)))


def at(clock: str, day: datetime = MONDAY) -> datetime:
    """A time of a day."""
    return datetime.combine(day.date(), time.fromisoformat(clock), day.tzinfo)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("08:59:59", False), ("09:00", True), ("12:29:59", True), ("12:30", False), ("13:29", False),
        ("13:30", True), ("17:59:59", True), ("18:00", False), ("00:00", False),
    ],
)  # fmt: skip
def test_a_lunch_break_is_closed_and_each_slot_ends_as_the_clock_strikes(clock: str, expected: bool) -> None:
    assert is_open(SPLIT, at(clock)) is expected


def test_the_weekend_is_closed_and_the_next_change_is_monday_morning() -> None:
    friday_evening = at("18:00", MONDAY + timedelta(days=4))

    assert not is_open(SPLIT, friday_evening)
    assert next_change(SPLIT, friday_evening) == at("09:00", MONDAY + timedelta(days=7))


def test_no_hours_at_all_mean_always_open() -> None:
    assert is_open(None, MONDAY)
    assert next_change(None, MONDAY) is None


def test_a_holiday_replaces_the_whole_day() -> None:
    hours = Hours(slots=SPLIT.slots, holidays={date(2026, 6, 8): (), date(2026, 6, 13): ((time(10), time(12)),)})
    saturday = MONDAY + timedelta(days=5)

    assert not is_open(hours, at("10:00"))
    assert next_change(hours, at("10:00")) == at("09:00", MONDAY + timedelta(days=1))
    assert is_open(hours, at("11:59", saturday))
    assert not is_open(hours, at("12:00", saturday))


@pytest.mark.parametrize("midnight", [time(0), time.max])
def test_a_slot_until_midnight_ends_at_midnight(midnight: time) -> None:
    evening = Hours(slots=tuple(Shift(weekday=day, opens=time(18), closes=midnight) for day in range(7)))

    assert is_open(evening, at("23:59:59.999"))
    assert next_change(evening, at("23:59:30")) == at("00:00", MONDAY + timedelta(days=1))
    assert not is_open(evening, at("00:00", MONDAY + timedelta(days=1)))


def test_closing_after_midnight_is_two_slots() -> None:
    bar = Hours(slots=(*slots(("20:00", "00:00"), days=range(1)), *slots(("00:00", "02:00"), days=range(1, 2))))
    tuesday = MONDAY + timedelta(days=1)

    assert is_open(bar, at("23:30"))
    assert is_open(bar, at("01:59", tuesday))
    assert not is_open(bar, at("02:00", tuesday))


def test_slots_that_meet_or_overlap_are_one() -> None:
    hours = Hours(slots=slots(("09:00", "12:00"), ("12:00", "15:00"), ("14:00", "17:00")))

    assert next_change(hours, at("09:00")) == at("17:00")


def test_open_day_and_night_never_changes() -> None:
    always = Hours(slots=tuple(Shift(weekday=day, opens=time(0), closes=time.max) for day in range(7)))

    assert is_open(always, at("23:59:59.999999"))
    assert next_change(always, MONDAY) is None


def test_a_week_of_holidays_has_no_change_in_sight() -> None:
    closed = {MONDAY.date() + timedelta(days=day): () for day in range(10)}

    assert next_change(Hours(slots=SPLIT.slots, holidays=closed), MONDAY) is None


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        (NEW_YORK, date(2026, 3, 8)), (NEW_YORK, date(2026, 11, 1)),
        (BERLIN, date(2026, 3, 29)), (BERLIN, date(2026, 10, 25)),
    ],
)  # fmt: skip
def test_office_hours_last_as_long_as_ever_on_the_day_the_clocks_change(zone: ZoneInfo, day: date) -> None:
    office = Hours(slots=slots(("09:00", "17:00")))
    morning = datetime.combine(day, time(9), zone)
    before = (morning.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone)

    assert not is_open(office, before)
    assert is_open(office, morning)
    closing = next_change(office, morning)
    assert closing is not None
    assert closing.astimezone(UTC) - morning.astimezone(UTC) == timedelta(hours=8)


@pytest.mark.parametrize(
    ("zone", "day", "night"),
    [
        (NEW_YORK, date(2026, 11, 1), ("01:15", "01:45")),
        (BERLIN, date(2026, 10, 25), ("02:15", "02:45")),
        (BERLIN, date(2026, 10, 25), ("02:30", "05:00")),
        (NEW_YORK, date(2026, 11, 1), ("00:00", "02:00")),
        (NEW_YORK, date(2026, 3, 8), ("01:00", "05:00")),
        (BERLIN, date(2026, 3, 29), ("01:00", "02:30")),
    ],
)
def test_whoever_looks_at_each_next_change_misses_none_in_the_night_of_the_change(
    zone: ZoneInfo, day: date, night: tuple[str, str]
) -> None:
    hours = Hours(slots=slots(night))
    minute = datetime.combine(day, time(0), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(0), zone)
    change = next_change(hours, minute.astimezone(zone))
    known = is_open(hours, minute.astimezone(zone))
    while minute < end:
        while change is not None and change.astimezone(UTC) <= minute:
            later = next_change(hours, change)
            assert later is not None
            assert later.astimezone(UTC) > change.astimezone(UTC), "a deadline that never gets out of the past"
            known, change = is_open(hours, change), later
        assert is_open(hours, minute.astimezone(zone)) is known, minute.astimezone(zone)
        minute += timedelta(minutes=1)
