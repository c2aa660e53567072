"""`/TaskQueues`: who may serve which tasks."""

from collections.abc import Callable
from enum import StrEnum

from flask import Response

from app.core.entities import Worker
from app.core.routing import sids
from app.core.routing.definitions import TaskQueue
from app.core.routing.staff import may_serve
from app.usecases.taskrouter.definitions import find
from app.usecases.taskrouter.lookups import worker_of
from app.usecases.taskrouter.task_queues import (
    MOST_RESERVED,
    QUEUES,
    QueueFields,
    create_queue,
    delete_queue,
    update_queue,
)
from app.web.taskrouter import answers, forms
from app.web.taskrouter.errors import granted, invalid
from app.web.taskrouter.forms import Form
from app.web.taskrouter.paging import Place, listed
from app.web.taskrouter.scope import Routes, Scope

LONGEST_NAME = 256
_STATISTICS = {
    "statistics": "Statistics",
    "real_time_statistics": "RealTimeStatistics",
    "cumulative_statistics": "CumulativeStatistics",
}


class TaskOrder(StrEnum):
    """Whether the oldest or the newest task goes first."""

    FIFO = "FIFO"
    LIFO = "LIFO"


def add_to(routes: Routes) -> None:
    """Serves task queues."""
    routes.at("/TaskQueues", get=every, post=create)
    routes.at("/TaskQueues/<sid>", get=fetch, post=update, delete=remove)


def every(scope: Scope) -> Response:
    """The queues: all, those of one name, those that a worker or somebody with these attributes may serve."""
    asked = forms.query()
    name, attributes = asked.text("FriendlyName"), asked.attributes("EvaluateWorkerAttributes")
    worker, place = asked.sid("WorkerSid", sids.WORKER), _placed(asked)
    served = _served_by(scope, worker) if worker else None
    found = [
        queue
        for queue in scope.rules.queues.values()
        if name in (None, "", queue.name)
        and (attributes is None or may_serve(attributes, queue))
        and (served is None or queue.sid in served)
    ]

    return listed("task_queues", found, place, lambda each: _body(scope, each))


def create(scope: Scope) -> Response:
    """A new queue."""
    form = forms.body()
    name = form.required("FriendlyName", LONGEST_NAME)
    return answers.one(_body(scope, granted(create_queue(scope.context, name, _fields(form)))), 201)


def fetch(scope: Scope, sid: str) -> Response:
    """One queue."""
    return answers.one(_body(scope, granted(find(scope.rules, QUEUES, sid))))


def update(scope: Scope, sid: str) -> Response:
    """Changes what the request names."""
    form = forms.body()
    name = form.required("FriendlyName", LONGEST_NAME) if "FriendlyName" in form else None
    return answers.one(_body(scope, granted(update_queue(scope.context, sid, _fields(form, name)))))


def remove(scope: Scope, sid: str) -> Response:
    """Removes a queue."""
    granted(delete_queue(scope.context, sid))
    return answers.gone()


def _fields(form: Form, name: str | None = None) -> QueueFields:
    order = form.choice("TaskOrder", TaskOrder)
    return QueueFields(
        name=name,
        target_workers=form.text("TargetWorkers"),
        max_reserved=form.integer("MaxReservedWorkers", 1, MOST_RESERVED),
        lifo=None if order is None else order is TaskOrder.LIFO,
        reservation_activity=form.sid("ReservationActivitySid", sids.ACTIVITY),
        assignment_activity=form.sid("AssignmentActivitySid", sids.ACTIVITY),
    )


def _placed(asked: Form) -> Callable[[TaskQueue], Place]:
    """By age, unless `Ordering` says otherwise."""
    order = asked.text("Ordering", 64) or "DateCreated:asc"
    field, _, direction = order.partition(":")
    if field not in ("DateCreated", "DateUpdated") or direction not in ("", "asc", "desc"):
        raise invalid("Ordering", "Ordering has to be DateCreated or DateUpdated, then :asc or :desc")
    sign = -1 if direction == "desc" else 1
    if field == "DateCreated":
        return lambda queue: (sign * queue.created, queue.sid)
    return lambda queue: (sign * queue.updated, queue.sid)


def _served_by(scope: Scope, sid: str) -> tuple[str, ...]:
    worker: Worker = granted(worker_of(scope.context, scope.rules, sid))
    return worker.queues


def _body(scope: Scope, queue: TaskQueue) -> answers.Body:
    sid = scope.public(sids.QUEUE, queue.sid)
    links = {
        "workspace": scope.url,
        **{name: scope.address("TaskQueues", sid, part) for name, part in _STATISTICS.items()},
        "list_statistics": scope.address("TaskQueues", "Statistics"),
        "bulk_real_time_statistics": scope.address("TaskQueues", "RealTimeStatistics"),
    }
    body: dict[str, object] = {
        "sid": sid,
        "account_sid": scope.account,
        "workspace_sid": scope.sid,
        "friendly_name": queue.name,
        "target_workers": queue.target_workers,
        "max_reserved_workers": queue.max_reserved,
        "task_order": "LIFO" if queue.lifo else "FIFO",
        "date_created": answers.moment(queue.created),
        "date_updated": answers.moment(queue.updated),
        "url": scope.address("TaskQueues", sid),
        "links": links,
    }
    for title, name in (("reservation", queue.reservation_activity), ("assignment", queue.assignment_activity)):
        activity = scope.rules.activities.get(name)
        public = scope.public(sids.ACTIVITY, activity.sid) if activity else None
        body[f"{title}_activity_sid"] = public
        body[f"{title}_activity_name"] = activity.name if activity else None
        if public:
            links[f"{title}_activity"] = scope.address("Activities", public)
    return body
