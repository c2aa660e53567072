"""Entities, events and a clock with sensible defaults, so that a test names only what it is about."""

from dataclasses import replace
from typing import Any

from app.core.change import Change, Write
from app.core.entities import Activity, Call, Caller, Entity, Reservation, Task, Worker
from app.core.events import Event, EventType
from app.core.routing.lanes import Profile

NOON = 1_750_000_000_000
"""The instant at which tests begin, in milliseconds."""


class FakeClock:
    """A clock that stands still until it is moved by hand."""

    def __init__(self, at: int = NOON) -> None:
        self._at = at

    def now(self) -> int:
        """The present instant in milliseconds."""
        return self._at

    def advance(self, milliseconds: int) -> int:
        """Moves time on and returns the new instant."""
        if milliseconds < 0:
            raise ValueError("time does not run backwards")
        self._at += milliseconds
        return self._at

    def advance_seconds(self, seconds: float) -> int:
        """Moves time on and returns the new instant."""
        return self.advance(round(seconds * 1000))


def a_call(sid: str = "CA1", **fields: Any) -> Call:
    """A caller who has just been answered."""
    defaults: dict[str, Any] = {"config": "c1", "caller": "+15550100", "called": "+15550199", "started": NOON}
    return Call(sid=sid, **defaults | fields)


def a_task(sid: str = "WT1", **fields: Any) -> Task:
    """A task that waits in the queue "sales"."""
    defaults: dict[str, Any] = {"config": "c1", "queue": "sales", "created": NOON, "entered": NOON}
    return Task(sid=sid, **defaults | fields)


def a_worker(sid: str = "WK1", **fields: Any) -> Worker:
    """An agent who is free to serve the queue "sales"; one of its activities tells whether they are available."""
    on_duty = fields.get("activity", Activity.AVAILABLE) == Activity.AVAILABLE
    defaults: dict[str, Any] = {
        "phone": "+15550111", "queues": ("sales",), "idle_since": NOON, "available": on_duty,
        "held": {"voice": len(fields.get("reservations", ()))},
    }  # fmt: skip
    worker = Worker(sid=sid, **defaults | fields)
    return replace(worker, profile=fields.get("profile", Profile(worker.queues, worker.facts).sid()))


def a_reservation(sid: str = "WR1", **fields: Any) -> Reservation:
    """An offer of task WT1 of call CA1 to worker WK1."""
    defaults: dict[str, Any] = {"task": "WT1", "call": "CA1", "worker": "WK1", "queue": "sales", "created": NOON}
    return Reservation(sid=sid, **defaults | fields)


def a_caller(sid: str = "+15550100", **fields: Any) -> Caller:
    """A number that called once."""
    defaults: dict[str, Any] = {"calls": (NOON,)}
    return Caller(sid=sid, **defaults | fields)


def an_event(event_type: EventType = EventType.TASK_CREATED, **fields: Any) -> Event:
    """Something that happened."""
    defaults: dict[str, Any] = {"at": NOON}
    return Event(type=event_type, **defaults | fields)


def births(*entities: Entity) -> Change:
    """The change in which all of these come into being."""
    return Change(tuple(Write(None, entity) for entity in entities))
