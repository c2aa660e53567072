"""`/Workflows`: where tasks go."""

from flask import Response

from app.core.routing import sids
from app.core.routing.definitions import Workflow
from app.usecases.taskrouter.definitions import find
from app.usecases.taskrouter.workflows import (
    LONGEST_RESERVATION,
    WORKFLOWS,
    WorkflowFields,
    create_workflow,
    delete_workflow,
    public_configuration,
    update_workflow,
)
from app.web.taskrouter import answers, forms
from app.web.taskrouter.errors import granted
from app.web.taskrouter.forms import Form
from app.web.taskrouter.paging import listed
from app.web.taskrouter.scope import Routes, Scope

LONGEST_NAME = 256
LONGEST_CONFIGURATION = 1_048_576
_STATISTICS = {
    "statistics": "Statistics",
    "real_time_statistics": "RealTimeStatistics",
    "cumulative_statistics": "CumulativeStatistics",
}


def add_to(routes: Routes) -> None:
    """Serves workflows."""
    routes.at("/Workflows", get=every, post=create)
    routes.at("/Workflows/<sid>", get=fetch, post=update, delete=remove)


def every(scope: Scope) -> Response:
    """The workflows, those of one name if asked for."""
    name = forms.query().text("FriendlyName")
    found = [each for each in scope.rules.workflows.values() if name in (None, "", each.name)]
    return listed("workflows", found, lambda each: (each.created, each.sid), lambda each: _body(scope, each))


def create(scope: Scope) -> Response:
    """A new workflow."""
    form = forms.body()
    name = form.required("FriendlyName", LONGEST_NAME)
    configuration = form.required("Configuration", LONGEST_CONFIGURATION)
    return _answer(scope, granted(create_workflow(scope.context, name, configuration, _fields(form))), 201)


def fetch(scope: Scope, sid: str) -> Response:
    """One workflow."""
    return _answer(scope, granted(find(scope.rules, WORKFLOWS, sid)))


def update(scope: Scope, sid: str) -> Response:
    """Changes what the request names; with ReEvaluateTasks the tasks that wait go through it anew."""
    form = forms.body()
    name = form.required("FriendlyName", LONGEST_NAME) if "FriendlyName" in form else None
    configuration = form.required("Configuration", LONGEST_CONFIGURATION) if "Configuration" in form else None
    again = form.boolean("ReEvaluateTasks") or False
    return _answer(
        scope, granted(update_workflow(scope.context, sid, _fields(form, name, configuration), reevaluate=again))
    )


def remove(scope: Scope, sid: str) -> Response:
    """Removes a workflow."""
    granted(delete_workflow(scope.context, sid))
    return answers.gone()


def _fields(form: Form, name: str | None = None, configuration: str | None = None) -> WorkflowFields:
    return WorkflowFields(
        name=name,
        configuration=configuration,
        callback_url=form.url("AssignmentCallbackUrl"),
        fallback_callback_url=form.url("FallbackAssignmentCallbackUrl"),
        reservation_timeout=form.integer("TaskReservationTimeout", 1, LONGEST_RESERVATION),
    )


def _answer(scope: Scope, workflow: Workflow, status: int = 200) -> Response:
    return answers.one(_body(scope, workflow), status)


def _body(scope: Scope, workflow: Workflow) -> answers.Body:
    sid = scope.public(sids.WORKFLOW, workflow.sid)
    return {
        "sid": sid,
        "account_sid": scope.account,
        "workspace_sid": scope.sid,
        "friendly_name": workflow.name,
        "configuration": public_configuration(scope.rules, workflow),
        "document_content_type": "application/json",
        "assignment_callback_url": workflow.callback_url or None,
        "fallback_assignment_callback_url": workflow.fallback_callback_url or None,
        "task_reservation_timeout": workflow.reservation_timeout,
        "date_created": answers.moment(workflow.created),
        "date_updated": answers.moment(workflow.updated),
        "url": scope.address("Workflows", sid),
        "links": {name: scope.address("Workflows", sid, part) for name, part in _STATISTICS.items()},
    }
