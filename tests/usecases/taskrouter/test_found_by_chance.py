"""What the state machine found: each mistake in its smallest form."""

from app.usecases.dispatching import dispatch_everything
from tests.usecases.taskrouter.bakery import Bakery


def test_a_task_whose_time_is_over_is_offered_to_nobody(bakery: Bakery) -> None:
    task = bakery.order(timeout=60)
    bakery.clock.advance_seconds(60)
    bakery.baker("Ann")
    dispatch_everything(bakery.context)
    assert bakery.now(task).reservations == ()
    bakery.later(0)
    assert bakery.now(task).reason == "Task TTL Exceeded"
