"""Takes a task through a workflow as a call centre would: it waits out every target, and nobody serves it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.core.entities import Task
from app.core.routing.definitions import Routing, RoutingTarget
from app.core.routing.places import Crowd, Left, Placement, Route
from app.core.routing.routes import advance, enter
from app.core.routing.workflow_json import read_routing
from tests.builders import NOON, a_task

EMPTY = Crowd()


def a_workflow(*filters: tuple[str, list[dict[str, Any]]], default: str = "") -> Routing:
    """A workflow of these filters, each an expression and its targets as TaskRouter's JSON has them."""
    inside: dict[str, Any] = {
        "filters": [
            {"filter_friendly_name": f"rule {index}", "expression": expression, "targets": targets}
            for index, (expression, targets) in enumerate(filters)
        ]
    }
    if default:
        inside["default_filter"] = {"queue": default}
    return read_routing(json.dumps({"task_routing": inside}))


class Crowds:
    """The workers of each queue (nobody, where none is given), and what was asked about them."""

    def __init__(self, **queues: Crowd) -> None:
        self._queues = queues
        self.asked: list[tuple[str, str, str]] = []

    def __call__(self, target: RoutingTarget, demand: str, known: str) -> Crowd:
        """Counts the workers of the target's queue."""
        self.asked.append((target.queue, demand, known))
        return self._queues.get(target.queue, EMPTY)


def standing(place: Placement, task: Task) -> Task:
    """The task once it stands there."""
    return replace(
        task,
        filter=place.filter,
        target=place.target,
        queue=place.queue,
        priority=task.priority if place.priority is None else place.priority,
        demand=place.demand,
        order_by=place.order_by,
        known=place.known,
        moves_on=place.moves_on,
    )


def routes(
    routing: Routing, attributes: Mapping[str, Any], crowds: Crowds | None = None
) -> Iterator[tuple[Task, Route]]:
    """Every route of a task created at noon that is moved on exactly when its time in a target is over."""
    crowd = crowds or Crowds()
    task = a_task(workflow="WW1", queue="", attributes=attributes)
    route = enter(attributes, routing, created=NOON, now=NOON, crowd=crowd)
    while isinstance(route.place, Placement):
        task = standing(route.place, task)
        yield task, route
        if not task.moves_on:
            return
        route = advance(task, routing, now=task.moves_on, crowd=crowd)
    yield task, route


def journey(routing: Routing, attributes: Mapping[str, Any], crowds: Crowds | None = None) -> list[str]:
    """The same in short: `sales p5 10s` (to the age of 10 s), `sales p5` (for good), or the reason for cancelling."""
    return [_short(task, route.place) for task, route in routes(routing, attributes, crowds)]


def _short(task: Task, place: Placement | Left) -> str:
    if isinstance(place, Left):
        return f"canceled: {place.reason}"
    end = f" {(place.moves_on - NOON) // 1000}s" if place.moves_on else ""
    return f"{place.queue} p{task.priority}{end}"
