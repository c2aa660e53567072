"""The scenario of the demo: it can be read, and it speaks of the shop whose rules it shows."""

import pytest

from app.core.config import Config
from app.demo import AUDIO, SCENARIO
from app.demo.make_audio import read_lines
from app.owner.load import UNICONE, load
from app.simulator.callers import Caller, Speak
from app.simulator.scenario import Scenario, load_scenario

HEARD = {line.file: line.heard for line in read_lines()}


@pytest.fixture(scope="module")
def morning() -> Scenario:
    return load_scenario(SCENARIO, AUDIO)


@pytest.fixture(scope="module")
def shop() -> Config:
    return load(UNICONE)


def texts(value: object) -> list[str]:
    if value is None:
        return []
    return list(map(str, value)) if isinstance(value, list) else [str(value)]


def lines_of(caller: Caller) -> str:
    return " ".join(HEARD[step.name] for step in caller.does if isinstance(step, Speak))


def test_every_agent_of_the_shop_has_a_telephone_in_the_scenario(morning: Scenario, shop: Config) -> None:
    assert {agent.name: agent.phone for agent in morning.agents} == {
        agent.name: agent.phone for agent in shop.agents.values()
    }


def test_callers_have_numbers_that_nobody_has(morning: Scenario, shop: Config) -> None:
    numbers = {caller.from_number for caller in morning.callers}
    assert all("+12025550130" <= number <= "+12025550199" for number in numbers)
    assert not numbers & {shop.number, *(agent.phone for agent in shop.agents.values())}


def test_every_caller_says_how_the_call_must_end(morning: Scenario) -> None:
    assert all(caller.expect.get("outcome") for caller in morning.callers)


def test_expected_agents_and_routes_are_the_shops(morning: Scenario, shop: Config) -> None:
    for caller in morning.callers:
        assert set(texts(caller.expect.get("agent"))) <= set(shop.agents), caller.name
        assert set(texts(caller.expect.get("route"))) <= set(shop.routes), caller.name


def test_callers_who_must_reach_somebody_say_whom_they_may_reach(morning: Scenario) -> None:
    connected = [caller for caller in morning.callers if caller.expect["outcome"] == "connected"]
    assert all(texts(caller.expect.get("agent")) for caller in connected)


def test_what_must_be_heard_is_in_what_is_said(morning: Scenario) -> None:
    for caller in morning.callers:
        for words in texts(caller.expect.get("heard")):
            assert words in lines_of(caller), caller.name


def test_who_must_come_first_is_compared_with_somebody_who_calls(morning: Scenario) -> None:
    names = {caller.name for caller in morning.callers}
    before = {name for caller in morning.callers for name in texts(caller.expect.get("connected_before"))}
    assert before
    assert before <= names


def test_the_regular_really_calls_three_times(morning: Scenario, shop: Config) -> None:
    rule = next(rule for rule in shop.priorities if rule.called_times)
    numbers = [caller.from_number for caller in morning.callers]
    assert max(numbers.count(number) for number in numbers) == rule.called_times


def test_every_outcome_of_a_good_morning_is_seen(morning: Scenario) -> None:
    assert {caller.expect["outcome"] for caller in morning.callers} == {"connected", "voicemail", "abandoned"}
