"""On hold: true places, honest words, keys that get a person; and what follows an outside number."""

from dataclasses import replace

from app.core.config import Limits, Queue, Target, TargetKind
from app.core.entities import Activity, CallState, TaskState
from app.core.events import EventType
from app.core.inputs import Parted
from app.core.instructions import Ask, Forward, Leave, Pause, Play
from app.usecases.staffing import set_activity
from tests.shop import VOICEMAIL, Shop, a_config, words_of

NUMBER = Target(TargetKind.NUMBER, "+12025550199")


def test_the_music_plays_under_true_places_and_never_runs_dry() -> None:
    shop = Shop()
    shop.waits_in()
    shop.waits_in(call="CA2", caller="+12025550132")

    first, second = shop.desk.hold("CA1"), shop.desk.hold("CA2")

    assert words_of(first) == "You are next in line."
    assert words_of(second) == "You are number 2 in line."
    assert isinstance(first.instructions[0], Ask)
    assert first.instructions[0].prompts[-1] == Play("waltz.wav")


def test_a_queue_without_music_is_silent_for_a_while_at_a_time() -> None:
    shop = Shop()
    shop.waits_in("i have a problem")
    (asked,) = shop.desk.hold("CA1").instructions

    assert isinstance(asked, Ask)
    assert asked.prompts[-1] == Pause(15)


def test_a_caller_is_told_when_nobody_is_on_duty() -> None:
    shop = Shop()
    for name in shop.config.agents:
        set_activity(shop.context, name, Activity.OFF)
    shop.waits_in()

    assert "Nobody is free to take calls right now" in words_of(shop.desk.hold("CA1"))


def test_announcements_take_turns_as_time_goes_by() -> None:
    config = a_config()
    told = replace(config.queues["sales"], announcements=("One.", "Two."), announce_every=10)
    shop = Shop(replace(config, queues={**config.queues, "sales": told}))
    shop.waits_in()
    heard = []
    for _ in range(3):
        heard.append(words_of(shop.desk.hold("CA1")).split()[-1])
        shop.clock.advance_seconds(10)

    assert heard == ["One.", "Two.", "One."]


def test_whoever_is_no_longer_on_hold_is_let_out() -> None:
    shop = Shop()
    shop.waits_in()
    shop.agent_takes(shop.dispatches()[0])

    assert shop.desk.hold("CA1").instructions == (Leave(),)
    assert shop.desk.hold_key("CA1", "0").instructions == (Leave(),)


def test_zero_on_hold_says_so_and_the_music_goes_on() -> None:
    shop = Shop()
    shop.waits_in("i have a problem")

    script = shop.desk.hold_key("CA1", "0")

    assert "I will get you a person" in words_of(script)
    assert "next in line" in words_of(script)
    assert "person" not in words_of(shop.desk.hold_key("CA1", "0"))
    assert len(shop.events(EventType.TASK_MOVED)) == 1


def test_any_other_key_on_hold_changes_nothing() -> None:
    shop = Shop()
    shop.waits_in("i have a problem")

    assert words_of(shop.desk.hold_key("CA1", "7")) == words_of(shop.desk.hold("CA1"))
    assert shop.call().turn == 1


def test_zero_while_an_agent_is_being_rung_lets_that_agent_go() -> None:
    shop = Shop()
    shop.waits_in("i have a problem")
    (offer,) = shop.dispatches()

    shop.desk.hold_key("CA1", "0")

    assert shop.reservation(offer.sid).state.value == "rescinded"
    assert shop.task().state is TaskState.PENDING
    assert shop.worker("ben").free_on("voice")


def test_zero_may_lead_out_of_the_line_to_a_number() -> None:
    config = a_config()
    support = replace(config.queues["support"], person=NUMBER)
    shop = Shop(replace(config, queues={**config.queues, "support": support}))
    shop.waits_in("i have a problem")

    assert shop.desk.hold_key("CA1", "0").instructions == (Leave(),)

    assert shop.desk.left_hold("CA1", "leave").instructions[-1] == Forward("+12025550199")
    assert shop.task().state is TaskState.CANCELED


def forwarded(**changes: object) -> Shop:
    """A caller who is put through to an outside number."""
    shop = Shop(a_config(person=NUMBER, **changes))
    shop.rings()
    shop.presses("0")
    return shop


def test_a_forwarded_caller_is_thanked_after_the_conversation() -> None:
    shop = forwarded()
    assert shop.call().state is CallState.FORWARDED

    script = shop.desk.parted("CA1", Parted("completed", True, 60))

    assert "Thank you for calling" in words_of(script)
    assert shop.desk.parted("CA1", Parted("completed", True, 60)) == script
    assert shop.call().outcome == "forwarded"


def test_an_outside_number_that_does_not_answer_leads_to_the_fallback() -> None:
    shop = forwarded()

    shop.desk.parted("CA1", Parted("no-answer", False))

    assert shop.call().state is CallState.LEAVING_MESSAGE


def test_a_fallback_that_is_a_number_too_is_not_dialled_in_a_circle() -> None:
    shop = forwarded(fallback=NUMBER)

    shop.desk.parted("CA1", Parted("busy", False))

    assert shop.call().state is CallState.LEAVING_MESSAGE


def test_past_the_hours_limit_of_outbound_calls_nobody_is_forwarded() -> None:
    shop = forwarded(limits=Limits(hourly=0))

    assert shop.call().state is CallState.LEAVING_MESSAGE


def test_an_outside_number_that_fails_may_lead_into_a_queue() -> None:
    shop = forwarded(fallback=Target(TargetKind.QUEUE, "sales"))

    shop.desk.parted("CA1", Parted("failed", False))

    assert shop.call().state is CallState.WAITING
    assert shop.task().queue == "sales"


def test_a_queue_that_left_the_file_keeps_its_callers_on_the_line() -> None:
    shop = Shop()
    shop.waits_in()
    lone = Queue(name="other", title="other", serves="skills HAS 'sales'")
    shop.configs.config = replace(shop.config, version="v2", queues={"other": lone}, person=VOICEMAIL)

    assert shop.desk.hold("CA1").instructions == (Pause(5),)
