"""Agents come and go: by the owner's file, by shift, by command, and from their own phone."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from app.core.config import Agent, Config, Hours, Shift
from app.core.entities import Activity, CallState
from app.core.events import EventType
from app.core.instructions import HangUp
from app.usecases.staffing import set_activity, sync_workers
from tests.builders import FakeClock
from tests.shop import ANNA, Shop, a_config, words_of

DAY = Hours(slots=tuple(Shift(weekday=day, opens=time(9), closes=time(17)) for day in range(7)))
EVENING = Hours(slots=tuple(Shift(weekday=day, opens=time(18), closes=time.max) for day in range(7)))


def with_agent(name: str, **changes: object) -> Config:
    """The shop with one agent described anew."""
    config = a_config()
    agent = replace(config.agents[name], **changes)  # type: ignore[arg-type]
    return replace(config, agents={**config.agents, name: agent})


def at(hour: int, minute: int = 0, day: int = 8) -> FakeClock:
    """A clock in June 2026, UTC, which is also the shop's."""
    return FakeClock(round(datetime(2026, 6, day, hour, minute, tzinfo=UTC).timestamp() * 1000))


def test_agents_are_on_duty_at_start_unless_the_file_says_otherwise() -> None:
    shop = Shop(with_agent("anna", starts_available=False))

    assert shop.worker("anna").activity == Activity.OFF
    assert shop.worker("ben").activity == Activity.AVAILABLE
    assert shop.worker("susan").queues == ()
    assert shop.worker("ben").queues == ("sales", "support")


def test_a_shift_begins_and_ends_by_the_clock_of_the_business() -> None:
    shop = Shop(with_agent("anna", shifts=DAY), at(8))
    assert shop.worker("anna").activity == Activity.OFF

    shop.passes(3600)
    assert shop.worker("anna").activity == Activity.AVAILABLE
    shop.passes(8 * 3600)

    assert shop.worker("anna").activity == Activity.OFF
    assert [event.data["activity"] for event in shop.events(EventType.WORKER_CHANGED)][-2:] == ["available", "off"]


def test_a_shift_until_midnight_ends_at_midnight() -> None:
    shop = Shop(with_agent("anna", shifts=EVENING), at(23))
    assert shop.worker("anna").activity == Activity.AVAILABLE

    shop.passes(3600)

    assert shop.worker("anna").activity == Activity.OFF


def test_the_end_of_a_shift_lets_a_ringing_phone_go_but_no_conversation() -> None:
    config = with_agent("anna", shifts=DAY)
    shop = Shop(replace(config, agents={**config.agents, "ben": replace(config.agents["ben"], shifts=DAY)}), at(16, 59))
    shop.waits_in()
    talking = shop.connected()
    shop.waits_in(call="CA2")
    (ringing,) = shop.dispatches()

    shop.passes(0)

    assert shop.call("CA1").state is CallState.CONNECTED
    assert shop.worker(talking.worker).activity == Activity.OFF
    assert shop.reservation(ringing.sid).state.value == "rescinded"


def test_a_holiday_of_weeks_ends_too() -> None:
    closed = {date(2026, 6, day): () for day in range(8, 29)}
    shop = Shop(with_agent("anna", shifts=replace(DAY, holidays=closed)), at(10))
    for _ in range(22 * 24):
        shop.passes(3600)
        if shop.worker("anna").activity == Activity.AVAILABLE:
            break

    assert shop.clock.now() == at(9, day=29).now()


def test_a_shift_that_ended_while_the_server_was_down_is_over_when_it_is_back() -> None:
    shop = Shop(with_agent("anna", shifts=DAY), at(16))
    shop.clock.advance_seconds(2 * 3600)

    sync_workers(shop.context)
    shop.passes(0)

    assert shop.worker("anna").activity == Activity.OFF
    assert shop.worker("anna").deadline == at(9, day=9).now()


def test_somebody_new_in_the_file_comes_on_duty_and_who_left_it_goes() -> None:
    shop = Shop()
    shop.waits_in()
    offer = next(item for item in shop.dispatches())
    without = {name: agent for name, agent in shop.config.agents.items() if name != offer.worker}
    cleo = Agent(name="cleo", phone="+12025550119", skills={"sales": 1})

    shop.configs.config = replace(shop.config, version="v2", agents={**without, "cleo": cleo})
    sync_workers(shop.context)

    assert shop.worker("cleo").free_on("voice")
    gone = shop.worker(offer.worker)
    assert (gone.activity, gone.queues, gone.reservations) == (Activity.OFF, (), ())
    assert shop.reservation(offer.sid).state.value == "rescinded"


def test_somebody_who_returns_to_the_file_is_on_duty_again() -> None:
    shop = Shop()
    whole = shop.config
    shop.configs.config = replace(whole, agents={name: whole.agents[name] for name in ("ben", "susan")})
    sync_workers(shop.context)
    sync_workers(shop.context)

    shop.configs.config = whole
    sync_workers(shop.context)

    assert shop.worker("anna").free_on("voice")
    assert shop.worker("anna").queues == ("sales",)


def test_a_new_file_changes_skills_but_not_who_is_on_duty_nor_whom_they_talk_to() -> None:
    shop = Shop()
    set_activity(shop.context, "anna", Activity.BREAK)
    shop.waits_in()
    offer = shop.connected()

    shop.configs.config = with_agent("anna", skills={"support": 2})
    sync_workers(shop.context)

    assert shop.worker("anna").activity == Activity.BREAK
    assert shop.worker("anna").queues == ("support",)
    assert shop.worker("ben").reservations == (offer.sid,)


def test_nobody_can_be_sent_on_duty_who_is_not_in_the_file() -> None:
    assert set_activity(Shop().context, "nobody", Activity.AVAILABLE) is False


def test_going_where_one_is_already_changes_nothing() -> None:
    shop = Shop()
    seen = len(shop.events())

    assert set_activity(shop.context, "anna", Activity.AVAILABLE) is True
    assert len(shop.events()) == seen


def test_an_agent_who_calls_in_goes_off_and_on_duty_by_key() -> None:
    shop = Shop()
    assert "To go on duty, press 1" in words_of(shop.rings(caller=ANNA))

    script = shop.presses("2")

    assert words_of(script) == "You are off duty. Goodbye."
    assert script.instructions[-1] == HangUp()
    assert shop.worker("anna").activity == Activity.OFF
    shop.rings("CA2", ANNA)
    assert words_of(shop.presses("1", "CA2")) == "You are on duty. Goodbye."
    assert shop.worker("anna").activity == Activity.AVAILABLE


def test_an_agent_who_presses_something_else_is_told_how_things_are_and_asked_again() -> None:
    shop = Shop()
    shop.rings(caller=ANNA)

    assert words_of(shop.presses("7")).startswith("You are on duty. To go on duty")
    assert words_of(shop.silence()) == "You are on duty."
    assert shop.call().state is CallState.TOLD
    assert shop.worker("anna").activity == Activity.AVAILABLE


def test_an_agent_who_has_left_the_file_meanwhile_is_not_kept_on_the_line() -> None:
    shop = Shop()
    shop.rings(caller=ANNA)
    shop.configs.config = replace(shop.config, agents={})

    assert shop.presses("1").instructions[-1] == HangUp()


def test_an_agents_own_call_is_no_callers_call() -> None:
    shop = Shop()
    shop.rings(caller=ANNA)
    shop.desk.ended("CA1", "completed")
    shop.rings("CA2", ANNA)

    assert shop.call("CA2").earlier == ()
    assert shop.events(EventType.CALL_ENDED)[0].data["outcome"] == "agent"
