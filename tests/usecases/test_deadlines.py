"""What happens when nobody does anything: escalation, wrap-up, and every other deadline."""

from dataclasses import replace

from app.core.config import Escalation, Limits, Target, TargetKind
from app.core.entities import Activity, CallState, TaskState
from app.core.events import EventType
from app.core.instructions import Forward
from app.usecases.staffing import set_activity
from tests.shop import Shop, a_config, to_queue, words_of


def with_steps(*steps: Escalation, **changes: object) -> Shop:
    """A shop whose sales queue has these escalation steps."""
    config = a_config(**changes)
    sales = replace(config.queues["sales"], escalation=steps)
    return Shop(replace(config, queues={**config.queues, "sales": sales}))


def nobody_but(shop: Shop, *names: str) -> None:
    """Everybody else goes off duty."""
    for name in shop.config.agents:
        set_activity(shop.context, name, Activity.AVAILABLE if name in names else Activity.OFF)


def test_after_two_minutes_the_owners_phone_rings_and_after_four_voicemail_answers() -> None:
    shop = Shop()
    nobody_but(shop, "susan")
    shop.waits_in()
    shop.passes(119)
    assert shop.dispatches() == []

    shop.passes(1)
    (offer,) = shop.dispatches()

    assert offer.worker == "susan"
    assert shop.events(EventType.INTENT_REDIRECT)[-1].data == {"turn": shop.call().turn}
    assert "Calling the owner." in words_of(shop.desk.present("CA1"))
    shop.desk.offer_ended(offer.sid, "", "no-answer")
    shop.passes(120)
    assert shop.call().state is CallState.LEAVING_MESSAGE
    assert shop.task().state is TaskState.CANCELED
    assert "voicemail" in str(shop.events(EventType.TASK_CANCELED)[0].data["reason"])


def test_agents_who_keep_missing_the_call_do_not_put_off_the_owner() -> None:
    shop = Shop()
    shop.waits_in()
    nobody_but(shop, "anna", "ben", "susan")
    for _ in range(12):
        shop.dispatches()
        shop.passes(10)
        for offer in [item for item in shop.offers() if item.worker != "susan"]:
            shop.desk.offer_ended(offer.sid, "", "no-answer")
            shop.clock.advance_seconds(1)
            shop.dispatches()
    shop.passes(20)

    assert "@susan" in {shop.task().queue}


def test_a_phone_that_rings_when_a_step_is_due_may_ring_on_but_no_other_is_rung() -> None:
    shop = Shop()
    shop.waits_in()
    shop.clock.advance_seconds(118)
    (offer,) = shop.dispatches()
    shop.passes(5)
    assert shop.task().queue == "sales"

    shop.desk.offer_ended(offer.sid, "", "no-answer")
    assert shop.dispatches() == []
    shop.passes(1)

    assert shop.task().queue == "@susan"


def test_an_agent_who_answers_after_the_step_was_due_still_gets_the_caller() -> None:
    shop = Shop()
    shop.waits_in()
    shop.clock.advance_seconds(118)
    (offer,) = shop.dispatches()
    shop.passes(5)

    shop.agent_takes(offer)

    assert shop.call().state is CallState.CONNECTED


def test_widening_waits_for_a_phone_that_rings_too() -> None:
    shop = with_steps(Escalation(after=30, serves="skills HAS 'support'"))
    shop.waits_in()
    shop.clock.advance_seconds(25)
    (offer,) = shop.dispatches()

    shop.passes(6)

    assert [item.sid for item in shop.offers()] == [offer.sid]


def test_a_caller_may_become_more_important_while_they_wait() -> None:
    shop = with_steps(Escalation(after=30, raise_by=5), Escalation(after=60, raise_by=5, target=to_queue("support")))
    nobody_but(shop)
    shop.waits_in()

    shop.passes(30)
    assert (shop.task().priority, shop.task().queue) == (5, "sales")
    shop.passes(30)

    assert (shop.task().priority, shop.task().queue) == (10, "support")


def test_a_queue_a_caller_is_moved_to_starts_its_own_steps() -> None:
    shop = with_steps(Escalation(after=60, target=to_queue("support")))
    nobody_but(shop, "susan")
    shop.waits_in()
    shop.passes(60)
    shop.passes(119)
    assert shop.task().queue == "support"

    shop.passes(1)

    assert shop.task().queue == "@susan"


def test_escalation_to_an_outside_number_forwards_the_caller_within_the_owners_limits() -> None:
    number = Target(TargetKind.NUMBER, "+12025550199")
    shop = with_steps(Escalation(after=60, target=number), limits=Limits(hourly=1))
    nobody_but(shop)
    shop.waits_in()
    shop.waits_in(call="CA2")

    shop.passes(60)

    assert sorted(shop.call(sid).state for sid in ("CA1", "CA2")) == [CallState.FORWARDED, CallState.LEAVING_MESSAGE]
    forwarded = next(sid for sid in ("CA1", "CA2") if shop.call(sid).state is CallState.FORWARDED)
    assert shop.desk.present(forwarded).instructions[-1] == Forward("+12025550199")


def test_a_caller_for_one_person_is_not_kept_waiting_for_ever() -> None:
    shop = Shop()
    nobody_but(shop)
    shop.waits_in("can i talk to susan")

    shop.passes(31)

    assert shop.call().state is CallState.LEAVING_MESSAGE


def test_wrap_up_keeps_the_agent_free_and_then_the_next_caller_is_theirs() -> None:
    shop = Shop()
    nobody_but(shop, "anna")
    shop.waits_in()
    shop.connected()
    shop.waits_in(call="CA2")
    shop.desk.ended("CA1", "completed")
    shop.passes(9)
    assert shop.dispatches() == []

    shop.passes(1)

    assert [(item.worker, item.call) for item in shop.dispatches()] == [("anna", "CA2")]


def test_no_wrap_up_frees_the_agent_at_once() -> None:
    config = a_config()
    shop = Shop(replace(config, queues={**config.queues, "sales": replace(config.queues["sales"], wrap_up=0)}))
    shop.waits_in()
    offer = shop.connected()

    shop.desk.ended("CA1", "completed")

    assert shop.task().state is TaskState.COMPLETED
    assert shop.worker(offer.worker).free_on("voice")


def test_deadlines_that_were_dealt_with_already_do_nothing() -> None:
    shop = Shop()
    shop.waits_in()
    shop.passes(61)
    seen = len(shop.events())

    shop.passes(0)

    assert len(shop.events()) == seen


def test_a_step_that_was_held_up_still_gets_its_time() -> None:
    shop = Shop()
    nobody_but(shop)
    shop.waits_in()

    shop.passes(300)
    shop.passes(60)

    assert shop.task().queue == "@susan"
    assert shop.call().state is CallState.WAITING
