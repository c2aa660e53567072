"""How fast a call moves: from the end of speech to the redirect, from a hang-up to the agent's phone falling silent."""

import time
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urlsplit

from app.core.events import EventType
from app.demo import AUDIO
from app.simulator.audio import read_wav
from app.simulator.callers import Caller, HangUp, ListenUntil, Press, Speak, Wait, WaitFor
from app.simulator.carrier import CallHandle
from app.simulator.leg import Leg
from tests.benchmarks.figures import Figure, share
from tests.drill.world import World, server_ms

SENTENCES = (
    "order_vanilla", "order_strawberry", "order_more", "order_now", "wedding",
    "late_order", "where_is_order", "refund", "problem", "flavors",
)  # fmt: skip
_RING_SECONDS = 20.0
_CALL_SECONDS = 30.0


def speech_to_redirect(running: World, rounds: int = 4) -> list[Figure]:
    """Ten callers speak at once, recorded voices through the real recognizer; several times over.

    From the moment at which the recognizer has detected the end of an utterance to the moment at which the carrier,
    having been told to, begins to fetch the new instructions: a little after the request has left the server.
    """
    milliseconds: list[float] = []
    moved = 0
    for turn in range(rounds):
        handles = [running.carrier.dial(_speaker(number, turn)) for number in range(len(SENTENCES))]
        _end(handles)
        heard = _endpoints(running)
        for handle in handles:
            moved += bool(handle.result.webhooks)
            milliseconds += _delays(handle, heard)
    group = f"end of speech to redirect, {len(SENTENCES)} calls at once"
    note = f"{len(milliseconds)} utterances of {moved} calls"
    return [
        Figure(group, "median", share(milliseconds, 0.5), "ms", note=note),
        Figure(group, "p95", share(milliseconds, 0.95), "ms", "at most", 300),
        Figure(group, "slowest", max(milliseconds), "ms"),
    ]


def _speaker(number: int, turn: int) -> Caller:
    name = SENTENCES[(number + turn) % len(SENTENCES)]
    sound = read_wav((AUDIO / f"{name}.wav").read_bytes())
    does = (
        ListenUntil("how can i help"), Wait(0.3), Speak(sound, name), WaitFor("waiting", 8), Wait(0.5), HangUp(),
    )  # fmt: skip
    return Caller(name=f"{name} {turn}", from_number=f"+1202558{number:04d}", does=does)


def _endpoints(running: World) -> Mapping[tuple[str, int], int]:
    """When the end of each utterance was detected, by call and the turn it led to."""
    told = (delivered.event for delivered in running.events(EventType.CALL_LISTENED))
    return {(event.call, _whole(event.data["turn"]) + 1): _whole(event.data["endpoint"]) for event in told}


def _delays(handle: CallHandle, heard: Mapping[tuple[str, int], int]) -> Iterator[float]:
    for record in handle.result.webhooks:
        turn = parse_qs(urlsplit(record.url).query).get("turn")
        endpoint = heard.get((record.sid, int(turn[0]))) if turn else None
        if record.path == "/voice/turn" and endpoint is not None:
            yield server_ms(record.started) - endpoint


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def hang_up_to_silence(running: World, rounds: int = 3, callers: int = 8) -> list[Figure]:
    """Callers hang up, all at once, while agents' phones ring for them; several times over.

    From the hang-up to the moment at which the carrier, told to cancel, has silenced the phone.
    """
    milliseconds: list[float] = []
    for turn in range(rounds):
        handles = [running.carrier.dial(_impatient(number, turn)) for number in range(callers)]
        rung = _rung_for(running, {handle.leg.sid for handle in handles})
        for handle in handles:
            handle.hang_up()
        for handle in handles:
            leg = rung.get(handle.leg.sid)
            if leg is None:
                continue
            leg.watch(lambda: False, 10)
            silent, hung_up = leg.times.ended, handle.leg.times.ended
            if silent is None or hung_up is None:
                raise RuntimeError("a phone still rings ten seconds after the caller has hung up")
            milliseconds.append((silent - hung_up) * 1000)
        _end(handles)
    group = "hang-up to the agent's phone silent"
    return [
        Figure(group, "median", share(milliseconds, 0.5), "ms", note=f"{len(milliseconds)} phones"),
        Figure(group, "p95", share(milliseconds, 0.95), "ms", "at most", 1000),
        Figure(group, "slowest", max(milliseconds), "ms"),
    ]


def _impatient(number: int, turn: int) -> Caller:
    key = "1" if number % 2 else "2"
    does = (ListenUntil("how can i help"), Press(key))
    return Caller(name=f"impatient {number}-{turn}", from_number=f"+1202559{number:04d}", does=does)


def _rung_for(running: World, callers: set[str]) -> dict[str, Leg]:
    """The phone that rings for each of these callers, once all ring or there is no more hope of it."""
    deadline = time.monotonic() + _RING_SECONDS
    while True:
        offers = running.events(EventType.RESERVATION_CREATED)
        caller_of = {told.event.reservation: told.event.call for told in offers if told.event.call in callers}
        ringing = [leg for leg in running.carrier.exchange.live_legs() if leg.status == "ringing" and leg.about]
        rung = {call: leg for sid, call in caller_of.items() for leg in ringing if sid in leg.about}
        if len(rung) == len(callers) or (time.monotonic() > deadline and rung):
            return rung
        if time.monotonic() > deadline:
            raise RuntimeError("no phone rang")
        time.sleep(0.05)


def _end(handles: list[CallHandle]) -> None:
    for handle in handles:
        if not handle.wait(_CALL_SECONDS):
            handle.hang_up()
            handle.wait(1)
