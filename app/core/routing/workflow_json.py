"""TaskRouter's workflow JSON, read into `Routing` and written back."""

import json
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from app.core.expressions import ExpressionError, parse
from app.core.routing.definitions import Filter, Routing, RoutingTarget
from app.core.routing.known_worker import read_known
from app.core.routing.order_by import parse_order
from app.core.routing.workflow_document import (
    Document,
    Place,
    Problem,
    WorkflowError,
    load,
    members,
    number,
    text_at,
)

MAX_BYTES = 1_048_576
HIGHEST_PRIORITY = 2**31 - 1
LONGEST_TIMEOUT = 2**31 - 1

_KNOWN_SID = "known_worker_sid"
_KNOWN_NAME = "known_worker_friendly_name"


@lru_cache(maxsize=8192)
def read_routing(text: str) -> Routing:
    """The workflow that `text` describes, or WorkflowError.

    Every target says its queue and priority, whether written there or inherited from the one before it in its filter.
    A priority of None leaves the task the one it has. The default has no timeout, as TaskRouter allows it none.
    """
    top = Place("", "the workflow")
    document = _document(text)
    if "task_routing" not in document:
        hint = 'write {"task_routing": {"filters": […], "default_filter": {"queue": …}}}'
        raise WorkflowError("there is no task_routing", "", None, hint)
    place = top.key("task_routing")
    routing = members(document["task_routing"], place)
    filters = _list(routing, "filters", place)
    default = routing.get("default_filter")
    return Routing(
        filters=tuple(_filter(each, place.key("filters").item(index), index) for index, each in enumerate(filters)),
        default=None if default is None else _default(default, place.key("default_filter")),
    )


def write_routing(routing: Routing) -> str:
    """The workflow as TaskRouter writes it; `read_routing` of that gives the same workflow."""
    inside: dict[str, object] = {"filters": [_written_filter(each) for each in routing.filters]}
    if routing.default is not None:
        inside["default_filter"] = _written_target(routing.default)
    return json.dumps({"task_routing": inside}, ensure_ascii=False)


def problems(routing: Routing, queues: Collection[str]) -> tuple[Problem, ...]:
    """What a workflow names that does not exist: its queues that are none of `queues`."""
    place = Place("", "the workflow").key("task_routing")
    found = []
    for index, each in enumerate(routing.filters):
        inside = place.key("filters").item(index, _filter_name(each.name, index)).key("targets")
        for step, target in enumerate(each.targets):
            if target.queue not in queues:
                found.append(_missing_queue(inside.item(step, f"target {step + 1}"), target.queue))
    if routing.default is not None and routing.default.queue not in queues:
        found.append(_missing_queue(place.key("default_filter", "the default filter"), routing.default.queue))
    return tuple(found)


def _missing_queue(place: Place, queue: str) -> Problem:
    return Problem(place.key("queue").path, f"{place.title}: there is no queue {queue!r}", "create it, or name another")


def _document(text: str) -> Document:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise WorkflowError("longer than 1 MB", "", None, "split it into several workflows")
    return members(load(text), Place("", "the workflow"))


def _filter(raw: object, place: Place, index: int) -> Filter:
    unnamed = place.named(_filter_name("", index))
    found = members(raw, unnamed)
    name = text_at(found, "filter_friendly_name", unnamed) or text_at(found, "friendly_name", unnamed)
    here = place.named(_filter_name(name, index))
    expression = text_at(found, "expression", here)
    if not expression.strip():
        raise WorkflowError(
            f"{here.title} has no expression", here.key("expression").path, None, "1==1 takes every task"
        )
    rule = _readable(expression, here, "expression")
    targets = _list(found, "targets", here)
    if not targets:
        raise WorkflowError(f"{here.title} has no targets", here.key("targets").path, None, "name at least one queue")
    return Filter(name=name, expression=rule, targets=_targets(targets, here.key("targets")))


def _targets(raw: list[object], place: Place) -> tuple[RoutingTarget, ...]:
    targets: list[RoutingTarget] = []
    for index, each in enumerate(raw):
        previous = targets[-1] if targets else None
        targets.append(_target(each, place.item(index, f"target {index + 1}"), previous))
    return tuple(targets)


def _target(raw: object, place: Place, previous: RoutingTarget | None) -> RoutingTarget:
    """One target; what it does not say of queue and priority is as in the previous one."""
    found = members(raw, place)
    queue = text_at(found, "queue", place) or (previous.queue if previous else "")
    if not queue:
        raise WorkflowError(f"{place.title} has no queue", place.key("queue").path, None, "give the task queue's SID")
    priority = number(found, "priority", place, (0, HIGHEST_PRIORITY))
    by_name = bool(text_at(found, _KNOWN_NAME, place))
    return RoutingTarget(
        queue=queue,
        priority=previous.priority if priority is None and previous else priority,
        timeout=number(found, "timeout", place, (1, LONGEST_TIMEOUT)),
        expression=_readable(text_at(found, "expression", place), place, "expression"),
        order_by=_readable(text_at(found, "order_by", place), place, "order_by"),
        skip_if=_readable(text_at(found, "skip_if", place), place, "skip_if"),
        known_worker=_known(found, place),
        known_by_name=by_name,
    )


def _default(raw: object, place: Place) -> RoutingTarget:
    here = place.named("the default filter")
    found = {key: value for key, value in members(raw, here).items() if key != "timeout"}
    return _target(found, here, None)


def _known(found: Mapping[str, object], place: Place) -> str:
    by_sid, by_name = text_at(found, _KNOWN_SID, place), text_at(found, _KNOWN_NAME, place)
    if by_sid and by_name:
        message = f"{place.title} has both {_KNOWN_SID} and {_KNOWN_NAME}"
        raise WorkflowError(message, place.key(_KNOWN_NAME).path, None, "keep one of them")
    return _readable(by_sid or by_name, place, _KNOWN_SID if by_sid else _KNOWN_NAME)


_READERS: Mapping[str, Callable[[str], object]] = {
    "expression": parse,
    "skip_if": parse,
    "order_by": parse_order,
    _KNOWN_SID: read_known,
    _KNOWN_NAME: read_known,
}


def _readable(text: str, place: Place, key: str) -> str:
    """The text itself, stripped, if it can be read as what its key says it is."""
    if not text.strip():
        return ""
    try:
        _READERS[key](text)
    except ExpressionError as error:
        message = f"{place.title}, {key}: {error.message}"
        raise WorkflowError(message, place.key(key).path, error.column, error.hint) from None
    return text.strip()


def _list(found: Mapping[str, object], key: str, place: Place) -> list[object]:
    value = found.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise WorkflowError(f"{place.title}: {key} is no list", place.key(key).path, None, "write […]")
    return value


def _filter_name(name: str, index: int) -> str:
    return f"filter {name!r}" if name else f"filter {index + 1}"


def _written_filter(each: Filter) -> dict[str, object]:
    named: dict[str, object] = {"filter_friendly_name": each.name} if each.name else {}
    return named | {"expression": each.expression, "targets": [_written_target(target) for target in each.targets]}


def _written_target(target: RoutingTarget) -> dict[str, object]:
    said: dict[str, object] = {
        "queue": target.queue,
        "priority": target.priority,
        "timeout": target.timeout,
        "expression": target.expression,
        "order_by": target.order_by,
        "skip_if": target.skip_if,
        _KNOWN_NAME if target.known_by_name else _KNOWN_SID: target.known_worker,
    }
    return {key: value for key, value in said.items() if value not in (None, "")}
