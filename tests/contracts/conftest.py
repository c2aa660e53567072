"""Fixtures of the contract suites."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.ports.store import Store
from tests.builders import FakeClock
from tests.redis_server import RedisServers
from tests.store.adapters import ADAPTERS, Adapter, adapter


@pytest.fixture(params=ADAPTERS)
def stores(request: pytest.FixtureRequest, redis_servers: RedisServers, clock: FakeClock) -> Iterator[Adapter]:
    """Each kind of store in turn."""
    with ExitStack() as stack:
        yield adapter(request.param, redis_servers, clock, stack)


@pytest.fixture
def store(stores: Adapter) -> Store:
    """An empty workspace in each kind of store in turn."""
    return stores.open("unicone")
