"""The operator: sends the telephone commands that commits left as intents, and reports what came of them."""

import logging
from collections.abc import Callable, Mapping

from app.core.entities import Call, CallState
from app.core.events import Event, EventType
from app.followers.follower import Pace
from app.followers.intents import Hand, IntentFollower
from app.followers.switch import Switch
from app.ports.clock import Clock
from app.ports.store import Delivered, Store
from app.ports.telephony import Sent, Telephony

log = logging.getLogger(__name__)

GROUP = "operator"
THREADS = 8
CLAIMED_FOR = 3600
# A dead operator's redirect is worth repeating only while the caller is still in the same pause.
PACE = Pace(reclaim_idle_ms=5_000, reclaim_every_ms=1_000)

Transcribe = Callable[[str, int], None]
NO_MORE: Mapping[EventType, Hand] = {}
_OF_LEGS = frozenset(
    {EventType.INTENT_RING, EventType.INTENT_HANG_UP, EventType.INTENT_CALL_WORKER, EventType.INTENT_SEND_CALLER}
)


class Operator(IntentFollower):
    """Sends each intent once if it can be known to have been sent, and otherwise only where twice does no harm.

    Intents of one call (or of one agent's leg) are sent in their order. `hands` do further intents; what
    nobody here does is left to other followers.
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
        hands: Mapping[EventType, Hand] = NO_MORE,
        threads: int = THREADS,
        pace: Pace = PACE,
    ) -> None:
        self._state = store
        self._telephony = telephony
        self._switch = switch
        self._transcribe = transcribe
        own: Mapping[EventType, Hand] = {
            EventType.INTENT_REDIRECT: self._redirect,
            EventType.INTENT_RING: self._ring,
            EventType.INTENT_HANG_UP: self._hang_up,
            EventType.INTENT_CHECK: self._check,
            EventType.INTENT_TELL: self._tell,
            EventType.INTENT_TRANSCRIBE: self._pass_on,
        }
        super().__init__(store, GROUP, consumer, {**own, **hands}, clock, lane_of=lane_of, threads=threads, pace=pace)

    def _redirect(self, delivered: Delivered) -> None:
        event, turn = delivered.event, number(delivered.event, "turn")
        call = self._state.get(Call, event.call)
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
        if self._state.claim(f"intent:{delivered.id}", CLAIMED_FOR):
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
