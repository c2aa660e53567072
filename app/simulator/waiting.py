"""Queues of callers, and how one is taken out of them."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.simulator.bridge import Bridge
from app.simulator.leg import Leg
from app.simulator.sids import new_sid
from app.simulator.sources import Fetch


@dataclass(frozen=True, slots=True)
class Taken:
    """Why a caller leaves a queue: for a bridge with `dialer` (after hearing `whisper`), or for other TwiML."""

    bridge: Bridge | None = None
    dialer: Leg | None = None
    whisper: Fetch | None = None
    source: Fetch | None = None


@dataclass(slots=True)
class Ticket:
    """A caller's place in a queue."""

    leg: Leg
    since: float = field(default_factory=time.monotonic)
    entered: datetime = field(default_factory=lambda: datetime.now(UTC))
    taken: Taken | None = None
    left: float | None = None

    @property
    def seconds(self) -> int:
        """Whole seconds waited, until now or until the caller left."""
        return int((self.left or time.monotonic()) - self.since)


@dataclass(slots=True)
class Queue:
    """A queue, first come first served; guarded by the exchange's lock."""

    name: str
    max_size: int = 1000
    sid: str = field(default_factory=lambda: new_sid("QU"))
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    tickets: list[Ticket] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    dialers: list[Leg] = field(default_factory=list)

    @property
    def average_wait(self) -> int:
        """The average wait of those who have left, and so far of those who are here, in seconds."""
        all_waits = self.waits + [ticket.seconds for ticket in self.tickets]
        return round(sum(all_waits) / len(all_waits)) if all_waits else 0

    def enter(self, leg: Leg) -> Ticket | None:
        """Join the end; None when the queue is full."""
        if len(self.tickets) >= self.max_size:
            return None
        ticket = Ticket(leg)
        self.tickets.append(ticket)
        for dialer in self.dialers:
            dialer.poke()
        return ticket

    def take(self, ticket: Ticket, taken: Taken) -> None:
        """Take a caller out; its own thread goes on with what `taken` says."""
        self.remove(ticket)
        ticket.taken = taken
        ticket.leg.poke()

    def remove(self, ticket: Ticket) -> None:
        """Forget a caller's place."""
        if ticket in self.tickets:
            self.tickets.remove(ticket)
            ticket.left = time.monotonic()
            self.waits.append(ticket.seconds)

    def position(self, ticket: Ticket) -> int:
        """The place in the queue, counted from 1."""
        return self.tickets.index(ticket) + 1 if ticket in self.tickets else 0
