"""The workers a target could reach, counted from indexes: what `skip_if` asks for, and who a known worker is."""

from collections.abc import Iterable

from app.core.entities import Key, Kind, Task, Worker
from app.core.indexes import WORKERS, idle, staff
from app.core.matching import barrier
from app.core.routing import sids
from app.core.routing.definitions import RoutingTarget, Rules
from app.core.routing.lanes import Lane
from app.core.routing.places import Crowd
from app.core.routing.walk import CrowdOf
from app.usecases.context import Context
from app.usecases.names import worker_named

NOBODY = "?"
"""A known worker whom the workspace does not have (no name of anybody): a lane that no worker can serve."""
_PAGE = 1000


def crowd_of(context: Context, task: Task, rules: Rules) -> CrowdOf:
    """Counts the workers of a target for this task, at the moment it is asked."""

    def count(target: RoutingTarget, demand: str, known: str) -> Crowd:
        context.sights.renew(context.store.heads(()))
        profiles = context.sights.profiles_for(Lane(task.channel, target.queue, "", "").name)
        names = [(activity, staff(activity, profile)) for activity in rules.activities for profile in profiles]
        sizes = context.store.size(*(index for _, index in names)) if names else ()
        counts: dict[str, int] = {}
        for (activity, _), size in zip(names, sizes, strict=True):
            counts[activity] = counts.get(activity, 0) + size
        open_to_work = {sid for sid, activity in rules.activities.items() if activity.available}
        return Crowd(
            available=sum(size for sid, size in counts.items() if sid in open_to_work),
            unavailable=sum(size for sid, size in counts.items() if sid not in open_to_work),
            free=_free(context, task, Lane(task.channel, target.queue, "", demand), _known(context, known, rules)),
            activities={sids.public(sids.ACTIVITY, rules.workspace.sid, sid): size for sid, size in counts.items()},
        )

    return count


def _known(context: Context, known: str, rules: Rules) -> str:
    if not known or sids.is_sid(known):
        return next((name for name, public in rules.people.items() if public == known), known)
    return known_worker(context, known, rules)


def _free(context: Context, task: Task, lane: Lane, known: str) -> bool:
    """Whether somebody could be reserved for the task now."""
    now = context.clock.now()
    if known:
        worker = context.store.get(Worker, known)
        return worker is not None and not barrier(task, worker, now)
    indexes = [idle(lane.channel, profile) for profile in context.sights.profiles_for(lane.name)]
    heads = context.store.heads((), indexes) if indexes else None
    found = (worker for workers in heads.workers.values() for worker in workers) if heads else ()
    return any(not barrier(task, worker, now) for worker in found)


def known_worker(context: Context, name: str, rules: Rules) -> str:
    """The worker of this friendly name, whatever its case; `NOBODY` if there is none."""
    worker = worker_named(context, rules, name)
    return worker.sid if worker else NOBODY


def everybody(context: Context) -> Iterable[Worker]:
    """Every worker of the workspace, oldest first."""
    start = 0
    while members := context.store.members(WORKERS, start=start, count=_PAGE):
        read = context.store.read(*(Key(Kind.WORKER, sid) for sid in members))
        yield from (worker for worker in read if isinstance(worker, Worker))
        start += len(members)
