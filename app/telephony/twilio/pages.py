"""What each page asks of the desk, and what it answers when the desk cannot."""

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.core.inputs import Arrival, Digits, Parted, Recorded, Silence, Utterance
from app.telephony.twilio import answers
from app.telephony.twilio.desk import Desk, Heard
from app.telephony.twilio.links import Links
from app.telephony.twilio.signature import Fields, without_values
from app.telephony.twilio.twiml import render, render_hold

logger = logging.getLogger(__name__)

FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_WITHHELD = frozenset(
    {
        "anonymous", "blocked", "private", "restricted", "unavailable", "unknown",
        "266696687", "2562533", "7378742833", "86282452253", "8656696",
    }
)  # fmt: skip
_KEYS = frozenset("0123456789*#ABCD")
_MOST_KEYS = 32
_MOST_WORDS = 2000
_MOST_ADDRESS = 100
_ANOTHER_KEY = "?"  # stands for whatever is on no keypad
_AFTER_FALLBACK = "after=fallback"


@dataclass(frozen=True, slots=True)
class Asked:
    """One authentic request for a page: what was sent, and the parts of the page's address (`place`: further SIDs)."""

    fields: Fields
    call: str
    turn: str = ""
    reservation: str = ""
    place: Mapping[str, str] = field(default_factory=dict)

    @property
    def tries(self) -> int:
        """How often the page was asked again since it could not be answered."""
        return whole_number(self.fields.first("tries"))


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its address, its answer (None: a bare acknowledgement), and its answer when that fails."""

    rule: str
    answer: Callable[[Asked], str | None]
    otherwise: Callable[[Asked], str | None]
    about_call: bool = True


def nothing(_: Asked) -> None:
    """Nothing to say."""


class CallerPages:
    """The pages about a caller's leg."""

    def __init__(self, desk: Desk, links: Links) -> None:
        self._desk = desk
        self._links = links

    def pages(self) -> list[Page]:
        """Every page, with its address."""
        again = self.try_present
        return [
            Page("/voice/incoming", self.incoming, self.try_incoming),
            Page("/voice/fallback", self.fallback, self.sorry),
            Page("/voice/status", self.status, nothing),
            Page("/voice/turn", self.present, again),
            Page("/voice/turn/<turn>", self.turn, again),
            Page("/voice/recorded/<turn>", self.recorded, again),
            Page("/voice/hold", self.hold, self.keep_holding),
            Page("/voice/hold/key", self.hold_key, self.keep_holding),
            Page("/voice/left", self.left, again),
            Page("/voice/ringing", self.ringing, self.keep_holding),
            Page("/voice/parted", self.parted, again),
            Page("/voice/voicemail", self.voicemail, again),
            Page("/voice/voicemail/status", self.voicemail_status, nothing),
            Page("/voice/stream", self.stream, nothing),
        ]

    def incoming(self, asked: Asked) -> str:
        arrival = Arrival(
            asked.call,
            caller_of(asked.fields),
            asked.fields.first("To")[:_MOST_ADDRESS],
            asked.fields.first("Direction")[:_MOST_ADDRESS] or "inbound",
        )
        return render(self._desk.answer(arrival), self._links)

    def fallback(self, asked: Asked) -> str:
        """Answers for a page that the carrier could not use, once; asks nobody."""
        failed = asked.fields.first("ErrorUrl")
        code = whole_number(asked.fields.first("ErrorCode"))
        logger.error("The carrier could not use %s (error %d)", without_values(failed), code)
        path = urlsplit(without_values(failed)).path
        if path.startswith("/agent/"):
            return answers.agent_sorry(self._links)
        if _AFTER_FALLBACK in failed:
            return answers.sorry(self._links)
        page = "/voice/incoming" if path.rstrip("/") == "/voice/incoming" else "/voice/turn"
        return answers.once_more(f"{self._links.page(page)}?{_AFTER_FALLBACK}", self._links)

    def status(self, asked: Asked) -> None:
        status = call_status(asked.fields)
        if status in FINAL:
            self._desk.ended(asked.call, status)

    def present(self, asked: Asked) -> str:
        return render(self._desk.present(asked.call), self._links)

    def turn(self, asked: Asked) -> str:
        return self._take(asked, what_was_heard(asked.fields))

    def recorded(self, asked: Asked) -> str:
        return self._take(asked, what_was_recorded(asked.fields))

    def hold(self, asked: Asked) -> str:
        return render_hold(self._desk.hold(asked.call), self._links)

    def hold_key(self, asked: Asked) -> str:
        digits = pressed(asked.fields)
        script = self._desk.hold_key(asked.call, digits) if digits else self._desk.hold(asked.call)
        return render_hold(script, self._links, then=self._links.page("/voice/hold"))

    def left(self, asked: Asked) -> str:
        result = asked.fields.first("QueueResult")[:_MOST_ADDRESS].lower() or "error"
        return render(self._desk.left_hold(asked.call, result), self._links)

    def ringing(self, _: Asked) -> str:
        return answers.ringing(self._links)

    def parted(self, asked: Asked) -> str:
        return render(self._desk.parted(asked.call, how_they_parted(asked.fields)), self._links)

    def voicemail(self, asked: Asked) -> str:
        url, seconds = recording(asked.fields)
        return render(self._desk.message_left(asked.call, url, seconds), self._links)

    def voicemail_status(self, asked: Asked) -> None:
        """Tells of a message again once its file is there, in case the page after the recording was never asked."""
        url, seconds = recording(asked.fields)
        if url and asked.fields.first("RecordingStatus") == "completed":
            self._desk.message_left(asked.call, url, seconds)

    def stream(self, asked: Asked) -> None:
        event = asked.fields.first("StreamEvent")
        if event in ("stream-error", "stream-stopped"):
            self._desk.ear_lost(asked.call)
        if event == "stream-error":
            error = asked.fields.first("StreamError")[:200]
            logger.warning("The carrier could not stream call %s: %r", asked.call, error)
        else:
            logger.debug("Stream of call %s: %r", asked.call, event[:_MOST_ADDRESS])

    def try_incoming(self, asked: Asked) -> str:
        return answers.try_again(self._links.page("/voice/incoming"), asked.tries, self._links)

    def try_present(self, asked: Asked) -> str:
        return answers.try_again(self._links.present(), asked.tries, self._links)

    def keep_holding(self, _: Asked) -> str:
        return answers.keep_holding(self._links)

    def sorry(self, _: Asked) -> str:
        return answers.sorry(self._links)

    def _take(self, asked: Asked, heard: Heard) -> str:
        turn = asked.turn
        if not (turn.isascii() and turn.isdigit() and len(turn) <= 9):
            return self.present(asked)
        return render(self._desk.turn(asked.call, int(turn), heard), self._links)


class AgentPages:
    """The pages about a leg that rings an agent for a reservation."""

    def __init__(self, desk: Desk, links: Links) -> None:
        self._desk = desk
        self._links = links

    def pages(self) -> list[Page]:
        """Every page, with its address."""
        return [
            Page("/agent/<reservation>/offer", self.offer, self.sorry),
            Page("/agent/<reservation>/key", self.key, self.sorry),
            Page("/agent/<reservation>/status", self.status, nothing),
            Page("/agent/<reservation>/left", self.left, self.hang_up),
        ]

    def offer(self, asked: Asked) -> str:
        answered_by = asked.fields.first("AnsweredBy")
        machine = answered_by.startswith("machine") or answered_by == "fax"
        script = self._desk.offer(asked.reservation, asked.call, machine)
        return render(script, self._links.of_offer(asked.reservation))

    def key(self, asked: Asked) -> str:
        script = self._desk.offer_key(asked.reservation, asked.call, pressed(asked.fields))
        return render(script, self._links.of_offer(asked.reservation))

    def status(self, asked: Asked) -> None:
        status = call_status(asked.fields)
        if status in FINAL:
            self._desk.offer_ended(asked.reservation, asked.call, status)
        elif status:
            self._desk.offer_progress(asked.reservation, asked.call, status)

    def left(self, asked: Asked) -> str:
        script = self._desk.agent_left(asked.reservation, asked.call)
        return render(script, self._links.of_offer(asked.reservation))

    def sorry(self, _: Asked) -> str:
        return answers.agent_sorry(self._links)

    def hang_up(self, _: Asked) -> str:
        return answers.hang_up(self._links)


def caller_of(fields: Fields) -> str:
    """Who calls; empty when they withhold it, in a word or in the same word typed on a keypad."""
    caller = fields.first("From")[:_MOST_ADDRESS].strip()
    return "" if caller.lower().removeprefix("+") in _WITHHELD else caller


def what_was_heard(fields: Fields) -> Digits | Silence | Utterance:
    """The reply to a Gather."""
    digits = pressed(fields)
    if digits:
        return Digits(digits)
    words = fields.first("SpeechResult")[:_MOST_WORDS].strip()
    if words:
        return Utterance(words, confidence(fields.first("Confidence")), source="carrier")
    return Silence()


def what_was_recorded(fields: Fields) -> Digits | Silence | Recorded:
    """The reply to a Record in the conversation: a key that ended it counts for itself."""
    digits = fields.first("Digits")
    if digits and digits not in ("hangup", "#"):
        return Digits(pressed(fields))
    url, seconds = recording(fields)
    return Recorded(url, seconds) if url and seconds else Silence()


def pressed(fields: Fields) -> str:
    """The keys pressed; what no keypad has (a fancy digit, a word) is a wrong key."""
    digits = fields.first("Digits")[:_MOST_KEYS].strip()
    return digits if _KEYS.issuperset(digits) else _ANOTHER_KEY


def confidence(text: str) -> float:
    """The carrier's confidence, within 0..1; 1 where it gives none, 0 where it makes no sense."""
    if not text.strip():
        return 1.0
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return 0.0 if math.isnan(value) else min(1.0, max(0.0, value))


def recording(fields: Fields) -> tuple[str, int]:
    """Where a recording will be, and its length in seconds."""
    return fields.first("RecordingUrl")[:_MOST_WORDS], whole_number(fields.first("RecordingDuration"))


def how_they_parted(fields: Fields) -> Parted:
    """The end of a Dial. A conference tells `answered` and neither bridge nor length."""
    status = fields.first("DialCallStatus")[:_MOST_ADDRESS].lower() or "failed"
    seconds = whole_number(fields.first("DialCallDuration"))
    told = fields.first("DialBridged").lower()
    connected = status == "answered" or (status == "completed" and seconds > 0)
    return Parted(status, told == "true" if told else connected, seconds)


def call_status(fields: Fields) -> str:
    """The leg's status in lower case."""
    return fields.first("CallStatus")[:_MOST_ADDRESS].lower()


def whole_number(text: str) -> int:
    """A count; 0 where there is none or it makes no sense."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
