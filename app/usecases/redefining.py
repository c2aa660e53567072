"""What a change of the rules means for those who work and wait under them."""

from collections.abc import Sequence

from app.core.change import Change
from app.core.entities import Key, Kind, Task
from app.core.events import EventType
from app.core.indexes import LIVE_TASKS
from app.ports.store import Delivered
from app.usecases.context import Context, settle
from app.usecases.dispatching import dispatch_everything
from app.usecases.progress import reevaluated
from app.usecases.staffing import sync_workers

_CHANGES = frozenset({EventType.DEFINED, EventType.REDEFINED, EventType.UNDEFINED})
_STAFFING = frozenset({Kind.QUEUE, Kind.WORKFLOW, Kind.ACTIVITY, Kind.CHANNEL, Kind.WORKSPACE})
_PAGE = 1000


def apply_definitions(context: Context, deliveries: Sequence[Delivered]) -> None:
    """Describes the workers anew if queues or workflows changed, and moves tasks whose workflow asks for that."""
    changes = [delivery.event for delivery in deliveries if delivery.event.type in _CHANGES]
    if not any(event.data.get("kind") in _STAFFING for event in changes):
        return
    sync_workers(context)
    for workflow in {str(event.data["sid"]) for event in changes if event.data.get("reevaluate")}:
        reevaluate_tasks(context, workflow)
    dispatch_everything(context)


def reevaluate_tasks(context: Context, workflow: str) -> None:
    """Every waiting task of a workflow goes where the workflow puts it now; each keeps its age."""
    members = _live_tasks(context)
    for start in range(0, len(members), _PAGE):
        read = context.store.read(*(Key(Kind.TASK, sid) for sid in members[start : start + _PAGE]))
        for task in read:
            if isinstance(task, Task) and task.workflow == workflow:
                settle(context.store, lambda sid=task.sid: (_again(context, sid), None))  # type: ignore[misc]


def _live_tasks(context: Context) -> list[str]:
    found: list[str] = []
    while members := context.store.members(LIVE_TASKS, start=len(found), count=_PAGE):
        found += members
    return found


def _again(context: Context, sid: str) -> Change:
    task = context.store.get(Task, sid)
    return reevaluated(context, task) if task else Change()
