"""What the events alone tell of the queue, kept apart from the store so that the two can be held against each other."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from app.core.events import Event, EventType

CLOSING = {
    EventType.RESERVATION_REJECTED,
    EventType.RESERVATION_TIMEOUT,
    EventType.RESERVATION_CANCELED,
    EventType.RESERVATION_RESCINDED,
    EventType.RESERVATION_COMPLETED,
}
STATE_AFTER = {
    EventType.TASK_CREATED: "pending",
    EventType.TASK_ASSIGNED: "assigned",
    EventType.TASK_WRAPPING: "wrapping",
    EventType.TASK_COMPLETED: "completed",
    EventType.TASK_CANCELED: "canceled",
}
ENDS = (EventType.TASK_COMPLETED, EventType.TASK_CANCELED)


@dataclass
class Ledger:
    """Tasks, offers and ends, replayed from the stream as it grows."""

    wrap_up_ms: dict[str, int]
    pause_ms: int
    passed: dict[tuple[str, str], int] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    open: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    busy: dict[str, str] = field(default_factory=dict)
    ends: Counter[str] = field(default_factory=Counter)
    calls_ended: Counter[str] = field(default_factory=Counter)
    wrapping_since: dict[str, int] = field(default_factory=dict)

    def read(self, event: Event) -> None:
        """Takes the next event; what no sound queue would ever tell fails at once."""
        if event.type in STATE_AFTER:
            self._task(event)
        elif event.type is EventType.RESERVATION_CREATED:
            assert event.worker not in self.busy, f"{event.worker} was rung while they held {self.busy[event.worker]}"
            passed = self.passed.get((event.task, event.worker), 0)
            assert event.at >= passed + self.pause_ms, f"{event.worker} had just passed {event.task}"
            self.busy[event.worker] = event.reservation
            self.open[event.task].add(event.reservation)
            self.states[event.task] = "reserved"
        elif event.type in CLOSING:
            self._closed(event)
        elif event.type is EventType.TASK_MOVED:
            self._moved(event.task)
        elif event.type is EventType.CALL_ENDED:
            self.calls_ended[event.call] += 1

    def _task(self, event: Event) -> None:
        assert self.ends[event.task] == 0, f"{event.task} went on after its end: {event.type}"
        if event.type is EventType.TASK_CREATED:
            assert event.task not in self.states, f"{event.task} was created twice"
        if event.type is EventType.TASK_WRAPPING:
            self.wrapping_since[event.task] = event.at
        if event.type is EventType.TASK_COMPLETED:
            rest = event.at - self.wrapping_since[event.task]
            assert rest >= self.wrap_up_ms[str(event.data["queue"])], "wrap-up was cut short"
        if event.type in ENDS:
            self.ends[event.task] += 1
        self.states[event.task] = STATE_AFTER[event.type]

    def _moved(self, task: str) -> None:
        for pair in [pair for pair in self.passed if pair[0] == task]:
            del self.passed[pair]

    def _closed(self, event: Event) -> None:
        assert self.busy.pop(event.worker) == event.reservation
        if event.type in (EventType.RESERVATION_REJECTED, EventType.RESERVATION_TIMEOUT):
            self.passed[event.task, event.worker] = event.at
        self.open[event.task].discard(event.reservation)
        waiting = self.states[event.task] == "reserved" and not self.open[event.task]
        dropped = self.states[event.task] == "assigned" and event.type is EventType.RESERVATION_TIMEOUT
        if waiting or dropped:
            self.states[event.task] = "pending"
