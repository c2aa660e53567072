"""A task's way through a workflow: which target it waits in, and where it goes when its time there is over.

The clock is the task's age. A target with a timeout ends where the one before it ended plus that timeout, counting the
targets that the task stood in or whose time passed meanwhile (a reservation held it, or the workflow was changed), in
whatever filter; a target that was skipped takes no time, like a filter that did not match. So targets of 10 s and 10 s
end at the age of 10 s and 20 s, whatever happened inside, and a target whose end is already past is not entered at all.

Rules are read once, on entry: one on `taskrouter.currentTime` means the time at which the task came there. A target
that no worker can serve holds a task for its whole time like any other, unless its skip_if says otherwise.
"""

from collections.abc import Mapping

from app.core.entities import Task
from app.core.expression_tree import Values
from app.core.routing.definitions import Routing, RoutingTarget
from app.core.routing.places import DEFAULT_FILTER, Exit, Left, Placement, Route, RouteEvent
from app.core.routing.walk import DEFAULT_NAME, CrowdOf, Walk


def enter(task_attributes: Values, routing: Routing, *, created: int, now: int, crowd: CrowdOf) -> Route:
    """Where a new task goes. `crowd` is asked only about targets with a skip_if whose time is not yet past."""
    walk = Walk(task_attributes, routing, created, now, crowd)
    place = walk.through(walk.matching(0))
    return Route(place, (RouteEvent("workflow.entered"), *_arrival(place)), tuple(walk.trace))


def advance(task: Task, routing: Routing, *, now: int, crowd: CrowdOf) -> Route:
    """Where a task goes whose time in its present target is over; that it is, is for the caller to know.

    A task that leaves early takes the target's whole time with it: the next one ends at the same age as ever.
    A place that the workflow no longer has (it was changed) is left by entering the workflow anew.
    """
    here = _standing(task, routing)
    if here is None:
        return reenter(task, routing, now=now, crowd=crowd)
    walk = Walk(task.attributes, routing, task.created, now, crowd)
    walk.leave(task.filter, task.target, here, task.moves_on or now)
    place = walk.through(walk.ahead(task.filter, task.target))
    left = RouteEvent("task-queue.timeout", _left_behind(task, routing))
    return Route(place, (left, *_arrival(place)), tuple(walk.trace))


def reenter(task: Task, routing: Routing, *, now: int, crowd: CrowdOf) -> Route:
    """Where a waiting task belongs after its attributes or the workflow were changed; it keeps its age.

    One that waits in the default filter never timed out of another, so it may come back there.
    """
    walk = Walk(task.attributes, routing, task.created, now, crowd, never_timed_out=task.filter == DEFAULT_FILTER)
    place = walk.through(walk.matching(0))
    if isinstance(place, Placement) and _same_place(task, place):
        return Route(place, (), tuple(walk.trace))
    if isinstance(place, Placement) and place.queue == task.queue:
        return Route(place, (RouteEvent("workflow.target-matched", _details(place)),), tuple(walk.trace))
    moved = (RouteEvent("task-queue.moved", {"queue": task.queue}),) if isinstance(place, Placement) else ()
    return Route(place, (*moved, *_arrival(place)), tuple(walk.trace))


def _arrival(place: Placement | Left) -> tuple[RouteEvent, ...]:
    """The events of coming to a place; a task that matched nothing makes none."""
    if isinstance(place, Left):
        return () if place.reason is Exit.NO_MATCH else (RouteEvent(place.reason.value),)
    details = _details(place)
    return RouteEvent("workflow.target-matched", details), RouteEvent("task-queue.entered", details)


def _details(place: Placement) -> Mapping[str, object]:
    return {
        "filter": place.filter,
        "filter_name": place.filter_name,
        "target": place.target,
        "queue": place.queue,
        "priority": place.priority,
        "expression": place.expression,
        "known": place.known,
    }


def _left_behind(task: Task, routing: Routing) -> Mapping[str, object]:
    name = DEFAULT_NAME if task.filter == DEFAULT_FILTER else routing.filters[task.filter].name
    return {"filter": task.filter, "filter_name": name, "target": task.target, "queue": task.queue}


def _standing(task: Task, routing: Routing) -> RoutingTarget | None:
    """The target that the task stands in, if the workflow has it."""
    if task.filter == DEFAULT_FILTER:
        return routing.default
    if not 0 <= task.filter < len(routing.filters):
        return None
    targets = routing.filters[task.filter].targets
    return targets[task.target] if 0 <= task.target < len(targets) else None


def _same_place(task: Task, place: Placement) -> bool:
    known = place.known_by_name or task.known == place.known
    return known and (task.filter, task.target, task.queue, task.demand, task.order_by, task.moves_on) == (
        place.filter,
        place.target,
        place.queue,
        place.demand,
        place.order_by,
        place.moves_on,
    )
