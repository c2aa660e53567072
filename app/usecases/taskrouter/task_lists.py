"""Which tasks somebody asks for: by state, place, priority, or a rule over their attributes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.core.entities import Task, TaskState
from app.core.indexes import ENDED_TASKS, LIVE_TASKS
from app.core.routing import owner_rules, sids
from app.core.routing.definitions import Rules
from app.usecases.context import Context
from app.usecases.taskrouter import lookups
from app.usecases.taskrouter.walking import ByAge
from app.usecases.taskrouter.wording import Refusal

Test = Callable[[Task], bool]
_LIVE = frozenset({TaskState.PENDING, TaskState.RESERVED, TaskState.ASSIGNED, TaskState.WRAPPING})


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """What the tasks asked for have in common; empty and None: anything. SIDs are public."""

    priority: int | None = None
    states: frozenset[TaskState] = frozenset()
    workflow_sid: str = ""
    workflow_name: str = ""
    queue_sid: str = ""
    queue_name: str = ""
    rule: str = ""
    routing_target: str = ""


def tasks_by_age(context: Context, wanted: TaskFilter) -> ByAge[Task] | Refusal:
    """The tasks asked for, oldest first."""
    tests = _tests(context.rules.fresh(), wanted)
    if isinstance(tests, Refusal):
        return tests
    states = wanted.states or frozenset(TaskState)
    indexes = ((LIVE_TASKS,) if states & _LIVE else ()) + ((ENDED_TASKS,) if states - _LIVE else ())
    return ByAge(context.store, Task, indexes, lambda task: all(test(task) for test in tests))


def workflow_sid(task: Task) -> str:
    """The inner sid of the workflow a task follows; calls follow that of the owner's file."""
    return owner_rules.WORKFLOW if task.call and not task.workflow else task.workflow


def _tests(rules: Rules, wanted: TaskFilter) -> Sequence[Test] | Refusal:
    tests: list[Test] = []
    if wanted.rule:
        rule = lookups.expression_of(wanted.rule, "EvaluateTaskAttributes")
        if isinstance(rule, Refusal):
            return rule
        tests.append(lambda task: rule.holds({"task": task.attributes, **task.attributes}))
    if wanted.states:
        tests.append(lambda task: task.state in wanted.states)
    if wanted.priority is not None:
        tests.append(lambda task: task.priority == wanted.priority)
    if wanted.routing_target:
        tests.append(lambda task: task.routing_target == wanted.routing_target)
    return [*tests, *_by_place(rules, wanted)]


def _by_place(rules: Rules, wanted: TaskFilter) -> Sequence[Test]:
    names = rules.workspace.sid
    tests: list[Test] = []
    if wanted.queue_sid:
        tests.append(lambda task: sids.public(sids.QUEUE, names, task.queue) == wanted.queue_sid)
    if wanted.queue_name:
        queues = {queue.sid for queue in rules.queues.values() if queue.name == wanted.queue_name}
        tests.append(lambda task: task.queue in queues)
    if wanted.workflow_sid:
        tests.append(lambda task: sids.public(sids.WORKFLOW, names, workflow_sid(task)) == wanted.workflow_sid)
    if wanted.workflow_name:
        flows = {workflow.sid for workflow in rules.workflows.values() if workflow.name == wanted.workflow_name}
        tests.append(lambda task: workflow_sid(task) in flows)
    return tests
