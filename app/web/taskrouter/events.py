"""`/Events`: what happened in a workspace, as TaskRouter tells it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response

from app.core.events import Event, EventType
from app.core.routing import sids
from app.core.routing.definitions import Rules
from app.core.routing.event_names import snake_case
from app.core.routing.feed import RouterEvent, redacted, translate, wanted
from app.core.routing.feed_fields import Known
from app.ports.taskrouter_events import Due, TaskRouterEvents, Wanted
from app.usecases.taskrouter.naming import channel_of
from app.web.taskrouter import answers, forms
from app.web.taskrouter.errors import Refused, invalid, not_found
from app.web.taskrouter.forms import Form
from app.web.taskrouter.paging import Place, walked
from app.web.taskrouter.scope import Routes, Scope
from app.web.taskrouter.window import asked_window

REDACTED_AFTER_MS = 30 * 86_400_000
_LARGEST = 2**62
_PATHS = {
    "worker": "Workers", "task": "Tasks", "activity": "Activities", "workflow": "Workflows",
    "task-queue": "TaskQueues", "task-channel": "TaskChannels",
}  # fmt: skip


def add_to(routes: Routes) -> None:
    """Serves events."""
    routes.at("/Events", get=every)
    routes.at("/Events/<sid>", get=fetch)


def kept_events(scope: Scope) -> TaskRouterEvents:
    """Where the events are kept; without a database there is nothing to be told."""
    if scope.services.events is None:
        raise Refused(503)
    return scope.services.events


def every(scope: Scope) -> Response:
    """The events asked for, newest first; of the last 15 minutes unless asked otherwise."""
    source = _Kept(kept_events(scope), _wanted(scope, forms.query()))
    return walked("events", source, lambda each: (-each.at, -each.place), lambda each: _body(scope, each))


def fetch(scope: Scope, sid: str) -> Response:
    """One event."""
    found = kept_events(scope).find(scope.sid, sid)
    if found is None:
        raise not_found(f"Event {sid[:64]}")
    return answers.one(_body(scope, found))


def forget_events(scope: Scope, rules: Rules) -> None:
    """What happened in a workspace goes with it; its callback is told of that last."""
    events, now = scope.services.events, scope.context.clock.now()
    if events is None:
        return
    events.forget(scope.sid)
    workspace = rules.workspace
    said = {"kind": "workspace", "sid": workspace.sid, "name": workspace.name}
    gone = translate(f"{now}-0", Event(type=EventType.UNDEFINED, at=now, data=said), Known(rules))
    callbacks = [Due(event, workspace.event_callback_url) for event in gone if wanted(event, workspace.events_filter)]
    if workspace.event_callback_url and callbacks:
        events.record(gone, callbacks)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The events as a list that pages can be read from."""

    events: TaskRouterEvents
    wanted: Wanted

    def after(self, place: Place | None, count: int) -> Sequence[RouterEvent]:
        """The next older ones."""
        return self.events.after(self.wanted, None if place is None else _point(place), count)

    def before(self, place: Place, count: int) -> Sequence[RouterEvent]:
        """The next newer ones."""
        return self.events.before(self.wanted, _point(place), count)


def _point(place: Place) -> tuple[int, int]:
    """The instant and place that a page begins at. Raises TypeError for the token of another list."""
    numbers = [-part for part in place if isinstance(part, int) and abs(part) < _LARGEST]
    if len(numbers) != 2 or len(place) != 2:
        raise TypeError("not a place among events")
    return numbers[0], numbers[1]


def _wanted(scope: Scope, asked: Form) -> Wanted:
    sid = asked.sid("Sid", sids.EVENT) or ""
    window = asked_window(asked, scope.context.clock.now())
    kind = asked.text("EventType", 128)
    is_timed = not sid or any(name in asked for name in ("Minutes", "StartDate", "EndDate"))
    return Wanted(
        workspace=scope.sid,
        start=window.start if is_timed else 0,
        end=window.end if is_timed else _LARGEST,
        types=(kind,) if kind else (),
        sid=sid,
        task=asked.sid("TaskSid", sids.TASK) or "",
        queue=asked.sid("TaskQueueSid", sids.QUEUE) or "",
        workflow=asked.sid("WorkflowSid", sids.WORKFLOW) or "",
        worker=asked.sid("WorkerSid", sids.WORKER) or "",
        reservation=asked.sid("ReservationSid", sids.RESERVATION) or "",
        channel=_channel(scope, asked.text("TaskChannel", 128) or ""),
    )


def _channel(scope: Scope, asked: str) -> str:
    """The channel's SID; one that was deleted can still be asked for by it."""
    if not asked or (sids.is_sid(asked) and asked.startswith(sids.CHANNEL)):
        return asked
    channel = channel_of(scope.rules, asked)
    if channel is None:
        raise invalid("TaskChannel", f"TaskChannel {asked[:64]} was not found")
    return scope.public(sids.CHANNEL, channel.sid)


def _body(scope: Scope, event: RouterEvent) -> answers.Body:
    if event.at < scope.context.clock.now() - REDACTED_AFTER_MS:
        event = redacted(event)
    return {
        "sid": event.sid,
        "account_sid": scope.account,
        "workspace_sid": scope.sid,
        "actor_sid": scope.sid,
        "actor_type": "workspace",
        "actor_url": scope.url,
        "description": event.description,
        "event_data": {snake_case(name): value for name, value in event.data.items()},
        "event_date": answers.moment(event.at),
        "event_date_ms": event.at,
        "event_type": event.type,
        "resource_sid": event.resource,
        "resource_type": event.resource_type,
        "resource_url": _address(scope, event),
        "source": "switchboard",
        "source_ip_address": None,
        "url": scope.address("Events", event.sid),
    }


def _address(scope: Scope, event: RouterEvent) -> str:
    if event.resource_type == "reservation":
        return scope.address("Tasks", event.task, "Reservations", event.resource)
    path = _PATHS.get(event.resource_type)
    return scope.address(path, event.resource) if path else scope.url
