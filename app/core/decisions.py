"""The facts an offer was decided on, written down with it, so that the same functions can decide it again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from app.core.change import Change
from app.core.copying import replace
from app.core.entities import ChannelCapacity, Task, Worker
from app.core.events import EventType
from app.core.matching import Candidates, barrier, consider
from app.core.routing.definitions import Strategy, TaskQueue
from app.core.routing.lanes import LIVE_PATHS
from app.core.strategies import Ranked

MOST_WORKERS = 5
FACTS = "facts"
"""Where an event keeps the facts of its decision."""
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class _Fields:
    """The fields of a kind of entity that decisions hang on; those of a plain one need not be written."""

    def __init__(self, plain: object, *names: str) -> None:
        self._names = names
        self._read = attrgetter(*names)
        self._plain = self._read(plain)

    def of(self, entity: object) -> dict[str, Any]:
        """The fields in which an entity differs from a plain one."""
        values = zip(self._names, self._read(entity), self._plain, strict=True)
        return {name: value for name, value, plain in values if value != plain}


_TASK = _Fields(
    Task(sid=""), "sid", "channel", "order_by", "ignore_capacity", "offers", "declined", "priority", "created",
    "started",
)  # fmt: skip
_WORKER = _Fields(
    Worker(sid=""), "sid", "activity", "available", "multi_task", "reservations", "held", "idle_since", "offered",
    "served", "talked", "counted",
)  # fmt: skip
_QUEUE = _Fields(TaskQueue(sid=""), "sid", "strategy", "skill", "max_reserved")
_READ_BY = {
    Strategy.SKILL_LEVEL: ("levels",),
    Strategy.WEIGHTED_RANDOM: ("weight",),
    Strategy.SEQUENTIAL: ("order",),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One task, the workers who were looked at for it, and the instant. `unseen`: how many more there were."""

    task: Task
    lane: Candidates
    at: int
    unseen: int = 0

    def ranking(self) -> tuple[Ranked, ...]:
        """Who could be asked, best first: the live decision, taken again."""
        return consider(self.task, self.lane, self.at)

    def left_out(self) -> tuple[tuple[Worker, str], ...]:
        """Who could not be asked, and why."""
        barred = ((worker, barrier(self.task, worker, self.at)) for worker in self.lane.workers)
        return tuple((worker, why) for worker, why in barred if why)

    def chosen(self) -> tuple[Worker, ...]:
        """Who was asked."""
        return tuple(item.worker for item in self.ranking()[: self.lane.ring_at_once])

    def with_worker(self, worker: Worker) -> "Decision":
        """The decision as it would have been with this worker in place of the one of the same sid."""
        workers = tuple(worker if known.sid == worker.sid else known for known in self.lane.workers)
        return replace(self, lane=replace(self.lane, workers=workers))


def written(task: Task, lane: Candidates, now: int) -> str:
    """The facts of a decision as text: of the workers the first few in order, those who were asked among them."""
    best = [item.worker for item in consider(task, lane, now)[:MOST_WORKERS]]
    chosen = {worker.sid for worker in best}
    others = [worker for worker in lane.workers if worker.sid not in chosen]
    looked_at = (*best, *others[: MOST_WORKERS - len(best)])
    demand = {"demand": task.demand} if LIVE_PATHS in task.demand else {}
    facts = {
        "now": now,
        "task": {**_TASK.of(task), **demand},
        "queue": _QUEUE.of(lane.queue),
        "workers": [_worker(worker, task, lane.queue) for worker in looked_at],
        "optimized": lane.optimized,
        "midnight": lane.midnight,
        "unseen": len(lane.workers) - len(looked_at),
    }
    return _encode(facts)


def recorded(change: Change, facts: str) -> Change:
    """The change with the facts of its offers in the events that tell of them."""
    events = tuple(
        replace(event, data={**event.data, FACTS: facts}) if event.type is EventType.RESERVATION_CREATED else event
        for event in change.events
    )
    return replace(change, events=events)


def read(text: str) -> Decision:
    """The decision whose facts `written` wrote down."""
    raw = json.loads(text)
    queue = raw["queue"]
    if "strategy" in queue:
        queue = {**queue, "strategy": Strategy(queue["strategy"])}
    workers = tuple(_worker_of(each) for each in raw["workers"])
    task = raw["task"]
    lane = Candidates((Task(**task),), workers, TaskQueue(**queue), raw["optimized"], raw.get("midnight", 0))
    return Decision(Task(**task), lane, raw["now"], raw["unseen"])


def _worker(worker: Worker, task: Task, queue: TaskQueue) -> dict[str, Any]:
    facts = _WORKER.of(worker)
    room = worker.channels.get(task.channel)
    facts["channels"] = {task.channel: [room.capacity, room.available]} if room else {}
    read = {name: worker.attributes[name] for name in _READ_BY.get(queue.strategy, ()) if name in worker.attributes}
    if read:
        facts["attributes"] = read
    if task.order_by or LIVE_PATHS in task.demand:
        facts["facts"] = dict(worker.facts)
    return facts


def _worker_of(raw: Mapping[str, Any]) -> Worker:
    channels = {name: ChannelCapacity(capacity=size, available=on) for name, (size, on) in raw["channels"].items()}
    return Worker(**{**raw, "channels": channels, "reservations": tuple(raw.get("reservations", ()))})
