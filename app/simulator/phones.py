"""Telephones that the carrier can ring, and how ringing one goes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.simulator.facts import Callback, Ends
from app.simulator.hearing import never
from app.simulator.leg import Leg


@dataclass(frozen=True, slots=True)
class Pickup:
    """What happens when a phone rings: `after` seconds somebody (or a `machine`) answers; None: nobody does.

    `then` is called once the phone is answered, and starts whatever the person does.
    """

    after: float | None
    busy: bool = False
    machine: bool = False
    then: Callable[[Leg], None] | None = None


class Phone(Protocol):
    """A telephone and whoever is at it."""

    @property
    def name(self) -> str:
        """Who is at it."""

    def ring(self, leg: Leg) -> Pickup:
        """The phone rings for a leg; called once a ring."""


@dataclass(frozen=True, slots=True)
class NobodyThere:
    """A number that no scenario speaks of: it rings and nobody answers."""

    name: str

    def ring(self, leg: Leg) -> Pickup:
        """Nobody answers."""
        return Pickup(None)


def phone_at(leg: Leg) -> Phone:
    """The phone that a leg rings."""
    return leg.exchange.phones.get(leg.ends.to) or NobodyThere(leg.ends.to)


def ring(leg: Leg, timeout: float) -> bool:
    """Ring until somebody answers (then the leg is in progress and true is returned) or the leg has ended."""
    leg.advance("initiated", "initiated")
    pickup = phone_at(leg).ring(leg)
    if pickup.busy:
        leg.hang_up("person", "busy")
        leg.tell("not answered", "busy")
        return False
    leg.advance("ringing", "ringing")
    leg.tell("ringing")
    patient = pickup.after is not None and pickup.after < timeout
    leg.wait(never, pickup.after if patient else timeout)
    if not patient:
        leg.hang_up("carrier", "no-answer")
        leg.tell("not answered", "no answer")
        return False
    leg.machine = pickup.machine
    leg.answer()
    if pickup.then is not None:
        pickup.then(leg)
    return True


def new_leg(parent: Leg, to: str, callback: Callback | None, caller_id: str) -> Leg:
    """A child leg that a Dial makes."""
    exchange = parent.exchange
    known = exchange.phones.get(to)
    person = known.name if known else to
    ends = Ends(caller_id or parent.ends.from_number, to, "outbound-dial", person, parent.sid, callback)
    return Leg(exchange, ends)
