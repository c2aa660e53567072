"""Fixtures of the simulator's tests."""

from collections.abc import Iterator

import pytest

from tests.simulator.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A server under test with a carrier that calls it."""
    stage = Stage()
    yield stage
    stage.close()
