"""One task going through one workflow, filter by filter and target by target, noting what it tried."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from app.core.expression_tree import Read, Values, reader
from app.core.expressions import parse
from app.core.routing.definitions import Filter, Routing, RoutingTarget
from app.core.routing.known_worker import read_known
from app.core.routing.places import DEFAULT_FILTER, NOBODY, Crowd, Exit, Left, Outcome, Placement, Tried
from app.core.routing.residual import residual

CrowdOf = Callable[[RoutingTarget, str, str], Crowd]
"""Counts the workers of a target's queue: given the target, and its demand and known worker as this task has them."""

Step = tuple[int, int, RoutingTarget]
"""A target with the numbers of its filter and itself."""

DEFAULT_NAME = "default filter"
WORKERS = "workers."
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def time_of_day(now: int) -> Mapping[str, object]:
    """What rules read under `taskrouter.`: the time and the day in UTC."""
    at = datetime.fromtimestamp(now // 1000, UTC)
    return {
        "currentTime": at.hour * 100 + at.minute,
        "currentHour": at.hour,
        "currentMin": at.minute,
        "dayOfWeek": _DAYS[at.weekday()],
    }


class Walk:
    """The way of one task at one instant; what it tries is added to `trace` in order."""

    def __init__(
        self,
        attributes: Values,
        routing: Routing,
        created: int,
        now: int,
        crowd: CrowdOf,
        *,
        never_timed_out: bool = False,
    ) -> None:
        self.trace: list[Tried] = []
        self._attributes = attributes
        self._routing = routing
        self._created = created
        self._now = now
        self._crowd = crowd
        self._never_timed_out = never_timed_out
        self._clock = time_of_day(now)
        # Filters read a task's attributes bare or under `task.`; of an attribute called `task`, the bare one wins.
        self._scope = {"task": attributes, **attributes, "taskrouter": self._clock}
        self._ends = created
        self._priority: int | None = None
        self._barred = False
        self._exit = Exit.NO_MATCH

    def through(self, steps: Iterator[Step]) -> Placement | Left:
        """The first of these targets in which the task waits, else the default filter, else the way out."""
        for step in steps:
            place = self._try(step)
            if place is not None:
                return place
        default = None if self._barred else self._routing.default
        if default is None:
            return Left(self._exit)
        return self._try((DEFAULT_FILTER, 0, replace(default, timeout=None))) or Left(self._exit)

    def matching(self, first: int) -> Iterator[Step]:
        """The targets of every filter from the given one on that is for this task."""
        for index, each in enumerate(self._routing.filters[first:], first):
            if self._matches(index, each):
                yield from _targets(index, each, 0)

    def ahead(self, index: int, number: int) -> Iterator[Step]:
        """What follows a target: the rest of its filter, then the filters below that are for this task."""
        if index != DEFAULT_FILTER:
            yield from _targets(index, self._routing.filters[index], number + 1)
            yield from self.matching(index + 1)

    def leave(self, index: int, number: int, target: RoutingTarget, ends: int) -> None:
        """The task's time in the target is over; the next one's begins at `ends`."""
        self._note((index, number, target), Outcome.TIMED_OUT, "", {}, min(ends, self._now))
        self._ends = ends
        self._exit = Exit.TIMEOUT
        self._barred = not self._never_timed_out
        self._priority = self._priority if target.priority is None else target.priority

    def _matches(self, index: int, each: Filter) -> bool:
        matches = parse(each.expression).holds(self._scope)
        tried = Tried(
            filter=index,
            filter_name=each.name,
            outcome=Outcome.MATCHED if matches else Outcome.NOT_MATCHED,
            expression=each.expression,
            values=_read(each.expression, self._scope),
        )
        self.trace.append(tried)
        return matches

    def _try(self, step: Step) -> Placement | None:
        """The task's place in this target, None if it passes it by."""
        index, number, target = step
        ends = self._ends + target.timeout * 1000 if target.timeout else 0
        if target.timeout and ends <= self._now:
            self.leave(index, number, target, ends)
            return None
        demand, known, values = self._asked(target)
        if target.skip_if:
            crowd = self._crowd(target, demand, known)
            counts = {WORKERS + name: crowd.count(name) for name in _counted(target.skip_if)}
            if (demand == NOBODY or not crowd.free) and _holds(target.skip_if, counts):
                self._note(step, Outcome.SKIPPED, target.skip_if, counts, 0)
                self._exit = Exit.SKIPPED
                return None
            values = {**values, **counts}
        outcome = Outcome.WAITS_FOR_NOBODY if demand == NOBODY else Outcome.WAITS
        self._note(step, outcome, target.expression, values, ends)
        return Placement(
            filter=index,
            target=number,
            filter_name=self._name(index),
            queue=target.queue,
            priority=self._priority if target.priority is None else target.priority,
            expression=target.expression,
            demand=demand,
            order_by=target.order_by,
            known=known,
            known_by_name=bool(known) and target.known_by_name,
            moves_on=ends,
        )

    def _asked(self, target: RoutingTarget) -> tuple[str, str, Values]:
        """What the target asks of a worker for this task: a rule, who it must be, and what was read to know it.

        Without a value for its known worker a target is for nobody, as TaskRouter has it.
        """
        rule: str | None = ""
        values: dict[str, object] = {}
        scope = {"task": self._attributes, "taskrouter": self._clock}
        if target.expression:
            rule = residual(target.expression, self._attributes, {"taskrouter": self._clock})
            values |= _read(target.expression, scope)
        known = ""
        if target.known_worker:
            reference = read_known(target.known_worker)
            known = reference.of(self._attributes)
            values[target.known_worker] = reader(reference.operand)(scope)
            rule = rule if known else None
        return (NOBODY if rule is None else rule), known, values

    def _note(self, step: Step, outcome: Outcome, expression: str, values: Values, ends: int) -> None:
        index, number, target = step
        tried = Tried(
            filter=index,
            filter_name=self._name(index),
            target=number,
            queue=target.queue,
            outcome=outcome,
            expression=expression,
            values=values,
            until=(ends - self._created) / 1000 if ends else None,
        )
        self.trace.append(tried)

    def _name(self, index: int) -> str:
        return DEFAULT_NAME if index == DEFAULT_FILTER else self._routing.filters[index].name


def _targets(index: int, each: Filter, first: int) -> Iterator[Step]:
    for number, target in enumerate(each.targets[first:], first):
        yield index, number, target


def _holds(skip_if: str, counts: Mapping[str, int]) -> bool:
    return parse(skip_if).holds({"workers": {name.removeprefix(WORKERS): count for name, count in counts.items()}})


@lru_cache(maxsize=4096)
def _counted(skip_if: str) -> tuple[str, ...]:
    """Which of a queue's workers a skip_if counts: `available`, `unavailable`, or the SID of an activity."""
    paths = sorted(map(str, parse(skip_if).paths()))
    return tuple(path.removeprefix(WORKERS) for path in paths if path.startswith(WORKERS))


@lru_cache(maxsize=4096)
def _reads(text: str) -> tuple[tuple[str, Read], ...]:
    """What a rule looks up of anything but a worker, by the path as written."""
    paths = (path for path in parse(text).paths() if path.parts[0] != "worker")
    return tuple(sorted({str(path): reader(path) for path in paths}.items()))


def _read(text: str, scope: Values) -> dict[str, object]:
    return {name: read(scope) for name, read in _reads(text)}
