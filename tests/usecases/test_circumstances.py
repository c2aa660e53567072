"""Steps that hang on more than time: a long line, a promise at risk, closing time; and places that rules give."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from app.core.change import update
from app.core.config import Agent, Escalation, Hours, PriorityRule, Shift, Target, TargetKind
from app.core.entities import Activity, CallState, Mood
from app.core.events import EventType
from app.core.routing.lanes import queue_lane
from app.core.waiting_rules import ServiceLevel
from app.usecases.dispatching import Openings, dispatch
from app.usecases.staffing import set_activity
from tests.builders import NOON, FakeClock
from tests.shop import VOICEMAIL, Shop, a_config, to_queue, words_of

WIDE = Escalation(after=0, when_waiting=2, serves="skills HAS 'support' OR skills HAS 'sales'")


def shop_with(*steps: Escalation, clock: FakeClock | None = None, **changes: object) -> Shop:
    """A shop whose sales queue has these steps, and nobody on duty but for escalations."""
    config = a_config()
    sales = replace(config.queues["sales"], escalation=steps, **changes)
    shop = Shop(replace(config, queues={**config.queues, "sales": sales}), clock or FakeClock())
    for name in ("anna", "ben"):
        set_activity(shop.context, name, Activity.BREAK)
    return shop


def callers(shop: Shop, *calls: str) -> None:
    """These call one after the other, a second apart."""
    for call in calls:
        shop.waits_in(call=call, caller=f"+1202555{int(call[2:]) + 2000}")
        shop.passes(1)


def raised(shop: Shop) -> list[object]:
    """Why callers were raised."""
    return [reason for event in shop.events(EventType.TASK_RAISED) for reason in event.data.get("reasons", ())]  # type: ignore[union-attr]


# --- a long line ---


def test_a_step_waits_for_a_long_line_and_is_taken_once_for_each_caller() -> None:
    shop = shop_with(Escalation(after=0, when_waiting=2, raise_by=4), Escalation(after=300, target=VOICEMAIL))
    callers(shop, "CA1", "CA2")
    assert raised(shop) == []

    callers(shop, "CA3")
    assert raised(shop) == ["3 are waiting, more than 2"], "who comes is looked at at once"

    shop.passes(15)
    shop.passes(15)
    assert [shop.task(call).priority for call in ("CA1", "CA2", "CA3")] == [4, 4, 4]
    assert len(raised(shop)) == 3, "the others a little later, and each once"


def test_who_comes_to_a_long_line_can_be_sent_elsewhere_at_once() -> None:
    full = Escalation(after=0, when_waiting=2, target=Target(TargetKind.MESSAGE, "Too many wait."))
    shop = shop_with(full, Escalation(after=300, target=VOICEMAIL))

    callers(shop, "CA1", "CA2", "CA3")

    assert [shop.call(call).state for call in ("CA1", "CA2", "CA3")] == [
        CallState.WAITING, CallState.WAITING, CallState.TOLD,
    ]  # fmt: skip
    assert shop.events(EventType.TASK_CANCELED)[-1].data["reason"] == "3 are waiting, more than 2: message"


def test_a_step_may_need_a_long_line_and_a_wait() -> None:
    shop = shop_with(replace(WIDE, after=20), Escalation(after=300, target=VOICEMAIL))
    callers(shop, "CA1", "CA2", "CA3")
    assert shop.task("CA1").queue == "sales"

    shop.passes(20)
    shop.passes(0)

    assert shop.task("CA1").queue == "sales+0"


def test_timed_steps_go_on_as_written_whatever_else_happens() -> None:
    shop = shop_with(WIDE, Escalation(after=60, raise_by=1), Escalation(after=120, target=VOICEMAIL))
    callers(shop, "CA1", "CA2", "CA3")
    shop.passes(15)
    assert shop.task("CA1").queue == "sales+0"

    shop.passes(45)
    assert shop.task("CA1").priority == 1
    shop.passes(60)
    assert shop.call("CA1").state is CallState.LEAVING_MESSAGE


# --- a promise at risk ---


def promising(*steps: Escalation) -> Shop:
    """Nine of ten sales calls are to be answered within 20 s."""
    return shop_with(
        *steps, Escalation(after=300, target=VOICEMAIL), service_level=ServiceLevel(seconds=20, percent=90)
    )


def test_a_step_waits_until_too_few_are_answered_in_time() -> None:
    shop = promising(Escalation(after=0, when_at_risk=True, raise_by=2))
    set_activity(shop.context, "anna", Activity.AVAILABLE)
    callers(shop, "CA1")
    shop.connected("CA1")
    callers(shop, "CA2")
    assert raised(shop) == [], "one of one was answered in time"

    shop.passes(19)
    shop.passes(15)

    assert raised(shop) == ["1 of 2 answered within 20 s, less than 90 %"], "who waits for too long counts already"


def test_what_was_answered_long_ago_does_not_count() -> None:
    shop = promising(Escalation(after=0, when_at_risk=True, raise_by=2))
    set_activity(shop.context, "anna", Activity.AVAILABLE)
    callers(shop, "CA1")
    shop.passes(30)
    shop.connected("CA1")
    callers(shop, "CA2")
    assert len(raised(shop)) == 2
    shop.desk.ended("CA1", "completed")
    shop.desk.ended("CA2", "completed")
    shop.passes(10)
    shop.passes(3601)

    callers(shop, "CA3")

    assert len(raised(shop)) == 2


# --- closing time ---


def evening(closes: time = time(18), at_closing: Target | None = VOICEMAIL) -> Shop:
    """A minute before a shop closes that is open all week."""
    slots = tuple(Shift(weekday=day, opens=time(9), closes=closes) for day in range(7))
    start = datetime.fromtimestamp(NOON / 1000, UTC).replace(hour=17, minute=59, second=0, microsecond=0)
    shop = shop_with(Escalation(after=900, target=to_queue("support")), clock=FakeClock(int(start.timestamp() * 1000)),
                     at_closing=at_closing)  # fmt: skip
    shop.configs.config = replace(shop.configs.config, hours=Hours(slots=slots), closed_say="We are closed.")
    return shop


def test_those_who_wait_at_closing_time_go_where_the_owner_says() -> None:
    shop = evening()
    callers(shop, "CA1")
    shop.passes(58)
    assert shop.call("CA1").state is CallState.WAITING

    shop.passes(1)

    assert shop.call("CA1").state is CallState.LEAVING_MESSAGE
    assert shop.call("CA1").say_first == "We are closed."
    assert shop.events(EventType.TASK_CANCELED)[-1].data["reason"] == "closing time: voicemail"


def test_those_who_wait_at_closing_time_stay_if_the_owner_says_nothing() -> None:
    shop = evening(at_closing=None)
    callers(shop, "CA1")

    shop.passes(600)

    assert shop.call("CA1").state is CallState.WAITING


def test_who_called_in_time_but_comes_to_the_queue_after_closing_goes_there_too() -> None:
    shop = evening()
    shop.rings("CA1")
    shop.passes(61)

    shop.hears("i want to order", "CA1")

    assert shop.call("CA1").state is CallState.LEAVING_MESSAGE


def test_a_phone_that_rings_at_closing_time_may_still_be_answered() -> None:
    shop = evening()
    set_activity(shop.context, "anna", Activity.AVAILABLE)
    callers(shop, "CA1")
    shop.passes(50)
    (offer,) = shop.dispatches()

    shop.passes(10)
    shop.agent_takes(offer)

    assert shop.call("CA1").state is CallState.CONNECTED


def test_a_queue_that_is_reached_when_closed_keeps_its_callers() -> None:
    shop = evening()
    shop.configs.config = replace(shop.configs.config, closed=to_queue("sales"))
    shop.clock.advance_seconds(120)
    shop.rings("CA1")

    shop.passes(60)

    assert (shop.call("CA1").state, shop.task("CA1").queue) == (CallState.WAITING, "sales")


# --- rings ---


def rings() -> Shop:
    """Sales, then support after 20 s, then susan's skills after 40 s."""
    config = a_config()
    steps = (
        Escalation(after=20, serves="skills HAS 'support'"),
        Escalation(after=40, serves="skills HAS 'support' OR skills HAS 'books'"),
        Escalation(after=300, target=VOICEMAIL),
    )
    agents = {
        **config.agents,
        "anna": replace(config.agents["anna"], skills={"books": 1}),
        "ben": replace(config.agents["ben"], skills={"support": 1}),
        "cleo": replace(config.agents["ben"], name="cleo", phone="+12025550119", skills={"sales": 1, "support": 1}),
    }
    sales = replace(config.queues["sales"], escalation=steps)
    shop = Shop(replace(config, agents=agents, queues={**config.queues, "sales": sales}))
    for name in ("anna", "ben", "cleo"):
        set_activity(shop.context, name, Activity.BREAK)
    return shop


def test_a_caller_keeps_their_place_from_ring_to_ring_and_hears_it_truly() -> None:
    shop = rings()
    callers(shop, "CA1", "CA2")
    shop.passes(20)
    assert shop.task("CA1").queue == "sales+0"
    shop.passes(8)
    callers(shop, "CA3")
    shop.passes(11)
    assert [shop.task(call).queue for call in ("CA1", "CA2", "CA3")] == ["sales+1", "sales+1", "sales"]

    places = [shop.context.store.position(shop.task(call)) for call in ("CA1", "CA2", "CA3")]

    assert places == [1, 2, 3]
    assert "You are number 2 in line." in words_of(shop.desk.hold("CA2"))
    assert "You are number 3 in line." in words_of(shop.desk.hold("CA3")), "widened callers before them count"


def test_of_several_free_agents_the_inner_ring_is_rung_first() -> None:
    shop = rings()
    callers(shop, "CA1")
    shop.passes(20)
    shop.passes(20)
    for name in ("anna", "ben", "cleo"):
        set_activity(shop.context, name, Activity.AVAILABLE)
        shop.clock.advance_seconds(1)

    (offer,) = shop.dispatches()

    assert offer.worker == "cleo", "though anna and ben have been idle for longer"
    assert offer.reason.startswith("ring 1, longest idle")
    shop.desk.offer_key(offer.sid, "CAleg", "2")
    (second,) = shop.dispatches()
    assert (second.worker, second.reason.startswith("ring 2, ")) == ("ben", True)


def test_the_inner_ring_is_found_behind_a_crowd_of_others() -> None:
    config = a_config()
    outer = {f"o{number}": Agent(name=f"o{number}", phone=f"+120255502{number:02d}") for number in range(12)}
    steps = (Escalation(after=20, serves="1 == 1"), Escalation(after=300, target=VOICEMAIL))
    sales = replace(config.queues["sales"], serves="name == 'anna'", escalation=steps)
    shop = Shop(replace(config, agents={**config.agents, **outer}, queues={"sales": sales}))
    for name in ("anna", "ben", *outer):
        set_activity(shop.context, name, Activity.BREAK)
    callers(shop, "CA1")
    shop.passes(20)
    for name in (*outer, "anna"):
        set_activity(shop.context, name, Activity.AVAILABLE)
        shop.clock.advance_seconds(1)

    dispatch(shop.context, Openings(frozenset({queue_lane("sales+0")})))

    assert [offer.worker for offer in shop.offers()] == ["anna"]


# --- places ---


def test_a_rule_gives_a_regular_so_many_places_and_says_so() -> None:
    shop = shop_with(Escalation(after=300, target=VOICEMAIL))
    rule = PriorityRule(name="regulars", called_times=2, raise_places=2)
    shop.configs.config = replace(shop.configs.config, priorities=(rule,))
    shop.rings("CA9", "+12025552009")
    shop.desk.ended("CA9", "completed")

    callers(shop, "CA1", "CA2", "CA3", "CA4")
    shop.waits_in(call="CA5", caller="+12025552009")

    places = {call: shop.context.store.position(shop.task(call)) for call in ("CA1", "CA2", "CA3", "CA4", "CA5")}
    assert places == {"CA1": 1, "CA2": 2, "CA5": 3, "CA3": 4, "CA4": 5}
    assert raised(shop) == ["regulars (2 places at most)"]
    set_activity(shop.context, "ben", Activity.AVAILABLE)
    assert [offer.call for offer in shop.dispatches()] == ["CA1"]


@pytest.mark.parametrize(("mood", "first"), [(Mood.URGENT, "CA2"), (Mood.NEUTRAL, "CA1")])
def test_ahead_goes_before_all_who_wait_in_the_queue_however_important(mood: Mood, first: str) -> None:
    shop = shop_with(Escalation(after=300, target=VOICEMAIL))
    rules = (
        PriorityRule(name="first of all", called_times=2, ahead=True, moods=frozenset({mood.value})),
        PriorityRule(name="dear", vip=True, raise_by=50),
    )
    vip = "+12025552001"
    shop.configs.config = replace(shop.configs.config, priorities=rules, vips=frozenset({vip}))
    shop.rings("CA9", "+12025552002")
    shop.desk.ended("CA9", "completed")
    callers(shop, "CA1")
    shop.rings("CA2", "+12025552002")
    shop.context.store.commit(update(shop.call("CA2"), replace(shop.call("CA2"), mood=Mood.URGENT)))
    shop.presses("1", "CA2")

    set_activity(shop.context, "ben", Activity.AVAILABLE)

    assert [offer.call for offer in shop.dispatches()] == [first]


def test_a_place_gained_is_left_behind_in_another_queue() -> None:
    shop = shop_with(Escalation(after=20, target=to_queue("support")))
    rule = PriorityRule(name="all", ahead=True)
    shop.configs.config = replace(shop.configs.config, priorities=(rule,))
    callers(shop, "CA1")
    assert shop.task("CA1").ahead

    shop.passes(20)

    assert (shop.task("CA1").queue, shop.task("CA1").ahead) == ("support", False)
