"""What the operator asks before it sends a telephone command, and what the answers mean."""

import logging
from dataclasses import dataclass, replace

from app.core import offers
from app.core.change import Change, update
from app.core.config import Miss
from app.core.entities import Call, CallState, Reservation, ReservationState, Worker
from app.core.lifecycle import ReservationEvent
from app.ports.telephony import Outcome, Sent
from app.usecases.context import Context, settle
from app.usecases.ending import ended
from app.usecases.held import known
from app.usecases.limits import may_dial
from app.usecases.terms import terms_of

log = logging.getLogger(__name__)
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


@dataclass(frozen=True, slots=True)
class RingTarget:
    """The phone to ring, and for how many seconds."""

    phone: str
    seconds: int


class Switchboard:
    """The use cases behind the operator."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def ring_target(self, reservation: str) -> RingTarget | None:
        """Whom to ring; None when nobody waits any more or a toll-fraud limit forbids it (the offer then ends)."""
        store = self._context.store
        offered = store.get(Reservation, reservation)
        worker = store.get(Worker, offered.worker) if offered else None
        if offered is None or worker is None or offered.state is not ReservationState.PENDING:
            return None
        config = self._context.configs.get(offered.config)
        if not may_dial(self._context, config):
            self._release(reservation, "an outbound limit is reached", ReservationEvent.RESCIND)
            return None
        return RingTarget(worker.phone, config.offers.ring)

    def placed(self, reservation: str, outcome: Outcome) -> None:
        """The agent's phone rings, or could not be rung; after a time-out the offer's deadline decides."""
        if outcome.sent is Sent.DONE:
            self._ringing(reservation, outcome.sid)
        elif outcome.sent is not Sent.UNKNOWN:
            log.warning("an agent's phone could not be rung: %s", outcome.why)
            self._release(reservation, "could not be reached", ReservationEvent.TIME_OUT, Miss.UNREACHABLE)

    def _ringing(self, sid: str, leg: str) -> None:
        def decide() -> tuple[Change, None]:
            reservation = self._context.store.get(Reservation, sid)
            if reservation is None or reservation.leg == leg:
                return Change(), None
            return offers.placed(reservation, leg, self._context.clock.now()), None

        settle(self._context.store, decide)

    def _release(self, sid: str, reason: str, how: ReservationEvent, miss: Miss | None = None) -> None:
        store = self._context.store

        def decide() -> tuple[Change, None]:
            read = known(store, sid)
            if read is None or read.reservation.state is not ReservationState.PENDING:
                return Change(), None
            now, terms = self._context.clock.now(), terms_of(self._context, read.task)
            return offers.release(read.task, read.held, how, reason, terms, now, miss=miss), None

        settle(store, decide)

    def redirected(self, call: str, turn: int, outcome: Outcome) -> None:
        """A redirect that found no call means that its end got lost: it is looked up at once.

        A failed one needs nothing: the running prompt or music ends, and its next page gives the same instructions.
        """
        if outcome.sent is Sent.GONE:
            self._look_up_now(call)

    def _look_up_now(self, sid: str) -> None:
        def decide() -> tuple[Change, None]:
            call = self._context.store.get(Call, sid)
            if call is None or call.state is CallState.ENDED:
                return Change(), None
            return update(call, replace(call, deadline=self._context.clock.now())), None

        settle(self._context.store, decide)

    def checked(self, call: str, outcome: Outcome) -> None:
        """The carrier's word on a call we had not heard of for a while."""
        status = outcome.data.get("status", "")
        if outcome.sent is Sent.GONE or status in OVER:
            ended(self._context, call, status or "gone")

    def tell_target(self, worker: str) -> str:
        """The phone an agent reads messages on."""
        known = self._context.store.get(Worker, worker)
        return known.phone if known else ""
