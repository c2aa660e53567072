"""TaskRouter's statistics: what workers and tasks add up to now, and what events add up to over a while."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.core.entities import Task, TaskState, Worker
from app.core.routing import sids
from app.core.routing.definitions import Rules
from app.core.routing.lanes import PERSON

MINUTES = 15
"""How far cumulative statistics go back unless asked otherwise."""

Numbers = Mapping[str, object]

_LIVE = (TaskState.PENDING, TaskState.RESERVED, TaskState.ASSIGNED, TaskState.WRAPPING)
_WAITING = (TaskState.PENDING, TaskState.RESERVED)
_RESERVATIONS = {
    "reservation.created": "reservations_created",
    "reservation.accepted": "reservations_accepted",
    "reservation.rejected": "reservations_rejected",
    "reservation.timeout": "reservations_timed_out",
    "reservation.canceled": "reservations_canceled",
    "reservation.rescinded": "reservations_rescinded",
}
_TASKS = {
    "task.created": "tasks_created",
    "task.canceled": "tasks_canceled",
    "task.completed": "tasks_completed",
    "task.deleted": "tasks_deleted",
    "task.system-deleted": "tasks_deleted",
    "task-queue.moved": "tasks_moved",
    "workflow.timeout": "tasks_timed_out_in_workflow",
}
ACTIVITY = "worker.activity.update"
QUEUE_ENTERED = "task-queue.entered"
WORKFLOW_ENTERED = "workflow.entered"
RESERVATIONS = tuple(_RESERVATIONS)
COUNTED = (*_RESERVATIONS, *_TASKS, QUEUE_ENTERED, WORKFLOW_ENTERED)
"""The events that cumulative statistics are made of, but for the time workers spend in activities."""


@dataclass(frozen=True, slots=True)
class Window:
    """From one instant to another, in milliseconds."""

    start: int
    end: int

    def overlap(self, start: int, end: int) -> int:
        """How much of a span lies within, in ms."""
        return max(0, min(end, self.end) - max(start, self.start))


class Fact(NamedTuple):
    """What an event says to statistics; see `feed.RouterEvent`."""

    type: str
    at: int
    worker: str = ""
    waited: int | None = None
    queued: int | None = None
    lasted: int | None = None
    activity: str = ""


def tasks_now(tasks: Iterable[Task], workspace: str, now: int) -> Numbers:
    """How many tasks there are by status and priority, and who has waited longest, in all and in the queue."""
    states: Counter[str] = Counter({state.value: 0 for state in _LIVE})
    priorities: Counter[str] = Counter()
    oldest: tuple[int, str] | None = None
    first: tuple[int, str] | None = None
    for task in tasks:
        if task.state not in _LIVE:
            continue
        states[task.state.value] += 1
        priorities[str(task.priority)] += 1
        if task.state in _WAITING:
            oldest = _earlier(oldest, task.created, task.sid)
            first = _earlier(first, task.queued or task.created, task.sid)
    return {
        "tasks_by_status": dict(states),
        "tasks_by_priority": dict(priorities),
        "total_tasks": states.total(),
        "longest_task_waiting_age": _age(oldest, now),
        "longest_task_waiting_sid": _task_sid(oldest, workspace),
        "longest_relative_task_age_in_queue": _age(first, now),
        "longest_relative_task_sid_in_queue": _task_sid(first, workspace),
    }


def _earlier(known: tuple[int, str] | None, instant: int, sid: str) -> tuple[int, str]:
    return min(known, (instant, sid)) if known else (instant, sid)


def _age(found: tuple[int, str] | None, now: int) -> int:
    return max(0, now - found[0]) // 1000 if found else 0


def _task_sid(found: tuple[int, str] | None, workspace: str) -> str | None:
    return sids.public(sids.TASK, workspace, found[1]) if found else None


def workers_now(workers: Collection[Worker], rules: Rules) -> Numbers:
    """How many workers there are, and how many in each activity."""
    counts = Counter(str(worker.activity) for worker in workers)
    statistics = [
        {
            "friendly_name": activity.name,
            "workers": counts[sid],
            "sid": sids.public(sids.ACTIVITY, rules.workspace.sid, sid),
        }
        for sid, activity in rules.activities.items()
    ]
    return {"total_workers": len(workers), "activity_statistics": statistics}


def queue_workers_now(workers: Iterable[Worker], queue: str, rules: Rules) -> Numbers:
    """How many workers may serve a queue, and how many of them are in an activity in which work is offered."""
    eligible = [worker for worker in workers if queue in worker.queues or queue == PERSON + worker.sid]
    return {
        "total_eligible_workers": len(eligible),
        "total_available_workers": sum(worker.available for worker in eligible),
        "activity_statistics": workers_now(eligible, rules)["activity_statistics"],
    }


def cumulative(facts: Iterable[Fact], thresholds: Sequence[int] = (), entered: str = QUEUE_ENTERED) -> Numbers:
    """Counts and waits, in whole seconds. `entered` names the event by which a task came into what is asked about.

    Who waited exactly as long as a threshold is below it: "answered within 20 s" includes the twentieth.
    """
    counts = Counter(dict.fromkeys((*_RESERVATIONS.values(), *_TASKS.values(), "tasks_entered"), 0))
    accepted, canceled, queued = _Waits(thresholds), _Waits(thresholds), _Waits()
    for fact in facts:
        name = _RESERVATIONS.get(fact.type) or _TASKS.get(fact.type)
        if name:
            counts[name] += 1
        elif fact.type == entered:
            counts["tasks_entered"] += 1
        if fact.type == "reservation.accepted":
            accepted.add(fact.waited)
            queued.add(fact.queued)
        elif fact.type == "task.canceled":
            canceled.add(fact.waited)
    return {
        **counts,
        "avg_task_acceptance_time": accepted.summary()["avg"],
        "wait_duration_until_accepted": accepted.summary(),
        "wait_duration_until_canceled": canceled.summary(),
        "wait_duration_in_queue_until_accepted": queued.summary(),
        "split_by_wait_time": {
            str(seconds): {
                side: {"tasks_canceled": gone, "reservations_accepted": taken}
                for side, gone, taken in zip(_SIDES, canceled.split(seconds), accepted.split(seconds), strict=True)
            }
            for seconds in thresholds
        }
        or None,
    }


_SIDES = ("above", "below")


def reservations(facts: Iterable[Fact]) -> Numbers:
    """How many reservations were made and what became of them."""
    counts = Counter(_RESERVATIONS[fact.type] for fact in facts if fact.type in _RESERVATIONS)
    return {name: counts[name] for name in _RESERVATIONS.values()}


class _Waits:
    """Durations in ms, added up as they come, and how many lie above each threshold (in seconds)."""

    def __init__(self, thresholds: Sequence[int] = ()) -> None:
        self._count = self._total = self._most = 0
        self._least: int | None = None
        self._above = dict.fromkeys(thresholds, 0)

    def add(self, milliseconds: int | None) -> None:
        """One more; one that nobody knows does not count."""
        if milliseconds is None:
            return
        self._count += 1
        self._total += milliseconds
        self._most = max(self._most, milliseconds)
        self._least = milliseconds if self._least is None else min(self._least, milliseconds)
        for seconds in self._above:
            self._above[seconds] += milliseconds > seconds * 1000

    def summary(self) -> Mapping[str, int]:
        """Average, least, most and sum, in whole seconds."""
        return {
            "avg": self._total // self._count // 1000 if self._count else 0,
            "min": (self._least or 0) // 1000,
            "max": self._most // 1000,
            "total": self._total // 1000,
        }

    def split(self, seconds: int) -> tuple[int, int]:
        """How many lie above a threshold, and how many not."""
        return self._above[seconds], self._count - self._above[seconds]


def activity_durations(
    facts: Iterable[Fact], workers: Iterable[Worker], rules: Rules, window: Window, now: int
) -> list[Numbers]:
    """For each activity, how long workers were in it within the window; what still runs counts up to now.

    `facts` are the changes of activity since the window began, those after its end included: such a one tells what the
    worker was doing within.
    """
    spans: dict[str, _Waits] = defaultdict(_Waits)
    for activity, start, end in (*_ended(facts), *_running(workers, rules, now)):
        inside = window.overlap(start, end)
        if inside:
            spans[activity].add(inside)
    found: list[Numbers] = []
    for sid, defined in rules.activities.items():
        public = sids.public(sids.ACTIVITY, rules.workspace.sid, sid)
        found.append({"sid": public, "friendly_name": defined.name, **spans[public].summary()})
    return found


def _ended(facts: Iterable[Fact]) -> Iterator[tuple[str, int, int]]:
    for fact in facts:
        if fact.type == ACTIVITY and fact.lasted is not None:
            yield fact.activity, fact.at - fact.lasted, fact.at


def _running(workers: Iterable[Worker], rules: Rules, now: int) -> Iterator[tuple[str, int, int]]:
    for worker in workers:
        if worker.activity_since:
            yield sids.public(sids.ACTIVITY, rules.workspace.sid, worker.activity), worker.activity_since, now
