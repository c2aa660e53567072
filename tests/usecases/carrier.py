"""A carrier for the queue's state machine: it carries out intents, and loses and repeats its webhooks as told."""

from collections.abc import Callable

from app.core.entities import Reservation
from app.core.events import Event, EventType
from app.core.inputs import Arrival, Digits, Parted, Silence
from app.ports.telephony import Outcome, Sent
from tests.shop import Shop

GONE_STATUS = {"status": "completed"}


class Carrier:
    """Knows who is really on the line. `fate` decides what becomes of the next ring."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.live: dict[str, bool] = {}
        self.legs: dict[str, str] = {}
        self.told: list[Callable[[], object]] = []
        self.fate = Sent.DONE

    def tell(self, webhook: Callable[[], object], *, lost: bool = False) -> None:
        """Sends a webhook, and remembers it so that it can come once more; a lost one may still come late."""
        self.told = [*self.told, webhook][-60:]
        if not lost:
            webhook()

    def arrives(self, call: str, caller: str) -> None:
        """A caller reaches us."""
        self.live[call] = True
        self.tell(lambda: self.shop.desk.answer(Arrival(call, caller)))

    def replies(self, call: str, heard: Digits | Silence) -> None:
        """The present prompt is answered."""
        turn = self.shop.call(call).turn
        self.tell(lambda: self.shop.desk.turn(call, turn, heard))

    def hangs_up(self, call: str, *, lost: bool) -> None:
        """The caller is gone."""
        self.live[call] = False
        self.tell(lambda: self.shop.desk.ended(call, "completed"), lost=lost)

    def parts(self, call: str, *, bridged: bool, lost: bool) -> None:
        """The caller's side of a room is over."""
        self.tell(lambda: self.shop.desk.parted(call, Parted("answered", bridged)), lost=lost)

    def leg_of(self, reservation: Reservation) -> str:
        """The call that rings for an offer; it may come about without our hearing of it."""
        return self.legs.setdefault(reservation.sid, f"leg-{reservation.sid}")

    def obeys(self) -> None:
        """Everything that the operator would send now."""
        while delivered := self.shop.context.store.follow("operator", "one", count=50):
            for item in delivered:
                if item.event.is_intent:
                    self._carry_out(item.event)
            self.shop.context.store.acknowledge("operator", [item.id for item in delivered])

    def _carry_out(self, event: Event) -> None:
        switchboard = self.shop.switchboard
        if event.type is EventType.INTENT_RING:
            self._ring(event.reservation)
        elif event.type is EventType.INTENT_CHECK:
            alive = self.live.get(event.call, False)
            switchboard.checked(
                event.call, Outcome(Sent.DONE, data={"status": "in-progress"} if alive else GONE_STATUS)
            )
        elif event.type is EventType.INTENT_REDIRECT:
            sent = Sent.DONE if self.live.get(event.call) else Sent.GONE
            switchboard.redirected(event.call, self.shop.call(event.call).turn, Outcome(sent))

    def _ring(self, reservation: str) -> None:
        if self.shop.switchboard.ring_target(reservation) is None:
            return
        sid = self.legs.setdefault(reservation, f"leg-{reservation}")
        outcome = Outcome(self.fate, sid=sid if self.fate is Sent.DONE else "")
        self.shop.switchboard.placed(reservation, outcome)
