"""Explains a task with the live functions: the way it took, who can have it, and what would connect it now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.core.config import Escalation
from app.core.entities import Task, Worker
from app.core.expressions import parse
from app.core.matching import Candidates, barrier
from app.core.remedies import Prospect, ahead_of, prospect
from app.core.routing.definitions import Rules, TaskQueue
from app.core.routing.lanes import Lane, Profile, lane_of, meets, read_lane, serves
from app.core.routing.places import Tried
from app.core.routing.routes import reenter
from app.core.routing.workflow_json import read_routing
from app.core.tasks import is_waiting
from app.core.workflow import steps
from app.usecases.context import Context
from app.usecases.crowds import crowd_of, everybody
from app.usecases.terms import today

HEAD = 200


@dataclass(frozen=True, slots=True)
class Looked:
    """One worker and why this task cannot be offered to them now; "" if it can."""

    worker: str
    why: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a task waits: how many of its lane are ahead, everybody who was looked at, and the smallest change."""

    ahead: int
    looked: tuple[Looked, ...]
    prospect: Prospect


@dataclass(frozen=True, slots=True)
class Explanation:
    """A task as the rules see it now: what was tried on its way, what comes next, and why it waits if it does."""

    task: Task
    tried: tuple[Tried, ...] = ()
    ahead: tuple[Escalation, ...] = ()
    waiting: Waiting | None = None


def explain(context: Context, sid: str) -> Explanation | None:
    """What can be said of a live task; None if the store has none of this sid."""
    task = context.store.get(Task, sid)
    if task is None:
        return None
    rules = context.rules.fresh()
    tried = _tried(context, task, rules) if is_waiting(task) else ()
    ahead = steps(task, context.configs.get(task.config))[task.step :] if task.call and is_waiting(task) else ()
    return Explanation(task, tried, ahead, why_waiting(context, task, rules) if is_waiting(task) else None)


def _tried(context: Context, task: Task, rules: Rules) -> tuple[Tried, ...]:
    workflow = rules.workflows.get(task.workflow)
    if workflow is None:
        return ()
    routing, now = read_routing(workflow.configuration), context.clock.now()
    return reenter(task, routing, now=now, crowd=crowd_of(context, task, rules)).trace


def why_waiting(context: Context, task: Task, rules: Rules) -> Waiting:
    """Everybody who could have the task or not, with the reason, and what would connect it now."""
    now, lane, team = context.clock.now(), lane_of(task), tuple(everybody(context))
    lanes = _lanes(context, lane, team, rules)
    serving = [worker for worker in team if _serves(worker, lane)]
    looked = tuple(Looked(worker.sid, _why_not(task, worker, lane, rules, now)) for worker in team)
    return Waiting(ahead_of(task, lanes), looked, prospect(task, lanes, serving, now))


def _lanes(context: Context, own: Lane, team: Sequence[Worker], rules: Rules) -> Mapping[str, Candidates]:
    """Every lane that those who serve this one serve too, with its first tasks and whoever may have them."""
    context.sights.renew(context.store.heads(()))
    able = [worker for worker in team if _serves(worker, own)]
    names = sorted({own.name, *(name for worker in able for name in context.sights.lanes_for(worker))})
    heads = context.store.heads(names, limit=HEAD)
    optimized = {channel.unique_name for channel in rules.channels.values() if channel.optimized}
    midnight = today(context)
    return {
        name: Candidates(
            heads.tasks.get(name, ()),
            tuple(worker for worker in team if _serves(worker, read_lane(name))),
            rules.queues.get(read_lane(name).queue, TaskQueue(sid="")),
            read_lane(name).channel in optimized,
            midnight,
        )
        for name in names
    }


def _serves(worker: Worker, lane: Lane) -> bool:
    return worker.sid == lane.known or serves(Profile(worker.queues, worker.facts), lane)


def _why_not(task: Task, worker: Worker, lane: Lane, rules: Rules, now: int) -> str:
    if _serves(worker, lane):
        return barrier(task, worker, now)
    if lane.known:
        return f"the task is for {lane.known} alone"
    queue = rules.queues.get(lane.queue)
    if lane.queue not in worker.queues:
        rule = queue.target_workers if queue else ""
        return f"does not serve {queue.name if queue else lane.queue}: {because(rule, worker.attributes)}"
    if not meets(lane.demand, worker.facts):
        return because(lane.demand, {"worker": worker.facts})
    return ""


def because(rule: str, attributes: Mapping[str, object]) -> str:
    """A rule that is false of somebody, with the values that make it so."""
    if not rule:
        return "nobody may"
    read = ", ".join(f"{name} was {_shown(name, attributes)}" for name in sorted(parse(rule, bounded=False).names()))
    return f"{rule} is false" + (f" ({read})" if read else "")


def _shown(path: str, attributes: Mapping[str, object]) -> str:
    found: object = attributes
    for part in _parts(path):
        found = found.get(part) if isinstance(found, Mapping) else None
    return "NULL" if found is None else repr(list(found)) if isinstance(found, list | tuple) else repr(found)


def _parts(path: str) -> Iterator[str]:
    yield from path.partition("[")[0].split(".")
