"""What the state machine found: each mistake in its smallest form."""

from app.usecases.dispatching import dispatch, dispatch_everything, openings
from app.usecases.taskrouter.reservations import accept
from app.usecases.taskrouter.workers import WorkerUpdate, update_worker
from tests.usecases.taskrouter.bakery import AWAY, FREE, Bakery


def test_a_task_whose_time_is_over_is_offered_to_nobody(bakery: Bakery) -> None:
    task = bakery.order(timeout=60)
    bakery.clock.advance_seconds(60)
    bakery.baker("Ann")
    dispatch_everything(bakery.context)
    assert bakery.now(task).reservations == ()
    bakery.later(0)
    assert bakery.now(task).reason == "Task TTL Exceeded"


def test_who_comes_back_with_full_hands_is_asked_at_once_for_what_takes_no_account_of_that(bakery: Bakery) -> None:
    baker = bakery.baker("Ann")
    for channel in ("default", "chat"):
        (offer,) = bakery.offered(bakery.order(channel=channel))
        accept(bakery.context, offer.sid)
    update_worker(bakery.context, baker.sid, WorkerUpdate(activity=AWAY))
    task = bakery.order(routing_target=baker.sid)
    assert bakery.offered(task) == []

    seen = bakery.store.snapshot().event
    update_worker(bakery.context, baker.sid, WorkerUpdate(activity=FREE))
    dispatch(bakery.context, openings(bakery.context, bakery.store.since(seen)))

    assert len(bakery.now(task).reservations) == 1
