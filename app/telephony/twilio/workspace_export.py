"""Reads a whole TaskRouter workspace from the carrier's account, as its REST API writes it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from app.telephony.twilio.http import CarrierError

Client = Any  # the SDK's, which has no types
Resource = dict[str, object]
Watch = Callable[[str, int], None]
"""Told what is being read, and how many there are so far."""

PAGE_SIZE = 1000
_KEPT: Mapping[str, tuple[str, ...]] = {
    "workspace": (
        "sid", "friendly_name", "default_activity_sid", "timeout_activity_sid", "event_callback_url", "events_filter",
        "multi_task_enabled", "prioritize_queue_order", "date_created",
    ),
    "activities": ("sid", "friendly_name", "available", "date_created"),
    "task_channels": ("sid", "friendly_name", "unique_name", "channel_optimized_routing", "date_created"),
    "task_queues": (
        "sid", "friendly_name", "target_workers", "max_reserved_workers", "task_order", "reservation_activity_sid",
        "assignment_activity_sid", "date_created",
    ),
    "workflows": (
        "sid", "friendly_name", "configuration", "assignment_callback_url", "fallback_assignment_callback_url",
        "task_reservation_timeout", "date_created",
    ),
    "workers": ("sid", "friendly_name", "attributes", "activity_sid", "available", "date_created"),
    "worker_channels": ("sid", "worker_sid", "task_channel_unique_name", "configured_capacity", "available"),
}  # fmt: skip


def workspaces_of(client: Client) -> list[tuple[str, str]]:
    """SID and name of every workspace of the account."""
    found = client.taskrouter.v1.workspaces.stream(page_size=PAGE_SIZE)
    return [(str(each.sid), str(each.friendly_name)) for each in found]


def read_workspace(client: Client, sid: str, watch: Watch) -> dict[str, object] | None:
    """The whole workspace, None if the account has none of this SID. Raises CarrierError."""
    here = client.taskrouter.v1.workspaces(sid)
    try:
        workspace = here.fetch()
    except CarrierError as error:
        if error.status == 404:
            return None
        raise
    lists = {
        "activities": here.activities,
        "task_channels": here.task_channels,
        "task_queues": here.task_queues,
        "workflows": here.workflows,
        "workers": here.workers,
    }
    document: dict[str, object] = {"workspace": _plain("workspace", workspace)}
    for kind, listed in lists.items():
        document[kind] = _all(kind, listed.stream(page_size=PAGE_SIZE), watch)
    workers: Any = document["workers"]
    document["workers"] = [_with_attributes(here, worker) for worker in workers]
    document["worker_channels"] = _channels(here, [str(worker["sid"]) for worker in workers], watch)
    return document


def _all(kind: str, found: Iterable[Any], watch: Watch) -> list[Resource]:
    resources = []
    watch(kind, 0)
    for each in found:
        resources.append(_plain(kind, each))
        watch(kind, len(resources))
    return resources


def _with_attributes(here: Any, worker: Resource) -> Resource:
    """Lists may leave attributes out; the worker fetched by itself has them."""
    return worker if worker["attributes"] is not None else _plain("workers", here.workers(worker["sid"]).fetch())


def _channels(here: Any, workers: Iterable[str], watch: Watch) -> list[Resource]:
    """What each worker can take at once; one request a worker."""
    found: list[Resource] = []
    for number, sid in enumerate(workers, 1):
        watch("worker_channels", number)
        for each in here.workers(sid).worker_channels.stream(page_size=PAGE_SIZE):
            found.append({**_plain("worker_channels", each), "worker_sid": sid})
    return found


def _plain(kind: str, resource: Any) -> Resource:
    return {name: _value(getattr(resource, name)) for name in _KEPT[kind]}


def _value(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
