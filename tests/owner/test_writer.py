"""`switchboard init` writes a file that loads, whatever an owner answers."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.config import Target, TargetKind
from app.core.skills import serving
from app.owner import Answers, OwnerFileError, RouteAnswer, load, write_owner_file

BIKES = Answers(
    business='Bob\'s "Bikes" & Café',
    number="+12025550100",
    owner="Bob Miller",
    cell="+47 22 12 34 56",
    time_zone="Europe/Oslo",
    hours={"mon-fri": "9:00-12:30, 13:30-18:00", "sat": "10:00-14:00"},
    routes=(RouteAnswer("repairs", ("repair", "broken")), RouteAnswer("New bikes")),
)


def test_the_answers_become_an_owners_file() -> None:
    config = load(write_owner_file(BIKES))
    assert config.business == 'Bob\'s "Bikes" & Café'
    assert config.hours is not None
    assert len(config.hours.slots) == 11
    assert config.agents["bob_miller"].phone == "+4722123456"
    assert config.limits.countries == ("NO", "US")
    assert [(route.title, route.keywords, route.key) for route in config.routes.values()] == [
        ("repairs", ("repair", "broken"), "1"),
        ("New bikes", ("new bikes",), "2"),
    ]
    assert config.routes["new_bikes"].target == Target(TargetKind.QUEUE, "new_bikes")
    assert all(serving(config, queue) == ("bob_miller",) for queue in ("calls", "repairs", "new_bikes"))


def test_the_file_explains_itself() -> None:
    text = write_owner_file(BIKES)
    assert "switchboard check" in text
    assert text.count("#") > 8


def test_an_owner_may_answer_as_little_as_possible() -> None:
    config = load(write_owner_file(replace(BIKES, hours={}, routes=())))
    assert (config.hours, config.routes) == (None, {})
    assert config.fallback == Target(TargetKind.QUEUE, "calls")


def test_many_routes_outnumber_the_keys() -> None:
    routes = tuple(RouteAnswer(f"reason {number}") for number in range(12))
    config = load(write_owner_file(replace(BIKES, routes=routes)))
    assert [route.key for route in config.routes.values()] == [*"123456789", "", "", ""]


def test_a_wrong_answer_is_reported_by_load() -> None:
    text = write_owner_file(replace(BIKES, cell="22 12 34 56", time_zone="Oslo"))
    with pytest.raises(OwnerFileError) as caught:
        load(text)
    assert [problem.message for problem in caught.value.problems] == [
        '"Oslo" is not a time zone',
        '"22 12 34 56" is not a telephone number',
    ]


_TITLES = st.text(min_size=1, max_size=30).filter(lambda text: any(letter.isalpha() for letter in text))


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(_TITLES, _TITLES)
def test_any_name_of_a_business_or_an_owner_can_be_written(business: str, owner: str) -> None:
    config = load(write_owner_file(replace(BIKES, business=business, owner=owner)))
    assert config.business == " ".join("".join(c if c.isprintable() else " " for c in business).split())
