"""Which workers somebody asks for: by name, activity, availability, a rule, or the queue they can serve."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.core.entities import Worker
from app.core.indexes import WORKERS
from app.core.routing import sids
from app.core.routing.definitions import Rules
from app.core.routing.staff import may_serve
from app.usecases.context import Context
from app.usecases.names import friendly_name, is_present
from app.usecases.taskrouter import lookups
from app.usecases.taskrouter.walking import ByAge
from app.usecases.taskrouter.wording import Refusal

Test = Callable[[Worker], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFilter:
    """What the workers asked for have in common; empty and None: anything. SIDs are public."""

    activity_name: str = ""
    activity_sid: str = ""
    available: bool | None = None
    name: str = ""
    rule: str = ""
    queue_name: str = ""
    queue_sid: str = ""


def workers_by_age(context: Context, wanted: WorkerFilter) -> ByAge[Worker] | Refusal:
    """The workers asked for, in the order in which they were made."""
    tests = _tests(context.rules.fresh(), wanted)
    if isinstance(tests, Refusal):
        return tests
    return ByAge(context.store, Worker, (WORKERS,), lambda worker: all(test(worker) for test in tests))


def _tests(rules: Rules, wanted: WorkerFilter) -> Sequence[Test] | Refusal:
    tests: list[Test] = [lambda worker: is_present(worker, rules)]
    if wanted.rule:
        rule = lookups.expression_of(wanted.rule, "TargetWorkersExpression")
        if isinstance(rule, Refusal):
            return rule
        tests.append(lambda worker: rule.holds(readable(worker, rules)))
    if wanted.name:
        tests.append(lambda worker: friendly_name(worker).casefold() == wanted.name.casefold())
    if wanted.available is not None:
        tests.append(lambda worker: worker.available is wanted.available)
    return [*tests, *_by_activity(rules, wanted), *_by_queue(rules, wanted)]


def readable(worker: Worker, rules: Rules) -> Mapping[str, object]:
    """What a rule over workers reads: their attributes, and who and where they are."""
    activity = rules.activities.get(worker.activity)
    return {
        **worker.attributes,
        "sid": sids.public(sids.WORKER, rules.workspace.sid, worker.sid),
        "friendly_name": friendly_name(worker),
        "activity_sid": sids.public(sids.ACTIVITY, rules.workspace.sid, worker.activity),
        "activity_name": activity.name if activity else worker.activity,
    }


def _by_activity(rules: Rules, wanted: WorkerFilter) -> Sequence[Test]:
    tests: list[Test] = []
    if wanted.activity_sid:
        tests.append(lambda worker: readable(worker, rules)["activity_sid"] == wanted.activity_sid)
    if wanted.activity_name:
        tests.append(lambda worker: readable(worker, rules)["activity_name"] == wanted.activity_name)
    return tests


def _by_queue(rules: Rules, wanted: WorkerFilter) -> Sequence[Test]:
    if not wanted.queue_sid and not wanted.queue_name:
        return []
    queues = [
        queue
        for queue in rules.queues.values()
        if wanted.queue_name in ("", queue.name)
        and wanted.queue_sid in ("", sids.public(sids.QUEUE, rules.workspace.sid, queue.sid))
    ]
    return [lambda worker: any(may_serve(worker.attributes, queue) for queue in queues)]
