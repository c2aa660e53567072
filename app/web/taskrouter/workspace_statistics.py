"""Statistics of a workspace as a whole, and of one workflow."""

from flask import Response

from app.core.routing import sids
from app.core.routing.definitions import Workflow
from app.core.routing.statistics import QUEUE_ENTERED, WORKFLOW_ENTERED, Numbers, workers_now
from app.usecases.taskrouter.definitions import find
from app.usecases.taskrouter.workflows import WORKFLOWS
from app.web.taskrouter.errors import granted
from app.web.taskrouter.scope import Routes, Scope
from app.web.taskrouter.statistics import ENDED, RESERVED, STANDING, WAITED, Asked, both, flat, only


def add_to(routes: Routes) -> None:
    """Serves statistics of workspaces and workflows."""
    routes.at("/Statistics", get=workspace)
    routes.at("/RealTimeStatistics", get=workspace_now)
    routes.at("/CumulativeStatistics", get=workspace_past)
    routes.at("/Workflows/<sid>/Statistics", get=workflow)
    routes.at("/Workflows/<sid>/RealTimeStatistics", get=workflow_now)
    routes.at("/Workflows/<sid>/CumulativeStatistics", get=workflow_past)


def workspace(scope: Scope) -> Response:
    """The workspace: now, and over a while."""
    asked = Asked(scope)
    return both(scope, _workspace_now(asked), _workspace_past(asked), scope.address("Statistics"))


def workspace_now(scope: Scope) -> Response:
    """The workspace now."""
    return flat(scope, _workspace_now(Asked(scope)), scope.address("RealTimeStatistics"))


def workspace_past(scope: Scope) -> Response:
    """The workspace over a while."""
    return flat(scope, _workspace_past(Asked(scope)), scope.address("CumulativeStatistics"))


def workflow(scope: Scope, sid: str) -> Response:
    """One workflow: now, and over a while."""
    asked, found = Asked(scope), _workflow(scope, sid)
    address = scope.address("Workflows", sid, "Statistics")
    return both(scope, _workflow_now(asked, found), _workflow_past(asked, sid), address, workflow_sid=sid)


def workflow_now(scope: Scope, sid: str) -> Response:
    """One workflow now."""
    address = scope.address("Workflows", sid, "RealTimeStatistics")
    return flat(scope, _workflow_now(Asked(scope), _workflow(scope, sid)), address, workflow_sid=sid)


def workflow_past(scope: Scope, sid: str) -> Response:
    """One workflow over a while."""
    _workflow(scope, sid)
    address = scope.address("Workflows", sid, "CumulativeStatistics")
    return flat(scope, _workflow_past(Asked(scope), sid), address, workflow_sid=sid)


def _workflow(scope: Scope, sid: str) -> Workflow:
    return granted(find(scope.rules, WORKFLOWS, sid))


def _workspace_now(asked: Asked) -> Numbers:
    tasks = only(asked.standing(asked.census.tasks()), *STANDING)
    return {**tasks, **workers_now(asked.census.workers, asked.scope.rules)}


def _workspace_past(asked: Asked) -> Numbers:
    numbers = asked.past(QUEUE_ENTERED)
    return only(numbers, *RESERVED, *WAITED, *ENDED, "tasks_created", "tasks_timed_out_in_workflow")


def _workflow_now(asked: Asked, found: Workflow) -> Numbers:
    owners = found.from_file
    tasks = (
        task
        for task in asked.census.tasks()
        if task.workflow == found.sid or (owners and task.call and not task.workflow)
    )
    return only(asked.standing(tasks), *STANDING)


def _workflow_past(asked: Asked, sid: str) -> Numbers:
    numbers = asked.past(WORKFLOW_ENTERED, workflow=asked.scope.public(sids.WORKFLOW, sid))
    return only(numbers, *RESERVED, *WAITED, *ENDED, "tasks_entered", "tasks_timed_out_in_workflow")
