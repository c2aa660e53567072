"""What the webhooks and the media socket need of the use cases."""

from typing import Protocol

from app.core.inputs import Arrival, Digits, Parted, Recorded, Silence, Utterance
from app.core.instructions import Script

Heard = Digits | Silence | Utterance | Recorded


class Ear(Protocol):
    """Listens to one media stream."""

    def hear(self, payload: bytes, timestamp: int | None) -> None:
        """Takes mu-law audio and its place in the stream (ms; None: unknown); never raises on junk."""

    def close(self) -> None:
        """Ends listening; closing twice does nothing more."""


class Desk(Protocol):
    """Answers each page that the carrier asks for. Being asked twice gives the same answer and has effects once."""

    def answer(self, arrival: Arrival) -> Script:
        """A call has reached our number."""

    def turn(self, call: str, turn: int, heard: Heard) -> Script:
        """What was heard in step `turn`; a step that has passed changes nothing. The present script."""

    def present(self, call: str) -> Script:
        """The call's present script again; something sensible for a call nobody knows."""

    def hold(self, call: str) -> Script:
        """What a waiting caller hears until this is asked again."""

    def hold_key(self, call: str, digits: str) -> Script:
        """A waiting caller pressed keys."""

    def left_hold(self, call: str, result: str) -> Script:
        """The caller is no longer on hold: the carrier's QueueResult in lower case."""

    def parted(self, call: str, how: Parted) -> Script:
        """The caller's time with somebody ended."""

    def message_left(self, call: str, recording: str, seconds: int) -> Script:
        """A voicemail message was recorded (an empty `recording`: nothing was said); may be told twice."""

    def ended(self, call: str, status: str) -> None:
        """A caller's call has its final status."""

    def offer(self, reservation: str, leg: str, machine: bool) -> Script:
        """The agent's phone was picked up, by a machine if the carrier thinks so."""

    def offer_key(self, reservation: str, leg: str, digits: str) -> Script:
        """The agent pressed a key; empty: none in time."""

    def offer_progress(self, reservation: str, leg: str, status: str) -> None:
        """The agent's leg is on its way: initiated, ringing or in-progress."""

    def offer_ended(self, reservation: str, leg: str, status: str) -> None:
        """The agent's leg has its final status."""

    def agent_left(self, reservation: str, leg: str) -> Script:
        """The agent has left the room the caller was in."""

    def ear_lost(self, call: str) -> None:
        """A stream of this call has ended, however it did."""

    def open_ear(self, call: str, token: str) -> Ear | None:
        """An ear for a live call's stream; None when the token is not the one this call was given."""
