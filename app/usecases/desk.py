"""Everything the telephone side asks for, in one place: pages for callers and agents, and ears for streams."""

from app.core.entities import Call
from app.core.inputs import Arrival, Digits, Parted, Recorded, Silence, Utterance
from app.core.instructions import Script
from app.core.scripts import present
from app.ports.recognizer import Recognizer
from app.usecases import conversation, ending, hearing, holding, offering, reception
from app.usecases.context import Context


class Desk:
    """The use cases as the carrier's webhooks and sockets need them. May raise `StoreUnavailable`."""

    def __init__(self, context: Context, recognizer: Recognizer) -> None:
        self._context = context
        self._recognizer = recognizer

    def answer(self, arrival: Arrival) -> Script:
        """A call reaches our number."""
        return reception.answer(self._context, arrival)

    def turn(self, call: str, turn: int, heard: Digits | Silence | Utterance | Recorded) -> Script:
        """A reply to the prompts of a turn."""
        return conversation.turn(self._context, call, turn, heard)

    def present(self, call: str) -> Script:
        """The call's present instructions once more; an unknown call is answered as if it were new."""
        known = self._context.store.get(Call, call)
        if known is None:
            return reception.answer(self._context, Arrival(call))
        return present(known, self._context.configs.get(known.config))

    def hold(self, call: str) -> Script:
        """What the waiting caller hears next."""
        return holding.on_hold(self._context, call)

    def hold_key(self, call: str, digits: str) -> Script:
        """A key pressed on hold."""
        return holding.hold_key(self._context, call, digits)

    def left_hold(self, call: str, result: str) -> Script:
        """The carrier took the caller off hold."""
        return holding.left_hold(self._context, call, result)

    def parted(self, call: str, how: Parted) -> Script:
        """The caller's time with an agent or outside number is over."""
        return holding.parted(self._context, call, how)

    def message_left(self, call: str, recording: str, seconds: int) -> Script:
        """A voicemail message was recorded."""
        return holding.message_left(self._context, call, recording, seconds)

    def ended(self, call: str, status: str) -> None:
        """The caller's call is over."""
        ending.ended(self._context, call, status)

    def offer(self, reservation: str, leg: str, machine: bool = False) -> Script:
        """The agent's phone was picked up."""
        return offering.offer_answered(self._context, reservation, leg, machine=machine)

    def offer_key(self, reservation: str, leg: str, digits: str) -> Script:
        """The agent's key, or none."""
        return offering.offer_key(self._context, reservation, leg, digits)

    def offer_progress(self, reservation: str, leg: str, status: str) -> None:
        """The agent's phone rings or was answered: nothing to decide."""

    def offer_ended(self, reservation: str, leg: str, status: str) -> None:
        """The agent's phone call is over."""
        offering.offer_ended(self._context, reservation, leg, status)

    def agent_left(self, reservation: str, leg: str) -> Script:
        """The agent's room is over."""
        return offering.agent_left(self._context, reservation, leg)

    def open_ear(self, call: str, token: str) -> hearing.CallEar | None:
        """An ear for a media stream."""
        return hearing.open_ear(self._context, self._recognizer, call, token)

    def ear_lost(self, call: str) -> None:
        """A media stream ended."""
        hearing.ear_lost(self._context, call)
