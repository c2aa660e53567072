"""One office for the scenarios of this folder; each test has callers and workers of its own."""

from collections.abc import Iterator

import pytest

from tests.scenarios.taskrouter.office import Office, an_office


@pytest.fixture
def office() -> Iterator[Office]:
    """A workspace that takes calls."""
    with an_office() as running:
        yield running
