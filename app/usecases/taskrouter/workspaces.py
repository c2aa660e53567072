"""Workspaces as the API makes, changes and removes them. That of the owner's file is always there."""

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.core.change import Change, Write
from app.core.events import EventType
from app.core.routing import sids
from app.core.routing.definitions import (
    DEFAULT_CHANNELS,
    Definition,
    Rules,
    TaskChannel,
    TaskQueue,
    WorkerActivity,
    Workflow,
    Workspace,
)
from app.usecases.context import Context, settle
from app.usecases.taskrouter.definitions import amend_workspace, said, told
from app.usecases.taskrouter.naming import activity_of
from app.usecases.taskrouter.wording import Refusal, Why
from app.usecases.workspaces import Workspaces

_ACTIVITIES = {"Offline": False, "Available": True, "Unavailable": False}
_NAMESAKES = 1000


class Template(StrEnum):
    """What a new workspace begins with: activities and channels alone, or a queue and a workflow to it as well."""

    NONE = "NONE"
    FIFO = "FIFO"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceFields:
    """What a request says of a workspace; None: nothing. Activities are public SIDs."""

    name: str | None = None
    event_callback_url: str | None = None
    events_filter: tuple[str, ...] | None = None
    multi_task: bool | None = None
    lifo_first: bool | None = None
    default_activity: str | None = None
    timeout_activity: str | None = None


def create_workspace(
    workspaces: Workspaces, name: str, template: Template, fields: WorkspaceFields
) -> Context | Refusal:  # fmt: skip
    """A new workspace with what the template puts into it. Several may have one name."""
    now = workspaces.home.clock.now()
    for number in range(_NAMESAKES):
        sid = sids.derive(sids.WORKSPACE, name, *([str(number + 1)] if number else []))
        context = workspaces.register(sid, name, now)
        if context is not None:
            _furnish(context, name, template, fields)
            return context
    return Refusal(Why.TAKEN, f"There are {_NAMESAKES} workspaces named {name}", "FriendlyName")


def update_workspace(context: Context, fields: WorkspaceFields) -> Workspace | Refusal:
    """The workspace as the request would have it. Of the file's, only where its events go can be changed."""
    return amend_workspace(context, lambda rules: _said(rules, fields))


def delete_workspace(workspaces: Workspaces, context: Context) -> Refusal | None:
    """Removes a workspace and everything in it."""
    if context is workspaces.home:
        return Refusal(Why.FROM_FILE, "This workspace comes from the owner's file and cannot be removed")
    workspaces.forget(context.workspace)
    return None


def _furnish(context: Context, name: str, template: Template, fields: WorkspaceFields) -> None:
    """Everything a new workspace has, in one commit, so that nobody sees it half done."""
    sid, now = context.workspace, context.clock.now()
    activities = [
        WorkerActivity(
            sid=sids.derive(sids.ACTIVITY, sid, title), name=title, available=available, created=now, updated=now
        )
        for title, available in _ACTIVITIES.items()
    ]
    channels = [
        TaskChannel(
            sid=sids.derive(sids.CHANNEL, sid, title), name=_title(title), unique_name=title, created=now,
            updated=now,
        )
        for title in DEFAULT_CHANNELS
    ]  # fmt: skip
    routes = _first_come_first_served(sid, now) if template is Template.FIFO else []
    workspace = replace(
        Workspace(sid=sid, default_activity=activities[0].sid, timeout_activity=activities[0].sid, created=now),
        **_changes(replace(fields, name=name)), revision=1, updated=now,
    )  # fmt: skip
    made: list[Definition] = [workspace, *activities, *channels, *routes]
    events = tuple(told(EventType.DEFINED, each, now) for each in made)
    change = Change(tuple(Write(None, each) for each in made), events)
    settle(context.store, lambda: (change, None))


def _title(channel: str) -> str:
    return "SMS" if channel == "sms" else channel.capitalize()


def _first_come_first_served(workspace: str, now: int) -> list[TaskQueue | Workflow]:
    queue = TaskQueue(
        sid=sids.derive(sids.QUEUE, workspace, "Sample Queue"), name="Sample Queue", created=now, updated=now
    )
    title = "Default Fifo Workflow"
    configuration = json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": queue.sid}}})
    workflow = Workflow(
        sid=sids.derive(sids.WORKFLOW, workspace, title), name=title, configuration=configuration, created=now,
        updated=now,
    )  # fmt: skip
    return [queue, workflow]


def _said(rules: Rules, fields: WorkspaceFields) -> Workspace | Refusal:
    old = rules.workspace
    events_only = replace(
        WorkspaceFields(), event_callback_url=fields.event_callback_url, events_filter=fields.events_filter
    )
    if old.from_file and fields != events_only:
        message = "This workspace comes from the owner's file; only EventCallbackUrl and EventsFilter can be set here"
        return Refusal(Why.FROM_FILE, message)
    if old.multi_task and fields.multi_task is False:
        message = "A multi-tasking workspace cannot go back to one task at a time"
        return Refusal(Why.INVALID, message, "MultiTaskEnabled")
    for field, sid in (
        ("DefaultActivitySid", fields.default_activity),
        ("TimeoutActivitySid", fields.timeout_activity),
    ):
        if sid is not None and activity_of(rules, sid) is None:
            return Refusal(Why.INVALID, f"{field}: there is no activity {sid}", field)
    return replace(old, **_changes(fields))


def _changes(fields: WorkspaceFields) -> dict[str, Any]:
    return said({
        "name": fields.name, "event_callback_url": fields.event_callback_url, "events_filter": fields.events_filter,
        "multi_task": fields.multi_task, "lifo_first": fields.lifo_first, "default_activity": fields.default_activity,
        "timeout_activity": fields.timeout_activity,
    })  # fmt: skip
