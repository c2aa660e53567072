"""What the operator asks of the use cases, and what it tells them of the telephone's answers."""

from typing import Protocol

from app.ports.telephony import Outcome


class Ring(Protocol):
    """Which phone to ring for a reservation, and for how long."""

    @property
    def phone(self) -> str:
        """The number to dial."""

    @property
    def seconds(self) -> int:
        """How long it may ring."""


class Switch(Protocol):
    """The use cases behind the operator. Any of them may raise `StoreUnavailable`: it is asked again later."""

    def ring_target(self, reservation: str) -> Ring | None:
        """Whom to ring for this reservation; None when it is no longer wanted or a toll-fraud limit forbids it.

        Whatever follows from a forbidden number (the reservation's end, a log line) is this method's affair.
        """

    def placed(self, reservation: str, outcome: Outcome) -> None:
        """What became of ringing the agent; `outcome.sid` is the leg. If nobody wants the leg by now, hang it up."""

    def redirected(self, call: str, turn: int, outcome: Outcome) -> None:
        """What became of redirecting the caller to the instructions of this turn."""

    def checked(self, call: str, outcome: Outcome) -> None:
        """How the carrier sees a call (`outcome.data["status"]`), or that it knows it no more."""

    def tell_target(self, worker: str) -> str:
        """The phone a worker reads messages on; empty when they must not be written to."""
