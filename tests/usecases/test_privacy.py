"""What a caller says to an agent stays between the two."""

from dataclasses import replace

from app.core.config import Queue, Target, TargetKind
from app.core.entities import CallState
from app.core.instructions import Meet, StopListening
from app.core.workflow import LONGEST_WAIT
from tests.shop import Shop, a_config


def test_the_stream_is_stopped_before_caller_and_agent_meet() -> None:
    shop = Shop()
    shop.waits_in()
    shop.agent_takes(shop.dispatches()[0])

    instructions = shop.desk.present("CA1").instructions

    assert [type(item) for item in instructions] == [StopListening, Meet]


def test_words_that_still_come_through_while_they_talk_are_neither_kept_nor_told() -> None:
    shop = Shop()
    shop.waits_in()
    shop.agent_takes(shop.dispatches()[0])
    before = (shop.context.store.personal("CA1"), len(shop.events()))

    assert not shop.hears("my card number is")

    assert (shop.context.store.personal("CA1"), len(shop.events())) == before


def test_a_queue_without_an_end_leads_to_voicemail_after_an_hour() -> None:
    config = a_config()
    endless = {name: replace_escalation(queue) for name, queue in config.queues.items()}
    shop = Shop(a_config(queues=endless))
    shop.waits_in()

    shop.passes(LONGEST_WAIT + 1)

    assert shop.call().state is CallState.LEAVING_MESSAGE


def test_a_fallback_to_somebody_who_is_away_ends_at_voicemail() -> None:
    shop = Shop(a_config(fallback=Target(TargetKind.PERSON, "susan")))
    shop.waits_in("can i talk to susan")

    shop.passes(60)

    assert shop.call().state is CallState.LEAVING_MESSAGE


def replace_escalation(queue: Queue) -> Queue:
    """The queue without any escalation."""
    return replace(queue, escalation=())
