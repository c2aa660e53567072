"""A workspace of the API with a queue, a workflow and workers in it, made through the SDK as its users would."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace import WorkspaceContext
from twilio.rest.taskrouter.v1.workspace.task import TaskInstance
from twilio.rest.taskrouter.v1.workspace.task.reservation import ReservationInstance
from twilio.rest.taskrouter.v1.workspace.worker import WorkerInstance

from app.usecases.context import Context
from app.usecases.dispatching import dispatch_everything
from app.usecases.staffing import sync_workers
from tests.web.taskrouter.server import Api


def refusal_of(action: Callable[[], object]) -> tuple[int | None, int | None]:
    """Status and code with which the API refuses an action."""
    with pytest.raises(TwilioRestException) as refused:
        action()
    return refused.value.status, refused.value.code


@dataclass
class Office:
    """Two queues and a workflow that sends tasks of `kind` "bread" to the first and all others to the second."""

    api: Api
    sid: str
    space: WorkspaceContext
    available: str
    offline: str
    bread: str
    rest: str
    workflow: str

    @property
    def context(self) -> Context:
        """The workspace's insides."""
        return self.api.context(self.sid)

    @property
    def path(self) -> str:
        """The workspace's address below /v1."""
        return f"/Workspaces/{self.sid}"

    def worker(self, name: str = "Ann", **fields: Any) -> WorkerInstance:
        """A worker who bakes and is free."""
        defaults = {"attributes": json.dumps({"bakes": True}), "activity_sid": self.available}
        return self.space.workers.create(name, **(defaults | fields))

    def task(self, **fields: Any) -> TaskInstance:
        """A task for bakers."""
        return self.space.tasks.create(**({"attributes": json.dumps({"kind": "bread"})} | fields))

    def dispatched(self) -> None:
        """What the dispatcher does when it hears of something."""
        sync_workers(self.context)
        dispatch_everything(self.context)

    def offered(self, task: TaskInstance) -> list[ReservationInstance]:
        """The dispatcher offers what it can; the task's reservations then."""
        self.dispatched()
        return self.space.tasks(str(task.sid)).reservations.list()


def an_office(api: Api, client: Client, **queue: Any) -> Office:
    """A new workspace; the fields of its first queue may be named."""
    space = client.taskrouter.v1.workspaces.create(friendly_name="Bakery")
    inside = client.taskrouter.v1.workspaces(str(space.sid))
    activities = {each.friendly_name: str(each.sid) for each in inside.activities.list()}
    bread = inside.task_queues.create("bread", target_workers="bakes == true", **queue)
    rest = inside.task_queues.create("rest", target_workers="bakes == false")
    routing = {
        "filters": [
            {"filter_friendly_name": "bread", "expression": "kind == 'bread'", "targets": [{"queue": bread.sid}]},
            {"filter_friendly_name": "cake", "expression": "kind == 'cake'",
             "targets": [{"queue": rest.sid, "priority": 7}]},
        ],
        "default_filter": {"queue": rest.sid},
    }  # fmt: skip
    workflow = inside.workflows.create("work", json.dumps({"task_routing": routing}))
    return Office(
        api, str(space.sid), inside, activities["Available"], activities["Offline"], str(bread.sid), str(rest.sid),
        str(workflow.sid),
    )  # fmt: skip
