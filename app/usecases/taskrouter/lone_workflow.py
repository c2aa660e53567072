"""A workflow's JSON on its own, made into an export: the workspace around it is what a new one has."""

from collections.abc import Mapping

from app.core.routing import sids
from app.core.routing.definitions import DEFAULT_CHANNELS
from app.core.routing.workflow_document import WorkflowError
from app.core.routing.workflow_json import read_routing
from app.usecases.taskrouter.exported import BadExport, Document

_ACTIVITIES = {"Offline": False, "Available": True, "Unavailable": False}


class QueuesNeeded(Exception):
    """A workflow says where tasks go, not who serves there; `queues` are those whose rules have to be given."""

    def __init__(self, queues: tuple[str, ...]) -> None:
        super().__init__(", ".join(queues))
        self.queues = queues


def is_workflow(document: Document) -> bool:
    """Whether this is a workflow rather than a workspace."""
    return "task_routing" in document


def around_workflow(text: str, name: str, queues: Mapping[str, str]) -> Document:
    """An export with this workflow, queues of these rules by SID, and nobody to serve them."""
    try:
        routing = read_routing(text)
    except WorkflowError as error:
        raise BadExport([f"workflow: {error}"]) from error
    named = [target.queue for each in routing.filters for target in each.targets]
    named += [routing.default.queue] if routing.default else []
    needed = tuple(queue for queue in dict.fromkeys(named) if queue not in queues)
    if needed:
        raise QueuesNeeded(needed)
    workspace = sids.derive(sids.WORKSPACE, "import", name)
    activities = {title: sids.derive(sids.ACTIVITY, workspace, title) for title in _ACTIVITIES}
    offline = next(iter(activities.values()))
    return {
        "workspace": {
            "sid": workspace, "friendly_name": name, "default_activity_sid": offline, "timeout_activity_sid": offline,
        },
        "activities": [
            {"sid": sid, "friendly_name": title, "available": _ACTIVITIES[title]} for title, sid in activities.items()
        ],
        "task_channels": [
            {"sid": sids.derive(sids.CHANNEL, workspace, title), "friendly_name": title, "unique_name": title}
            for title in DEFAULT_CHANNELS
        ],
        "task_queues": [
            {"sid": sid, "friendly_name": sid, "target_workers": queues[sid]} for sid in dict.fromkeys(named)
        ],
        "workflows": [
            {"sid": sids.derive(sids.WORKFLOW, workspace, name), "friendly_name": name, "configuration": text}
        ],
    }  # fmt: skip
