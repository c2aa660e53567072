"""One leg of a call: its state, what interrupts it, and the callbacks that tell of its progress."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from app.simulator.events import Kind
from app.simulator.exchange import Exchange
from app.simulator.facts import Ends, Prompt, Talk, Times, Typed
from app.simulator.mouth import Mouth
from app.simulator.sids import new_sid, rfc2822
from app.simulator.sources import Source
from app.simulator.twiml import Trouble
from app.simulator.webhook import Request

if TYPE_CHECKING:
    from app.simulator.stream import MediaStream

ENDED: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class Interrupt(Exception):
    """What a leg does is cut short."""


class HungUp(Interrupt):
    """The call on this leg is over."""


class Replaced(Interrupt):
    """A REST request gives this leg other TwiML."""

    def __init__(self, source: Source) -> None:
        super().__init__("replaced over REST")
        self.source = source


class Leg:
    """One person's line. A thread executes its TwiML; others may press its keys, replace its TwiML or hang it up.

    All state is guarded by the exchange's lock; `changed` is notified whenever any of it moves.
    """

    def __init__(self, exchange: Exchange, ends: Ends) -> None:
        self.exchange = exchange
        self.ends = ends
        self.sid = new_sid("CA")
        self.web = exchange.web()
        self.mouth = Mouth(exchange.clock)
        self.changed = threading.Condition(exchange.lock)
        self.times = Times()
        self.status = "ringing" if ends.direction == "inbound" else "queued"
        self.answered_by = ""
        self.machine = False
        self.conduct = ""
        self.about = ""
        self.sole_waiting = ""
        self.ended_by = ""
        self.refused = False
        self.failed = False
        self.keys: deque[str] = deque()
        self.typed: deque[Typed] = deque()
        self.prompts: list[Prompt] = []
        self.talks: list[Talk] = []
        self.streams: list[MediaStream] = []
        self.troubles: list[Trouble] = []
        self.recordings: list[str] = []
        self.rooms: list[str] = []
        self.waiting_in = ""
        self.recording = False
        self.listening = 0
        self.fetching = False
        self.thread: threading.Thread | None = None
        self._sequence = 0
        self._replacement: Source | None = None
        self._interrupts: list[Callable[[], Interrupt | None]] = []
        with exchange.lock:
            exchange.legs[self.sid] = self

    @property
    def ended(self) -> bool:
        """Whether the call on this leg is over."""
        return self.status in ENDED

    @property
    def in_company(self) -> bool:
        """Whether somebody can be spoken with right now."""
        return any(talk.ended is None for talk in self.talks)

    def tell(self, kind: Kind, text: str = "", other: str = "") -> None:
        """Publish an event of this leg."""
        self.exchange.log.publish(kind, self.sid, self.ends.person, text, other)

    # --- waiting -------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raise what interrupts this leg, the outermost cause first."""
        with self.exchange.lock:
            if self.ended:
                raise HungUp
            if self._replacement is not None:
                source, self._replacement = self._replacement, None
                raise Replaced(source)
            for interrupt in self._interrupts:
                reason = interrupt()
                if reason is not None:
                    raise reason

    def wait(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        """Wait, in the leg's own thread, until `ready`; false after `timeout`; raises what interrupts the leg."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with self.changed:
            while True:
                self.check()
                if ready():
                    return True
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    return False
                self.changed.wait(left)

    def watch(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        """Wait, in any other thread, until `ready`; false after `timeout` or when the call ends first."""
        with self.changed:
            self.changed.wait_for(lambda: self.ended or ready(), timeout)
            return ready()

    @contextmanager
    def interrupted_by(self, interrupt: Callable[[], Interrupt | None]) -> Iterator[None]:
        """Within the block, waiting is cut short by the exception that `interrupt` returns."""
        with self.exchange.lock:
            self._interrupts.append(interrupt)
        try:
            yield
        finally:
            with self.exchange.lock:
                self._interrupts.remove(interrupt)

    def poke(self) -> None:
        """Let everybody who waits for this leg look again."""
        with self.changed:
            self.changed.notify_all()

    # --- what others do to it ------------------------------------------------------------------------------------

    def press(self, key: str) -> bool:
        """Press a key; false when nothing listens, and the key is lost as on a real line."""
        with self.changed:
            streams = [stream for stream in self.streams if stream.two_way]
            heard = self.listening > 0
            if heard:
                self.keys.append(key)
            self.changed.notify_all()
        for stream in streams:
            stream.dtmf(key)
        heard = heard or bool(streams)
        self.tell("key", key if heard else f"{key} (nobody listened)")
        return heard

    def type_words(self, words: Typed) -> None:
        """Give words to the running or next speech Gather."""
        with self.changed:
            self.typed.append(words)
            self.changed.notify_all()
        self.tell("typed", words.text)

    def replace(self, source: Source) -> bool:
        """Give the leg other TwiML; false when it is not in progress."""
        with self.changed:
            if self.status != "in-progress":
                return False
            self._replacement = source
            self.times.updated = datetime.now(UTC)
            self.changed.notify_all()
            return True

    def hang_up(self, by: str, status: str = "completed") -> bool:
        """End the call; false when it has ended before. `by` is `person`, `server`, or a reason of the carrier's."""
        with self.changed:
            if self.ended:
                return False
            if status == "completed" and self.times.answered is None:
                status = "no-answer" if self.ends.direction == "inbound" else "canceled"
            untold = self.status == "queued" and status == "canceled"
            self.status = status
            self.ended_by = by
            self.times.ended, self.times.ended_at = time.monotonic(), datetime.now(UTC)
            self.times.updated = self.times.ended_at
            self.meet({})
            streams = list(self.streams)
            self.changed.notify_all()
        for stream in streams:
            stream.stop()
        self.tell("hung up", status, by)
        if not untold:
            self.progress("completed")
        return True

    def meet(self, others: Mapping[str, "Leg"]) -> None:
        """Make these the legs that can be spoken with; the ones that are no longer among them are parted from."""
        now = time.monotonic()
        with self.changed:
            if self.ended:
                others = {}
            current = {talk.sid for talk in self.talks if talk.ended is None}
            for talk in self.talks:
                if talk.ended is None and talk.sid not in others:
                    talk.ended = now
                    self.tell("parted", other=talk.person)
            for sid, other in others.items():
                if sid not in current:
                    self.talks.append(Talk(sid, other.ends.person, other.ends.direction, now))
                    self.tell("bridged", other=other.ends.person)
            self.changed.notify_all()

    # --- progress ------------------------------------------------------------------------------------------------

    def advance(self, status: str, event: str) -> None:
        """Move on to a status that is not an end, and tell of it."""
        with self.changed:
            if self.ended:
                raise HungUp
            self.status = status
            self.times.updated = datetime.now(UTC)
            if status == "in-progress" and self.times.answered is None:
                self.times.answered, self.times.answered_at = time.monotonic(), self.times.updated
            self.changed.notify_all()
        self.progress(event)

    def answer(self) -> None:
        """Pick up, if that has not happened yet."""
        if self.status != "in-progress":
            self.advance("in-progress", "answered")
            self.tell("answered")

    def progress(self, event: str) -> None:
        """Send a status callback, if this event is subscribed to."""
        callback = self.ends.callback
        if callback is None or event not in callback.events:
            return
        with self.exchange.lock:
            extra = {
                "Timestamp": rfc2822(),
                "CallbackSource": "call-progress-events",
                "SequenceNumber": str(self._sequence),
            }
            self._sequence += 1
            if event == "completed":
                extra["CallDuration"] = str(self.times.talked)
                extra["Duration"] = str(-(-self.times.talked // 60))
            request = Request(callback.url, callback.method, self.parameters(), extra, self.sid, f"status {event}")
            self.exchange.notify(self.sid, self.web, request)

    def parameters(self) -> dict[str, str]:
        """The standard parameters of every webhook of this leg."""
        with self.exchange.lock:
            fields = {
                "CallSid": self.sid,
                "AccountSid": self.exchange.settings.account_sid,
                "From": self.ends.from_number,
                "To": self.ends.to,
                "Caller": self.ends.from_number,
                "Called": self.ends.to,
                "CallStatus": self.status,
                "ApiVersion": "2010-04-01",
                "Direction": self.ends.direction,
            }
            if self.ends.parent_sid:
                fields["ParentCallSid"] = self.ends.parent_sid
            if self.answered_by:
                fields["AnsweredBy"] = self.answered_by
            return fields

    def trouble(self, trouble: Trouble, *, error: bool = False) -> None:
        """Note an error or warning of the carrier's."""
        with self.exchange.lock:
            if trouble not in self.troubles:
                self.troubles.append(trouble)
        self.tell("webhook failed" if error else "warning", str(trouble))
