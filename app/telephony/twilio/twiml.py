"""Writes a script as TwiML.

Every webhook waits for this, so it is not left to the SDK's VoiceResponse, which takes five times as long.
"""

from collections.abc import Callable, Iterable
from xml.etree import ElementTree as ET

from app.core.instructions import (
    Again,
    Ask,
    Forward,
    HangUp,
    Instruction,
    Leave,
    Listen,
    Meet,
    Pause,
    Play,
    Record,
    Reply,
    Say,
    Script,
    StopListening,
    Wait,
)
from app.telephony.twilio.links import Links
from app.telephony.twilio.markup import clean, serialize

STREAM_NAME = "ears"
_SAY_CHARACTERS = 1500  # one Say; the carrier refuses texts of more than 4096 bytes or so
_SAY_PIECES = 6
_NAME_CHARACTERS = 64
_HINTS = 500
_HINT_CHARACTERS = 100
_SILENCE_BEFORE_AGAIN = 1  # so that a document that says nothing does not spin


def render(script: Script, links: Links) -> str:
    """The document for a caller's leg, or for an agent's where `links` name a reservation.

    Whatever would fall off its end, and so hang up, comes back for the present instructions instead.
    """
    document = _Document(script, links)
    last = document.write()
    if isinstance(last, Ask | Record):
        # A recording of pure silence runs on; carriers that ignore actionOnEmptyResult do so after a Gather.
        document.redirect(document.reply_page(last))
    elif type(last) not in _LAST:
        if not document.takes_time:
            document.pause(Pause(_SILENCE_BEFORE_AGAIN))
        document.redirect(links.present())
    return document.text()


def render_hold(script: Script, links: Links, *, then: str = "") -> str:
    """The document a waiting caller hears; asked for again when it has run out.

    Anything that cannot happen on hold takes the caller off it: the page about leaving hold answers with what follows.
    `then`: the page to go to at its end, where running out would not bring the hold page back.
    """
    document = _Document(script, links, hold=True)
    document.write()
    if not document.takes_time:
        document.pause(Pause(_SILENCE_BEFORE_AGAIN))
    if then:
        document.redirect(then)
    return document.text()


class _Document:
    """One document being written; `takes_time` tells whether hearing it does."""

    def __init__(self, script: Script, links: Links, *, hold: bool = False) -> None:
        self.root = ET.Element("Response")
        self.takes_time = False
        self._script = script
        self._links = links
        self._hold = hold
        self._voice = {
            name: clean(value) for name, value in (("language", script.language), ("voice", script.voice)) if value
        }

    def write(self) -> Instruction | None:
        """Writes up to the first instruction after which nothing can follow; returns the last one written."""
        last: Instruction | None = None
        for last in self._script.instructions:
            kind = type(last)
            if self._hold and kind not in _ON_HOLD:
                self.leave(Leave())
                break
            _WRITERS[kind](self, last)
            if kind in _LAST:
                break
        return last

    def text(self) -> str:
        """The document as it is sent."""
        return serialize(self.root)

    def reply_page(self, asked: Ask | Record) -> str:
        """Which page is told what was pressed, said or recorded."""
        match asked.reply:
            case Reply.TURN if isinstance(asked, Record):
                return self._links.recorded(self._script.turn)
            case Reply.TURN:
                return self._links.turn(self._script.turn)
            case Reply.HOLD:
                return self._links.page("/voice/hold/key")
            case Reply.OFFER:
                return self._links.agent("key")
            case Reply.VOICEMAIL:
                return self._links.page("/voice/voicemail")

    def redirect(self, page: str) -> None:
        self._add(self.root, "Redirect", {"method": "POST"}).text = page

    def pause(self, pause: Pause, parent: ET.Element | None = None) -> None:
        if pause.seconds > 0:
            self._add(self.root if parent is None else parent, "Pause", {"length": str(pause.seconds)})
            self.takes_time = True

    def say(self, say: Say, parent: ET.Element | None = None) -> None:
        for piece in _pieces(clean(say.text)):
            self._add(self.root if parent is None else parent, "Say", self._voice).text = piece
            self.takes_time = True

    def play(self, play: Play, parent: ET.Element | None = None) -> None:
        self._add(self.root if parent is None else parent, "Play").text = self._links.audio(clean(play.audio))
        self.takes_time = True

    def listen(self, listen: Listen) -> None:
        stream = self._add(
            self._add(self.root, "Start"),
            "Stream",
            {
                "url": self._links.socket(),
                "name": STREAM_NAME,
                "track": "inbound_track",
                "statusCallback": self._links.page("/voice/stream"),
            },
        )
        self._add(stream, "Parameter", {"name": "token", "value": clean(listen.token)})

    def stop_listening(self, _: StopListening) -> None:
        self._add(self._add(self.root, "Stop"), "Stream", {"name": STREAM_NAME})

    def ask(self, ask: Ask) -> None:
        attributes = {
            "action": self.reply_page(ask),
            "method": "POST",
            "input": "dtmf speech" if ask.speech else "dtmf",
            "timeout": str(max(1, ask.seconds)),
            # A single key ends the asking by itself: # is a key like any other then.
            "finishOnKey": "" if ask.keys == 1 else "#",
        }
        if ask.keys > 0:
            attributes["numDigits"] = str(ask.keys)
        if not ask.runs_on:
            attributes["actionOnEmptyResult"] = "true"
        if ask.speech:
            attributes |= self._speech(ask.hints)
        gather = self._add(self.root, "Gather", attributes)
        for prompt in ask.prompts:
            _WRITERS[type(prompt)](self, prompt, gather)
        self.takes_time = True

    def record(self, record: Record) -> None:
        attributes = {
            "action": self.reply_page(record),
            "method": "POST",
            "maxLength": str(max(1, record.seconds)),
            "timeout": str(max(1, record.silence)),
            "playBeep": "true" if record.beep else "false",
        }
        if record.reply is Reply.VOICEMAIL:
            attributes["finishOnKey"] = "#"
            attributes["recordingStatusCallback"] = self._links.page("/voice/voicemail/status")
        self._add(self.root, "Record", attributes)

    def wait(self, wait: Wait) -> None:
        attributes = {
            "action": self._links.page("/voice/left"),
            "method": "POST",
            "waitUrl": self._links.page("/voice/hold"),
            "waitUrlMethod": "POST",
        }
        self._add(self.root, "Enqueue", attributes).text = clean(wait.line)[:_NAME_CHARACTERS]

    def leave(self, _: Leave) -> None:
        if self._hold:
            self._add(self.root, "Leave")
            self.takes_time = True
        else:
            self.again(Again())

    def meet(self, meet: Meet) -> None:
        dial = self._add(self.root, "Dial", {"action": self._links.left_room(), "method": "POST"})
        attributes = {
            "startConferenceOnEnter": "true",
            "endConferenceOnExit": "true",
            "beep": "false",
            "participantLabel": "agent" if meet.agent else "caller",
            "waitUrl": self._links.page("/voice/ringing") if self._links.ringing and not meet.agent else "",
        }
        self._add(dial, "Conference", attributes).text = clean(meet.room)

    def forward(self, forward: Forward) -> None:
        attributes = {
            "action": self._links.left_room(),
            "method": "POST",
            "timeout": str(max(5, forward.seconds)),
        }
        if self._links.caller_id:
            attributes["callerId"] = self._links.caller_id
        dial = self._add(self.root, "Dial", attributes)
        self._add(dial, "Number").text = clean(forward.number)

    def hang_up(self, _: HangUp) -> None:
        self._add(self.root, "Hangup")
        self.takes_time = True

    def again(self, _: Again) -> None:
        if not self.takes_time:
            self.pause(Pause(_SILENCE_BEFORE_AGAIN))
        self.redirect(self._links.present())

    def _speech(self, hints: Iterable[str]) -> dict[str, str]:
        attributes = {"speechTimeout": "auto"}
        if self._script.language:
            attributes["language"] = clean(self._script.language)
        words = [" ".join(clean(hint).replace(",", " ").split())[:_HINT_CHARACTERS] for hint in hints]
        if any(words):
            attributes["hints"] = ",".join([word for word in words if word][:_HINTS])
        return attributes

    @staticmethod
    def _add(parent: ET.Element, tag: str, attributes: dict[str, str] | None = None) -> ET.Element:
        return ET.SubElement(parent, tag, attributes or {})


def _pieces(text: str) -> list[str]:
    """The text in pieces short enough to be spoken, cut between words; what is beyond all reason is dropped."""
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > _SAY_CHARACTERS and len(pieces) < _SAY_PIECES - 1:
        end = rest.rfind(" ", 1, _SAY_CHARACTERS)
        end = end if end > 0 else _SAY_CHARACTERS
        pieces.append(rest[:end])
        rest = rest[end:].lstrip()
    if rest:
        pieces.append(rest[:_SAY_CHARACTERS])
    return pieces


_WRITERS: dict[type[Instruction], Callable[..., None]] = {
    Say: _Document.say,
    Play: _Document.play,
    Pause: _Document.pause,
    Listen: _Document.listen,
    StopListening: _Document.stop_listening,
    Ask: _Document.ask,
    Record: _Document.record,
    Wait: _Document.wait,
    Leave: _Document.leave,
    Meet: _Document.meet,
    Forward: _Document.forward,
    HangUp: _Document.hang_up,
    Again: _Document.again,
}
_ON_HOLD = frozenset({Say, Play, Pause, Ask, Leave, HangUp})
_LAST = frozenset({HangUp, Wait, Leave, Meet, Forward, Record, Again})
