"""Fixtures of the web's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import FakeClock
from tests.web.world import World, world


@pytest.fixture
def place(tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    """A server with nobody on the line."""
    with world(tmp_path, clock) as made:
        yield made
