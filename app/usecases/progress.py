"""Tasks that follow a workflow: they are submitted, move on when a target's time is over, and are re-evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.core import offers, tasks
from app.core.change import Change, Write
from app.core.copying import replace
from app.core.entities import Attributes, Task, TaskState
from app.core.events import Event, EventType, Plain
from app.core.lifecycle import ReservationEvent, TaskEvent, task_after
from app.core.offers import Held
from app.core.routing import sids
from app.core.routing.definitions import TASK_SECONDS, Routing, Rules
from app.core.routing.places import Exit, Left, Placement, Route, RouteEvent
from app.core.routing.routes import advance, enter, reenter
from app.core.routing.workflow_json import read_routing
from app.core.workflow import with_deadline
from app.usecases.context import Context, settle
from app.usecases.crowds import crowd_of, known_worker
from app.usecases.held import offers_of, reservations_held
from app.usecases.taskrouter.wording import Refusal, Why

STRAIGHT = -1
"""The filter of a task that went to a queue or worker past its workflow."""
EXPIRED = "Task TTL Exceeded"
ASSIGNED_TOO_LONG = "Task exceeded the longest time a task can be assigned"
_LEFT = {
    Exit.TIMEOUT: "Task canceled on Workflow timeout",
    Exit.SKIPPED: "Task canceled: every target of the Workflow was skipped",
    Exit.NO_MATCH: "Task canceled: no filter of the Workflow matched",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A task that somebody wants done. `timeout` in seconds; `started` (ms; 0: now) is what its place counts from.

    It goes where its workflow sends it, or straight to the queue or worker that `routing_target` names (inner sids).
    """

    workflow: str = ""
    attributes: Attributes = field(default_factory=dict)
    priority: int | None = None
    timeout: int = TASK_SECONDS
    channel: str = "default"
    started: int = 0
    queue: str = ""
    worker: str = ""
    routing_target: str = ""
    ignore_capacity: bool = False
    sid: str = ""


def submit(context: Context, wanted: Submission) -> Task | Refusal:
    """Takes a task in: it waits where the workflow puts it, or is canceled at once if it leads nowhere."""

    def decide() -> tuple[Change, Task | Refusal]:
        rules, now = context.rules.current(), context.clock.now()
        task = _task(wanted, context.ids.sid(sids.TASK), now)
        route = _entry(context, task, wanted, rules, now)
        if isinstance(route, Refusal):
            return Change(), route
        data: dict[str, Plain] = {"priority": task.priority, "channel": task.channel, "workflow": task.workflow}
        change = Change((Write(None, task),)) + _followed(context, task, route, (), rules, now)
        placed = change.latest(task)
        created = _event(EventType.TASK_CREATED, task, now, {**data, **offers.lane_data(placed)})
        return replace(change, events=(created, *change.events)), replace(placed, version=1)

    return settle(context.store, decide)


def _task(wanted: Submission, sid: str, now: int) -> Task:
    return Task(
        sid=wanted.sid or sid, workflow=wanted.workflow, channel=wanted.channel, attributes=wanted.attributes,
        priority=wanted.priority or 0, routing_target=wanted.routing_target, ignore_capacity=wanted.ignore_capacity,
        created=now, started=wanted.started, updated=now, expires=now + wanted.timeout * 1000,
    )  # fmt: skip


def _entry(context: Context, task: Task, wanted: Submission, rules: Rules, now: int) -> Route | Refusal:
    """Where a new task goes first."""
    if wanted.queue or wanted.worker:
        return _straight(wanted)
    routing = _routing(rules, wanted.workflow)
    if routing is None:
        return Refusal(Why.NOT_FOUND, f"there is no workflow {wanted.workflow}", "WorkflowSid")
    return enter(task.attributes, routing, created=now, now=now, crowd=crowd_of(context, task, rules))


def _straight(wanted: Submission) -> Route:
    place = Placement(
        filter=STRAIGHT, target=-1, filter_name="", queue=wanted.queue, priority=None, expression="", demand="",
        order_by="", known=wanted.worker, known_by_name=False, moves_on=0,
    )  # fmt: skip
    return Route(place, (RouteEvent("task-queue.entered", {"queue": wanted.queue}),) if wanted.queue else (), ())


def _routing(rules: Rules, workflow: str) -> Routing | None:
    found = rules.workflows.get(workflow)
    return read_routing(found.configuration) if found else None


def moved_on(context: Context, task: Task) -> Change:
    """What is due for a task of a workflow whose deadline has passed."""
    now = context.clock.now()
    if task.state is TaskState.ASSIGNED:
        return _assigned_too_long(context, task, now)
    pending = offers_of(context.store, task)
    if task.expires and task.expires <= now:
        return tasks.cancel(task, pending, EXPIRED, now)
    if task.state is TaskState.RESERVED or not task.moves_on or task.moves_on > now:
        return tasks.retry(task, now) + tasks.postpone(task, now)
    # Another dispatcher may have been told of new rules, and this one not.
    rules = context.rules.fresh()
    routing = _routing(rules, task.workflow)
    if routing is None:
        return tasks.cancel(task, pending, "the Workflow was deleted", now)
    route = advance(task, routing, now=now, crowd=crowd_of(context, task, rules))
    change = _followed(context, task, route, pending, rules, now)
    placed = change.latest(task)
    # A task whose place the workflow lost may be put into its own queue, which it does not enter again.
    entered = any(event.type is EventType.QUEUE_ENTERED for event in change.events)
    return change if entered or placed.ended else change + tasks.retry(placed, now)


def reevaluated(context: Context, task: Task) -> Change:
    """Where a waiting task belongs now that its attributes or its workflow have changed; it keeps its age.

    Who is being asked for it in a place it leaves is let go.
    """
    rules, now = context.rules.current(), context.clock.now()
    routing = _routing(rules, task.workflow)
    if routing is None or not tasks.is_waiting(task) or task.filter == STRAIGHT:
        return Change()
    route = reenter(task, routing, now=now, crowd=crowd_of(context, task, rules))
    if not route.events and isinstance(route.place, Placement):
        return Change()
    return _followed(context, task, route, offers_of(context.store, task), rules, now)


def _followed(context: Context, task: Task, route: Route, pending: tuple[Held, ...], rules: Rules, now: int) -> Change:
    """The task goes where the route leads; `pending` offers of the place it leaves are taken back."""
    if isinstance(route.place, Left):
        told = tuple(_route_event(item, task, now) for item in route.events)
        return Change(events=told) + tasks.cancel(task, pending, _LEFT[route.place.reason], now)
    change = Change()
    for held in pending:
        change += offers.take_back(held, ReservationEvent.RESCIND, "the task moved on", now)
    state = task_after(task.state, TaskEvent.MOVE)
    placed = _placed(context, replace(task, state=state, reservations=()), route.place, rules, now)
    return change + Change((Write(task, placed),), tuple(_route_event(item, placed, now) for item in route.events))


def _placed(context: Context, task: Task, place: Placement, rules: Rules, now: int) -> Task:
    queue = rules.queues.get(place.queue)
    known = known_worker(context, place.known, rules) if place.known_by_name else inner_worker(place.known, rules)
    moved = replace(
        task, queue=place.queue, filter=place.filter, target=place.target, demand=place.demand,
        order_by=place.order_by, known=known, moves_on=place.moves_on, queued=now, updated=now,
        priority=task.priority if place.priority is None else place.priority,
        lifo=queue.lifo if queue else False, ageing=queue.ageing if queue else 0,
    )  # fmt: skip
    return with_deadline(moved, now)


def inner_worker(sid: str, rules: Rules) -> str:
    """The worker of this public SID as the store knows them."""
    return next((name for name, public in rules.people.items() if public == sid), sid)


def _assigned_too_long(context: Context, task: Task, now: int) -> Change:
    change = Change(events=(_event(EventType.TASK_SYSTEM_DELETED, task, now, {"reason": ASSIGNED_TOO_LONG}),))
    for held in reservations_held(context.store, task.reservations):
        change += offers.complete(task, held, now, ASSIGNED_TOO_LONG)
    return change


def _route_event(item: RouteEvent, task: Task, now: int) -> Event:
    data = {key: _plain(value) for key, value in item.details.items()}
    entered = item.name == EventType.QUEUE_ENTERED
    return _event(EventType(item.name), task, now, {**data, **(offers.lane_data(task) if entered else {})})


def _event(kind: EventType, task: Task, now: int, data: Mapping[str, Plain]) -> Event:
    return Event(type=kind, at=now, task=task.sid, data={**offers.place_data(task), **data})


def _plain(value: object) -> Plain:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
