"""A clock started at an instant of the owner's choice, shared by all processes of a server."""

from datetime import UTC, datetime
from pathlib import Path

from app.adapters.clock import SystemClock, hold_clock, release_clock, started_clock

OPENING = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
START = int(OPENING.timestamp() * 1000)
A_MINUTE = 60_000


def test_without_a_setting_it_is_the_machines_time(tmp_path: Path) -> None:
    assert abs(started_clock(None, tmp_path).now() - SystemClock().now()) < A_MINUTE


def test_time_starts_at_the_instant_and_goes_on_for_whoever_comes_later(tmp_path: Path) -> None:
    first = started_clock(OPENING, tmp_path).now()
    second = started_clock(OPENING, tmp_path).now()

    assert START <= first < START + A_MINUTE
    assert START <= second < START + A_MINUTE


def test_a_held_clock_stands_still_for_every_process_until_it_is_released(tmp_path: Path) -> None:
    hold_clock(OPENING, tmp_path)
    clocks = [started_clock(OPENING, tmp_path) for _ in range(2)]
    assert [clock.now() for clock in clocks] == [START, START]

    release_clock(OPENING, tmp_path)

    assert all(START <= clock.now() < START + A_MINUTE for clock in clocks)


def test_two_instants_in_one_folder_are_two_clocks(tmp_path: Path) -> None:
    started_clock(OPENING, tmp_path)
    other = datetime(2027, 1, 1, tzinfo=UTC)

    assert started_clock(other, tmp_path).now() >= int(other.timestamp() * 1000)
