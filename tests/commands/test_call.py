"""A call that is tried out comes when somebody is there to take it."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.commands.call import next_opening
from app.core.config import Config, Hours, Shift

NEW_YORK = ZoneInfo("America/New_York")
SUNDAYS = Hours(slots=(Shift(weekday=6, opens=time(10), closes=time(20)),))
SHOP = Config(version="c1", business="Shop", timezone="America/New_York", hours=SUNDAYS)


def at(day: int, hour: int) -> int:
    """An instant of November 2026 on the shop's clock; the 22nd is a Sunday."""
    return int(datetime(2026, 11, day, hour, tzinfo=NEW_YORK).timestamp() * 1000)


def test_while_it_is_open_the_call_comes_at_once() -> None:
    assert next_opening(SHOP, at(22, 12)) is None


def test_while_it_is_closed_the_call_comes_a_minute_after_the_next_opening() -> None:
    assert next_opening(SHOP, at(22, 20)) == datetime(2026, 11, 29, 10, 1, tzinfo=NEW_YORK)
    assert next_opening(SHOP, at(22, 9)) == datetime(2026, 11, 22, 10, 1, tzinfo=NEW_YORK)


def test_a_business_that_never_opens_is_called_as_it_is() -> None:
    assert next_opening(Config(version="c1", business="Shop", hours=Hours()), at(22, 12)) is None
