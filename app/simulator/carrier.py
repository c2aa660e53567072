"""The façade: a pretend carrier with its number, its REST API, and people who call and are called."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from app.simulator.agents import AgentPhone, Answer
from app.simulator.callers import Caller, CallerScript, in_state
from app.simulator.calls import place_inbound
from app.simulator.events import Event
from app.simulator.exchange import DoubleBridge, Exchange, Gap, OwnNumber, Settings, Text
from app.simulator.leg import Leg
from app.simulator.report import CallResult, Ring, mismatches, result_of, rings_of
from app.simulator.rest.app import create_app
from app.simulator.rest.faults import Fault, Faults
from app.simulator.scenario import Scenario
from app.simulator.texts import receive_text
from app.simulator.webhook import WebhookRecord

_GRACE_SECONDS = 5.0


class CallHandle:
    """A call that has been placed."""

    def __init__(self, exchange: Exchange, caller: Caller, leg: Leg) -> None:
        self.caller = caller
        self.leg = leg
        self._exchange = exchange
        self._script = CallerScript(leg, caller)
        self._thread = exchange.spawn(f"caller {caller.name}", self._script.run)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the call has ended and its last callbacks are on their way; false after `timeout`."""
        ended = self.leg.watch(lambda: self.leg.ended, timeout)
        for thread in (self._thread, self.leg.thread):
            if ended and thread is not None:
                thread.join(_GRACE_SECONDS)
        return ended

    def hang_up(self) -> None:
        """Let the caller hang up now."""
        self.leg.hang_up("person")

    @property
    def result(self) -> CallResult:
        """The story of the call so far; final once `wait` has returned true."""
        return result_of(self._exchange, self.leg, self.caller, self._script.notes)


class Carrier:
    """A pretend carrier that speaks only HTTP and web sockets to the server under test.

    `public_url` is what it signs, `connect_to` where that really is; `mapping` adds further public origins.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of its own, given by name only
        self,
        *,
        account_sid: str,
        auth_token: str,
        number: str,
        public_url: str,
        connect_to: str,
        voice_path: str = "/voice/incoming",
        status_path: str = "/voice/status",
        fallback_path: str = "/voice/fallback",
        sms_path: str = "/sms/incoming",
        speech_rate: float = 18.0,
        mapping: Mapping[str, str] | None = None,
        account_type: Literal["Full", "Trial"] = "Full",
        calls_per_second: float = 0.0,
    ) -> None:
        settings = Settings(
            account_sid=account_sid,
            auth_token=auth_token,
            number=number,
            public_url=public_url,
            mapping={public_url: connect_to, **(mapping or {})},
            speech_rate=speech_rate,
            account_type=account_type,
            calls_per_second=calls_per_second,
        )
        self.exchange = Exchange(settings)
        self.exchange.numbers[number] = OwnNumber(
            number,
            voice_url=public_url + voice_path,
            voice_fallback_url=public_url + fallback_path if fallback_path else "",
            status_callback=public_url + status_path if status_path else "",
            sms_url=public_url + sms_path if sms_path else "",
            friendly_name=number,
        )
        self._faults = Faults()
        self._server: BaseWSGIServer | None = None
        self._server_thread: threading.Thread | None = None

    # --- its life ------------------------------------------------------------------------------------------------

    def start(self, port: int = 0) -> None:
        """Serve the REST API on loopback; its address is `api_url` from now on."""
        app = create_app(self.exchange, self._faults)
        self._server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_QuietHandler)
        self.exchange.api_url = f"http://127.0.0.1:{self._server.server_port}"
        self._server_thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="simulator-rest", daemon=True
        )
        self._server_thread.start()

    def stop(self) -> None:
        """Hang up whatever is left, send the last callbacks, and stop serving."""
        for leg in self.exchange.live_legs():
            leg.hang_up("carrier")
        self.exchange.stopping.set()
        self.exchange.join(_GRACE_SECONDS)
        self.exchange.callbacks.drain(_GRACE_SECONDS)
        self.exchange.callbacks.close()
        self.exchange.ticker.close()
        if self._server is not None and self._server_thread is not None:
            self._server.shutdown()
            self._server_thread.join()
            self._server.server_close()
        self.exchange.log.close()

    def __enter__(self) -> "Carrier":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def api_url(self) -> str:
        """The base URL of the REST API: what the server's TWILIO_API_URL must be."""
        return self.exchange.api_url

    # --- people --------------------------------------------------------------------------------------------------

    def add_agent(self, number: str, name: str, answers: Sequence[Answer]) -> None:
        """Put somebody at a telephone; each ring gets the next answer, the last one repeats."""
        self.exchange.phones[number] = AgentPhone(number, name, answers)

    def dial(self, caller: Caller) -> CallHandle:
        """Let somebody call the number now."""
        if caller.answers:
            self.add_agent(caller.from_number, caller.name, caller.answers)
        number = self.exchange.settings.number
        return CallHandle(self.exchange, caller, place_inbound(self.exchange, caller.name, caller.from_number, number))

    def text(self, from_number: str, body: str) -> None:
        """Let somebody send a text to the number; the server's answers are among `texts`."""
        receive_text(self.exchange, from_number, self.exchange.settings.number, body)

    def run(self, scenario: Scenario, on_event: Callable[[Event], None] | None = None) -> list[CallResult]:
        """Play a scenario to its end; results are in the order of its callers."""
        end_listening = self.exchange.log.listen(on_event) if on_event else None
        self.exchange.log.restart_clock()
        for agent in scenario.agents:
            self.add_agent(agent.phone, agent.name, agent.answers)
        try:
            handles = _Play(self, scenario).run()
            self._settle()
            results = {handle.caller.name: handle.result for handle in handles}
            return [replace(result, mismatches=mismatches(result, results)) for result in results.values()]
        finally:
            if end_listening:
                self.exchange.log.flush(_GRACE_SECONDS)
                end_listening()

    def _settle(self) -> None:
        """Give agents' legs and the last callbacks a moment to end."""
        deadline = time.monotonic() + _GRACE_SECONDS
        for leg in self.exchange.live_legs():
            leg.watch(lambda: False, max(0.0, deadline - time.monotonic()))
        self.exchange.callbacks.drain(_GRACE_SECONDS)

    # --- what it saw ---------------------------------------------------------------------------------------------

    def inject(self, fault: Fault) -> None:
        """Let the REST API fail as described."""
        self._faults.inject(fault)

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that happened."""
        return self.exchange.log.all()

    @property
    def webhooks(self) -> tuple[WebhookRecord, ...]:
        """Every webhook that was sent."""
        return self.exchange.journal.all()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Every time that a call had no next TwiML within five seconds, or none at all."""
        with self.exchange.lock:
            return tuple(self.exchange.gaps)

    @property
    def double_bridges(self) -> tuple[DoubleBridge, ...]:
        """Every caller with two agents or in two conferences."""
        with self.exchange.lock:
            return tuple(self.exchange.double_bridges)

    @property
    def rings(self) -> tuple[Ring, ...]:
        """Every ring of a phone."""
        return rings_of(self.exchange)

    @property
    def texts(self) -> tuple[Text, ...]:
        """Every text that the server sent."""
        with self.exchange.lock:
            return tuple(self.exchange.texts)


class _Play:
    """One run of a scenario: places each call when its time has come, and ends them all at the limit."""

    def __init__(self, carrier: Carrier, scenario: Scenario) -> None:
        self._carrier = carrier
        self._scenario = scenario
        self._started = time.monotonic()
        self._changed = threading.Condition()
        self._handles: dict[str, CallHandle] = {}

    def run(self) -> list[CallHandle]:
        """Place every call and wait for all of them; the handles are in the scenario's order."""
        threads = [
            self._carrier.exchange.spawn(f"play {caller.name}", lambda caller=caller: self._place(caller))  # type: ignore[misc]
            for caller in self._scenario.callers
        ]
        for thread in threads:
            thread.join()
        return [self._handles[caller.name] for caller in self._scenario.callers if caller.name in self._handles]

    def _place(self, caller: Caller) -> None:
        if caller.after is not None:
            self._await(caller)
            self._carrier.exchange.pause(caller.after.plus)
        self._carrier.exchange.pause(min(self._left(), self._started + caller.at - time.monotonic()))
        handle = self._carrier.dial(caller)
        with self._changed:
            self._handles[caller.name] = handle
            self._changed.notify_all()
        if not handle.wait(self._left()):
            handle.leg.hang_up("carrier")
            handle.wait(_GRACE_SECONDS)

    def _await(self, caller: Caller) -> None:
        """Wait until the other call has come to the state; a call that ends without it lets this one go on."""
        after = caller.after
        if after is None:
            return
        with self._changed:
            self._changed.wait_for(lambda: after.call in self._handles, self._left())
            other = self._handles.get(after.call)
        if other is not None:
            other.leg.watch(lambda: in_state(other.leg, after.state), self._left())

    def _left(self) -> float:
        return max(0.0, self._started + self._scenario.limit - time.monotonic())


class _QuietHandler(WSGIRequestHandler):
    """Serves without a line a request on the terminal."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing; the events tell enough."""
