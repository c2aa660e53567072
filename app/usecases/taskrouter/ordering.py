"""What the operator asks before it sends what an instruction ordered, and what the telephone's answers mean."""

import logging

from app.core import offers
from app.core.change import Change
from app.core.entities import Reservation, ReservationState, Task
from app.core.lifecycle import ReservationEvent
from app.core.routing import sids
from app.core.routing.instructions import Order
from app.ports.dialling import WorkerCall
from app.ports.telephony import Outcome, Sent
from app.usecases.context import Context, settle
from app.usecases.held import known
from app.usecases.limits import may_dial
from app.usecases.taskrouter import enqueued
from app.usecases.taskrouter.worker_leg import dropped, order_of
from app.usecases.terms import terms_of

log = logging.getLogger(__name__)


class Orders:
    """The use cases behind the operator, for one workspace."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def workspace(self) -> str:
        """The workspace's public SID."""
        return sids.public(sids.WORKSPACE, "", self._context.workspace)

    def call_for(self, sid: str) -> WorkerCall | None:
        """Whom to call; None when nobody waits any more or a toll-fraud limit forbids it (the offer then ends)."""
        store = self._context.store
        reservation, wanted = store.get(Reservation, sid), order_of(store, sid)
        if reservation is None or wanted is None or reservation.state is not ReservationState.PENDING:
            return None
        if not may_dial(self._context, self._context.configs.current()):
            self._release(sid, "an outbound limit is reached", ReservationEvent.RESCIND)
            return None
        url = wanted.text("url") if wanted.order is Order.CALL else ""
        return WorkerCall(
            workspace=self.workspace, reservation=sid, to=wanted.text("to"), caller_id=wanted.text("from"), url=url,
            seconds=wanted.seconds("timeout"), options=wanted.values,
        )  # fmt: skip

    def placed(self, sid: str, outcome: Outcome) -> None:
        """The worker's phone rings, or could not be rung; after a time-out the offer's deadline decides."""
        if outcome.sent is Sent.DONE:
            self._ringing(sid, outcome.sid)
        elif outcome.sent is not Sent.UNKNOWN:
            log.warning("a worker could not be called: %s", outcome.why)
            self._release(sid, "could not be reached", ReservationEvent.TIME_OUT)

    def sending(self, sid: str) -> tuple[str, str]:
        """Which call to send where for a reservation; "" as the address: into the room. Both "": nowhere any more."""
        store = self._context.store
        reservation, wanted = store.get(Reservation, sid), order_of(store, sid)
        if reservation is None or wanted is None:
            return "", ""
        if wanted.order is Order.REDIRECT:
            return wanted.text("call_sid"), wanted.text("url")
        task = store.get(Task, reservation.task)
        if task is None or reservation.state is not ReservationState.ACCEPTED:
            return "", ""
        return enqueued.caller_of(task), ""

    def sent(self, sid: str, outcome: Outcome) -> None:
        """What became of sending a caller somewhere; who cannot be brought into a room waits for somebody else."""
        wanted = order_of(self._context.store, sid)
        if outcome.sent is Sent.DONE or wanted is None:
            return
        log.warning("a caller could not be sent on: %s", outcome.why or outcome.sent.value)
        reservation = self._context.store.get(Reservation, sid)
        if outcome.sent is Sent.GONE and reservation is not None and wanted.order is Order.CONFERENCE:
            enqueued.caller_gone(self._context, reservation.task)
        elif outcome.sent is Sent.REFUSED and wanted.order is Order.CONFERENCE:
            self._drop(sid)

    def caller(self, task: str) -> str:
        """The call of a task that still waits; "" if it does not."""
        found = self._context.store.get(Task, task)
        return enqueued.caller_of(found) if found is not None and not found.ended else ""

    def looked_up(self, task: str, outcome: Outcome) -> None:
        """The carrier's word on a caller."""
        enqueued.looked_up(self._context, task, outcome)

    def _ringing(self, sid: str, leg: str) -> None:
        def decide() -> tuple[Change, None]:
            reservation = self._context.store.get(Reservation, sid)
            if reservation is None or reservation.leg == leg:
                return Change(), None
            return offers.placed(reservation, leg, self._context.clock.now()), None

        settle(self._context.store, decide)

    def _release(self, sid: str, reason: str, how: ReservationEvent) -> None:
        def decide() -> tuple[Change, None]:
            read = known(self._context.store, sid)
            if read is None or read.reservation.state is not ReservationState.PENDING:
                return Change(), None
            terms, now = terms_of(self._context, read.task), self._context.clock.now()
            return offers.release(read.task, read.held, how, reason, terms, now), None

        settle(self._context.store, decide)

    def _drop(self, sid: str) -> None:
        def decide() -> tuple[Change, None]:
            read = known(self._context.store, sid)
            if read is None or read.reservation.state is not ReservationState.ACCEPTED:
                return Change(), None
            return dropped(self._context, read, "the caller could not be brought to the worker"), None

        settle(self._context.store, decide)
