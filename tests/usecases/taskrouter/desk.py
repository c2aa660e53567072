"""A workspace of the API with a caller who waits and a worker who was offered them, on a clock that tests move."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.core.config import Config
from app.core.entities import Reservation, Task, Worker
from app.core.events import Event, EventType
from app.ports.scorer import Reading
from app.ports.store import Offered, Store
from app.store.memory import MemoryStore
from app.usecases.context import Context
from app.usecases.deadlines import look_after_due
from app.usecases.dispatching import dispatch_everything
from app.usecases.staffing import sync_workers
from app.usecases.taskrouter import enqueued
from app.usecases.taskrouter.enqueued import Arriving, Waiting
from app.usecases.taskrouter.task_queues import QueueFields, create_queue
from app.usecases.taskrouter.wording import Refusal
from app.usecases.taskrouter.workers import NewWorker, create_worker
from app.usecases.taskrouter.workflows import WorkflowFields, create_workflow
from app.usecases.taskrouter.workspaces import Template, WorkspaceFields, create_workspace
from app.usecases.workspaces import Workspaces
from tests.builders import FakeClock
from tests.shop import CountingIds, FixedConfigs

CALLER, LEG = "CA" + "1" * 32, "CA" + "2" * 32
ACCOUNT = "AC" + "0" * 32
CALLBACK, FALLBACK = "https://firm.example/assign", "https://firm.example/fallback"
PHONE = "+12025550171"
T = TypeVar("T")


class NoScorer:
    """Nobody speaks here."""

    name = "none"

    def read(self, text: str, config: Config) -> Reading:
        """No mood."""
        return Reading()


def made(found: T | Refusal) -> T:
    """What was to be made."""
    assert not isinstance(found, Refusal), found
    return found


@dataclass
class Office:
    """One queue for everybody; `make` opens the store of a workspace (memory, if nothing is said)."""

    clock: FakeClock = field(default_factory=FakeClock)
    make: Callable[[str], Store] | None = None
    stores: dict[str, Store] = field(default_factory=dict)

    def __post_init__(self) -> None:
        configs = FixedConfigs(Config(version="v1", business="Firm"))
        home = Context(self._opened("switchboard"), self.clock, CountingIds(), configs, NoScorer())
        self.workspaces = Workspaces(home, self._opened)
        self.context = made(create_workspace(self.workspaces, "Firm", Template.NONE, WorkspaceFields()))
        queue = made(create_queue(self.context, "everybody", QueueFields()))
        routing = {"task_routing": {"filters": [], "default_filter": {"queue": queue.sid}}}
        fields = WorkflowFields(callback_url=CALLBACK, fallback_callback_url=FALLBACK, reservation_timeout=60)
        self.workflow = made(create_workflow(self.context, "calls", json.dumps(routing), fields)).sid
        self.activities = {item.name: item.sid for item in self.context.rules.fresh().activities.values()}

    def _opened(self, workspace: str) -> Store:
        if workspace not in self.stores:
            self.stores[workspace] = self.make(workspace) if self.make else MemoryStore(workspace, self.clock)
        return self.stores[workspace]

    @property
    def store(self) -> Store:
        """The workspace's state."""
        return self.stores[self.context.workspace]

    def worker(self, name: str = "Ann", **attributes: str) -> Worker:
        """A worker who is free and has a telephone."""
        told = attributes or {"contact_uri": PHONE}
        wanted = NewWorker(name=name, attributes=dict(told), activity=self.activities["Available"])
        return made(create_worker(self.context, wanted))

    def caller(self, call: str = CALLER, **fields: str) -> Task:
        """Somebody who waits."""
        facts = {"call_sid": call, "from": "+12025550161"}
        place = enqueued.enter(self.context, Arriving(call=call, workflow=self.workflow, facts=facts, **fields))
        assert isinstance(place, Waiting)
        return self.task(place.task)

    def task(self, sid: str) -> Task:
        """A task as it is now."""
        found = self.store.get(Task, sid)
        assert found is not None
        return found

    def dispatched(self) -> None:
        """What the dispatcher does."""
        sync_workers(self.context)
        look_after_due(self.context)
        dispatch_everything(self.context)

    def offered(self, task: Task) -> Offered:
        """The offer of a task to somebody, once the dispatcher has run."""
        self.dispatched()
        (sid,) = self.task(task.sid).reservations
        return self.store.offered(sid)

    def reservation(self, sid: str) -> Reservation:
        """A reservation as it is now."""
        found = self.store.get(Reservation, sid)
        assert found is not None
        return found

    def person(self, sid: str) -> Worker:
        """A worker as they are now."""
        found = self.store.get(Worker, sid)
        assert found is not None
        return found

    def told(self, kind: EventType) -> list[Event]:
        """The events of a kind, oldest first."""
        return [item.event for item in self.store.since("0", count=10_000) if item.event.type is kind]
