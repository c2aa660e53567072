"""What SIDs and names from outside mean inside a workspace, where the owner's file has its own names for things."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from app.core.routing import sids
from app.core.routing.definitions import Rules, TaskChannel, TaskQueue, WorkerActivity, Workflow

D = TypeVar("D", WorkerActivity, TaskChannel, TaskQueue, Workflow)


def activity_of(rules: Rules, sid: str) -> WorkerActivity | None:
    """The activity of this public SID."""
    return known_as(rules, rules.activities, sids.ACTIVITY, sid)


def channel_of(rules: Rules, sid_or_name: str) -> TaskChannel | None:
    """The task channel of this public SID or unique name."""
    by_sid = known_as(rules, rules.channels, sids.CHANNEL, sid_or_name)
    return by_sid or _first(channel for channel in rules.channels.values() if channel.unique_name == sid_or_name)


def queue_of(rules: Rules, sid: str) -> TaskQueue | None:
    """The task queue of this public SID."""
    return known_as(rules, rules.queues, sids.QUEUE, sid)


def workflow_of(rules: Rules, sid: str) -> Workflow | None:
    """The workflow of this public SID."""
    return known_as(rules, rules.workflows, sids.WORKFLOW, sid)


def known_as(rules: Rules, items: Mapping[str, D], prefix: str, sid: str) -> D | None:
    """The one of these that the API knows by this SID: what it made itself, or what the owner's file names."""
    if not sid.startswith(prefix) or not sids.is_sid(sid):
        return None
    if sid in items:
        return items[sid]
    named = (item for item in items.values() if not sids.is_sid(item.sid))
    return _first(item for item in named if sids.public(prefix, rules.workspace.sid, item.sid) == sid)


def _first(items: Iterable[D]) -> D | None:
    return next(iter(items), None)
