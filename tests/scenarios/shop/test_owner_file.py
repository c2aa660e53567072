"""The owner changes the file while calls are in progress, rightly or wrongly."""

from collections.abc import Iterator

import pytest

from app.simulator.callers import ListenUntil, Press, SayWords, Wait
from tests.scenarios.world import World, eventually

pytestmark = pytest.mark.timeout(120)

OLD, NEW = "We are open all day. Goodbye.", "We close at noon today. Goodbye."


@pytest.fixture
def text(shop: World) -> Iterator[str]:
    """The file as it is, put back afterwards."""
    before = shop.owner_file.read_text()
    version = shop.readiness()["config_version"]
    try:
        yield before
    finally:
        shop.owner_file.write_text(before)
        assert eventually(lambda: _is(shop, version))


def _is(shop: World, version: str) -> bool:
    state = shop.readiness()
    return state["config_version"] == version and not state["config_problem"]


def _hears(shop: World, number: str) -> str:
    call = shop.dial("asks for the hours", number, ListenUntil("welcome"), Press("5"))
    return shop.ended(call).result.said[-1].text


def test_a_broken_file_is_reported_and_the_good_one_stays_in_use(shop: World, text: str) -> None:
    version = shop.readiness()["config_version"]

    shop.owner_file.write_text(text.replace("title: a person", "title: [a person"))
    assert eventually(lambda: bool(shop.readiness()["config_problem"]))

    state = shop.readiness()
    assert state["ready"]
    assert state["config_version"] == version
    assert "shop.yaml:" in state["config_problem"]
    assert any("owner's file is broken" in line for line in state["degraded"])
    assert _hears(shop, "+12025550411") == OLD


def test_new_calls_follow_the_new_file_and_calls_in_progress_their_own(shop: World, text: str) -> None:
    version = shop.readiness()["config_version"]
    steps = (ListenUntil("how can i help"), Wait(0.3), SayWords("your hours please"))
    early = shop.dial("began before the change", "+12025550412", *steps)
    assert early.leg.watch(lambda: bool(early.leg.prompts), 10)

    shop.owner_file.write_text(text.replace(OLD, NEW))
    assert eventually(lambda: shop.readiness()["config_version"] != version)

    assert _hears(shop, "+12025550413") == NEW
    assert shop.ended(early).result.said[-1].text == OLD
