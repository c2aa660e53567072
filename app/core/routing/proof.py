"""What is proven about a workspace's rules, and what proofs start from: its rules, workers and samples of tasks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.core.entities import Worker
from app.core.expression_tree import Values
from app.core.routing import sids
from app.core.routing.definitions import Rules, TaskQueue
from app.core.routing.findings import Finding, Severity
from app.core.routing.staff import may_serve
from app.core.routing.types_check import types_check
from app.core.routing.vocabulary import Vocabulary
from app.core.routing.walk import time_of_day


class About(StrEnum):
    """What kind of thing was proven."""

    DEAD_END = "dead end"
    UNREACHABLE = "unreachable"
    NOBODY = "nobody"
    RULE = "rule"
    ATTRIBUTE = "attribute"
    KNOWN_WORKER = "known worker"
    ORDER = "order"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The place in a workspace, by friendly names; `target` counts from 1, `field` is as TaskRouter writes it."""

    workflow: str = ""
    filter: str = ""
    target: int = 0
    queue: str = ""
    field: str = ""

    def __str__(self) -> str:
        parts = [f"workflow {self.workflow!r}"] if self.workflow else []
        parts += [self.filter] if self.filter else []
        queue = f"queue {self.queue!r}" if self.queue else ""
        parts += [f"target {self.target} ({queue})" if queue else f"target {self.target}"] if self.target else []
        parts += [queue] if queue and not self.target else []
        return ", ".join([*parts, self.field] if self.field else parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One thing that will not do what its author meant.

    An error is certain whatever workers and tasks turn up; a warning holds for those there are. `way`: the way of a
    task on which it shows. `column` counts from 1 within the field's rule, 0: the whole of it.
    """

    about: About
    where: Where
    message: str
    hint: str
    severity: Severity
    way: str = ""
    column: int = 0

    def __str__(self) -> str:
        place = f"{self.where}:{self.column}" if self.column else str(self.where)
        return f"{place}: {self.message}" + (f": {self.way}" if self.way else "") + f" ({self.hint})"


class Ground:
    """What proofs start from. Workers are all there are now; of tasks there may be samples."""

    def __init__(self, rules: Rules, workers: Sequence[Worker], tasks: Sequence[Values] = ()) -> None:
        self.rules = rules
        self.workers = tuple(workers)
        self.tasks = tuple(tasks)
        self._served: dict[str, bool] = {}

    def queue_name(self, sid: str) -> str:
        """What people call a queue; its SID if there is no such queue."""
        queue = self.rules.queues.get(sid)
        return (queue.name or sid) if queue else sid

    def serving(self, queue: TaskQueue) -> Iterator[Worker]:
        """The present workers who may serve a queue, one after the other as they are found."""
        return (worker for worker in self.workers if may_serve(worker.attributes, queue))

    def is_served(self, queue: TaskQueue) -> bool:
        """Whether anybody present may serve a queue."""
        if queue.sid not in self._served:
            self._served[queue.sid] = any(True for _ in self.serving(queue))
        return self._served[queue.sid]

    def readable(self, worker: Worker) -> Values:
        """What a target's rule reads under `worker.` of somebody, but for what changes by the minute."""
        names = self.rules.workspace.sid
        return {
            **worker.attributes,
            "sid": sids.public(sids.WORKER, names, worker.sid),
            "friendly_name": worker.name or worker.sid,
        }

    @cached_property
    def staff(self) -> Vocabulary:
        """The names and kinds of the workers' attributes; open, as others may come with more."""
        return Vocabulary.of(worker.attributes for worker in self.workers)

    @cached_property
    def target_scope(self) -> Vocabulary:
        """What a target's rule can read: the task, the worker with TaskRouter's own names, and the time."""
        return self._targets(self._tasks, self.staff)

    @cached_property
    def seen_scope(self) -> Vocabulary:
        """The same, as if there were no attributes but those of the present workers and of the samples."""
        tasks = closed(self._tasks) if self.tasks else self._tasks
        return self._targets(tasks, closed(self.staff) if self.workers else self.staff)

    def _targets(self, tasks: Vocabulary, staff: Vocabulary) -> Vocabulary:
        channels = [channel.unique_name for channel in self.rules.channels.values()]
        own: Values = {
            "sid": "", "friendly_name": "", "activity_sid": "", "activity_name": "",
            "channel": {name: {"available_capacity_percentage": 0, "assigned_tasks": 0} for name in channels},
        }  # fmt: skip
        workers = staff.joined(Vocabulary.of([own])).under("worker")
        return tasks.under("task").joined(workers).joined(_CLOCK)

    @cached_property
    def filter_scope(self) -> Vocabulary:
        """What a filter's rule can read: the task's attributes, bare or under `task`, and the time."""
        open_top = Vocabulary({**self._tasks.kinds, **self._tasks.under("task").kinds})
        return open_top.joined(Vocabulary(_CLOCK.kinds, _CLOCK.closed - {""}))

    @cached_property
    def skip_scope(self) -> Vocabulary:
        """What a skip_if can read: how many workers of the queue are where."""
        names = self.rules.workspace.sid
        activities = [sids.public(sids.ACTIVITY, names, sid) for sid in self.rules.activities]
        counts = {"available": 0, "unavailable": 0, **dict.fromkeys(activities, 0)}
        return Vocabulary.of([{"workers": counts}], closed=True)

    @cached_property
    def _tasks(self) -> Vocabulary:
        return Vocabulary.of(self.tasks)


_CLOCK = Vocabulary.of([time_of_day(0)], closed=True).under("taskrouter")


def closed(vocabulary: Vocabulary) -> Vocabulary:
    """The same, as if these were all the names there are."""
    return Vocabulary(
        vocabulary.kinds,
        vocabulary.closed | {"", *(path for path, kinds in vocabulary.kinds.items() if "object" in kinds)},
    )


def rule_findings(text: str, vocabulary: Vocabulary, seen: Vocabulary) -> tuple[Finding, ...]:
    """What is wrong with a rule; `seen` adds warnings about names that nothing has, though something might."""
    certain = types_check(text, vocabulary)
    told = {finding.column for finding in certain}
    likely = (finding for finding in types_check(text, seen) if finding.column not in told)
    return (*certain, *(Finding(each.column, each.message, each.hint, "warning") for each in likely))


def of_rule(findings: Sequence[Finding], where: Where) -> list[Proof]:
    """The findings in a rule as proofs at its place."""
    return [
        Proof(
            about=About.RULE, where=where, message=found.message, hint=found.hint, severity=found.severity,
            column=found.column,
        )
        for found in findings
    ]  # fmt: skip
