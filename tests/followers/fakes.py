"""Ports' fakes for followers: a telephone that writes down what it is told, use cases that answer as they are set."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from app.core.change import Change
from app.core.events import Event, EventType
from app.ports.store import Committed, Store
from app.ports.telephony import Outcome, Sent

PATIENCE = 5.0


class Telephone:
    """Writes down every command; `answer` decides what becomes of it and may wait, to play a slow carrier."""

    def __init__(self, answer: Callable[[str], Outcome] = lambda _command: Outcome(Sent.DONE)) -> None:
        self._answer = answer
        self._changed = threading.Condition()
        self.commands: list[str] = []

    def redirect(self, call: str, turn: int) -> Outcome:
        return self._send(f"redirect {call} {turn}")

    def ring(self, reservation: str, phone: str, seconds: int) -> Outcome:
        return self._send(f"ring {reservation} {phone} {seconds}")

    def hang_up(self, call: str, *, ringing: bool = False) -> Outcome:
        return self._send(f"{'cancel' if ringing else 'hang up'} {call}")

    def state(self, call: str) -> Outcome:
        return self._send(f"state {call}")

    def tell(self, phone: str, text: str) -> Outcome:
        return self._send(f"tell {phone} {text}")

    def recording(self, url: str) -> bytes:
        raise AssertionError("no follower fetches recordings")

    def wait_for(self, count: int) -> list[str]:
        """The commands, once there are at least so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.commands) >= count, PATIENCE), self.commands
            return list(self.commands)

    def _send(self, command: str) -> Outcome:
        with self._changed:
            self.commands.append(command)
            self._changed.notify_all()
        return self._answer(command)


@dataclass(frozen=True)
class Target:
    phone: str = "+15550100001"
    seconds: int = 20


@dataclass
class Desk:
    """The use cases behind the operator, as the tests set them."""

    target: Target | None = field(default_factory=Target)
    trouble: Exception | None = None
    told: list[str] = field(default_factory=list)
    reported: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def ring_target(self, reservation: str) -> Target | None:
        self.asked.release()
        if self.trouble:
            raise self.trouble
        return self.target

    def placed(self, reservation: str, outcome: Outcome) -> None:
        self._note(f"placed {reservation} {outcome.sent}")

    def redirected(self, call: str, turn: int, outcome: Outcome) -> None:
        self._note(f"redirected {call} {turn} {outcome.sent}")

    def checked(self, call: str, outcome: Outcome) -> None:
        self._note(f"checked {call} {outcome.sent}")

    def tell_target(self, worker: str) -> str:
        return "+15550100002"

    def wait_for(self, count: int) -> list[str]:
        """What was reported, once there are so many more reports."""
        for _ in range(count):
            assert self.reported.acquire(timeout=PATIENCE), self.told
        return list(self.told)

    def _note(self, line: str) -> None:
        self.told.append(line)
        self.reported.release()


def happened(store: Store, *events: Event, change: Change | None = None) -> tuple[str, ...]:
    """Commits events and returns their ids."""
    committed = store.commit((change or Change()) + Change(events=events))
    assert isinstance(committed, Committed)
    return committed.events


def event(kind: EventType, call: str = "CA1", **more: object) -> Event:
    """An event of a call; what is no field of events becomes its data."""
    fields = {name: more.pop(name) for name in ("task", "worker", "reservation") if name in more}
    return Event(type=kind, at=1_750_000_000_000, call=call, data=more, **fields)  # type: ignore[arg-type]
