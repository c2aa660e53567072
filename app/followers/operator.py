"""The operator: sends the telephone commands that commits left as intents, and reports what came of them."""

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from threading import Event as StopEvent

from app.core.entities import Call, CallState
from app.core.events import Event, EventType
from app.followers.follower import Follower, Pace
from app.followers.lanes import Lanes
from app.followers.poison import SetAside
from app.followers.switch import Switch
from app.ports.clock import Clock
from app.ports.store import Delivered, Store, StoreUnavailable
from app.ports.telephony import Sent, Telephony

log = logging.getLogger(__name__)

GROUP = "operator"
THREADS = 8
CLAIMED_FOR = 3600
# A dead operator's redirect is worth repeating only while the caller is still in the same pause.
PACE = Pace(reclaim_idle_ms=5_000, reclaim_every_ms=1_000)

Transcribe = Callable[[str, int], None]
NO_MORE: Mapping[EventType, Callable[[Delivered], None]] = {}
_OF_LEGS = frozenset(
    {EventType.INTENT_RING, EventType.INTENT_HANG_UP, EventType.INTENT_CALL_WORKER, EventType.INTENT_SEND_CALLER}
)


class Operator:
    """Sends each intent once if it can be known to have been sent, and otherwise only where twice does no harm.

    Intents of one call (or of one agent's leg) are sent in their order, others side by side. Any number of
    operators may run. `hands` do further intents; what nobody here does is left to other followers.
    """

    def __init__(  # noqa: PLR0913 - one parameter for each thing it connects
        self,
        store: Store,
        telephony: Telephony,
        switch: Switch,
        transcribe: Transcribe,
        clock: Clock,
        consumer: str,
        *,
        hands: Mapping[EventType, Callable[[Delivered], None]] = NO_MORE,
        threads: int = THREADS,
        pace: Pace = PACE,
    ) -> None:
        self._store = store
        self._telephony = telephony
        self._switch = switch
        self._transcribe = transcribe
        self._aside = SetAside(store, GROUP)
        self._lanes = Lanes(threads, GROUP)
        self._lock = threading.Lock()
        self._in_hand: set[str] = set()
        self._follower = Follower(store, GROUP, consumer, self._accept, clock, pace=pace)
        self._send: dict[EventType, Callable[[Delivered], None]] = {
            EventType.INTENT_REDIRECT: self._redirect,
            EventType.INTENT_RING: self._ring,
            EventType.INTENT_HANG_UP: self._hang_up,
            EventType.INTENT_CHECK: self._check,
            EventType.INTENT_TELL: self._tell,
            EventType.INTENT_TRANSCRIBE: self._pass_on,
            **hands,
        }

    def run(self, stop: StopEvent) -> None:
        """Follows the stream until told to stop; finishes commands under way, leaves the rest to the next operator."""
        try:
            self._follower.run(stop)
        finally:
            self.close()

    def step(self, block_ms: int = 0) -> int:
        """Takes what is in the stream; the commands themselves are sent by the pool."""
        return self._follower.step(block_ms)

    def close(self) -> None:
        """Ends the pool once the commands under way are through."""
        self._lanes.close()

    def _accept(self, batch: Sequence[Delivered]) -> Collection[str]:
        """Puts intents into their lanes; whatever is not for the telephone is done with at once."""
        done = []
        for delivered in batch:
            if delivered.event.type not in self._send:
                done.append(delivered.id)
            elif self._take_in_hand(delivered.id):
                self._lanes.add(lane_of(delivered.event), partial(self._perform, delivered))
        return done

    def _take_in_hand(self, intent: str) -> bool:
        with self._lock:
            if intent in self._in_hand:
                return False
            self._in_hand.add(intent)
            return True

    def _perform(self, delivered: Delivered) -> None:
        try:
            self._try_to_send(delivered)
        except StoreUnavailable:
            log.warning("operator: store unavailable at %s; it comes again", delivered.event.type.value)
        finally:
            with self._lock:
                self._in_hand.discard(delivered.id)

    def _try_to_send(self, delivered: Delivered) -> None:
        try:
            self._send[delivered.event.type](delivered)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one bad intent must not silence the telephone
            if not self._aside.failed(delivered, error):
                return
        self._store.acknowledge(GROUP, (delivered.id,))

    def _redirect(self, delivered: Delivered) -> None:
        event, turn = delivered.event, number(delivered.event, "turn")
        call = self._store.get(Call, event.call)
        if call is None or call.state is CallState.ENDED or call.turn != turn:
            return  # the caller has gone, or a later step brings its own instructions
        outcome = self._telephony.redirect(event.call, turn)
        self._switch.redirected(event.call, turn, outcome)

    def _ring(self, delivered: Delivered) -> None:
        reservation = delivered.event.reservation
        target = self._switch.ring_target(reservation)
        if target is None or not self._claimed(delivered):
            return
        outcome = self._telephony.ring(reservation, target.phone, target.seconds)
        self._switch.placed(reservation, outcome)

    def _hang_up(self, delivered: Delivered) -> None:
        event = delivered.event
        outcome = self._telephony.hang_up(text(event, "leg"), ringing=event.data.get("ringing") is True)
        if outcome.sent not in (Sent.DONE, Sent.GONE):
            log.warning("operator: hanging up a leg: %s", outcome.sent.value)

    def _check(self, delivered: Delivered) -> None:
        call = delivered.event.call
        self._switch.checked(call, self._telephony.state(call))

    def _tell(self, delivered: Delivered) -> None:
        event = delivered.event
        phone = self._switch.tell_target(event.worker)
        if phone and self._claimed(delivered):
            self._telephony.tell(phone, text(event, "text"))

    def _pass_on(self, delivered: Delivered) -> None:
        self._transcribe(delivered.event.call, number(delivered.event, "turn"))

    def _claimed(self, delivered: Delivered) -> bool:
        """True once per intent: an operator that died after this may have rung or written already."""
        if self._store.claim(f"intent:{delivered.id}", CLAIMED_FOR):
            return True
        log.warning(
            "operator: %s %s may have been sent before; not repeated",
            delivered.event.type.value,
            delivered.id,
        )
        return False


def lane_of(event: Event) -> str:
    """What an intent must stay in order with: its agent's leg, its worker, or its call."""
    if event.type in _OF_LEGS:
        return event.reservation or text(event, "leg")
    if event.type is EventType.INTENT_TELL:
        return event.worker
    return event.call or event.task


def text(event: Event, name: str) -> str:
    """A text that an intent must carry."""
    value = event.data[name]
    if not isinstance(value, str):
        raise TypeError(f"{event.type.value} carries no text as {name}")
    return value


def number(event: Event, name: str) -> int:
    """A whole number that an intent must carry."""
    value = event.data[name]
    if not isinstance(value, int):
        raise TypeError(f"{event.type.value} carries no number as {name}")
    return value
