"""`/Workers`: who takes tasks."""

import json

from flask import Response

from app.core.entities import Worker
from app.core.routing import sids
from app.usecases.names import friendly_name
from app.usecases.taskrouter import rosters
from app.usecases.taskrouter.lookups import worker_of
from app.usecases.taskrouter.rosters import WorkerFilter
from app.usecases.taskrouter.workers import NewWorker, WorkerUpdate, create_worker, delete_worker, update_worker
from app.web.taskrouter import answers, etags, forms
from app.web.taskrouter.errors import granted
from app.web.taskrouter.forms import Form
from app.web.taskrouter.longlists import walked_by_age
from app.web.taskrouter.ordering import ordering
from app.web.taskrouter.scope import Routes, Scope

LONGEST_NAME = 64
_ORDERS = {"DateCreated": lambda worker: worker.created, "DateStatusChanged": lambda worker: worker.activity_since}


def add_to(routes: Routes) -> None:
    """Serves workers."""
    routes.at("/Workers", get=every, post=create)
    routes.at("/Workers/<sid>", get=fetch, post=update, delete=remove)


def every(scope: Scope) -> Response:
    """The workers asked for, oldest first unless another order is."""
    asked = forms.query()
    wanted = WorkerFilter(
        activity_name=asked.text("ActivityName") or "",
        activity_sid=asked.sid("ActivitySid", sids.ACTIVITY) or "",
        available=asked.flag("Available") if asked.text("Available") else None,
        name=asked.text("FriendlyName") or "",
        rule=asked.text("TargetWorkersExpression") or "",
        queue_name=asked.text("TaskQueueName") or "",
        queue_sid=asked.sid("TaskQueueSid", sids.QUEUE) or "",
    )
    order = ordering(asked, _ORDERS, lambda worker: worker.sid)
    found = granted(rosters.workers_by_age(scope.context, wanted))
    return walked_by_age("workers", found, order, lambda worker: body_of(scope, worker))


def create(scope: Scope) -> Response:
    """A new worker."""
    form = forms.body()
    wanted = NewWorker(
        name=form.required("FriendlyName", LONGEST_NAME),
        attributes=form.attributes("Attributes") or {},
        activity=form.sid("ActivitySid", sids.ACTIVITY) or "",
    )
    return _answer(scope, granted(create_worker(scope.context, wanted)), 201)


def fetch(scope: Scope, sid: str) -> Response:
    """One worker."""
    return _answer(scope, granted(worker_of(scope.context, scope.rules, sid)))


def update(scope: Scope, sid: str) -> Response:
    """Changes a worker."""
    form = forms.body()
    wanted = WorkerUpdate(
        name=form.required("FriendlyName", LONGEST_NAME) if "FriendlyName" in form else None,
        attributes=form.attributes("Attributes"),
        activity=_named(form, "ActivitySid"),
        reject_pending=form.boolean("RejectPendingReservations") or False,
    )
    return _answer(scope, granted(update_worker(scope.context, sid, wanted, etags.matches)))


def remove(scope: Scope, sid: str) -> Response:
    """Removes a worker who holds nothing."""
    granted(delete_worker(scope.context, sid, etags.matches))
    return answers.gone()


def _named(form: Form, name: str) -> str | None:
    return form.sid(name, sids.ACTIVITY) or None


def _answer(scope: Scope, worker: Worker, status: int = 200) -> Response:
    return answers.one(body_of(scope, worker), status, worker.version)


def body_of(scope: Scope, worker: Worker) -> answers.Body:
    """A worker as JSON."""
    sid, activity_sid = scope.public(sids.WORKER, worker.sid), scope.public(sids.ACTIVITY, worker.activity)
    activity = scope.rules.activities.get(worker.activity)
    workers, own = scope.address("Workers"), scope.address("Workers", sid)
    return {
        "sid": sid,
        "account_sid": scope.account,
        "workspace_sid": scope.sid,
        "friendly_name": friendly_name(worker),
        "activity_name": activity.name if activity else worker.activity,
        "activity_sid": activity_sid,
        "attributes": json.dumps(worker.attributes, ensure_ascii=False, separators=(",", ":")),
        "available": worker.available,
        "date_created": answers.moment(worker.created),
        "date_status_changed": answers.moment(worker.activity_since),
        "date_updated": answers.moment(worker.updated),
        "url": own,
        "links": {
            "workspace": scope.url,
            "activity": scope.address("Activities", activity_sid),
            "channels": f"{own}/Channels",
            "worker_channels": f"{own}/Channels",
            "reservations": f"{own}/Reservations",
            "worker_statistics": f"{own}/Statistics",
            "statistics": f"{workers}/Statistics",
            "real_time_statistics": f"{workers}/RealTimeStatistics",
            "cumulative_statistics": f"{workers}/CumulativeStatistics",
        },
    }
