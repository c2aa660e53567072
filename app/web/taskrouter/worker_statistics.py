"""Statistics of workers: of all, of those asked for, and of one."""

from flask import Response

from app.core.routing import sids
from app.core.routing.statistics import workers_now
from app.usecases.taskrouter.lookups import worker_of
from app.usecases.taskrouter.rosters import WorkerFilter
from app.web.taskrouter import forms
from app.web.taskrouter.errors import granted
from app.web.taskrouter.scope import Routes, Scope
from app.web.taskrouter.statistics import Asked, both, flat


def add_to(routes: Routes) -> None:
    """Serves statistics of workers."""
    routes.at("/Workers/Statistics", get=every)
    routes.at("/Workers/RealTimeStatistics", get=every_now)
    routes.at("/Workers/CumulativeStatistics", get=every_past)
    routes.at("/Workers/<sid>/Statistics", get=one)


def every(scope: Scope) -> Response:
    """The workers of a name or queue, or all of them: now, and over a while."""
    asked, form = Asked(scope), forms.query()
    wanted = WorkerFilter(
        name=form.text("FriendlyName", 256) or "",
        queue_name=form.text("TaskQueueName", 256) or "",
        queue_sid=form.sid("TaskQueueSid", sids.QUEUE) or "",
    )
    workers = asked.census.workers_like(wanted)
    past = asked.past_of_workers(workers)
    return both(scope, workers_now(workers, scope.rules), past, scope.address("Workers", "Statistics"))


def every_now(scope: Scope) -> Response:
    """All workers now."""
    numbers = workers_now(Asked(scope).census.workers, scope.rules)
    return flat(scope, numbers, scope.address("Workers", "RealTimeStatistics"))


def every_past(scope: Scope) -> Response:
    """All workers over a while."""
    asked = Asked(scope)
    numbers = asked.past_of_workers(asked.census.workers)
    return flat(scope, numbers, scope.address("Workers", "CumulativeStatistics"))


def one(scope: Scope, sid: str) -> Response:
    """One worker over a while."""
    worker = granted(worker_of(scope.context, scope.rules, sid))
    numbers = Asked(scope).past_of_workers([worker], worker=sid)
    return both(scope, None, numbers, scope.address("Workers", sid, "Statistics"), worker_sid=sid)
