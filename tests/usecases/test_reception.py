"""Who calls, is the shop open, and where the owner sends a caller before a word is said."""

from datetime import UTC, datetime, time

import pytest

from app.core.config import Hours, PriorityRule, Shift, Target, TargetKind
from app.core.entities import CallState
from app.core.events import EventType
from app.core.instructions import Forward, HangUp, Wait
from tests.builders import FakeClock
from tests.shop import Shop, a_config, to_queue, words_of

OFFICE = Hours(slots=tuple(Shift(weekday=day, opens=time(9), closes=time(17)) for day in range(5)))
NIGHT = FakeClock(round(datetime(2026, 6, 8, 23, tzinfo=UTC).timestamp() * 1000)).now()


def closed_shop(target: Target) -> Shop:
    """The shop at night."""
    return Shop(a_config(hours=OFFICE, closed=target, closed_say="We are closed."), FakeClock(NIGHT))


def test_at_night_a_caller_is_told_and_may_leave_a_message() -> None:
    shop = closed_shop(Target(TargetKind.VOICEMAIL))

    script = shop.rings()

    assert words_of(script).startswith("We are closed.")
    assert shop.call().state is CallState.LEAVING_MESSAGE


@pytest.mark.parametrize(
    ("target", "queue"), [(Target(TargetKind.PERSON, "susan"), "@susan"), (to_queue("sales"), "sales")]
)
def test_at_night_a_caller_may_wait_for_whoever_the_owner_says(target: Target, queue: str) -> None:
    shop = closed_shop(target)

    assert shop.rings().instructions[-1] == Wait(target.value)
    assert shop.rings().instructions[-1] == Wait(target.value)

    assert shop.task().queue == queue
    assert len(shop.events(EventType.TASK_CREATED)) == 1
    assert [offer.call for offer in shop.dispatches()] == ["CA1"]


def test_at_night_a_caller_may_be_put_through_to_a_number() -> None:
    shop = closed_shop(Target(TargetKind.NUMBER, "+12025550199"))

    assert shop.rings().instructions[-1] == Forward("+12025550199")


def test_by_day_the_conversation_begins() -> None:
    shop = Shop(a_config(hours=OFFICE), FakeClock(NIGHT - 12 * 3_600_000))
    shop.rings()

    assert shop.call().state is CallState.LISTENING


def test_withheld_callers_are_nobody_twice() -> None:
    shop = Shop()
    shop.rings(caller="")
    shop.rings("CA2", caller="")

    assert shop.call("CA2").earlier == ()
    assert shop.context.store.personal("CA2")["caller"] == "withheld"


def test_a_number_is_remembered_by_its_calls() -> None:
    shop = Shop()
    for number in range(25):
        shop.rings(f"CA{number}")
        shop.clock.advance_seconds(60)

    assert len(shop.call("CA24").earlier) == 20


def test_the_events_of_a_call_do_not_name_its_number() -> None:
    shop = Shop()
    shop.waits_in()
    shop.dispatches()

    assert not [event for event in shop.events() if "+1202" in str(event.data)]


def vip_rule(target: Target, **conditions: object) -> Shop:
    """A shop whose important callers go elsewhere."""
    rule = PriorityRule(name="vips", raise_by=0, vip=True, target=target, **conditions)  # type: ignore[arg-type]
    return Shop(a_config(priorities=(rule,), vips=frozenset({"+12025550131"})))


def test_a_rule_may_send_important_callers_to_another_queue() -> None:
    shop = vip_rule(to_queue("support"))
    shop.waits_in()
    shop.waits_in(call="CA2", caller="+12025550132")

    assert (shop.task("CA1").queue, shop.task("CA2").queue) == ("support", "sales")


def test_a_rule_may_send_them_to_a_number_and_then_nothing_waits() -> None:
    shop = vip_rule(Target(TargetKind.NUMBER, "+12025550199"), queue="sales")
    shop.waits_in()

    assert shop.call().state is CallState.FORWARDED
    assert shop.call().task == ""
    assert shop.desk.present("CA1").instructions[-1] == Forward("+12025550199")


def test_a_turned_away_caller_is_not_even_spoken_to() -> None:
    shop = Shop(a_config(blocked=frozenset({"+12025550131"}), hours=OFFICE))

    assert shop.rings().instructions == (HangUp(),)
