"""`/Workers/{sid}/Channels`: how much of which kind of work a worker takes at once."""

from flask import Response

from app.core.routing import sids
from app.usecases.taskrouter.worker_channels import WorkerChannel, channel_of_worker, channels_of, update_channel
from app.web.taskrouter import answers, forms
from app.web.taskrouter.errors import granted
from app.web.taskrouter.paging import listed
from app.web.taskrouter.scope import Routes, Scope

LARGEST_CAPACITY = 50


def add_to(routes: Routes) -> None:
    """Serves the channels of workers."""
    routes.at("/Workers/<worker>/Channels", get=every)
    routes.at("/Workers/<worker>/Channels/<sid>", get=fetch, post=update)


def every(scope: Scope, worker: str) -> Response:
    """A worker's channels, by name."""
    found = granted(channels_of(scope.context, worker))
    return listed("channels", found, lambda each: (each.channel.unique_name,), lambda each: _body(scope, each))


def fetch(scope: Scope, worker: str, sid: str) -> Response:
    """One channel of a worker."""
    return _answer(scope, granted(channel_of_worker(scope.context, worker, sid)))


def update(scope: Scope, worker: str, sid: str) -> Response:
    """Gives a worker more or less room, or none for now."""
    form = forms.body()
    capacity, available = form.integer("Capacity", 0, LARGEST_CAPACITY), form.boolean("Available")
    return _answer(scope, granted(update_channel(scope.context, worker, sid, capacity, available)))


def _answer(scope: Scope, found: WorkerChannel) -> Response:
    return answers.one(_body(scope, found))


def _body(scope: Scope, found: WorkerChannel) -> answers.Body:
    worker = scope.public(sids.WORKER, found.worker.sid)
    return {
        "sid": found.sid,
        "account_sid": scope.account,
        "workspace_sid": scope.sid,
        "worker_sid": worker,
        "task_channel_sid": scope.public(sids.CHANNEL, found.channel.sid),
        "task_channel_unique_name": found.channel.unique_name,
        "available": found.room.available,
        "configured_capacity": found.room.capacity,
        "assigned_tasks": found.held,
        "available_capacity_percentage": found.free_percentage,
        "date_created": answers.moment(found.worker.created),
        "date_updated": answers.moment(found.worker.updated),
        "url": scope.address("Workers", worker, "Channels", found.sid),
    }
