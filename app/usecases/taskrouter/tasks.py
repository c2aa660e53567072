"""Tasks as the API changes and removes them. What a task's state does not allow is refused, and nothing has changed."""

from dataclasses import dataclass, replace

from app.core.change import NOTHING, Change, Write
from app.core.entities import Attributes, Task, TaskState
from app.core.events import EventType
from app.core.routing.definitions import Rules
from app.core.routing.places import DEFAULT_FILTER
from app.core.routing.workflow_json import read_routing
from app.core.tasks import is_waiting
from app.usecases.context import Context, settle
from app.usecases.progress import reevaluated
from app.usecases.taskrouter import finishing, lookups
from app.usecases.taskrouter.lookups import STALE, Fits, any_version, committed
from app.usecases.taskrouter.naming import channel_of
from app.usecases.taskrouter.submissions import refused_start, start_of
from app.usecases.taskrouter.wording import Refusal, Why

_VERBS = {TaskState.CANCELED: "cancel", TaskState.WRAPPING: "wrap", TaskState.COMPLETED: "complete"}
_FROM = {
    TaskState.CANCELED: (TaskState.PENDING, TaskState.RESERVED),
    TaskState.WRAPPING: (TaskState.ASSIGNED,),
    TaskState.COMPLETED: (TaskState.ASSIGNED, TaskState.WRAPPING),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskUpdate:
    """What is to change of a task; None: stays. `channel` is a SID or unique name, `started` in ms."""

    attributes: Attributes | None = None
    status: TaskState | None = None
    reason: str = ""
    priority: int | None = None
    channel: str | None = None
    started: int | None = None

    @property
    def changes_fields(self) -> bool:
        """Whether more than the status is to change."""
        return (self.attributes, self.priority, self.channel, self.started) != (None, None, None, None)


def update_task(context: Context, sid: str, wanted: TaskUpdate, fits: Fits = any_version) -> Task | Refusal:
    """The task as changed. Attributes and status are two requests, as TaskRouter has it."""
    refusal = _meaningless(wanted) or lookups.unstorable(wanted.attributes) or refused_start(context, wanted.started)
    if refusal:
        return refusal

    def decide() -> tuple[Change, Task | Refusal]:
        rules, task = context.rules.fresh(), lookups.task_of(context, sid)
        if isinstance(task, Refusal):
            return NOTHING, task
        change = _changed(context, rules, task, wanted) if fits(task.version) else STALE
        return (NOTHING, change) if isinstance(change, Refusal) else (change, committed(change, task))

    return settle(context.store, decide)


def _meaningless(wanted: TaskUpdate) -> Refusal | None:
    if wanted.status and wanted.attributes is not None:
        message = "Attributes and AssignmentStatus cannot be changed in one request; send two"
        return Refusal(Why.INVALID, message, "AssignmentStatus")
    if wanted.reason and wanted.status not in _VERBS:
        return Refusal(Why.INVALID, "Reason goes with an AssignmentStatus that ends the task", "Reason")
    return None


def _changed(context: Context, rules: Rules, task: Task, wanted: TaskUpdate) -> Change | Refusal:
    change: Change | Refusal = NOTHING
    if wanted.changes_fields:
        change = _amended(context, rules, task, wanted)
    if isinstance(change, Refusal) or wanted.status is None:
        return change
    moved = _in_state(context, rules, change.latest(task), wanted)
    return moved if isinstance(moved, Refusal) else change + moved


def _amended(context: Context, rules: Rules, task: Task, wanted: TaskUpdate) -> Change | Refusal:
    after = task
    if wanted.channel is not None:
        channel = channel_of(rules, wanted.channel)
        if channel is None:
            return Refusal(Why.INVALID, f"TaskChannel {wanted.channel[:64]} was not found", "TaskChannel")
        if channel.unique_name != task.channel and (task.call or task.state is not TaskState.PENDING):
            return Refusal(Why.ILLEGAL, f"Task {task.sid} cannot change its TaskChannel: {_standing(task)}")
        after = replace(after, channel=channel.unique_name)
    if wanted.priority is not None and not _priority_is_set(rules, task):
        after = replace(after, priority=wanted.priority)
    if wanted.attributes is not None:
        after = replace(after, attributes=wanted.attributes)
    if wanted.started is not None:
        after = replace(after, started=start_of(wanted.started))
    if after == task:
        return NOTHING
    return _told(context, task, after)


def _told(context: Context, task: Task, after: Task) -> Change:
    """The change with its event; a waiting task whose attributes changed goes where its workflow puts it now."""
    now = context.clock.now()
    after = replace(after, updated=now)
    event = finishing.task_event(EventType.TASK_UPDATED, after, now, priority=after.priority)
    change = Change((Write(task, after),), (event,))
    if after.attributes == task.attributes or not is_waiting(task):
        return change
    return change + reevaluated(context, after)


def _priority_is_set(rules: Rules, task: Task) -> bool:
    """Whether the target in which a task waits says what its priority is; that then stays."""
    workflow = rules.workflows.get(task.workflow)
    if workflow is None or not is_waiting(task):
        return False
    routing = read_routing(workflow.configuration)
    if task.filter == DEFAULT_FILTER:
        return routing.default is not None and routing.default.priority is not None
    filters = routing.filters[task.filter : task.filter + 1] if task.filter >= 0 else ()
    targets = filters[0].targets[: task.target + 1] if filters else ()
    return any(target.priority is not None for target in targets)


def _in_state(context: Context, rules: Rules, task: Task, wanted: TaskUpdate) -> Change | Refusal:
    status = wanted.status
    if status is task.state and status not in _VERBS:
        return NOTHING
    if status not in _VERBS or task.state not in _FROM[status]:
        return _illegal(context, task, wanted)
    now = context.clock.now()
    if status is TaskState.CANCELED:
        return finishing.canceled(context, task, wanted.reason, now)
    held = finishing.serving(context, task)
    if held is None:
        return _illegal(context, task, wanted)
    if status is TaskState.WRAPPING:
        return finishing.wrapped(context, task, held, now, wanted.reason)
    return finishing.completed(context, rules, task, held, now, wanted.reason)


def _illegal(context: Context, task: Task, wanted: TaskUpdate) -> Refusal:
    status = wanted.status
    if status not in _VERBS:
        return Refusal(Why.ILLEGAL, f"Task {task.sid} cannot be made {status}: {_standing(task)}", "AssignmentStatus")
    needed = " or ".join(_FROM[status])
    message = f"Cannot {_VERBS[status]} task {task.sid} because it is not {needed}: {_standing(task)}"
    return Refusal(Why.ILLEGAL, message, "AssignmentStatus")


def _standing(task: Task) -> str:
    return f"it is {task.state}" + (", and a call" if task.call else "")


def delete_task(context: Context, sid: str, fits: Fits = any_version) -> Task | Refusal:
    """Removes a task with all its offers. That of a caller on the line can be canceled, not deleted."""

    def decide() -> tuple[Change, Task | Refusal]:
        task = lookups.task_of(context, sid)
        if isinstance(task, Refusal):
            return NOTHING, task
        if not fits(task.version):
            return NOTHING, STALE
        if task.call and not task.ended:
            return NOTHING, Refusal(Why.IN_USE, f"Task {task.sid} is a call on the line; cancel it, or end the call")
        return finishing.deleted(context, task, context.clock.now()), task

    return settle(context.store, decide)
