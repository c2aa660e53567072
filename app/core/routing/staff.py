"""What routing sees of a worker under the present rules: the queues they serve, and what rules can read of them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from app.core.entities import ChannelCapacity, Worker
from app.core.expressions import parse
from app.core.routing import sids
from app.core.routing.definitions import Rules, TaskQueue
from app.core.routing.lanes import PERSON, Profile
from app.core.routing.order_by import parse_order
from app.core.routing.residual import worker_paths
from app.core.routing.workflow_json import read_routing


def described(worker: Worker, rules: Rules) -> Worker:
    """The worker with the queues they serve, the facts rules read of them, and the profile both make."""
    queues = queues_of(worker.attributes, rules)
    facts = facts_of(worker, rules)
    return replace(equipped(worker, rules), queues=queues, facts=facts, profile=Profile(queues, facts).sid())


def equipped(worker: Worker, rules: Rules) -> Worker:
    """A worker whom the API made takes one task of every channel until told otherwise; the file's agents take calls."""
    if not sids.is_sid(worker.sid):
        return worker
    first = {channel.unique_name: ChannelCapacity() for channel in rules.channels.values()}
    return replace(worker, channels={**first, **worker.channels}, multi_task=rules.workspace.multi_task)


def queues_of(attributes: Mapping[str, object], rules: Rules) -> tuple[str, ...]:
    """The queues whose rule lets a worker with these attributes serve; a person's own line is no such queue."""
    return tuple(sid for sid, queue in rules.queues.items() if may_serve(attributes, queue))


def may_serve(attributes: Mapping[str, object], queue: TaskQueue) -> bool:
    """Whether a queue's rule lets a worker with these attributes serve it by itself."""
    rule = queue.target_workers
    return bool(rule) and not queue.sid.startswith(PERSON) and parse(rule).holds(attributes)


def facts_of(worker: Worker, rules: Rules) -> Mapping[str, object]:
    """The values at the paths that the targets of some workflow read of a worker, as far as they have them."""
    if not rules.paths:
        return {}
    activity = rules.activities.get(worker.activity)
    names = rules.workspace.sid
    known: dict[str, object] = {
        **worker.attributes,
        "sid": sids.public(sids.WORKER, names, worker.sid),
        "friendly_name": worker.name or worker.sid,
        "activity_sid": sids.public(sids.ACTIVITY, names, worker.activity),
        "activity_name": activity.name if activity else worker.activity,
    }
    roots = {path.partition(".")[0].partition("[")[0] for path in rules.paths}
    return {root: known[root] for root in sorted(roots) if root in known}


def paths_read(rules: Rules) -> frozenset[str]:
    """Every worker attribute that a target of these workflows asks for or orders by, or once did."""
    found = (paths_asked(workflow.configuration).union(workflow.reads) for workflow in rules.workflows.values())
    return frozenset().union(*found)


@lru_cache(maxsize=8192)
def paths_asked(configuration: str) -> frozenset[str]:
    """Every worker attribute that a target of this configuration asks for or orders by."""
    targets = [target for item in read_routing(configuration).filters for target in item.targets]
    asked = [worker_paths(target.expression) for target in targets if target.expression]
    clauses = [clause for target in targets if target.order_by for clause in parse_order(target.order_by)]
    return frozenset().union(*asked, (str(clause.path).removeprefix("worker.") for clause in clauses))
