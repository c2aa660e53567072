"""Start, Stop and Connect Stream: media streams of a call."""

from urllib.parse import urljoin

from app.simulator.executor import Executor
from app.simulator.facts import Callback
from app.simulator.leg import Leg
from app.simulator.sources import Source
from app.simulator.stream import MediaStream, StreamOrder
from app.simulator.twiml import Document, Trouble, Verb

_EVERY_EVENT = frozenset({"stream-started", "stream-stopped", "stream-error"})


def start(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Start a one-way stream and go on at once."""
    for noun in verb.nouns("Stream"):
        order = _order(noun, document, two_way=False)
        if _taken(executor.leg, order.name):
            executor.leg.trouble(Trouble(12200, f"a stream is called {order.name} already"))
            continue
        MediaStream(executor.leg, order).start()
    return None


def stop(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Stop the stream of that name; there may be none any more."""
    for noun in verb.nouns("Stream"):
        for stream in tuple(executor.leg.streams):
            if noun.get("name") in {stream.order.name, stream.sid}:
                stream.stop()
    return None


def connect(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Stream both ways until the server closes the socket; then the action or the next verb follows."""
    leg = executor.leg
    nouns = verb.nouns("Stream")
    if not nouns:
        return None
    stream = MediaStream(leg, _order(nouns[0], document, two_way=True))
    stream.start()
    try:
        leg.wait(lambda: stream.over, None)
    finally:
        stream.stop()
    return executor.follow(verb, document, {}) if verb.get("action") else None


def _order(noun: Verb, document: Document, *, two_way: bool) -> StreamOrder:
    callback = None
    if noun.get("statusCallback"):
        url = urljoin(document.url, noun.get("statusCallback"))
        callback = Callback(url, noun.get("statusCallbackMethod"), _EVERY_EVENT)
    parameters = {child.get("name"): child.get("value") for child in noun.nouns("Parameter")}
    track = "inbound_track" if two_way else noun.get("track")
    return StreamOrder(noun.get("url"), noun.get("name"), track, parameters, callback, two_way)


def _taken(leg: Leg, name: str) -> bool:
    return bool(name) and any(stream.order.name == name and not stream.over for stream in leg.streams)
