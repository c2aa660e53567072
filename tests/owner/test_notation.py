"""How owners write times, hours and numbers."""

from collections.abc import Callable
from datetime import time

import pytest
from pydantic_core import PydanticCustomError

from app.owner.notation import END_OF_DAY, days, keys, phone, seconds, skills, slots, time_zone, yes_or_no


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("30 s", 30), ("30s", 30), ("90", 90), (90, 90), ("2 min", 120), ("2 Minutes", 120), ("1 h", 3600),
        ("1 h 30 min", 5400), ("1.5 min", 90), ("0", 0), ("24 h", 86400), ("1 minute 1 second", 61),
    ],
)  # fmt: skip
def test_lengths_of_time(written: object, meant: int) -> None:
    assert seconds(written) == meant


@pytest.mark.parametrize("written", ["", "soon", "-5 s", "5 ms", "1,5 min", "0.5 s", "25 h", "5 5", True, None, [1]])
def test_what_is_no_length_of_time(written: object) -> None:
    with pytest.raises(PydanticCustomError):
        seconds(written)


def test_opening_hours() -> None:
    assert slots("9:00-12:30, 13:30-18:00") == ((time(9), time(12, 30)), (time(13, 30), time(18)))
    assert slots("13:30 – 18:00,09:00-12:30") == slots("9:00-12:30, 13:30-18:00")
    assert slots("9:00-12:00, 12:00-13:00") == ((time(9), time(12)), (time(12), time(13)))
    assert slots("0:00-24:00") == ((time(0), END_OF_DAY),)
    assert slots("Closed") == ()


def test_days_and_spans_of_days() -> None:
    assert days("mon") == (0,)
    assert days("Mon-Fri") == (0, 1, 2, 3, 4)
    assert days("sat, sun") == (5, 6)
    assert days("sat-mon") == (5, 6, 0)
    assert days("monday") is None


def test_numbers_are_understood_in_any_usual_writing() -> None:
    for written in ("+12025550110", "+1 (202) 555-0110", " +1-202-555-0110 ", "+1.202.555.0110"):
        assert phone(written) == "+12025550110"


@pytest.mark.parametrize(
    ("read", "written"),
    [
        (phone, "911"), (phone, True), (phone, "hello"), (keys, "12 3"), (keys, ""), (keys, True),
        (yes_or_no, "perhaps"), (yes_or_no, None),
        (time_zone, "/etc/passwd"), (time_zone, "../UTC"), (time_zone, 5), (skills, [1]),
        (skills, {"a b": 1}), (skills, {"a": True}), (slots, "9:00"), (slots, "9:60-10:00"), (slots, "24:01-25:00"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(read: Callable[[object], object], written: object) -> None:
    with pytest.raises(PydanticCustomError):
        read(written)
