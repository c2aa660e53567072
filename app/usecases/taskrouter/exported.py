"""A TaskRouter workspace as exported from its REST API, read whole into what it is made of, or refused whole."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.entities import Attributes, ChannelCapacity, Worker
from app.core.expressions import ExpressionError, parse
from app.core.routing import sids
from app.core.routing.definitions import (
    RESERVATION_SECONDS,
    Rules,
    TaskChannel,
    TaskQueue,
    WorkerActivity,
    Workflow,
    Workspace,
)
from app.core.routing.staff import paths_read
from app.core.routing.workflow_document import WorkflowError
from app.core.routing.workflow_json import problems, read_routing
from app.usecases.taskrouter.export_fields import Mistakes, Record, records
from app.usecases.taskrouter.lookups import unstorable

KINDS = ("activities", "task_channels", "task_queues", "workflows", "workers", "worker_channels")
MOST = {"activities": 100, "task_channels": 15, "task_queues": 5_000, "workflows": 1_000, "workers": 15_000}
MOST_RESERVED = 50
MOST_CAPACITY = 50
LONGEST_RESERVATION = 86_400

Document = Mapping[str, object]


class BadExport(Exception):
    """An export that cannot be used; `mistakes` names every one with its place."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Exported:
    """A workspace, with the SIDs it has at the account."""

    workspace: Workspace
    activities: tuple[WorkerActivity, ...]
    channels: tuple[TaskChannel, ...]
    queues: tuple[TaskQueue, ...]
    workflows: tuple[Workflow, ...]
    workers: tuple[Worker, ...]

    def rules(self) -> Rules:
        """The workspace's rules as if it were here alone."""
        rules = Rules(
            workspace=self.workspace,
            activities={each.sid: each for each in self.activities},
            channels={each.sid: each for each in self.channels},
            queues={each.sid: each for each in self.queues},
            workflows={each.sid: each for each in self.workflows},
        )
        return Rules(
            workspace=rules.workspace, activities=rules.activities, channels=rules.channels, queues=rules.queues,
            workflows=rules.workflows, paths=paths_read(rules),
        )  # fmt: skip


def read_export(document: Document) -> Exported:
    """The workspace of an export, or BadExport with every mistake in it."""
    mistakes = Mistakes()
    listed = {kind: records(document, kind, mistakes) for kind in KINDS}
    raw = document.get("workspace")
    if not isinstance(raw, Mapping):
        mistakes.note("workspace", "is missing: the workspace itself as the REST API gives it")
        raw = {}
    activities = tuple(map(_activity, listed["activities"]))
    channels = tuple(map(_channel, listed["task_channels"]))
    found = Exported(
        workspace=_workspace(Record("workspace", raw, mistakes)),
        activities=activities,
        channels=channels,
        queues=tuple(map(_queue, listed["task_queues"])),
        workflows=tuple(map(_workflow, listed["workflows"])),
        workers=_workers(listed["workers"], listed["worker_channels"], activities, channels),
    )
    _consistent(found, listed, mistakes)
    if mistakes.found:
        raise BadExport(mistakes.found)
    return found


def _workspace(record: Record) -> Workspace:
    created = record.instant("date_created")
    return Workspace(
        sid=record.sid("sid", sids.WORKSPACE, needed=True),
        name=record.text("friendly_name", needed=True),
        default_activity=record.sid("default_activity_sid", sids.ACTIVITY),
        timeout_activity=record.sid("timeout_activity_sid", sids.ACTIVITY),
        event_callback_url=record.text("event_callback_url"),
        events_filter=tuple(part.strip() for part in record.text("events_filter").split(",") if part.strip()),
        multi_task=record.flag("multi_task_enabled", default=True),
        lifo_first=record.text("prioritize_queue_order") == "LIFO",
        created=created,
    )


def _activity(record: Record) -> WorkerActivity:
    return WorkerActivity(
        sid=record.sid("sid", sids.ACTIVITY, needed=True), name=record.text("friendly_name", needed=True),
        available=record.flag("available", default=False), created=record.instant("date_created"),
    )  # fmt: skip


def _channel(record: Record) -> TaskChannel:
    return TaskChannel(
        sid=record.sid("sid", sids.CHANNEL, needed=True), name=record.text("friendly_name"),
        unique_name=record.text("unique_name", needed=True),
        optimized=record.flag("channel_optimized_routing", default=False), created=record.instant("date_created"),
    )  # fmt: skip


def _queue(record: Record) -> TaskQueue:
    rule = record.text("target_workers")
    if rule.strip():
        _checked(record, "target_workers", lambda: parse(rule))
    return TaskQueue(
        sid=record.sid("sid", sids.QUEUE, needed=True), name=record.text("friendly_name", needed=True),
        target_workers=rule, max_reserved=max(1, record.number("max_reserved_workers", 1, MOST_RESERVED)),
        lifo=record.text("task_order") == "LIFO",
        reservation_activity=record.sid("reservation_activity_sid", sids.ACTIVITY),
        assignment_activity=record.sid("assignment_activity_sid", sids.ACTIVITY),
        created=record.instant("date_created"),
    )  # fmt: skip


def _workflow(record: Record) -> Workflow:
    configuration = record.text("configuration", needed=True)
    if configuration:
        _checked(record, "configuration", lambda: read_routing(configuration))
    return Workflow(
        sid=record.sid("sid", sids.WORKFLOW, needed=True), name=record.text("friendly_name", needed=True),
        configuration=configuration, callback_url=record.text("assignment_callback_url"),
        fallback_callback_url=record.text("fallback_assignment_callback_url"),
        reservation_timeout=record.number("task_reservation_timeout", RESERVATION_SECONDS, LONGEST_RESERVATION),
        created=record.instant("date_created"),
    )  # fmt: skip


def _workers(
    workers: Iterable[Record], rooms: Iterable[Record], activities: Sequence[WorkerActivity],
    channels: Sequence[TaskChannel],
) -> tuple[Worker, ...]:  # fmt: skip
    """The workers; one task at a time of each channel for those whose channels were not exported."""
    given: dict[str, dict[str, ChannelCapacity]] = {}
    for room in rooms:
        given.setdefault(room.sid("worker_sid", sids.WORKER, needed=True), {})[
            room.text("task_channel_unique_name", needed=True)
        ] = ChannelCapacity(
            capacity=room.number("configured_capacity", 1, MOST_CAPACITY),
            available=room.flag("available", default=True),
        )
    one_each = {channel.unique_name: ChannelCapacity() for channel in channels}
    open_to_work = {activity.sid for activity in activities if activity.available}
    return tuple(_worker(record, {**one_each, **given.get(str(record.raw.get("sid")), {})}, open_to_work)
                 for record in workers)  # fmt: skip


def _worker(record: Record, rooms: Mapping[str, ChannelCapacity], open_to_work: set[str]) -> Worker:
    activity = record.sid("activity_sid", sids.ACTIVITY, needed=True)
    return Worker(
        sid=record.sid("sid", sids.WORKER, needed=True), name=record.text("friendly_name", needed=True),
        attributes=_attributes(record), activity=activity, available=activity in open_to_work, channels=rooms,
        created=record.instant("date_created"),
    )  # fmt: skip


def _attributes(record: Record) -> Attributes:
    text = record.text("attributes")
    if not text:
        record.wrong("attributes", "are missing: some lists leave them out; fetch the worker by itself")
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        record.wrong("attributes", "are no JSON, which TaskRouter takes in silence and never matches")
        return {}
    if not isinstance(found, dict):
        record.wrong("attributes", "a JSON object is expected")
        return {}
    refusal = unstorable(found)
    if refusal:
        record.wrong("attributes", refusal.message)
    return found


def _checked(record: Record, key: str, read: Callable[[], object]) -> None:
    try:
        read()
    except (ExpressionError, WorkflowError) as error:
        record.wrong(key, str(error))


def _consistent(found: Exported, listed: Mapping[str, Sequence[Record]], mistakes: Mistakes) -> None:
    """What has to fit together: names and SIDs given once, nothing named that is not there."""
    for kind, most in MOST.items():
        if len(listed[kind]) > most:
            mistakes.note(kind, f"{len(listed[kind]):,} are more than the {most:,} of a workspace")
        _once(kind, "sid", [record.raw.get("sid") for record in listed[kind]], mistakes)
    for kind, names in _names(found).items():
        _once(kind, "friendly_name", names, mistakes)
    activities = {each.sid for each in found.activities}
    for place, sid in _activities_named(found):
        if sid and sid not in activities:
            mistakes.note(place, f"there is no activity {sid} in the export")
    queues = {each.sid for each in found.queues}
    for workflow in found.workflows:
        for missing in _missing_queues(workflow, queues):
            mistakes.note(f"workflows[{workflow.sid}].configuration.{missing[0]}", missing[1])


def _names(found: Exported) -> Mapping[str, list[str]]:
    return {
        "activities": [each.name for each in found.activities],
        "task_queues": [each.name for each in found.queues],
        "workflows": [each.name for each in found.workflows],
        "workers": [each.name.casefold() for each in found.workers],
    }


def _once(kind: str, key: str, values: Iterable[object], mistakes: Mistakes) -> None:
    for value, count in Counter(value for value in values if value).items():
        if count > 1:
            mistakes.note(kind, f"{key} {value!r} is there {count} times")


def _activities_named(found: Exported) -> Iterable[tuple[str, str]]:
    yield "workspace.default_activity_sid", found.workspace.default_activity
    yield "workspace.timeout_activity_sid", found.workspace.timeout_activity
    for queue in found.queues:
        yield f"task_queues[{queue.sid}].reservation_activity_sid", queue.reservation_activity
        yield f"task_queues[{queue.sid}].assignment_activity_sid", queue.assignment_activity
    for worker in found.workers:
        yield f"workers[{worker.sid}].activity_sid", worker.activity


def _missing_queues(workflow: Workflow, queues: set[str]) -> Iterable[tuple[str, str]]:
    try:
        routing = read_routing(workflow.configuration)
    except WorkflowError:
        return
    for missing in problems(routing, queues):
        yield missing.path, f"{missing.message} in the export"
