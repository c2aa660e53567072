"""Who may have which task, worked out from the rules as they are written: no lanes, no profiles, nothing remembered."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.entities import Attributes, Entity, Key, Kind, Reservation, Task, Worker
from app.core.expressions import parse
from app.core.routing.definitions import TaskQueue, WorkerActivity, Workflow
from tests.usecases.taskrouter.firm import of_kind

HOLDING = ("pending", "accepted", "wrapping")


@dataclass(frozen=True)
class Place:
    """The target a task waits in as its workflow said it when the task came there, and what the task was then.

    `known` is the only worker who may have it by SID ("": nobody, None: anybody).
    """

    target: Mapping[str, Any]
    attributes: Attributes
    known: str | None


@dataclass
class World:
    """Everything a store holds at one instant, by kind and sid; `places` of the tasks that follow a workflow."""

    entities: Mapping[Key, Entity]
    places: Mapping[str, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tasks: dict[str, Task] = of_kind(self.entities, Kind.TASK)
        self.workers: dict[str, Worker] = of_kind(self.entities, Kind.WORKER)
        self.reservations: dict[str, Reservation] = of_kind(self.entities, Kind.RESERVATION)
        self.queues: dict[str, TaskQueue] = of_kind(self.entities, Kind.QUEUE)
        self.activities: dict[str, WorkerActivity] = of_kind(self.entities, Kind.ACTIVITY)
        self.workflows: dict[str, Workflow] = of_kind(self.entities, Kind.WORKFLOW)
        (self.workspace,) = of_kind(self.entities, Kind.WORKSPACE).values()
        self.live = {sid: task for sid, task in self.tasks.items() if not task.ended}
        self.waiting = [task for task in self.live.values() if task.state == "pending"]

    def holds(self, worker: str, channel: str = "", without: Collection[str] = ()) -> list[Reservation]:
        """The reservations that hold a worker (on a channel), but for some."""
        return [
            item
            for item in self.reservations.values()
            if item.worker == worker
            and item.state in HOLDING
            and channel in ("", item.channel)
            and item.sid not in without
        ]

    def is_free(self, worker: Worker, task: Task) -> bool:
        """Whether the worker's activity and capacity let them be offered the task."""
        activity, room = self.activities[worker.activity], worker.channels.get(task.channel)
        if task.ignore_capacity:
            return True
        if not activity.available:
            return False
        if room is None or not room.available or len(self.holds(worker.sid, task.channel)) >= room.capacity:
            return False
        return self.workspace.multi_task or not self.holds(worker.sid)

    def suits(self, task: Task, worker: Worker, without: Collection[str] = ()) -> bool:
        """Whether the rules of queue, target and known worker let the worker have the task, before some offers.

        Who is asked for by SID or name is asked, whether they serve the queue or not.
        """
        place = self.places.get(task.sid)
        known = place.known if place else (task.known or None)
        if known is not None:
            return known == worker.sid
        serves = parse(self.queues[task.queue].target_workers).holds(worker.attributes)
        return serves and (place is None or self._meets(place, worker, without))

    def _meets(self, place: Place, worker: Worker, without: Collection[str]) -> bool:
        rule = place.target.get("expression")
        return not rule or parse(rule).holds({"task": place.attributes, "worker": self._seen(worker, without)})

    def _seen(self, worker: Worker, without: Collection[str]) -> Mapping[str, object]:
        """The worker as rules read them."""
        channels = {}
        for name, room in worker.channels.items():
            held = len(self.holds(worker.sid, name, without))
            free = 100 * max(0, room.capacity - held) // room.capacity if room.capacity else 0
            channels[name] = {
                "assigned_tasks": held,
                "available_capacity_percentage": free,
                "configured_capacity": room.capacity,
                "available": room.available,
            }
        return {**worker.attributes, "channel": channels, "sid": worker.sid, "friendly_name": worker.name}

    def known(self, target: Mapping[str, Any], attributes: Attributes) -> str | None:
        """Who alone may have a task of a target, by SID; "" nobody, None anybody."""
        if "known_worker_sid" in target:
            wanted = attributes.get(target["known_worker_sid"].removeprefix("task."))
            return wanted if isinstance(wanted, str) else ""
        if "known_worker_friendly_name" in target:
            name = str(attributes.get(target["known_worker_friendly_name"].removeprefix("task."))).casefold()
            return next((worker.sid for worker in self.workers.values() if worker.name.casefold() == name), "")
        return None

    def target(self, workflow: str, number: int, step: int) -> Mapping[str, Any]:
        """A target of a workflow as its configuration has it; queue and priority may be left to the one before."""
        routing = json.loads(self.workflows[workflow].configuration)["task_routing"]
        found = routing["filters"][number]["targets"][step] if number >= 0 else routing["default_filter"]
        assert isinstance(found, dict)
        return found
