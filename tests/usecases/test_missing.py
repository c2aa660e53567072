"""Offers that nobody takes, through the agents' phones: by reason, by queue, and who is asked next."""

from dataclasses import replace

import pytest

from app.core.config import Config, Escalation, Miss, MissRule, Offers
from app.core.entities import Activity, Reservation
from app.usecases.staffing import set_activity
from tests.shop import Shop, a_config


def a_shop(offers: Offers | None = None, **sales: object) -> Shop:
    """The shop, with an owner's word on missed offers; anna and ben serve sales."""
    config = a_config()
    queue = replace(config.queues["sales"], **{"escalation": (), **sales})  # type: ignore[arg-type]
    changed: Config = replace(config, offers=offers or Offers(), queues={**config.queues, "sales": queue})
    return Shop(changed)


def only_anna(shop: Shop) -> Reservation:
    """Ben leaves, somebody calls, and anna's phone rings."""
    set_activity(shop.context, "ben", Activity.OFF)
    shop.waits_in()
    (offer,) = shop.dispatches()
    return offer


@pytest.mark.parametrize("status", ["busy", "failed"])
def test_a_reason_that_the_owner_excuses_never_ends_anybodys_duty(status: str) -> None:
    rules = {Miss.BUSY: MissRule(limit=0, pause=60), Miss.UNREACHABLE: MissRule(limit=0, pause=60)}
    shop = a_shop(Offers(missed_limit=1, missed=rules))
    offer = only_anna(shop)

    for _ in range(5):
        shop.desk.offer_ended(offer.sid, "CAleg", status)
        assert shop.dispatches() == [], "not before the pause is over"
        shop.clock.advance_seconds(60)
        (offer,) = shop.dispatches()

    assert shop.worker("anna").activity == Activity.AVAILABLE


def test_a_queue_of_its_own_mind_goes_before_what_holds_for_all() -> None:
    strict = {Miss.VOICEMAIL: MissRule(limit=1)}
    machine = a_shop(missed=strict)
    elsewhere = a_shop()

    for shop in (machine, elsewhere):
        offer = only_anna(shop)
        shop.desk.offer(offer.sid, "CAleg", machine=True)

    assert machine.worker("anna").activity == Activity.OFF
    assert elsewhere.worker("anna").activity == Activity.AVAILABLE


def test_whoever_keeps_declining_goes_off_duty_if_the_owner_says_so() -> None:
    shop = a_shop(Offers(retry_after=0, missed={Miss.DECLINED: MissRule(limit=2)}))
    offer = only_anna(shop)
    shop.desk.offer_key(offer.sid, "CAleg", "2")
    (offer,) = shop.dispatches()

    shop.desk.offer_key(offer.sid, "CAleg", "2")

    assert shop.worker("anna").activity == Activity.OFF


def test_taking_a_call_forgets_what_was_missed() -> None:
    shop = a_shop(Offers(retry_after=0, missed={Miss.BUSY: MissRule(limit=3)}))
    offer = only_anna(shop)
    shop.desk.offer_ended(offer.sid, "CAleg", "busy")
    (offer,) = shop.dispatches()
    assert shop.worker("anna").missed == {"busy": 1}

    shop.agent_takes(offer)

    assert shop.worker("anna").missed == {}


@pytest.mark.parametrize("pause", [0, 15])
def test_of_two_free_agents_the_one_who_declined_is_not_asked_again(pause: int) -> None:
    shop = a_shop(Offers(retry_after=pause))
    shop.waits_in()
    (offer,) = shop.dispatches()
    other = {"anna": "ben", "ben": "anna"}[offer.worker]

    shop.desk.offer_key(offer.sid, "CAleg", "2")
    (second,) = shop.dispatches()
    assert second.worker == other

    shop.desk.offer_key(second.sid, "CAleg", "2")
    shop.clock.advance_seconds(pause)
    (third,) = shop.dispatches()
    assert third.worker == offer.worker, "both have declined: it is asked again who has been idle for longest"


def test_who_declined_is_asked_again_when_nobody_else_is_free() -> None:
    shop = a_shop()
    offer = only_anna(shop)
    shop.desk.offer_key(offer.sid, "CAleg", "2")
    assert shop.dispatches() == []

    shop.clock.advance_seconds(15)

    assert [offer.worker for offer in shop.dispatches()] == ["anna"]


def test_who_declined_comes_last_even_when_more_agents_may_serve_or_another_queue_has_the_caller() -> None:
    wider = (Escalation(after=20, serves="skills HAS 'sales' OR skills HAS 'support'"),)
    shop = a_shop(escalation=wider, serves="name == 'ben'")
    set_activity(shop.context, "anna", Activity.OFF)
    shop.waits_in()
    (offer,) = shop.dispatches()
    assert offer.worker == "ben"
    shop.desk.offer_key(offer.sid, "CAleg", "2")
    set_activity(shop.context, "anna", Activity.AVAILABLE)

    shop.passes(20)

    assert [offer.worker for offer in shop.dispatches()] == ["anna"]
