"""Proofs about who serves a queue, activities that end in nobody working, and attributes that no rule can name."""

from collections import Counter
from collections.abc import Iterator

from app.core.expressions import ExpressionError, parse
from app.core.routing.definitions import TaskQueue
from app.core.routing.proof import About, Ground, Proof, Where, closed, of_rule, rule_findings
from app.core.routing.satisfiable import satisfiable
from app.core.routing.vocabulary import unnameable

_LISTED = 3


def queue_proofs(ground: Ground) -> Iterator[Proof]:
    """Queues that nobody serves or ever can, and rules that cannot be meant."""
    for queue in ground.rules.queues.values():
        if not queue.from_file:
            yield from _queue(ground, queue)


def activity_proofs(ground: Ground) -> Iterator[Proof]:
    """Activities without which nobody is ever offered work, and one into which workers are put and left."""
    activities = ground.rules.activities
    if activities and not any(activity.available for activity in activities.values()):
        yield Proof(
            about=About.ACTIVITY, where=Where(field="activities"), severity="error",
            message="no activity is available, so no worker is ever offered a task",
            hint="create one that is available; an activity cannot be changed into one",
        )  # fmt: skip
    parked = activities.get(ground.rules.workspace.timeout_activity)
    if parked and not parked.available and not parked.from_file:
        yield Proof(
            about=About.ACTIVITY, where=Where(field="timeout_activity"), severity="warning",
            message=f"whoever lets one offer time out goes into {parked.name!r} and stays there: when many miss "
            "offers at once, those left miss more, until nobody is left",
            hint="choose an activity that is available, or set workers back on reservation.timeout",
        )  # fmt: skip


def attribute_proofs(ground: Ground) -> Iterator[Proof]:
    """Attributes of workers and tasks whose names cannot be written in a rule, such as those with hyphens."""
    workers = Counter(name for worker in ground.workers for name in unnameable(worker.attributes))
    tasks = Counter(name for task in ground.tasks for name in unnameable(task))
    for kind, found in (("worker", workers), ("task", tasks)):
        for name, count in sorted(found.items()):
            who = f"{count} {kind}{'s' if count > 1 else ''}"
            yield Proof(
                about=About.ATTRIBUTE, where=Where(field=f"attributes of {who}"), severity="warning",
                message=f"no rule can read the attribute {name!r}",
                hint="names are letters, digits and _, and begin with a letter",
            )  # fmt: skip


def is_possible(queue: TaskQueue) -> bool:
    """Whether there could be a worker who may serve a queue; False is proven."""
    if not queue.target_workers.strip():
        return False
    try:
        return satisfiable(queue.target_workers)
    except ExpressionError:
        return False


def _queue(ground: Ground, queue: TaskQueue) -> Iterator[Proof]:
    where = Where(queue=queue.name or queue.sid, field="target_workers")
    if not queue.target_workers.strip():
        hint = "write 1==1 if everybody is meant"
        yield Proof(
            about=About.NOBODY, where=where, message="an empty rule: nobody can ever serve this queue", hint=hint,
            severity="error",
        )  # fmt: skip
        return
    known = closed(ground.staff) if ground.workers else ground.staff
    found = of_rule(rule_findings(queue.target_workers, ground.staff, known), where)
    yield from found
    if _is_readable(queue):
        yield from _nobody(ground, queue, where, why=[proof.message for proof in found])


def _nobody(ground: Ground, queue: TaskQueue, where: Where, why: list[str]) -> Iterator[Proof]:
    if not is_possible(queue):
        yield Proof(
            about=About.NOBODY, where=where, message="no worker can ever serve this queue, whatever their attributes",
            hint="; ".join(why[:_LISTED]) or "nothing satisfies all of its rule at once", severity="error",
        )  # fmt: skip
    elif ground.workers and not ground.is_served(queue):
        yield Proof(
            about=About.NOBODY, where=where, message=f"none of the {len(ground.workers)} workers can serve this queue",
            hint="; ".join(why[:_LISTED]) or "give a worker the attributes that its rule asks for", severity="warning",
        )  # fmt: skip


def _is_readable(queue: TaskQueue) -> bool:
    try:
        parse(queue.target_workers)
    except ExpressionError:
        return False
    return True
