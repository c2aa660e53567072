"""What the events alone tell of a workspace, from its first event or from a snapshot on."""

from collections import Counter
from dataclasses import dataclass, field

from app.core.entities import ReservationState
from app.core.events import Event, EventType
from app.ports.store import Snapshot

E = EventType
CLOSING = (
    E.RESERVATION_REJECTED,
    E.RESERVATION_TIMEOUT,
    E.RESERVATION_CANCELED,
    E.RESERVATION_RESCINDED,
    E.RESERVATION_COMPLETED,
)
STATES = {E.TASK_CREATED: "pending", E.TASK_ASSIGNED: "assigned", E.TASK_WRAPPING: "wrapping"}
SERVED_OR_NOT = (E.TASK_COMPLETED, E.TASK_CANCELED)
HOLDING = (ReservationState.PENDING, ReservationState.ACCEPTED, ReservationState.WRAPPING)


@dataclass
class Replay:
    """Tasks, offers and workers as told; `ends` counts how often a task was told to have ended."""

    states: dict[str, str] = field(default_factory=dict)
    offers: dict[str, tuple[str, str]] = field(default_factory=dict)
    activities: dict[str, str] = field(default_factory=dict)
    created: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    deleted: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Replay":
        """A reader who begins with a snapshot."""
        return cls(
            {task.sid: task.state.value for task in snapshot.tasks},
            {item.sid: (item.task, item.worker) for item in snapshot.reservations if item.state in HOLDING},
            {worker.sid: worker.activity for worker in snapshot.workers},
        )

    def read(self, event: Event) -> None:
        """Takes the next event; what no sound workspace would tell fails at once."""
        if event.type is E.RESERVATION_CREATED:
            assert self.states[event.task] in ("pending", "reserved"), f"{event.task} was offered while it was not"
            self.offers[event.reservation] = (event.task, event.worker)
            self.states[event.task] = "reserved"
        elif event.type in CLOSING:
            self._closed(event)
        elif event.type in STATES:
            self._goes_on(event)
        elif event.type in (*SERVED_OR_NOT, E.TASK_DELETED):
            self._ended(event)
        else:
            self._worker(event)

    def _closed(self, event: Event) -> None:
        assert self.offers.pop(event.reservation) == (event.task, event.worker)
        asked = any(task == event.task for task, _ in self.offers.values())
        if not asked and self.states.get(event.task) == "reserved":
            self.states[event.task] = "pending"

    def _goes_on(self, event: Event) -> None:
        self.created[event.task] += event.type is E.TASK_CREATED
        assert self.created[event.task] <= 1, f"{event.task} was created twice"
        assert not self.ends[event.task], f"{event.task} went on after its end: {event.type}"
        self.states[event.task] = STATES[event.type]

    def _ended(self, event: Event) -> None:
        if event.type is E.TASK_DELETED:
            self.deleted[event.task] += 1
        else:
            self.ends[event.task] += 1
            assert not self.deleted[event.task], f"{event.task} ended after it was deleted"
        assert self.ends[event.task] <= 1, f"{event.task} ended twice"
        assert self.deleted[event.task] <= 1, f"{event.task} was deleted twice"
        self.states.pop(event.task, None)

    def _worker(self, event: Event) -> None:
        assert event.type is not E.WORKER_CREATED or event.worker not in self.activities, "made twice"
        if event.type in (E.WORKER_CREATED, E.WORKER_CHANGED):
            self.activities[event.worker] = str(event.data["activity"])
        elif event.type is E.WORKER_DELETED:
            del self.activities[event.worker]
