"""Live listening: one ear per media stream, which turns the caller's words into steps of the conversation."""

import hmac
import logging
from dataclasses import replace

from app.core.change import Change, update
from app.core.entities import Call, CallState
from app.core.inputs import Utterance
from app.core.scripts import EARS_REOPENED
from app.ports.recognizer import Hearing, Recognizer, Speaking
from app.ports.store import StoreUnavailable
from app.usecases.context import Contention, Context, settle
from app.usecases.conversation import listen, speaking_note
from app.usecases.moving import redirect

log = logging.getLogger(__name__)
SPEAKING_SECONDS = 15
HEARD = frozenset({CallState.LISTENING, CallState.CONFIRMING, CallState.CHOOSING, CallState.WAITING})


class CallEar:
    """Hears one stream of one call. Used by one thread; `close` may be called twice."""

    def __init__(self, context: Context, call: str, hearing: Hearing) -> None:
        self._context = context
        self._call = call
        self._hearing = hearing
        self._began = -1
        self._closed = False

    def hear(self, payload: bytes, timestamp: int | None) -> None:
        """Takes the next piece of mu-law audio."""
        for item in self._hearing.accept(payload, timestamp):
            if isinstance(item, Speaking):
                self._speaking(item)
            else:
                self._said(item)

    def close(self) -> None:
        """The stream is over: what was still being said counts."""
        if self._closed:
            return
        self._closed = True
        for utterance in self._hearing.finish():
            self._said(utterance)

    def _speaking(self, partial: Speaking) -> None:
        if self._began >= 0 or not partial.text:
            return
        try:
            call = self._context.store.get(Call, self._call)
            self._began = call.turn if call else 0
            self._context.store.note(speaking_note(self._call), "1", SPEAKING_SECONDS)
        except StoreUnavailable:
            log.warning("store out of reach while a caller speaks; the utterance will still be offered to it")

    def _said(self, utterance: Utterance) -> None:
        began, self._began = self._began, -1
        if not utterance.text:
            self._quiet()
            return
        try:
            listen(self._context, self._call, replace(utterance, began=began))
        except (StoreUnavailable, Contention):
            log.exception("an utterance could not be taken in; the caller is asked again")
        self._quiet()

    def _quiet(self) -> None:
        try:
            self._context.store.note(speaking_note(self._call), "", 1)
        except StoreUnavailable:
            log.warning("store out of reach; the note that a caller speaks runs out by itself")


def open_ear(context: Context, recognizer: Recognizer, sid: str, token: str) -> CallEar | None:
    """An ear for a stream that shows the token handed out for this live call; None for any other."""

    def decide() -> tuple[Change, bool]:
        call = context.store.get(Call, sid)
        if call is None or call.state is CallState.ENDED:
            return Change(), False
        if not hmac.compare_digest(call.token.encode(), token.encode()):
            return Change(), False
        return (Change() if call.streaming else update(call, replace(call, streaming=True))), True

    return CallEar(context, sid, recognizer.listen()) if settle(context.store, decide) else None


def ear_lost(context: Context, sid: str) -> None:
    """The stream of a call broke, with its process or its network: the caller is fetched to where it is opened again.

    A stream that never worked is not tried again; the conversation goes on by keys.
    """

    def decide() -> tuple[Change, None]:
        call = context.store.get(Call, sid)
        if call is None or not call.streaming or call.state not in HEARD:
            return Change(), None
        deaf = replace(call, streaming=False, ears_lost=call.ears_lost + 1)
        fetched = redirect(deaf, context.clock.now()) if deaf.ears_lost <= EARS_REOPENED else Change()
        return update(call, deaf) + fetched, None

    settle(context.store, decide)
