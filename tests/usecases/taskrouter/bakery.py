"""A workspace that the API made, over any store: two queues, a workflow, and workers who are free."""

import json
from dataclasses import dataclass, field

from app.core.change import Change, Write
from app.core.entities import Attributes, Entity, Reservation, ReservationState, Task, Worker
from app.core.routing import sids
from app.core.routing.definitions import TaskChannel, TaskQueue, WorkerActivity, Workflow, Workspace
from app.ports.store import Committed, Store
from app.usecases.context import Context
from app.usecases.deadlines import look_after_due
from app.usecases.dispatching import dispatch_everything
from app.usecases.taskrouter.submissions import NewTask, create_task
from app.usecases.taskrouter.wording import Refusal
from app.usecases.taskrouter.workers import NewWorker, create_worker
from tests.builders import FakeClock
from tests.shop import CountingIds, FixedConfigs, a_config
from tests.store.adapters import held

WORKSPACE = sids.derive(sids.WORKSPACE, "bakery")
FREE, AWAY, BUSY = (sids.derive(sids.ACTIVITY, name) for name in ("free", "away", "busy"))
BREAD, CAKE = (sids.derive(sids.QUEUE, name) for name in ("bread", "cake"))
FLOW = sids.derive(sids.WORKFLOW, "flow")
_ROUTING = {
    "filters": [
        {"filter_friendly_name": "cake", "expression": "kind == 'cake'", "targets": [{"queue": CAKE, "timeout": 60}]}
    ],
    "default_filter": {"queue": BREAD},
}


class Speechless:
    """Nobody speaks in a bakery."""

    name = "none"

    def read(self, text: str, config: object) -> object:
        """Never asked."""
        raise AssertionError(text)


class CountedSids(CountingIds):
    """SIDs in order that look like the carrier's."""

    def sid(self, prefix: str) -> str:
        """The next identity."""
        return prefix + super().sid("").rjust(32, "0")


@dataclass
class Bakery:
    """The use cases of a workspace, driven in its words. `at_once`: how many bakers are asked for one loaf."""

    store: Store
    clock: FakeClock
    at_once: int = 1
    assignment_activity: str = ""
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        configs = FixedConfigs(a_config())
        self.context = Context(
            self.store, self.clock, CountedSids(), configs, Speechless(), workspace=WORKSPACE,  # type: ignore[arg-type]
            of_file=False,
        )  # fmt: skip
        queue = TaskQueue(
            sid=BREAD, name="bread", target_workers="bakes == true", max_reserved=self.at_once,
            assignment_activity=self.assignment_activity,
        )  # fmt: skip
        self.exists(
            Workspace(sid=WORKSPACE, name="Bakery", default_activity=FREE, timeout_activity=AWAY),
            WorkerActivity(sid=FREE, name="free", available=True),
            WorkerActivity(sid=AWAY, name="away"),
            WorkerActivity(sid=BUSY, name="busy"),
            *(
                TaskChannel(sid=sids.derive(sids.CHANNEL, name), name=name, unique_name=name)
                for name in ("default", "chat")
            ),
            queue,
            TaskQueue(sid=CAKE, name="cake", target_workers="bakes == false"),
            Workflow(sid=FLOW, name="flow", configuration=json.dumps({"task_routing": _ROUTING})),
        )

    def exists(self, *entities: Entity) -> None:
        """Puts entities into the store."""
        assert isinstance(self.store.commit(Change(tuple(Write(None, entity) for entity in entities))), Committed)

    def baker(self, name: str, **attributes: object) -> Worker:
        """A worker who is free."""
        made = create_worker(self.context, NewWorker(name=name, attributes={"bakes": True, **attributes}))
        assert isinstance(made, Worker)
        return made

    def order(self, attributes: Attributes | None = None, **fields: object) -> Task:
        """A task that waits."""
        made = create_task(self.context, NewTask(attributes=attributes or {}, **fields))  # type: ignore[arg-type]
        assert isinstance(made, Task)
        return made

    def offered(self, task: Task) -> list[Reservation]:
        """The dispatcher offers what it can; the pending offers of a task then."""
        dispatch_everything(self.context)
        present = self.store.get(Task, task.sid)
        found = [self.store.get(Reservation, sid) for sid in (present.reservations if present else ())]
        return [offer for offer in found if offer and offer.state is ReservationState.PENDING]

    def later(self, seconds: float) -> None:
        """Time passes, and what becomes due is looked after."""
        self.clock.advance_seconds(seconds)
        while look_after_due(self.context):
            pass

    def now(self, entity: Task) -> Task:
        """A task as it is now."""
        return held(self.store, entity)

    def of(self, worker: Worker) -> Worker:
        """A worker as they are now."""
        return held(self.store, worker)


def allowed(*results: object) -> list[object]:
    """Those that were not refused."""
    return [result for result in results if not isinstance(result, Refusal)]
