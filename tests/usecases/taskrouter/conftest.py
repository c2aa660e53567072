"""Fixtures of the TaskRouter use cases' tests."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.ports.store import Store
from app.store.memory import MemoryStore
from tests.builders import FakeClock
from tests.redis_server import RedisServers
from tests.store.adapters import ADAPTERS, adapter
from tests.usecases.taskrouter.bakery import WORKSPACE, Bakery


@pytest.fixture(params=ADAPTERS)
def every_store(request: pytest.FixtureRequest, redis_servers: RedisServers, clock: FakeClock) -> Iterator[Store]:
    """Each kind of store in turn."""
    with ExitStack() as stack:
        yield adapter(request.param, redis_servers, clock, stack).open(WORKSPACE)


@pytest.fixture
def bakery(clock: FakeClock) -> Bakery:
    """A bakery in memory."""
    return Bakery(MemoryStore(WORKSPACE, clock), clock)
