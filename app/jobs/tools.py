"""What jobs work with: their use cases, put there by the worker around each job."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from app.core.inputs import Utterance
from app.ports.clock import Clock
from app.ports.history import History
from app.ports.store import Store
from app.ports.telephony import Telephony

Transcribe = Callable[[bytes], Utterance | None]
Heard = Callable[[str, int, Utterance | None], object]
Redact = Callable[[int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Everything jobs need of the server; bootstrap fills it in.

    `transcribe` turns a WAV into words, None if it is no readable audio. `heard` takes the words of a call's turn, or
    None when there are none to be had: the call then goes on as after silence. `redact` erases what TaskRouter's events
    before an instant say of people, and returns of how many. `retention_days` 0: keep for good.
    """

    store: Store
    history: History
    telephony: Telephony
    clock: Clock
    transcribe: Transcribe
    heard: Heard
    redact: Redact
    retention_days: int = 30


_current: ContextVar[Tools] = ContextVar("tools")


def tools() -> Tools:
    """The tools of the worker that runs this job; a LookupError outside of one."""
    return _current.get()


@contextmanager
def using(given: Tools) -> Iterator[None]:
    """Gives these tools to whatever runs inside."""
    token = _current.set(given)
    try:
        yield
    finally:
        _current.reset(token)
