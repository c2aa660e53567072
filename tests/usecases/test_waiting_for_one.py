"""Callers who wait for one agent: whoever served them last, or whom they asked for; then for anybody, place kept."""

from dataclasses import replace

import pytest

from app.core.change import update
from app.core.config import Escalation, Target, TargetKind
from app.core.entities import Activity, Caller, CallState
from app.core.events import EventType
from app.core.waiting_rules import AskedFor, LastAgent
from app.usecases.staffing import set_activity
from tests.shop import VOICEMAIL, Shop, a_config, to_queue

CALLER, OTHER = "+12025550131", "+12025550132"
DAY = 24 * 3600


def regulars(**last: int) -> Shop:
    """A shop whose sales callers wait for the agent they know."""
    config = a_config()
    sales = replace(config.queues["sales"], last_agent=LastAgent(**{"wait": 20, "days": 7, **last}))
    return Shop(replace(config, queues={**config.queues, "sales": sales}))


def served_by_ben(shop: Shop) -> None:
    """Ben talks to the caller and is free again."""
    set_activity(shop.context, "anna", Activity.OFF)
    shop.waits_in(call="CA0")
    offer = shop.connected("CA0")
    shop.desk.ended("CA0", "completed")
    shop.passes(11)
    assert offer.worker == "ben"
    set_activity(shop.context, "anna", Activity.AVAILABLE)
    shop.clock.advance_seconds(60)


def keep_busy(shop: Shop, name: str) -> None:
    """Another caller, whom nobody has served before, talks to this agent."""
    away = [other for other in ("anna", "ben") if other != name and shop.worker(other).available]
    for other in away:
        set_activity(shop.context, other, Activity.BREAK)
    shop.waits_in(call="CAx", caller=OTHER)
    assert shop.connected("CAx", "CAlegx").worker == name
    for other in away:
        set_activity(shop.context, other, Activity.AVAILABLE)


def test_who_served_a_number_last_is_rung_first_even_if_another_was_idle_for_longer() -> None:
    shop = regulars()
    served_by_ben(shop)
    set_activity(shop.context, "ben", Activity.OFF)
    set_activity(shop.context, "ben", Activity.AVAILABLE)

    shop.waits_in()

    assert [offer.worker for offer in shop.dispatches()] == ["ben"]
    assert shop.events(EventType.TASK_CREATED)[-1].data["known"] == "ben"


def test_they_wait_while_that_agent_talks_and_then_go_to_anybody_in_their_old_place() -> None:
    shop = regulars()
    served_by_ben(shop)
    keep_busy(shop, "ben")
    shop.waits_in()
    set_activity(shop.context, "anna", Activity.BREAK)
    shop.clock.advance_seconds(5)
    shop.waits_in(call="CA2", caller="+12025550133")
    set_activity(shop.context, "anna", Activity.AVAILABLE)
    assert [offer.call for offer in shop.dispatches()] == ["CA2"], "anna is free, but they wait for ben"
    shop.desk.offer_key(shop.offers()[0].sid, "CAleg2", "2")

    shop.passes(16)

    assert shop.task().known == ""
    assert shop.context.store.position(shop.task()) == 1
    assert [(offer.call, offer.worker) for offer in shop.dispatches()] == [("CA1", "anna")]
    told = shop.events(EventType.TASK_RETRIED)
    assert "ben was not free within 21 s" in [event.data.get("reason") for event in told]


def test_nobody_waits_for_an_agent_who_is_off_duty() -> None:
    shop = regulars()
    served_by_ben(shop)
    set_activity(shop.context, "ben", Activity.OFF)

    shop.waits_in()

    assert shop.task().known == ""
    assert [offer.worker for offer in shop.dispatches()] == ["anna"]


def test_an_agent_who_passes_is_not_waited_for_any_longer() -> None:
    shop = regulars()
    served_by_ben(shop)
    shop.waits_in()
    (offer,) = shop.dispatches()

    shop.desk.offer_key(offer.sid, "CAleg", "2")
    shop.passes(0)

    assert [offer.worker for offer in shop.dispatches()] == ["anna"]
    assert shop.events(EventType.TASK_RETRIED)[-1].data["reason"] == "ben passed or missed it"


def test_a_phone_that_rings_when_the_wait_is_over_rings_on() -> None:
    shop = regulars(wait=5)
    served_by_ben(shop)
    shop.waits_in()
    (offer,) = shop.dispatches()

    shop.passes(6)

    assert [open_offer.sid for open_offer in shop.offers()] == [offer.sid]
    shop.agent_takes(offer)
    assert shop.call().worker == "ben"


@pytest.mark.parametrize(("days_later", "known"), [(6, "ben"), (8, "")])
def test_it_is_remembered_for_so_many_days(days_later: int, known: str) -> None:
    shop = regulars()
    served_by_ben(shop)
    shop.clock.advance_seconds(days_later * DAY)

    shop.waits_in()

    assert shop.task().known == known


def test_somebody_who_may_not_serve_the_queue_is_not_waited_for() -> None:
    shop = regulars()
    shop.rings()
    caller = shop.context.store.get(Caller, CALLER)
    assert caller is not None
    shop.context.store.commit(update(caller, replace(caller, served={"susan": shop.clock.now(), "anna": 5})))

    shop.hears("i want to order")

    assert shop.task().known == "", "susan serves no queue by rule, and with anna it was too long ago"


def test_nothing_is_kept_where_no_queue_asks_for_it() -> None:
    shop = Shop()
    served_by_ben(shop)

    caller = shop.context.store.get(Caller, CALLER)

    assert caller is not None
    assert caller.served == {}


def test_it_is_remembered_too_when_the_agent_hangs_up_first() -> None:
    shop = regulars()
    shop.waits_in()
    offer = shop.connected()

    shop.desk.agent_left(offer.sid, "CAleg")

    caller = shop.context.store.get(Caller, CALLER)
    assert caller is not None
    assert list(caller.served) == [offer.worker]


# --- asked for by name ---


def asked(then: Target | None, **changes: object) -> Shop:
    """A shop in which callers may ask for susan, who takes her time."""
    config = a_config(**changes)
    susan = replace(config.agents["susan"], asked_for=AskedFor(wait=30, then=then))
    return Shop(replace(config, agents={**config.agents, "susan": susan}))


def test_who_asks_for_an_agent_goes_on_to_the_queue_the_owner_says_and_keeps_their_age() -> None:
    shop = asked(to_queue("sales"))
    set_activity(shop.context, "anna", Activity.BREAK)
    set_activity(shop.context, "ben", Activity.BREAK)
    shop.waits_in("susan please")
    created = shop.task().created
    shop.clock.advance_seconds(10)
    shop.waits_in(call="CA2", caller=OTHER)

    shop.passes(21)

    assert (shop.task().queue, shop.task().created) == ("sales", created)
    assert shop.context.store.position(shop.task()) == 1, "before who came while they waited"
    assert shop.call().state is CallState.WAITING
    assert shop.call().destination == to_queue("sales")


def test_who_asks_on_hold_comes_back_to_their_queue_and_its_steps_go_on() -> None:
    shop = asked(None)
    config = shop.config
    steps = (Escalation(after=20, serves="skills HAS 'sales'"), Escalation(after=240, target=VOICEMAIL))
    support = replace(config.queues["support"], escalation=steps, person=Target(TargetKind.PERSON, "susan"))
    shop.configs.config = replace(config, queues={**config.queues, "support": support})
    for name in ("anna", "ben"):
        set_activity(shop.context, name, Activity.BREAK)
    shop.waits_in("i have a problem")
    shop.passes(21)
    assert shop.task().queue == "support+0"
    shop.presses("0")
    assert (shop.task().queue, shop.task().step) == ("@susan", 1)

    shop.passes(31)

    assert (shop.task().queue, shop.task().step, shop.task().path) == ("support+0", 1, "support")
    assert shop.task().moves_on == shop.task().created + 241_000, "the step that came a second late puts off the next"


@pytest.mark.parametrize(("then", "queue"), [(to_queue("sales"), "sales"), (None, "")])
def test_nobody_waits_for_who_was_asked_for_but_is_off_duty(then: Target | None, queue: str) -> None:
    shop = asked(then)
    set_activity(shop.context, "susan", Activity.OFF)

    shop.waits_in("susan please")

    if queue:
        assert shop.task().queue == queue
    else:
        assert shop.call().state is CallState.LEAVING_MESSAGE, "as the file says of those who are not understood"


def test_who_asks_on_hold_for_somebody_off_duty_stays_where_they_are() -> None:
    shop = asked(None)
    config = shop.config
    support = replace(config.queues["support"], person=Target(TargetKind.PERSON, "susan"))
    shop.configs.config = replace(config, queues={**config.queues, "support": support})
    set_activity(shop.context, "susan", Activity.OFF)
    shop.waits_in("i have a problem")

    shop.presses("0")

    assert shop.task().queue == "support"
    assert shop.call().destination == to_queue("support")


def test_without_a_word_of_the_owner_they_wait_as_long_as_the_phone_may_ring() -> None:
    shop = Shop()
    shop.waits_in("susan please")

    assert shop.task().moves_on == shop.task().created + 31_000
