"""Workflows of a workspace: where its tasks go.

Outside, a workflow names queues by their SIDs; inside, by what they are called there. They differ for the queues of the
owner's file alone, which a workflow from outside may also call by the owner's own name.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.core.routing import sids
from app.core.routing.definitions import Routing, RoutingTarget, Rules, Workflow
from app.core.routing.staff import paths_asked
from app.core.routing.workflow_document import WorkflowError
from app.core.routing.workflow_json import problems, read_routing, write_routing
from app.usecases.context import Context
from app.usecases.taskrouter import definitions
from app.usecases.taskrouter.definitions import Sort, any_task, name_taken, said
from app.usecases.taskrouter.naming import queue_of
from app.usecases.taskrouter.wording import Refusal, Why

WORKFLOWS: Sort[Workflow] = Sort(sids.WORKFLOW, "Workflow", 1_000, lambda rules: rules.workflows)
LONGEST_RESERVATION = 86_400
_FIELD = "Configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowFields:
    """What a request says of a workflow; None: nothing."""

    name: str | None = None
    configuration: str | None = None
    callback_url: str | None = None
    fallback_callback_url: str | None = None
    reservation_timeout: int | None = None


def create_workflow(context: Context, name: str, configuration: str, fields: WorkflowFields) -> Workflow | Refusal:
    """A new workflow."""
    whole = replace(fields, name=name, configuration=configuration)

    def make(rules: Rules, sid: str, now: int) -> Workflow | Refusal:
        return _said(rules, Workflow(sid=sid, created=now, updated=now), whole)

    return definitions.create(context, WORKFLOWS, name, make)


def update_workflow(
    context: Context, sid: str, fields: WorkflowFields, reevaluate: bool = False
) -> Workflow | Refusal:  # fmt: skip
    """The workflow as the request would have it; with `reevaluate` its waiting tasks go through it anew."""
    again = {"reevaluate": True} if reevaluate else {}
    return definitions.update(context, WORKFLOWS, sid, lambda rules, old: _said(rules, old, fields), **again)


def delete_workflow(context: Context, sid: str) -> Workflow | Refusal:
    """Removes a workflow that no task follows."""

    def use(_: Rules, workflow: Workflow) -> str:
        following = any_task(context, lambda task: task.workflow == workflow.sid)
        return f"Tasks of Workflow {workflow.name} have not ended" if following else ""

    return definitions.delete(context, WORKFLOWS, sid, use)


def public_configuration(rules: Rules, workflow: Workflow) -> str:
    """A workflow's configuration with its queues by SID; the text it was given where that says so already."""
    names = rules.workspace.sid
    return _renamed(workflow.configuration, lambda queue: sids.public(sids.QUEUE, names, queue))


def _said(rules: Rules, workflow: Workflow, fields: WorkflowFields) -> Workflow | Refusal:
    if fields.name is not None:
        taken = name_taken(rules.workflows, WORKFLOWS.noun, fields.name, workflow.sid)
        if taken:
            return taken
    configuration = None if fields.configuration is None else _read(rules, fields.configuration)
    if isinstance(configuration, Refusal):
        return configuration
    changes = said({
        "name": fields.name, "configuration": configuration, "callback_url": fields.callback_url,
        "fallback_callback_url": fields.fallback_callback_url, "reservation_timeout": fields.reservation_timeout,
    })  # fmt: skip
    return replace(workflow, **changes, reads=_reads(workflow, configuration))


def _reads(workflow: Workflow, configuration: str | None) -> tuple[str, ...]:
    """What is still to be known of workers for the tasks that wait by the configurations there were."""
    if configuration in (None, workflow.configuration) or not workflow.configuration:
        return workflow.reads
    return tuple(sorted(paths_asked(workflow.configuration).union(workflow.reads)))


def _read(rules: Rules, text: str) -> str | Refusal:
    """The configuration as it is kept."""

    def inside(queue: str) -> str:
        found = queue_of(rules, queue)
        return found.sid if found else queue

    try:
        kept = _renamed(text, inside)
    except WorkflowError as error:
        return Refusal(Why.INVALID, f"{_FIELD} is no workflow: {error}", _FIELD)
    missing = problems(read_routing(kept), rules.queues)
    return Refusal(Why.INVALID, f"{_FIELD}: {missing[0]}", _FIELD) if missing else kept


def _renamed(text: str, name: Callable[[str], str]) -> str:
    """The configuration with other names for its queues; the same text if none has another."""
    routing = read_routing(text)

    def target(each: RoutingTarget) -> RoutingTarget:
        return replace(each, queue=name(each.queue))

    renamed = Routing(
        filters=tuple(replace(item, targets=tuple(map(target, item.targets))) for item in routing.filters),
        default=target(routing.default) if routing.default else None,
    )
    return text if renamed == routing else write_routing(renamed)
