"""Task queues of a workspace: who may serve the tasks in them, and in which order."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.core.expressions import ExpressionError, parse
from app.core.routing import sids
from app.core.routing.definitions import Rules, TaskQueue
from app.core.routing.workflow_json import read_routing
from app.usecases.context import Context
from app.usecases.taskrouter import definitions
from app.usecases.taskrouter.definitions import Sort, any_task, name_taken, said
from app.usecases.taskrouter.naming import activity_of
from app.usecases.taskrouter.wording import Refusal, Why

QUEUES: Sort[TaskQueue] = Sort(sids.QUEUE, "TaskQueue", 5_000, lambda rules: rules.queues)
MOST_RESERVED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFields:
    """What a request says of a queue; None: nothing. Activities are public SIDs, "" for none."""

    name: str | None = None
    target_workers: str | None = None
    max_reserved: int | None = None
    lifo: bool | None = None
    reservation_activity: str | None = None
    assignment_activity: str | None = None


def create_queue(context: Context, name: str, fields: QueueFields) -> TaskQueue | Refusal:
    """A new queue."""
    blank = TaskQueue(sid="")

    def make(rules: Rules, sid: str, now: int) -> TaskQueue | Refusal:
        queue = replace(blank, sid=sid, created=now, updated=now)
        return _said(rules, queue, replace(fields, name=name))

    return definitions.create(context, QUEUES, name, make)


def update_queue(context: Context, sid: str, fields: QueueFields) -> TaskQueue | Refusal:
    """The queue as the request would have it."""
    return definitions.update(context, QUEUES, sid, lambda rules, queue: _said(rules, queue, fields))


def delete_queue(context: Context, sid: str) -> TaskQueue | Refusal:
    """Removes a queue that no workflow leads to and that holds no task."""
    return definitions.delete(context, QUEUES, sid, lambda rules, queue: _use(context, rules, queue))


def rule_problem(field: str, text: str) -> Refusal | None:
    """What is wrong with an expression, with the column where it goes wrong."""
    try:
        parse(text)
    except ExpressionError as error:
        return Refusal(Why.INVALID, f"{field} is no expression: {error}", field)
    return None


def _said(rules: Rules, queue: TaskQueue, fields: QueueFields) -> TaskQueue | Refusal:
    if fields.name is not None:
        taken = name_taken(rules.queues, QUEUES.noun, fields.name, queue.sid)
        if taken:
            return taken
    if fields.target_workers:
        wrong = rule_problem("TargetWorkers", fields.target_workers)
        if wrong:
            return wrong
    reservation = _activity(rules, fields.reservation_activity, "ReservationActivitySid")
    assignment = _activity(rules, fields.assignment_activity, "AssignmentActivitySid")
    if isinstance(reservation, Refusal) or isinstance(assignment, Refusal):
        return reservation if isinstance(reservation, Refusal) else assignment  # type: ignore[return-value]
    changes = said({
        "name": fields.name, "target_workers": fields.target_workers, "max_reserved": fields.max_reserved,
        "lifo": fields.lifo, "reservation_activity": reservation, "assignment_activity": assignment,
    })  # fmt: skip
    return replace(queue, **changes)


def _activity(rules: Rules, sid: str | None, field: str) -> str | Refusal | None:
    if not sid:
        return sid
    found = activity_of(rules, sid)
    return found.sid if found else Refusal(Why.INVALID, f"{field}: there is no activity {sid}", field)


def _use(context: Context, rules: Rules, queue: TaskQueue) -> str:
    leading = next(_leading_to(rules, queue.sid), "")
    if leading:
        return f"TaskQueue {queue.name} is used by Workflow {leading}"
    if any_task(context, lambda task: task.queue == queue.sid):
        return f"Tasks in TaskQueue {queue.name} have not ended"
    return ""


def _leading_to(rules: Rules, queue: str) -> Iterator[str]:
    for workflow in rules.workflows.values():
        routing = read_routing(workflow.configuration)
        targets = [target for item in routing.filters for target in item.targets]
        if any(target.queue == queue for target in (*targets, *([routing.default] if routing.default else []))):
            yield workflow.name
