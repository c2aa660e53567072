"""`/Tasks`: pieces of work, waiting, being done, or just ended."""

import json

from flask import Response, request

from app.core.entities import Task, TaskState
from app.core.routing import sids
from app.core.routing.definitions import LONGEST_TASK_SECONDS, TASK_SECONDS
from app.usecases.taskrouter.lookups import task_of
from app.usecases.taskrouter.submissions import NewTask, create_task
from app.usecases.taskrouter.task_lists import TaskFilter, tasks_by_age, workflow_sid
from app.usecases.taskrouter.tasks import TaskUpdate, delete_task, update_task
from app.web.taskrouter import answers, etags, forms
from app.web.taskrouter.errors import granted, invalid
from app.web.taskrouter.forms import Form
from app.web.taskrouter.longlists import walked_by_age
from app.web.taskrouter.ordering import ordering
from app.web.taskrouter.paging import listed
from app.web.taskrouter.scope import Routes, Scope

HIGHEST_PRIORITY = 2**31 - 1
LONGEST_REASON = 4096
_ORDERS = {
    "DateCreated": lambda task: task.created,
    "Priority": lambda task: task.priority,
    "VirtualStartTime": lambda task: task.since,
}
_APART = ("DateCreated", "VirtualStartTime")
_TELLING = (TaskState.WRAPPING, TaskState.COMPLETED, TaskState.CANCELED)
"""The states in which a task's reason is why it ended; before, it is our own note of why it came."""


def add_to(routes: Routes) -> None:
    """Serves tasks."""
    routes.at("/Tasks", get=every, post=create)
    routes.at("/Tasks/<sid>", get=fetch, post=update, delete=remove)


def every(scope: Scope) -> Response:
    """The tasks asked for, oldest first unless another order is."""
    asked = forms.query()
    wanted = TaskFilter(
        priority=asked.integer("Priority", 0, HIGHEST_PRIORITY),
        states=_states(),
        workflow_sid=asked.sid("WorkflowSid", sids.WORKFLOW) or "",
        workflow_name=asked.text("WorkflowName") or "",
        queue_sid=asked.sid("TaskQueueSid", sids.QUEUE) or "",
        queue_name=asked.text("TaskQueueName") or "",
        rule=asked.text("EvaluateTaskAttributes") or "",
        routing_target=asked.text("RoutingTarget") or "",
    )
    order = ordering(asked, _ORDERS, lambda task: task.sid, _APART)
    found = granted(tasks_by_age(scope.context, wanted))
    if asked.boolean("HasAddons"):
        # No task here ever has an add-on: those are Twilio's own services.
        return listed("tasks", (), lambda _: (), lambda _: {})
    return walked_by_age("tasks", found, order, lambda task: _body(scope, task))


def _states() -> frozenset[TaskState]:
    """`AssignmentStatus`, which may be given more than once, and more than one at a time."""
    texts = [text for given in request.args.getlist("AssignmentStatus") for text in given.split(",") if text]
    unknown = set(texts) - set(TaskState)
    if unknown:
        raise invalid("AssignmentStatus", f"AssignmentStatus has to be of {', '.join(TaskState)}")
    return frozenset(map(TaskState, texts))


def create(scope: Scope) -> Response:
    """Takes a task in."""
    form = forms.body()
    target = form.text("RoutingTarget", 64) or ""
    wanted = NewTask(
        attributes=form.attributes("Attributes") or {},
        workflow=form.sid("WorkflowSid", sids.WORKFLOW) or "",
        channel=form.text("TaskChannel", 64) or "",
        priority=_priority(form),
        timeout=form.integer("Timeout", 1, LONGEST_TASK_SECONDS),
        started=form.instant("VirtualStartTime") if form.text("VirtualStartTime") else None,
        routing_target=target,
        ignore_capacity=form.flag("IgnoreCapacity") if form.text("IgnoreCapacity") else None,
        queue=form.sid("TaskQueueSid", sids.QUEUE) or "",
    )
    return _answer(scope, granted(create_task(scope.context, wanted)), 201)


def fetch(scope: Scope, sid: str) -> Response:
    """One task."""
    return _answer(scope, granted(task_of(scope.context, sid)))


def update(scope: Scope, sid: str) -> Response:
    """Changes a task, or ends it."""
    form = forms.body()
    wanted = TaskUpdate(
        attributes=form.attributes("Attributes"),
        status=form.choice("AssignmentStatus", TaskState) if form.text("AssignmentStatus") else None,
        reason=form.text("Reason", LONGEST_REASON) or "",
        priority=_priority(form),
        channel=form.text("TaskChannel", 64) or None,
        started=form.instant("VirtualStartTime") if form.text("VirtualStartTime") else None,
    )
    return _answer(scope, granted(update_task(scope.context, sid, wanted, etags.matches)))


def remove(scope: Scope, sid: str) -> Response:
    """Removes a task."""
    granted(delete_task(scope.context, sid, etags.matches))
    return answers.gone()


def _priority(form: Form) -> int | None:
    return form.integer("Priority", 0, HIGHEST_PRIORITY) if form.text("Priority") else None


def _answer(scope: Scope, task: Task, status: int = 200) -> Response:
    return answers.one(_body(scope, task), status, task.version)


def _body(scope: Scope, task: Task) -> answers.Body:
    own, now = scope.address("Tasks", task.sid), scope.context.clock.now()
    return {
        "sid": task.sid,
        "account_sid": scope.account,
        "workspace_sid": scope.sid,
        "age": max(0, (task.ended or now) - task.created) // 1000,
        "assignment_status": task.state,
        "attributes": json.dumps(task.attributes, ensure_ascii=False, separators=(",", ":")),
        "addons": "{}",
        "priority": task.priority,
        "reason": (task.reason or None) if task.state in _TELLING else None,
        "timeout": (task.expires - task.created) // 1000 if task.expires else TASK_SECONDS,
        "routing_target": task.routing_target or None,
        "ignore_capacity": task.ignore_capacity,
        "date_created": answers.moment(task.created),
        "date_updated": answers.moment(task.updated or task.created),
        "task_queue_entered_date": answers.moment(task.queued or task.entered),
        "virtual_start_time": answers.moment(task.since),
        "url": own,
        **_place(scope, task, own),
    }


def _place(scope: Scope, task: Task, own: str) -> answers.Body:
    """Where the task stands: its channel, queue and workflow."""
    rules, flow = scope.rules, workflow_sid(task)
    queue, workflow = rules.queues.get(task.queue), rules.workflows.get(flow)
    channels = rules.channels.values()
    channel = next((each.sid for each in channels if each.unique_name == task.channel), task.channel)
    queue_sid, workflow_public = scope.public(sids.QUEUE, task.queue), scope.public(sids.WORKFLOW, flow)
    links = {"workspace": scope.url, "reservations": f"{own}/Reservations"}
    if task.queue:
        links["task_queue"] = scope.address("TaskQueues", queue_sid)
    if flow:
        links["workflow"] = scope.address("Workflows", workflow_public)
    return {
        "task_channel_sid": scope.public(sids.CHANNEL, channel),
        "task_channel_unique_name": task.channel,
        "task_queue_sid": queue_sid or None,
        "task_queue_friendly_name": queue.name if queue else None,
        "workflow_sid": workflow_public or None,
        "workflow_friendly_name": workflow.name if workflow else None,
        "links": links,
    }
