"""Whatever programs, workers, the clock and crashes do to a workspace, its promises hold after every single step."""

import os

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.usecases.taskrouter.firm import in_memory, in_redis
from tests.usecases.taskrouter.machine import Firm
from tests.usecases.taskrouter.running import limits

LONG = int(os.environ.get("INVARIANTS_TIMES", "1"))
"""So many times the usual number of examples."""


@pytest.mark.timeout(120 * LONG)
def test_a_workspace_keeps_its_promises_in_memory() -> None:
    run_state_machine_as_test(lambda: Firm(in_memory), settings=limits(30 * LONG, steps=30))


@pytest.mark.timeout(120 * LONG)
def test_a_workspace_keeps_its_promises_on_redis(redis_url: str) -> None:
    run_state_machine_as_test(lambda: Firm(lambda _: in_redis(redis_url)), settings=limits(8 * LONG, steps=30))
