"""Enqueue: the caller waits, hears the waiting document over and over, and is taken or leaves."""

from typing import Final
from urllib.parse import urljoin

from app.simulator.executor import Executor, NoDocument
from app.simulator.hearing import never
from app.simulator.leg import HungUp, Interrupt, Leg, Replaced
from app.simulator.sources import Fetch, Source
from app.simulator.twiml import Document, Trouble, Verb
from app.simulator.verbs.flow import Left
from app.simulator.waiting import Queue, Ticket

_SPIN_FRAMES: Final = 5
_SPIN_BRAKE_SECONDS: Final = 0.2


class _Dequeued(Interrupt):
    """Somebody takes the caller out of the queue."""


def enqueue(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Wait in a queue; afterwards the action (if any) or the next verb follows."""
    return _Stay(executor, verb, document).run()


class _Stay:
    """One caller's stay in one queue."""

    def __init__(self, executor: Executor, verb: Verb, document: Document) -> None:
        self._executor = executor
        self._leg: Leg = executor.leg
        self._verb = verb
        self._document = document
        self._queue = self._find_queue()
        self._ticket: Ticket | None = None

    def run(self) -> Source | None:
        leg = self._leg
        with leg.exchange.lock:
            leg.check()
            ticket = self._ticket = self._queue.enter(leg)
            leg.waiting_in = self._queue.name if ticket else ""
        if ticket is None:
            return self._done("queue-full")
        leg.tell("waiting", self._queue.name)
        try:
            result = self._wait(ticket)
        except HungUp:
            self._tell("hangup")
            raise
        except Replaced:
            self._tell("redirected" if ticket.taken is None else "redirected-from-bridged")
            raise
        finally:
            with leg.changed:
                self._queue.remove(ticket)
                leg.waiting_in = ""
                leg.changed.notify_all()
            leg.tell("left queue", self._queue.name)
        if ticket.taken is not None and ticket.taken.source is not None:
            self._tell(result)
            return ticket.taken.source
        return self._done(result)

    def _find_queue(self) -> Queue:
        name = self._verb.text or self._verb.get("workflowSid")
        with self._leg.exchange.lock:
            queues = self._leg.exchange.queues
            queue = next((queue for queue in queues.values() if queue.name == name), None)
            if queue is None:
                size = self._verb.whole("maxQueueSize") if self._verb.has("maxQueueSize") else 1000
                queue = Queue(name, size)
                queues[queue.sid] = queue
            return queue

    def _wait(self, ticket: Ticket) -> str:
        """Hear the waiting document until something happens; returns the QueueResult."""

        def interrupt() -> Interrupt | None:
            return _Dequeued() if ticket.taken is not None else None

        try:
            with self._leg.interrupted_by(interrupt):
                self._hear()
        except _Dequeued:
            return self._dequeued(ticket)
        except Left:
            return "leave"
        except NoDocument as failure:
            self._leg.trouble(failure.trouble, error=True)
            return "error"
        raise AssertionError("waiting ends by an interruption only")

    def _hear(self) -> None:
        """Ask for the waiting document again whenever it runs out; without one there is silence."""
        leg, url = self._leg, self._verb.get("waitUrl")
        while True:
            if not url:
                leg.wait(never, None)
            heard, began = len(leg.prompts), leg.exchange.clock.now()
            where = urljoin(self._document.url, url)
            self._executor.run(Fetch(where, self._verb.get("waitUrlMethod"), self._wait_fields()), "enqueue wait")
            if heard == len(leg.prompts) and leg.exchange.clock.now() - began < _SPIN_FRAMES:
                leg.trouble(Trouble(12200, f"the waiting document {url} takes no time: it is asked for for ever"))
                leg.wait(never, _SPIN_BRAKE_SECONDS)

    def _wait_fields(self) -> dict[str, str]:
        queue, ticket = self._queue, self._ticket
        with self._leg.exchange.lock:
            return {
                "QueueSid": queue.sid,
                "QueueTime": str(ticket.seconds if ticket else 0),
                "QueuePosition": str(queue.position(ticket) if ticket else 0),
                "AvgQueueTime": str(queue.average_wait),
                "CurrentQueueSize": str(len(queue.tickets)),
                "MaxQueueSize": str(queue.max_size),
            }

    def _dequeued(self, ticket: Ticket) -> str:
        """Hear the whisper and talk with whoever dialled the queue, or go on with other TwiML."""
        taken = ticket.taken
        if taken is None or taken.bridge is None:
            return "redirected"
        try:
            if taken.whisper is not None:
                self._executor.run(taken.whisper, "queue url")
            if not taken.bridge.begin():
                return "error"
            taken.bridge.hold(self._leg)
        finally:
            taken.bridge.end()
        return "bridged"

    def _fields(self, result: str) -> dict[str, str]:
        ticket = self._ticket
        if ticket is None:
            return {"QueueResult": result}
        return {"QueueResult": result, "QueueSid": self._queue.sid, "QueueTime": str(ticket.seconds)}

    def _tell(self, result: str) -> None:
        self._executor.tell(self._verb, self._document, self._fields(result))

    def _done(self, result: str) -> Source | None:
        if not self._verb.get("action"):
            return None
        return self._executor.follow(self._verb, self._document, self._fields(result))
