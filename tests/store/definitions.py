"""What the API defines, with sensible defaults for the tests of the stores."""

from typing import Any

from app.core.routing.definitions import TaskChannel, TaskQueue, WorkerActivity, Workflow, Workspace
from tests.builders import NOON


def a_workspace(sid: str = "WS1", **fields: Any) -> Workspace:
    """A workspace with a name and nothing in it."""
    return Workspace(sid=sid, **{"name": "Unicone", "created": NOON} | fields)


def an_activity(sid: str = "WA1", **fields: Any) -> WorkerActivity:
    """An activity in which no work is offered."""
    return WorkerActivity(sid=sid, **{"name": "Lunch", "created": NOON} | fields)


def a_channel(sid: str = "TC1", **fields: Any) -> TaskChannel:
    """A kind of work."""
    return TaskChannel(sid=sid, **{"name": "Chat", "unique_name": "chat", "created": NOON} | fields)


def a_queue(sid: str = "WQ1", **fields: Any) -> TaskQueue:
    """A queue that everybody may serve."""
    return TaskQueue(sid=sid, **{"name": "Support", "created": NOON} | fields)


def a_workflow(sid: str = "WW1", **fields: Any) -> Workflow:
    """A workflow that leads to the queue."""
    configuration = '{"task_routing": {"default_filter": {"queue": "WQ1"}}}'
    return Workflow(sid=sid, **{"name": "All", "configuration": configuration, "created": NOON} | fields)
