"""The telephone exchange: what all parts of the pretend carrier share, under one lock."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from app.simulator.addresses import AddressBook
from app.simulator.callbacks import Callbacks
from app.simulator.events import EventLog
from app.simulator.mouth import FrameClock
from app.simulator.sids import new_sid, rfc2822
from app.simulator.sources import Fetch
from app.simulator.ticker import Ticker
from app.simulator.webhook import SLOW_SECONDS, Journal, Request, Web, WebhookFailed

if TYPE_CHECKING:
    from app.simulator.leg import Leg
    from app.simulator.phones import Phone
    from app.simulator.recording import Recording
    from app.simulator.rooms import Room
    from app.simulator.waiting import Queue


@dataclass(frozen=True, slots=True)
class Settings:
    """How this carrier is set up; `mapping` leads from public origins to loopback origins."""

    account_sid: str
    auth_token: str
    number: str
    public_url: str
    mapping: Mapping[str, str]
    speech_rate: float = 18.0
    recording_delay: float = 0.2
    calls_per_second: float = 0.0
    account_type: Literal["Full", "Trial"] = "Full"


@dataclass(slots=True)
class OwnNumber:
    """A number of the account and where its calls and texts go; the REST API changes it."""

    phone_number: str
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    sms_url: str = ""
    sms_method: str = "POST"
    friendly_name: str = ""
    sid: str = field(default_factory=lambda: new_sid("PN"))
    created: str = field(default_factory=rfc2822)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a call was without its next TwiML for more than 5 s, or got none at all."""

    sid: str
    url: str
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class DoubleBridge:
    """Two agents with one caller, or one caller in two conferences."""

    sid: str
    room: str
    reason: str


@dataclass(frozen=True, slots=True)
class Text:
    """An SMS that the server sent."""

    sid: str
    from_number: str
    to: str
    body: str
    created: str
    status_callback: str = ""


class Exchange:
    """The registries of calls, rooms, queues and recordings.

    `lock` guards all of them and every leg; conditions of legs are made on it. Nothing that waits for the network
    happens while it is held.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.clock = FrameClock()
        self.ticker = Ticker(self.clock)
        self.log = EventLog()
        self.journal = Journal()
        self.callbacks = Callbacks()
        self.addresses = AddressBook(settings.mapping)
        self.api_url = ""
        self.legs: dict[str, Leg] = {}
        self.rooms: dict[str, Room] = {}
        self.queues: dict[str, Queue] = {}
        self.recordings: dict[str, Recording] = {}
        self.texts: list[Text] = []
        self.phones: dict[str, Phone] = {}
        self.numbers: dict[str, OwnNumber] = {}
        self.verified_numbers: list[str] = []
        self.allowed_prefixes: tuple[str, ...] = ("+",)
        self.double_bridges: list[DoubleBridge] = []
        self.gaps: list[Gap] = []
        self.sounds: dict[str, bytes] = {}
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._dial_slot = 0.0
        self._webs: dict[str, Web] = {}

    def web(self) -> Web:
        """A new HTTP session, with its own cookies."""
        return Web(self.settings.auth_token, self.addresses, self.journal)

    def spawn(self, name: str, work: Callable[[], None]) -> threading.Thread:
        """Run something beside the rest."""
        thread = threading.Thread(target=work, name=f"simulator-{name}", daemon=True)
        with self.lock:
            self._threads = [old for old in self._threads if old.is_alive()]
            self._threads.append(thread)
        thread.start()
        return thread

    def join(self, timeout: float) -> None:
        """Wait for everything that was spawned."""
        deadline = time.monotonic() + timeout
        with self.lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the carrier's end."""
        self.stopping.wait(seconds)

    def notify(self, key: str, web: Web, request: Request) -> None:
        """Send a callback whose answer does not matter, after the earlier ones of `key`."""

        def post() -> None:
            try:
                web.send(request)
            except WebhookFailed as failure:
                self.log.publish("webhook failed", request.sid, "", str(failure))

        self.callbacks.add(key, post)

    def note_webhook(self, sid: str, fetch: Fetch, seconds: float, failure: WebhookFailed | None) -> None:
        """Keep a TwiML request that failed or took too long as a gap."""
        if failure is not None or seconds > SLOW_SECONDS:
            reason = str(failure) if failure is not None else "the next TwiML came late"
            with self.lock:
                self.gaps.append(Gap(sid, fetch.url, round(seconds, 3), reason))

    def note_double(self, sid: str, room: str, reason: str) -> None:
        """Keep that a call was bridged twice."""
        with self.lock:
            self.double_bridges.append(DoubleBridge(sid, room, reason))

    def web_of(self, key: str) -> Web:
        """The session that callbacks of one conference share."""
        with self.lock:
            if key not in self._webs:
                self._webs[key] = self.web()
            return self._webs[key]

    def live_legs(self) -> list["Leg"]:
        """The calls that have not ended."""
        with self.lock:
            return [leg for leg in self.legs.values() if not leg.ended]

    def dial_delay(self) -> float:
        """How long an outbound call created now stays queued, at the account's calls per second."""
        rate = self.settings.calls_per_second
        if rate <= 0:
            return 0.0
        with self.lock:
            slot = max(time.monotonic(), self._dial_slot)
            self._dial_slot = slot + 1 / rate
            return slot - time.monotonic()
