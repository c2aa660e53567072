"""What the API may do with the tasks of callers on the line: nobody is left in the music, or in an empty room."""

import pytest

from app.core.entities import CallState, ReservationState, TaskState
from app.core.events import EventType
from app.usecases.taskrouter.reservations import accept, reject, update_reservation
from app.usecases.taskrouter.tasks import TaskUpdate, delete_task, update_task
from app.usecases.taskrouter.wording import Refusal, Why
from tests.builders import FakeClock
from tests.shop import Shop


@pytest.fixture
def shop(clock: FakeClock) -> Shop:
    """A shop with a caller in line."""
    shop = Shop(clock=clock)
    shop.waits_in()
    return shop


def redirects(shop: Shop) -> list[object]:
    """The turns to which the caller was fetched."""
    return [event.data["turn"] for event in shop.events(EventType.INTENT_REDIRECT)]


def test_a_caller_whose_task_is_canceled_leaves_a_message(shop: Shop) -> None:
    [offer, *_] = shop.dispatches()
    canceled = update_task(shop.context, shop.task().sid, TaskUpdate(status=TaskState.CANCELED, reason="closed"))
    assert not isinstance(canceled, Refusal)
    assert (canceled.state, canceled.reason) == (TaskState.CANCELED, "closed")
    assert shop.call().state is CallState.LEAVING_MESSAGE
    assert redirects(shop)[-1] == shop.call().turn
    assert shop.reservation(offer.sid).state is ReservationState.CANCELED
    assert shop.worker(offer.worker).reservations == ()


@pytest.mark.parametrize("by_reservation", [True, False])
@pytest.mark.parametrize("order", ["wrapping", "completed"])
def test_a_caller_whose_agent_is_done_is_thanked_and_the_agents_line_ended(
    shop: Shop, order: str, by_reservation: bool
) -> None:
    offer = shop.connected()
    if by_reservation:
        update_reservation(shop.context, offer.sid, ReservationState(order))
    else:
        update_task(shop.context, shop.task().sid, TaskUpdate(status=TaskState(order)))
    assert shop.call().state is CallState.TOLD
    assert redirects(shop)[-1] == shop.call().turn
    assert [event.data["leg"] for event in shop.events(EventType.INTENT_HANG_UP)] == ["CAleg"]
    assert shop.reservation(offer.sid).state.value == order
    assert bool(shop.worker(offer.worker).reservations) is (order == "wrapping")


def test_a_caller_is_not_accepted_by_order(shop: Shop) -> None:
    [offer, *_] = shop.dispatches()
    refused = accept(shop.context, offer.sid)
    assert isinstance(refused, Refusal)
    assert refused.why is Why.ILLEGAL
    assert shop.call().state is CallState.WAITING


def test_a_phone_that_rings_for_a_rejected_offer_stops(shop: Shop) -> None:
    [offer, *_] = shop.dispatches()
    shop.desk.offer(offer.sid, "CAleg")
    rejected = reject(shop.context, offer.sid)
    assert not isinstance(rejected, Refusal)
    assert rejected.state is ReservationState.REJECTED
    assert [event.data["leg"] for event in shop.events(EventType.INTENT_HANG_UP)] == ["CAleg"]


def test_the_task_of_a_caller_on_the_line_is_not_removed(shop: Shop) -> None:
    task = shop.task()
    refused = delete_task(shop.context, task.sid)
    assert isinstance(refused, Refusal)
    assert refused.why is Why.IN_USE
    shop.desk.ended("CA1", "completed")
    assert not isinstance(delete_task(shop.context, task.sid), Refusal)


def test_a_callers_place_can_be_raised_and_their_channel_stays(shop: Shop) -> None:
    task = shop.task()
    raised = update_task(shop.context, task.sid, TaskUpdate(priority=task.priority + 5))
    assert not isinstance(raised, Refusal)
    assert raised.priority == shop.task().priority == task.priority + 5
    assert isinstance(update_task(shop.context, task.sid, TaskUpdate(channel="chat")), Refusal)
