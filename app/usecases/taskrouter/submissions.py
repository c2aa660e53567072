"""A task as the API takes it in: what was left unsaid is filled in, what cannot be meant is refused."""

from dataclasses import dataclass, field

from app.core.entities import Attributes, Task, Worker
from app.core.routing import sids
from app.core.routing.definitions import TASK_SECONDS, Rules, TaskQueue, Workflow
from app.usecases.context import Context
from app.usecases.progress import Submission, submit
from app.usecases.taskrouter import lookups
from app.usecases.taskrouter.naming import channel_of, queue_of, workflow_of
from app.usecases.taskrouter.wording import Refusal, Why

DEFAULT_CHANNEL = "default"
FIRST_DAY = -2_208_988_800_000
"""The beginning of 1900, in milliseconds: no virtual start lies before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task that somebody wants done. SIDs are public, `timeout` in seconds, `started` in ms; empty: not said."""

    attributes: Attributes = field(default_factory=dict)
    workflow: str = ""
    channel: str = ""
    priority: int | None = None
    timeout: int | None = None
    started: int | None = None
    routing_target: str = ""
    ignore_capacity: bool | None = None
    queue: str = ""


@dataclass(frozen=True, slots=True)
class _Aim:
    """What a routing target means: one of a workflow, a queue or a worker."""

    workflow: Workflow | None = None
    queue: TaskQueue | None = None
    worker: Worker | None = None

    @property
    def is_direct(self) -> bool:
        """Whether the task passes every workflow by."""
        return bool(self.queue or self.worker)


def create_task(context: Context, wanted: NewTask) -> Task | Refusal:
    """Takes a task in: it waits where its workflow or its routing target puts it."""
    refusal = lookups.unstorable(wanted.attributes) or refused_start(context, wanted.started)
    if refusal:
        return refusal
    rules = context.rules.fresh()
    aim = _aim(context, rules, wanted)
    if isinstance(aim, Refusal):
        return aim
    workflow = _workflow(rules, wanted, aim)
    if isinstance(workflow, Refusal):
        return workflow
    channel = channel_of(rules, wanted.channel or DEFAULT_CHANNEL)
    if channel is None:
        return Refusal(Why.INVALID, f"TaskChannel {wanted.channel[:64]} was not found", "TaskChannel")
    submission = Submission(
        workflow=workflow.sid if workflow else "",
        attributes=wanted.attributes,
        priority=wanted.priority,
        timeout=wanted.timeout or TASK_SECONDS,
        channel=channel.unique_name,
        started=start_of(wanted.started),
        queue=aim.queue.sid if aim.queue else "",
        worker=aim.worker.sid if aim.worker else "",
        routing_target=wanted.routing_target or wanted.queue,
        ignore_capacity=aim.worker is not None and wanted.ignore_capacity is not False,
    )
    return submit(context, submission)


def refused_start(context: Context, started: int | None) -> Refusal | None:
    """The refusal of a virtual start that no task can have."""
    if started is None or FIRST_DAY <= started <= context.clock.now():
        return None
    message = "VirtualStartTime can be neither in the future nor before the year 1900"
    return Refusal(Why.INVALID, message, "VirtualStartTime")


def start_of(started: int | None) -> int:
    """A virtual start as tasks have it: 0 where none was given; what lies before 1970 counts as its beginning."""
    return 0 if started is None else max(1, started)


def _aim(context: Context, rules: Rules, wanted: NewTask) -> _Aim | Refusal:
    aim = _target(context, rules, wanted.routing_target)
    if isinstance(aim, Refusal):
        return aim
    if wanted.ignore_capacity and not aim.worker:
        return Refusal(Why.INVALID, "IgnoreCapacity goes with a Worker as RoutingTarget only", "IgnoreCapacity")
    if not wanted.queue:
        return aim
    queue = queue_of(rules, wanted.queue)
    if queue is None:
        return _no("TaskQueue", wanted.queue, "TaskQueueSid")
    if aim.queue and aim.queue.sid != queue.sid:
        return Refusal(Why.INVALID, "TaskQueueSid and RoutingTarget name different TaskQueues", "TaskQueueSid")
    return _Aim(aim.workflow, queue, aim.worker)


def _target(context: Context, rules: Rules, sid: str) -> _Aim | Refusal:
    if not sid:
        return _Aim()
    if sid.startswith(sids.WORKER):
        worker = lookups.worker_of(context, rules, sid)
        return _no("Worker", sid, "RoutingTarget") if isinstance(worker, Refusal) else _Aim(worker=worker)
    if sid.startswith(sids.QUEUE):
        queue = queue_of(rules, sid)
        return _Aim(queue=queue) if queue else _no("TaskQueue", sid, "RoutingTarget")
    if sid.startswith(sids.WORKFLOW):
        workflow = workflow_of(rules, sid)
        return _Aim(workflow=workflow) if workflow else _no("Workflow", sid, "RoutingTarget")
    return Refusal(Why.INVALID, "RoutingTarget has to be the SID of a Worker, TaskQueue or Workflow", "RoutingTarget")


def _workflow(rules: Rules, wanted: NewTask, aim: _Aim) -> Workflow | Refusal | None:
    """The workflow that sends the task on its way; one that passes it by still says how it is assigned."""
    if wanted.workflow:
        named = workflow_of(rules, wanted.workflow)
        if named is None:
            return _no("Workflow", wanted.workflow, "WorkflowSid")
        if aim.workflow and aim.workflow.sid != named.sid:
            return Refusal(Why.INVALID, "WorkflowSid and RoutingTarget name different Workflows", "WorkflowSid")
        return named
    if aim.workflow:
        return aim.workflow
    if len(rules.workflows) == 1:
        return next(iter(rules.workflows.values()))
    if aim.is_direct:
        return None
    have = "no Workflow" if not rules.workflows else f"{len(rules.workflows)} Workflows"
    return Refusal(Why.INVALID, f"WorkflowSid is required: the workspace has {have}", "WorkflowSid")


def _no(what: str, sid: str, field: str) -> Refusal:
    return Refusal(Why.INVALID, f"{what} {sid[:64]} was not found", field)
