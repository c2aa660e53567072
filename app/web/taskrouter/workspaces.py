"""`/Workspaces`: that of the owner's file, and those made here."""

from enum import StrEnum

from flask import Response

from app.core.routing import sids
from app.usecases.taskrouter.workspaces import (
    Template,
    WorkspaceFields,
    create_workspace,
    delete_workspace,
    update_workspace,
)
from app.web.taskrouter import answers, forms
from app.web.taskrouter.errors import granted, invalid, refused
from app.web.taskrouter.events import forget_events
from app.web.taskrouter.forms import Form
from app.web.taskrouter.paging import listed
from app.web.taskrouter.scope import Routes, Scope

LONGEST_NAME = 64
_PARTS = {
    "activities": "Activities",
    "statistics": "Statistics",
    "real_time_statistics": "RealTimeStatistics",
    "cumulative_statistics": "CumulativeStatistics",
    "task_queues": "TaskQueues",
    "tasks": "Tasks",
    "workers": "Workers",
    "workflows": "Workflows",
    "task_channels": "TaskChannels",
    "events": "Events",
}


class QueueOrder(StrEnum):
    """Which kind of queue goes first."""

    FIFO = "FIFO"
    LIFO = "LIFO"


def add_to(routes: Routes) -> None:
    """Serves workspaces."""
    services = routes.services

    def every() -> Response:
        """The workspaces, those of one name if asked for."""
        name = forms.query().text("FriendlyName")
        scopes = [Scope(services, context) for context in services.workspaces.all()]
        found = [scope for scope in scopes if name in (None, "", scope.rules.workspace.name)]
        return listed("workspaces", found, lambda each: (each.rules.workspace.created, each.sid), _body)

    def create() -> Response:
        """A new workspace."""
        form = forms.body()
        name = form.required("FriendlyName", LONGEST_NAME)
        template = form.choice("Template", Template) or Template.NONE
        context = granted(create_workspace(services.workspaces, name, template, _fields(form)))
        return answers.one(_body(Scope(services, context)), 201)

    def remove(scope: Scope) -> Response:
        """Removes a workspace and everything in it."""
        rules = scope.rules
        refusal = delete_workspace(services.workspaces, scope.context)
        if refusal:
            raise refused(refusal)
        forget_events(scope, rules)
        return answers.gone()

    routes.top("/Workspaces", get=every, post=create)
    routes.at("", get=fetch, post=update, delete=remove)


def fetch(scope: Scope) -> Response:
    """One workspace."""
    return answers.one(_body(scope))


def update(scope: Scope) -> Response:
    """Changes what the request names."""
    form = forms.body()
    fields = _fields(
        form,
        form.required("FriendlyName", LONGEST_NAME) if "FriendlyName" in form else None,
        form.sid("DefaultActivitySid", sids.ACTIVITY) or None,
        form.sid("TimeoutActivitySid", sids.ACTIVITY) or None,
    )
    granted(update_workspace(scope.context, fields))
    return answers.one(_body(Scope(scope.services, scope.context)))


def _fields(
    form: Form, name: str | None = None, default: str | None = None, timeout: str | None = None
) -> WorkspaceFields:
    order = form.choice("PrioritizeQueueOrder", QueueOrder)
    return WorkspaceFields(
        name=name,
        event_callback_url=form.url("EventCallbackUrl"),
        events_filter=_filter(form),
        multi_task=form.boolean("MultiTaskEnabled"),
        lifo_first=None if order is None else order is QueueOrder.LIFO,
        default_activity=default,
        timeout_activity=timeout,
    )


def _filter(form: Form) -> tuple[str, ...] | None:
    """Names of events between commas; an empty list lets every event through."""
    text = form.text("EventsFilter", 4096)
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    strange = next((name for name in names if not name.replace(".", "").replace("-", "").isalpha()), None)
    if strange is not None:
        raise invalid("EventsFilter", f"EventsFilter: {strange[:60]!r} is no name of an event")
    return names


def _body(scope: Scope) -> answers.Body:
    rules = scope.rules
    workspace = rules.workspace
    default, timeout = (
        rules.activities.get(workspace.default_activity),
        rules.activities.get(workspace.timeout_activity),
    )
    return {
        "sid": scope.sid,
        "account_sid": scope.account,
        "friendly_name": workspace.name,
        "default_activity_name": default.name if default else None,
        "default_activity_sid": scope.public(sids.ACTIVITY, default.sid) if default else None,
        "timeout_activity_name": timeout.name if timeout else None,
        "timeout_activity_sid": scope.public(sids.ACTIVITY, timeout.sid) if timeout else None,
        "event_callback_url": workspace.event_callback_url,
        "events_filter": ",".join(workspace.events_filter) or None,
        "multi_task_enabled": workspace.multi_task,
        "prioritize_queue_order": "LIFO" if workspace.lifo_first else "FIFO",
        "date_created": answers.moment(workspace.created),
        "date_updated": answers.moment(workspace.updated),
        "url": scope.url,
        "links": {name: scope.address(part) for name, part in _PARTS.items()},
    }
