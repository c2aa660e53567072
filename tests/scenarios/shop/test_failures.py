"""Something fails in the middle of a call, and the caller still gets where they want."""

import os
import signal
import time
from collections.abc import Iterator, Mapping

import pytest
import requests

from app.simulator.agents import Answer
from app.simulator.callers import ListenUntil, Press, SayWords
from app.simulator.carrier import CallHandle
from app.simulator.rest.faults import Fault
from app.simulator.signature import signature
from app.simulator.websocket import MediaSocket
from tests.scenarios.world import NUMBER, World, eventually

pytestmark = pytest.mark.timeout(120)

OPEN = "We are open all day. Goodbye."
FAY = "+12025550224"
PAUSED_SECONDS = 2.5


REFUSALS = {
    "server errors": Fault("", status=500, times=3),
    "too many requests": Fault("", status=429, code=20429, times=3),
    "an HTML page": Fault("", status=502, body="<html>Bad gateway</html>", times=3),
    "no answer in time": Fault("", delay=5.5, times=1),
}


@pytest.fixture(scope="module")
def troubled(shop: World, mute: MediaSocket) -> Mapping[str, CallHandle]:
    """Calls that fail in many ways, all at once: one for each refusal, and those whose sockets or ends get lost."""
    calls = {}
    for place, (name, fault) in enumerate(REFUSALS.items()):
        steps = (ListenUntil("welcome"), SayWords("your hours please"))
        calls[name] = shop.dial(name, f"+1202555043{place}", *steps)
        shop.carrier.inject(_for_call(fault, calls[name].leg.sid))
    presses = (ListenUntil("how can i help"), Press("5"))
    calls["presses"] = shop.dial("presses", "+12025550404", *presses)
    _break_off(calls["presses"])
    lost = calls["vanishes"] = _dial_without_word_of_the_end(shop)
    assert lost.leg.watch(lambda: bool(lost.leg.waiting_in), 10)
    lost.hang_up()
    return calls


@pytest.fixture(scope="module")
def mute(shop: World) -> Iterator[MediaSocket]:
    """An authentic media socket that says nothing while calls go on."""
    exchange, public = shop.carrier.exchange, "wss://unicone.example/media"
    headers = [("X-Twilio-Signature", signature(exchange.settings.auth_token, public))]
    silent = MediaSocket(exchange.addresses.connectable(public), exchange.addresses.host_header(public), headers)
    yield silent
    silent.release()


def _dial_without_word_of_the_end(shop: World) -> CallHandle:
    number = shop.carrier.exchange.numbers[NUMBER]
    told, number.status_callback = number.status_callback, ""
    try:
        return shop.dial("vanishes", "+12025550406", ListenUntil("welcome"), SayWords("lost please"))
    finally:
        number.status_callback = told


@pytest.mark.parametrize("refusal", REFUSALS)
def test_who_cannot_be_redirected_gets_on_when_the_prompt_runs_out(
    refusal: str, shop: World, troubled: Mapping[str, CallHandle]
) -> None:
    told = shop.ended(troubled[refusal])
    said = [prompt.text for prompt in told.result.said]

    assert said[-1] == OPEN
    assert said.count(OPEN) == 1
    assert told.result.ended_by == "server"
    assert not told.result.said[0].cut, "the greeting was cut, so the redirect did get through"


def test_one_refusal_for_too_many_requests_is_no_reason_to_wait(shop: World) -> None:
    call = shop.dial("refused once", "+12025550402", ListenUntil("welcome"), SayWords("your hours please"))
    shop.carrier.inject(Fault(f"/Calls/{call.leg.sid}", status=429, code=20429, times=1))

    told = shop.ended(call)

    assert told.result.said[0].cut
    assert told.result.said[-1].text == OPEN


def test_an_agent_who_cannot_be_rung_does_not_keep_the_caller_waiting(shop: World) -> None:
    shop.agent("fay", FAY, Answer("accept", after=0.1, press_after=0.1))
    shop.carrier.inject(Fault("/Calls.json", status=400, code=21211, times=1))
    call = shop.dial("second try", "+12025550403", ListenUntil("welcome"), SayWords("failure please"))

    assert call.leg.watch(lambda: bool(call.leg.talks), 10)
    call.hang_up()
    assert shop.ended(call).result.agents == ("fay",)


def test_a_broken_media_socket_leaves_the_keypad(shop: World, troubled: Mapping[str, CallHandle]) -> None:
    assert shop.ended(troubled["presses"]).result.said[-1].text == OPEN


def test_a_socket_that_never_says_whose_it_is_gets_closed(mute: MediaSocket) -> None:
    began = time.monotonic()

    assert list(mute.received()) == []
    assert mute.close_code == 1008
    assert time.monotonic() - began < 10


def test_a_call_whose_end_nobody_told_of_is_found_out_at_its_next_step(
    shop: World, troubled: Mapping[str, CallHandle]
) -> None:
    call = troubled["vanishes"]
    assert call.wait(5)

    assert eventually(lambda: _ended(shop, call.leg.sid), 15)
    story = shop.rehearsal.story(call.leg.sid)
    assert story is not None
    assert any(line["type"] == "intent.check" for line in story["events"])


def test_while_the_store_pauses_callers_are_kept_and_served_afterwards(shop: World) -> None:
    redis = shop.rehearsal.server.supervisor.children["redis"]
    again = (ListenUntil("one moment", 20), ListenUntil("welcome", 20), Press("5"))
    talking = shop.dial("in the greeting", "+12025550407", *again, patience=40)
    assert talking.leg.watch(lambda: talking.leg.listening > 0, 10)
    os.kill(redis, signal.SIGSTOP)
    try:
        talking.leg.press("5")
        arriving = shop.dial("calls meanwhile", "+12025550408", *again, patience=40)
        assert requests.get(f"{shop.url}/readyz", timeout=5).status_code == 503
        shop.carrier.exchange.pause(PAUSED_SECONDS)
    finally:
        os.kill(redis, signal.SIGCONT)

    for told in [shop.ended(call, 30) for call in (talking, arriving)]:
        assert told.result.said[-1].text == OPEN
        assert told.result.slowest_webhook < 3.0
        assert {record.status for record in told.result.webhooks} <= {200, 204}
        assert told.result.troubles == ()
    assert shop.readiness()["ready"]


def _break_off(call: CallHandle) -> None:
    leg = call.leg
    assert leg.watch(lambda: any(not stream.connecting for stream in leg.streams), 10)
    for stream in leg.streams:
        stream.drop()
    assert leg.watch(lambda: all(stream.over for stream in leg.streams), 5)


def _for_call(fault: Fault, sid: str) -> Fault:
    return Fault(
        f"/Calls/{sid}", status=fault.status, code=fault.code, times=fault.times, delay=fault.delay, body=fault.body
    )


def _ended(shop: World, sid: str) -> bool:
    told = shop.rehearsal.get(f"/api/v1/calls/{sid}")
    return told is not None and bool(told["call"]["ended"])
