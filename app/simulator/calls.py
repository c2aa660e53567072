"""Places calls: inbound ones from a person to the account's number, outbound ones that the server orders."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.simulator.exchange import Exchange
from app.simulator.executor import Executor
from app.simulator.facts import Callback, Ends
from app.simulator.hearing import never
from app.simulator.leg import HungUp, Leg, Replaced
from app.simulator.phones import ring
from app.simulator.sources import Fetch, Source
from app.simulator.verbs.table import HANDLERS
from app.simulator.webhook import Request

_DETECTION_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Detection:
    """Answering machine detection: before the TwiML is fetched, or beside it with a callback of its own."""

    beside: bool = False
    callback: Callback | None = None


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call that the server orders over REST."""

    to: str
    from_number: str
    source: Source
    callback: Callback | None = None
    fallback: Callback | None = None
    timeout: float = 60.0
    detection: Detection | None = None


def place_inbound(exchange: Exchange, person: str, from_number: str, to: str) -> Leg:
    """Let somebody call one of the account's numbers."""
    number = exchange.numbers[to]
    callback = fallback = None
    if number.status_callback:
        callback = Callback(number.status_callback, number.status_callback_method)
    if number.voice_fallback_url:
        fallback = Callback(number.voice_fallback_url, number.voice_fallback_method)
    leg = Leg(exchange, Ends(from_number, to, "inbound", person, callback=callback, fallback=fallback))
    leg.tell("call started", from_number)
    first = Fetch(number.voice_url, number.voice_method)
    _start(leg, lambda: Executor(leg, HANDLERS).run_call(first))
    return leg


def place_outbound(exchange: Exchange, order: CallOrder) -> Leg:
    """Create the leg at once, `queued`; it is dialled in a thread of its own."""
    phone = exchange.phones.get(order.to)
    person = phone.name if phone else order.to
    ends = Ends(order.from_number, order.to, "outbound-api", person, callback=order.callback, fallback=order.fallback)
    leg = Leg(exchange, ends)
    with exchange.lock:
        leg.about = f"{order.source} {order.callback} {order.fallback}"
        waiting = [other.sid for other in exchange.legs.values() if other.waiting_in and not other.ended]
        leg.sole_waiting = waiting[0] if len(waiting) == 1 else ""
    _start(leg, lambda: _run(leg, order))
    return leg


def _start(leg: Leg, work: Callable[[], None]) -> None:
    """Run a leg in its own thread; whatever goes wrong there, the call ends."""

    def run() -> None:
        try:
            work()
        finally:
            leg.hang_up("carrier", "failed")

    leg.thread = leg.exchange.spawn(f"call {leg.sid}", run)


def _run(leg: Leg, order: CallOrder) -> None:
    try:
        leg.wait(never, leg.exchange.dial_delay())
        if not ring(leg, order.timeout):
            return
        if order.detection is not None:
            _detect(leg, order.detection)
    except HungUp:
        return
    except Replaced as replaced:
        Executor(leg, HANDLERS).run_call(replaced.source)
        return
    Executor(leg, HANDLERS).run_call(order.source)


def _detect(leg: Leg, detection: Detection) -> None:
    """Say who answered: on the TwiML request itself, or later to a callback."""
    answered_by = "machine_start" if leg.machine else "human"
    if not detection.beside:
        leg.wait(never, _DETECTION_SECONDS)
        leg.answered_by = answered_by
        return
    callback = detection.callback
    if callback is None:
        return

    def tell_later() -> None:
        leg.exchange.pause(_DETECTION_SECONDS)
        fields = {
            "CallSid": leg.sid,
            "AccountSid": leg.exchange.settings.account_sid,
            "AnsweredBy": answered_by,
            "MachineDetectionDuration": str(round(_DETECTION_SECONDS * 1000)),
        }
        request = Request(callback.url, callback.method, fields, sid=leg.sid, purpose="machine detection")
        leg.exchange.notify(leg.sid, leg.web, request)

    leg.exchange.spawn(f"detection {leg.sid}", tell_later)
