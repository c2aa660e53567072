"""Dial Number: rings up to ten phones together; the first to answer is screened and bridged."""

import time
from urllib.parse import urljoin

from app.simulator.bridge import Bridge
from app.simulator.executor import Executor, NoDocument
from app.simulator.facts import Callback
from app.simulator.leg import HungUp, Leg, Replaced
from app.simulator.phones import new_leg, ring
from app.simulator.recording import Recording, file_recording, mixed, recording_url
from app.simulator.sources import Fetch
from app.simulator.twiml import Document, Verb
from app.simulator.verbs.record import recording_callback

_MOST_TOGETHER = 10


class Ringing:
    """The children of one Dial: they share who has answered first."""

    def __init__(self, executor: Executor, verb: Verb, document: Document) -> None:
        self._executor = executor
        self._parent: Leg = executor.leg
        self._verb = verb
        self._document = document
        self._winner: Leg | None = None
        self._bridge: Bridge | None = None
        self._children: list[Leg] = []

    def run(self) -> dict[str, str]:
        """Ring, talk, and return the action's extra fields."""
        parent = self._parent
        nouns = self._verb.nouns("Number", "Client", "Sip")[:_MOST_TOGETHER] or (self._bare_number(),)
        try:
            for noun in nouns:
                self._start(noun)
            parent.wait(lambda: self._winner is not None or self._all_ended(), None)
            if self._winner is not None:
                self._talk(self._winner)
        finally:
            for child in self._children:
                child.hang_up("server", "completed" if child is self._winner else "canceled")
        return self._fields()

    def _bare_number(self) -> Verb:
        return Verb("Number", {"method": "POST", "statusCallbackEvent": "completed"}, self._verb.text)

    def _start(self, noun: Verb) -> None:
        callback = None
        if noun.get("statusCallback"):
            callback = Callback(
                urljoin(self._document.url, noun.get("statusCallback")),
                noun.get("statusCallbackMethod"),
                frozenset(noun.get("statusCallbackEvent").split()),
            )
        child = new_leg(self._parent, noun.text, callback, self._verb.get("callerId"))
        self._children.append(child)
        self._parent.exchange.spawn(f"child {child.sid}", lambda: self._child(child, noun))

    def _child(self, child: Leg, noun: Verb) -> None:
        """A child's own thread: ring, be screened, talk; or do what a REST request says instead."""
        try:
            if ring(child, self._verb.whole("timeout")) and self._claim(child):
                self._screen(child, noun)
                bridge = Bridge(self._parent, child)
                self._offer(bridge)
                bridge.hold(child)
        except HungUp:
            return
        except NoDocument as failure:
            child.trouble(failure.trouble, error=True)
        except Replaced as replaced:
            self._released(child)
            self._executor.on(child).run_call(replaced.source)
        finally:
            child.hang_up("server")
            self._parent.poke()

    def _claim(self, child: Leg) -> bool:
        """The first to answer wins, the others stop ringing."""
        with self._parent.exchange.lock:
            if self._winner is None:
                self._winner = child
            won = self._winner is child
            losers = [other for other in self._children if other is not self._winner]
        for loser in losers:
            loser.hang_up("server", "canceled")
        self._parent.poke()
        return won

    def _screen(self, child: Leg, noun: Verb) -> None:
        if noun.get("url"):
            fetch = Fetch(urljoin(self._document.url, noun.get("url")), noun.get("method"))
            self._executor.on(child).run(fetch, "number url")

    def _offer(self, bridge: Bridge) -> None:
        with self._parent.changed:
            self._bridge = bridge
            self._parent.changed.notify_all()

    def _released(self, child: Leg) -> None:
        """A child that is given TwiML of its own is no longer this Dial's to hang up."""
        with self._parent.exchange.lock:
            self._children.remove(child)

    def _talk(self, winner: Leg) -> None:
        parent = self._parent
        parent.wait(lambda: self._bridge is not None or winner.ended or winner not in self._children, None)
        bridge = self._bridge
        if bridge is None:
            return
        parent.answer()
        if not bridge.begin():
            return
        first = parent.exchange.clock.now()
        starred = self._verb.flag("hangupOnStar")
        with parent.changed:
            parent.listening += int(starred)
        try:
            limit = self._verb.whole("timeLimit")
            parent.wait(lambda: bridge.over or (starred and "*" in parent.keys), limit)
        finally:
            with parent.changed:
                parent.listening -= int(starred)
            bridge.end()
            self._record(winner, first)

    def _all_ended(self) -> bool:
        return all(child.ended for child in self._children)

    def _record(self, winner: Leg, first: int) -> None:
        """Keep the conversation, if this Dial records."""
        verb, parent = self._verb, self._parent
        if not verb.get("record").startswith("record-") and verb.get("record") != "true":
            return
        last = parent.exchange.clock.now() + 1
        voices = [(leg.mouth, first, last) for leg in (parent, winner)]
        recording = Recording("DialVerb", mixed(voices, first, last), parent.sid)
        file_recording(parent.exchange, parent, recording, recording_callback(verb, self._document))

    def _fields(self) -> dict[str, str]:
        parent, winner = self._parent, self._winner
        bridged = self._bridge is not None and self._bridge.begun
        fields = {"DialBridged": "true" if bridged else "false"}
        leg = winner or self._children[-1]
        fields["DialCallSid"] = leg.sid
        if winner is None:
            return {**fields, "DialCallStatus": leg.status}
        fields["DialCallStatus"] = "completed"
        ended = leg.times.ended or time.monotonic()
        if winner in self._children:
            fields["DialCallDuration"] = str(round(ended - (leg.times.answered or ended)))
        if self._verb.get("record") != "do-not-record" and parent.recordings:
            fields["RecordingUrl"] = recording_url(parent.exchange, parent.exchange.recordings[parent.recordings[-1]])
        return fields
