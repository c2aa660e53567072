"""A media stream that breaks: with the process that heard it, or with the network."""

from app.core.entities import CallState
from app.core.events import EventType
from app.core.instructions import Listen
from tests.shop import Shop


def streaming_shop() -> Shop:
    """A shop whose caller CA1 is being listened to."""
    shop = Shop()
    shop.rings()
    assert shop.listened()
    return shop


def listens(shop: Shop) -> bool:
    """Whether the caller's present instructions open a stream."""
    return any(isinstance(item, Listen) for item in shop.desk.present("CA1").instructions)


def test_a_broken_stream_is_opened_again_while_the_caller_is_asked_something() -> None:
    shop = streaming_shop()
    shop.silence()
    assert not listens(shop)

    shop.desk.ear_lost("CA1")

    assert listens(shop)
    assert shop.events(EventType.INTENT_REDIRECT)


def test_a_caller_on_hold_is_heard_again_too() -> None:
    shop = streaming_shop()
    shop.hears("i want to order")

    shop.desk.ear_lost("CA1")

    assert listens(shop)
    assert shop.listened()
    assert not listens(shop)


def test_a_stream_that_never_worked_is_left_alone() -> None:
    shop = Shop()
    shop.rings()
    shop.silence()

    shop.desk.ear_lost("CA1")

    assert not listens(shop)
    assert not shop.events(EventType.INTENT_REDIRECT)


def test_a_stream_that_keeps_breaking_is_given_up() -> None:
    shop = streaming_shop()
    shop.silence()
    for _ in range(3):
        shop.desk.ear_lost("CA1")
        shop.listened()

    shop.desk.ear_lost("CA1")

    assert not listens(shop)


def test_the_end_of_the_stream_at_the_bridge_is_no_loss() -> None:
    shop = streaming_shop()
    shop.hears("i want to order")
    shop.agent_takes(shop.dispatches()[0])
    before = len(shop.events(EventType.INTENT_REDIRECT))

    shop.desk.ear_lost("CA1")

    assert len(shop.events(EventType.INTENT_REDIRECT)) == before


def test_a_caller_whose_agent_dropped_at_once_is_heard_again_in_line() -> None:
    shop = streaming_shop()
    shop.hears("i want to order")
    offer = shop.dispatches()[0]
    shop.agent_takes(offer)

    shop.desk.offer_ended(offer.sid, "CAleg", "completed")

    assert shop.call().state is CallState.WAITING
    assert listens(shop)
