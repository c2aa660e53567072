"""Statistics of task queues: of one, of a page of them, and of many at once."""

from collections.abc import Sequence

from flask import Response, request

from app.core.routing import sids
from app.core.routing.definitions import TaskQueue
from app.core.routing.statistics import QUEUE_ENTERED, Numbers, queue_workers_now
from app.usecases.taskrouter.definitions import find
from app.usecases.taskrouter.naming import queue_of
from app.usecases.taskrouter.task_queues import QUEUES
from app.web.taskrouter import answers, forms
from app.web.taskrouter.errors import granted, invalid
from app.web.taskrouter.paging import listed
from app.web.taskrouter.scope import Routes, Scope
from app.web.taskrouter.statistics import ENDED, RESERVED, STANDING, WAITED, Asked, both, flat, only

MOST_AT_ONCE = 50
_WORKERS = ("total_eligible_workers", "total_available_workers", "activity_statistics")
_RELATIVE = ("longest_relative_task_age_in_queue", "longest_relative_task_sid_in_queue")


def add_to(routes: Routes) -> None:
    """Serves statistics of queues."""
    routes.at("/TaskQueues/Statistics", get=every)
    routes.at("/TaskQueues/RealTimeStatistics", post=many_now)
    routes.at("/TaskQueues/<sid>/Statistics", get=one)
    routes.at("/TaskQueues/<sid>/RealTimeStatistics", get=one_now)
    routes.at("/TaskQueues/<sid>/CumulativeStatistics", get=one_past)


def every(scope: Scope) -> Response:
    """Both kinds of numbers for the queues, those of one name if asked for."""
    asked = Asked(scope)
    name = forms.query().text("FriendlyName")
    found = [queue for queue in scope.rules.queues.values() if name in (None, "", queue.name)]
    return listed(
        "task_queues_statistics", found, lambda each: (each.created, each.sid), lambda each: _body(asked, each)
    )


def _body(asked: Asked, queue: TaskQueue) -> answers.Body:
    sid = asked.scope.public(sids.QUEUE, queue.sid)
    return {
        "account_sid": asked.scope.account,
        "workspace_sid": asked.scope.sid,
        "task_queue_sid": sid,
        "realtime": _now(asked, queue.sid),
        "cumulative": _past(asked, sid),
    }


def many_now(scope: Scope) -> Response:
    """Up to 50 queues now. One that this workspace does not have comes back with zeros, as TaskRouter has it."""
    asked = Asked(scope)
    data = [
        {"task_queue_sid": sid, **only(_now(asked, _inner(scope, sid)), *STANDING, *_WORKERS)}
        for sid in _named(request.get_json(silent=True))
    ]
    return answers.one(
        {
            "account_sid": scope.account,
            "workspace_sid": scope.sid,
            "task_queue_data": data,
            "task_queue_response_count": len(data),
            "url": scope.address("TaskQueues", "RealTimeStatistics"),
        }
    )


def _named(body: object) -> Sequence[str]:
    """The SIDs in a body such as {"queueSids": ["WQ…"]}; the reference also writes QueueSids."""
    given = (body.get("queueSids") or body.get("QueueSids")) if isinstance(body, dict) else None
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_AT_ONCE:
        raise invalid("queueSids", f"queueSids has to be a list of 1 to {MOST_AT_ONCE} SIDs of TaskQueues")
    if not all(isinstance(sid, str) and sids.is_sid(sid) and sid.startswith(sids.QUEUE) for sid in given):
        raise invalid("queueSids", "queueSids has something in it that is no SID of a TaskQueue")
    return given


def _inner(scope: Scope, sid: str) -> str:
    queue = queue_of(scope.rules, sid)
    return queue.sid if queue else sid


def one(scope: Scope, sid: str) -> Response:
    """One queue: now, and over a while."""
    asked, queue = Asked(scope), _queue(scope, sid)
    address = scope.address("TaskQueues", sid, "Statistics")
    return both(scope, _now(asked, queue.sid), _past(asked, sid), address, task_queue_sid=sid)


def one_now(scope: Scope, sid: str) -> Response:
    """One queue now."""
    address = scope.address("TaskQueues", sid, "RealTimeStatistics")
    return flat(scope, _now(Asked(scope), _queue(scope, sid).sid), address, task_queue_sid=sid)


def one_past(scope: Scope, sid: str) -> Response:
    """One queue over a while."""
    _queue(scope, sid)
    address = scope.address("TaskQueues", sid, "CumulativeStatistics")
    return flat(scope, _past(Asked(scope), sid), address, task_queue_sid=sid)


def _queue(scope: Scope, sid: str) -> TaskQueue:
    return granted(find(scope.rules, QUEUES, sid))


def _now(asked: Asked, queue: str) -> Numbers:
    tasks = asked.standing(asked.census.tasks_of(queue))
    workers = queue_workers_now(asked.census.workers, queue, asked.scope.rules)
    return {**only(tasks, *STANDING, *_RELATIVE), **workers}


def _past(asked: Asked, sid: str) -> Numbers:
    numbers = asked.past(QUEUE_ENTERED, queue=sid)
    return only(numbers, *RESERVED, *WAITED, *ENDED, "tasks_entered", "wait_duration_in_queue_until_accepted")
