"""Dial: rings numbers, joins a conference, or takes the next caller out of a queue."""

from collections.abc import Mapping
from urllib.parse import urljoin

from app.simulator.bridge import Bridge
from app.simulator.executor import Executor
from app.simulator.leg import HungUp, Leg
from app.simulator.sources import Fetch, Source
from app.simulator.twiml import Document, Verb
from app.simulator.verbs.conference import stay
from app.simulator.verbs.numbers import Ringing
from app.simulator.waiting import Queue, Taken

Fields = Mapping[str, str]


def dial(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Connect the leg; afterwards the action (if any) or the next verb follows."""
    talks = len(executor.leg.talks)
    try:
        fields = _connect(executor, verb, document)
    except HungUp:
        bridged = len(executor.leg.talks) > talks
        executor.tell(verb, document, {"DialCallStatus": "completed", "DialBridged": "true" if bridged else "false"})
        raise
    return executor.follow(verb, document, fields) if verb.get("action") else None


def _connect(executor: Executor, verb: Verb, document: Document) -> Fields:
    """Connect, stay connected, and return the action's extra fields."""
    conferences, queues = verb.nouns("Conference"), verb.nouns("Queue")
    if conferences:
        bridged = stay(executor, verb, conferences[0], document)
        return {"DialCallStatus": "answered", "DialBridged": "true" if bridged else "false"}
    if queues:
        return _dial_queue(executor, verb, queues[0], document)
    return Ringing(executor, verb, document).run()


def _dial_queue(executor: Executor, verb: Verb, noun: Verb, document: Document) -> Fields:
    """Talk with the first who waits; with nobody there, wait until the Dial's time is up."""
    leg = executor.leg
    queue = _queue(leg, noun.text)
    if queue is None:
        return {"DialCallStatus": "failed", "DialBridged": "false"}
    with leg.changed:
        queue.dialers.append(leg)
    try:
        if not leg.wait(lambda: bool(queue.tickets), verb.whole("timeout")):
            return {"DialCallStatus": "no-answer", "DialBridged": "false"}
        return _take(executor, verb, noun, document, queue)
    finally:
        with leg.changed:
            queue.dialers.remove(leg)


def _take(executor: Executor, verb: Verb, noun: Verb, document: Document, queue: Queue) -> Fields:
    leg = executor.leg
    with leg.exchange.lock:
        leg.check()
        if not queue.tickets:  # another dialler was faster
            return {"DialCallStatus": "no-answer", "DialBridged": "false"}
        ticket = queue.tickets[0]
        caller = ticket.leg
        about = {
            "QueueSid": queue.sid,
            "QueueTime": str(ticket.seconds),
            "DequeingCallSid": leg.sid,
        }
        whisper = None
        if noun.get("url"):
            whisper = Fetch(urljoin(document.url, noun.get("url")), noun.get("method"), about)
        bridge = Bridge(leg, caller)
        queue.take(ticket, Taken(bridge, leg, whisper))
    bridge.hold(leg, verb.whole("timeLimit"))
    return {
        **about,
        "DialCallStatus": "completed",
        "DialCallSid": caller.sid,
        "DialBridged": "true" if bridge.begun else "false",
        "DialCallDuration": str(_talked(leg, caller)),
    }


def _queue(leg: Leg, name: str) -> Queue | None:
    with leg.exchange.lock:
        queues = leg.exchange.queues.values()
        return next((queue for queue in queues if queue.name == name), None)


def _talked(leg: Leg, other: Leg) -> int:
    spans = [talk.ended - talk.started for talk in leg.talks if talk.sid == other.sid and talk.ended is not None]
    return round(sum(spans))
