"""`/Activities`: what workers can be doing."""

from flask import Response

from app.core.routing import sids
from app.core.routing.definitions import WorkerActivity
from app.usecases.taskrouter.activities import (
    ACTIVITIES,
    create_activity,
    delete_activity,
    rename_activity,
)
from app.usecases.taskrouter.definitions import find
from app.web.taskrouter import answers, forms
from app.web.taskrouter.errors import granted
from app.web.taskrouter.paging import listed
from app.web.taskrouter.scope import Routes, Scope

LONGEST_NAME = 64


def add_to(routes: Routes) -> None:
    """Serves activities."""
    routes.at("/Activities", get=every, post=create)
    routes.at("/Activities/<sid>", get=fetch, post=update, delete=remove)


def every(scope: Scope) -> Response:
    """The activities, those of one name or availability if asked for."""
    asked = forms.query()
    name, available = asked.text("FriendlyName"), asked.boolean("Available")
    found = [
        activity
        for activity in scope.rules.activities.values()
        if name in (None, "", activity.name) and available in (None, activity.available)
    ]
    return listed("activities", found, lambda each: (each.created, each.sid), lambda each: _body(scope, each))


def create(scope: Scope) -> Response:
    """A new activity."""
    form = forms.body()
    name, available = form.required("FriendlyName", LONGEST_NAME), form.flag("Available")
    return answers.one(_body(scope, granted(create_activity(scope.context, name, available))), 201)


def fetch(scope: Scope, sid: str) -> Response:
    """One activity."""
    return answers.one(_body(scope, granted(find(scope.rules, ACTIVITIES, sid))))


def update(scope: Scope, sid: str) -> Response:
    """Renames an activity. `Available` cannot be changed and is ignored, as TaskRouter does."""
    form = forms.body()
    name = form.required("FriendlyName", LONGEST_NAME) if "FriendlyName" in form else None
    return answers.one(_body(scope, granted(rename_activity(scope.context, sid, name))))


def remove(scope: Scope, sid: str) -> Response:
    """Removes an activity."""
    granted(delete_activity(scope.context, sid))
    return answers.gone()


def _body(scope: Scope, activity: WorkerActivity) -> answers.Body:
    sid = scope.public(sids.ACTIVITY, activity.sid)
    return {
        "sid": sid,
        "account_sid": scope.account,
        "workspace_sid": scope.sid,
        "friendly_name": activity.name,
        "available": activity.available,
        "date_created": answers.moment(activity.created),
        "date_updated": answers.moment(activity.updated),
        "url": scope.address("Activities", sid),
        "links": {"workspace": scope.url},
    }
