"""Sends what assignment instructions ordered of the telephone: the operator's hands for these intents."""

import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from app.core.events import EventType
from app.ports.dialling import Dialler, WorkerCall
from app.ports.store import Delivered, Store
from app.ports.telephony import Outcome, Sent

log = logging.getLogger(__name__)

CLAIMED_FOR = 3600


class OrderBook(Protocol):
    """The use cases behind it. Any of them may raise `StoreUnavailable`: it is asked again later."""

    @property
    def workspace(self) -> str:
        """The workspace's public SID."""

    def call_for(self, sid: str) -> WorkerCall | None:
        """Whom to call for a reservation; None when it is no longer wanted."""

    def placed(self, sid: str, outcome: Outcome) -> None:
        """What became of calling them."""

    def sending(self, sid: str) -> tuple[str, str]:
        """Which call to send to which address ("": into the reservation's room); no call: nowhere any more."""

    def sent(self, sid: str, outcome: Outcome) -> None:
        """What became of sending it."""

    def caller(self, task: str) -> str:
        """The call of a task that is not over."""

    def looked_up(self, task: str, outcome: Outcome) -> None:
        """What the carrier says of it."""


class OrderHands:
    """Carries out these intents, each as often as does no harm: a worker is called once for an intent."""

    def __init__(self, store: Store, book: OrderBook, dialler: Dialler) -> None:
        self._store = store
        self._book = book
        self._dialler = dialler

    @property
    def hands(self) -> Mapping[EventType, Callable[[Delivered], None]]:
        """What does which intent."""
        return {
            EventType.INTENT_CALL_WORKER: self._call,
            EventType.INTENT_SEND_CALLER: self._send,
            EventType.INTENT_LOOK_UP: self._look_up,
            EventType.INTENT_DROP_LINE: self._drop_line,
        }

    def _call(self, delivered: Delivered) -> None:
        reservation = delivered.event.reservation
        wanted = self._book.call_for(reservation)
        if wanted is None:
            return
        if not self._store.claim(f"intent:{delivered.id}", CLAIMED_FOR):
            log.warning("operator: a worker may have been called for %s before; not repeated", delivered.id)
            return
        self._book.placed(reservation, self._dialler.call(wanted))

    def _send(self, delivered: Delivered) -> None:
        reservation = delivered.event.reservation
        call, url = self._book.sending(reservation)
        if not call:
            return
        dialler, workspace = self._dialler, self._book.workspace
        self._book.sent(reservation, dialler.send(call, url) if url else dialler.meet(call, workspace, reservation))

    def _look_up(self, delivered: Delivered) -> None:
        task = delivered.event.task
        call = self._book.caller(task)
        if call:
            self._book.looked_up(task, self._dialler.state(call))

    def _drop_line(self, delivered: Delivered) -> None:
        outcome = self._dialler.drop_line(str(delivered.event.data["line"]))
        if outcome.sent not in (Sent.DONE, Sent.GONE):
            log.info("operator: an empty line was left at the carrier: %s", outcome.sent.value)
