"""Agents accept, decline, press wrong keys, let voicemail answer, or are away: callers still get somebody."""

from collections.abc import Mapping

import pytest

from app.commands.rehearsal import Report
from app.simulator.agents import Answer
from app.simulator.callers import ListenUntil, Press, SayWords, WaitFor
from app.simulator.rest.faults import Fault
from tests.scenarios.world import World, eventually, scenario

pytestmark = pytest.mark.timeout(120)

GONE = "The caller has gone. Thank you. Goodbye."
STORIES = [caller.name for caller in scenario("agents").callers]
PROMPT = Answer("accept", after=0.1, press_after=0.1)


@pytest.mark.parametrize("story", STORIES)
def test_calls_go_as_told(story: str, stories: Mapping[str, Report]) -> None:
    assert stories[story].mismatches == ()


def test_the_phone_of_the_slower_of_two_stops_ringing(shop: World, stories: Mapping[str, Report]) -> None:
    leg = shop.legs_of("bob")[0]

    assert leg.status == "canceled"
    assert leg.talks == []


def test_who_has_picked_up_and_is_too_slow_is_let_go(shop: World, stories: Mapping[str, Report]) -> None:
    leg = shop.legs_of("curt")[0]

    assert leg.ended_by == "server"
    assert leg.talks == []


def test_a_decliner_is_thanked_and_stays_on_duty(shop: World, stories: Mapping[str, Report]) -> None:
    assert "Passed on. Thank you." in shop.heard_by("dan")
    assert shop.activity("dan") == "available"


def test_a_wrong_key_repeats_the_keys_but_not_the_whole_whisper(shop: World, stories: Mapping[str, Report]) -> None:
    whisper, again = shop.heard_by("kim")[:2]

    assert "a caller for key" in whisper
    assert again == "Press 1 to take the call, 2 to pass."


def test_a_voicemail_box_hears_the_whisper_and_nobody_else(shop: World, stories: Mapping[str, Report]) -> None:
    leg = shop.legs_of("vera")[0]

    assert leg.talks == []
    assert leg.ended_by == "server"


def test_the_accepting_key_cuts_the_whisper_short(shop: World, stories: Mapping[str, Report]) -> None:
    assert shop.legs_of("will")[0].prompts[0].cut


def test_three_misses_in_a_row_take_an_agent_off_duty_and_tell_them(shop: World, stories: Mapping[str, Report]) -> None:
    texts = [text.body for text in shop.carrier.texts if text.to == "+12025550217"]

    assert len(shop.legs_of("max")) == 3
    assert shop.activity("max") == "off"
    assert len(texts) == 1
    assert "taken you off duty" in texts[0]


def test_an_agent_is_left_alone_while_they_wrap_up(shop: World, stories: Mapping[str, Report]) -> None:
    first, second = shop.legs_of("wendy")

    assert first.times.ended is not None
    assert second.times.started - first.times.ended >= 2.5


def test_the_owner_was_rung_before_the_caller_got_voicemail(shop: World, stories: Mapping[str, Report]) -> None:
    told = stories["who waits too long gets the owner, and then voicemail"]

    assert shop.legs_of("olga")
    assert told.result.recordings
    assert any(line["type"] == "call.message_left" for line in told.events)


def test_a_caller_who_hangs_up_stops_the_ringing_within_a_second(shop: World) -> None:
    shop.agent("lena", "+12025550216", Answer("accept", after=4.0))
    call = shop.dial("hangs up early", "+12025550351", ListenUntil("welcome"), SayWords("late please"))
    assert eventually(lambda: any(leg.status == "ringing" for leg in shop.legs_of("lena")))

    call.hang_up()

    leg = shop.legs_of("lena")[-1]
    assert leg.watch(lambda: leg.ended, 1.0)
    assert leg.status == "canceled"
    assert shop.ended(call).fact("outcome") == "abandoned"


def test_an_agent_who_is_too_late_hears_that_the_caller_has_gone(shop: World) -> None:
    shop.agent("lena", "+12025550216", Answer("accept", after=0.1, press_after=1.5))
    call = shop.dial("gone already", "+12025550352", ListenUntil("welcome"), SayWords("late please"))
    assert eventually(lambda: any(leg.status == "in-progress" for leg in shop.legs_of("lena")))
    leg = shop.legs_of("lena")[-1]
    # The agent's leg is only left to find out by itself when the carrier refuses to end it.
    shop.carrier.inject(Fault(f"/Calls/{leg.sid}", status=500, times=3))

    call.hang_up()

    assert leg.watch(lambda: any(prompt.text == GONE for prompt in leg.prompts), 5.0)
    assert leg.talks == []
    shop.ended(call)


def test_an_agent_goes_off_and_on_duty_from_their_own_phone(shop: World) -> None:
    off = shop.ended(shop.dial("ivan", "+12025550225", ListenUntil("go off duty"), Press("2")))
    assert shop.activity("ivan") == "off"
    assert "You are off duty. Goodbye." in [prompt.text for prompt in off.result.said]

    on = shop.ended(shop.dial("ivan", "+12025550225", ListenUntil("go off duty"), Press("1")))
    assert shop.activity("ivan") == "available"
    assert "You are on duty. Goodbye." in [prompt.text for prompt in on.result.said]


def test_an_agent_who_declines_for_good_is_off_duty(shop: World) -> None:
    shop.agent("lena", "+12025550216", Answer("keys", after=0.1, press_after=0.1, press=("9",)))
    call = shop.dial("unlucky", "+12025550353", ListenUntil("welcome"), SayWords("late please"), WaitFor("waiting"))
    try:
        assert eventually(lambda: shop.activity("lena") == "off")
        assert eventually(lambda: "Passed on. You are off duty. Goodbye." in shop.heard_by("lena"))
    finally:
        call.hang_up()
        shop.agent("lena", "+12025550216", PROMPT)
        shop.ended(shop.dial("lena", "+12025550216", ListenUntil("go off duty"), Press("1")))
    assert shop.activity("lena") == "available"
    shop.ended(call)
