"""Activities of a workspace: what its workers can be doing."""

from dataclasses import replace

from app.core.indexes import staff
from app.core.routing import sids
from app.core.routing.definitions import Rules, WorkerActivity
from app.usecases.context import Context
from app.usecases.taskrouter import definitions
from app.usecases.taskrouter.definitions import Sort, name_taken
from app.usecases.taskrouter.wording import Refusal

ACTIVITIES: Sort[WorkerActivity] = Sort(sids.ACTIVITY, "Activity", 100, lambda rules: rules.activities)


def create_activity(context: Context, name: str, available: bool) -> WorkerActivity | Refusal:
    """A new activity; whether work is offered in it is said once and for all."""

    def make(rules: Rules, sid: str, now: int) -> WorkerActivity | Refusal:
        refusal = name_taken(rules.activities, ACTIVITIES.noun, name)
        return refusal or WorkerActivity(sid=sid, name=name, available=available, created=now, updated=now)

    return definitions.create(context, ACTIVITIES, name, make)


def rename_activity(context: Context, sid: str, name: str | None) -> WorkerActivity | Refusal:
    """The activity under its new name."""

    def amend(rules: Rules, activity: WorkerActivity) -> WorkerActivity | Refusal:
        if name is None:
            return activity
        return name_taken(rules.activities, ACTIVITIES.noun, name, activity.sid) or replace(activity, name=name)

    return definitions.update(context, ACTIVITIES, sid, amend)


def delete_activity(context: Context, sid: str) -> WorkerActivity | Refusal:
    """Removes an activity that nobody is in and nothing puts workers into."""
    return definitions.delete(context, ACTIVITIES, sid, lambda rules, activity: _use(context, rules, activity))


def _use(context: Context, rules: Rules, activity: WorkerActivity) -> str:
    workspace = rules.workspace
    if activity.sid in (workspace.default_activity, workspace.timeout_activity):
        return f"Activity {activity.name} is the workspace's default or timeout activity"
    for queue in rules.queues.values():
        if activity.sid in (queue.reservation_activity, queue.assignment_activity):
            return f"Activity {activity.name} is used by TaskQueue {queue.name}"
    profiles = context.store.directory().profiles
    there = sum(context.store.size(*(staff(activity.sid, profile) for profile in profiles))) if profiles else 0
    return f"{there} workers are in activity {activity.name}" if there else ""
