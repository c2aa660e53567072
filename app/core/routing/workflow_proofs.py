"""Proofs about the ways through a workflow: filters and targets that no task reaches, and ways that end in nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.expression_tree import AllOf, Comparison, Node, Path
from app.core.expressions import parse
from app.core.routing.definitions import TASK_SECONDS, Filter, Routing, RoutingTarget, Workflow
from app.core.routing.proof import About, Ground, Proof, Where, of_rule, rule_findings
from app.core.routing.queue_proofs import is_possible
from app.core.routing.satisfiable import satisfiable
from app.core.routing.target_proofs import target_proofs
from app.core.routing.walk import DEFAULT_NAME
from app.core.routing.witnesses import covers
from app.core.routing.workflow_document import WorkflowError
from app.core.routing.workflow_json import read_routing

CANCELED = "canceled while the caller goes on hearing music"
_EVERYTHING = "1 == 1"


@dataclass(frozen=True, slots=True)
class _Way:
    """A filter as tasks go through it: its rule without `task.`, and how they can leave it."""

    filter: Filter
    title: str
    rule: str

    @property
    def keeper(self) -> int | None:
        """The first target that keeps its tasks for as long as they live; None: every one can be left."""
        places = (place for place, each in enumerate(self.filter.targets) if not _can_be_left(each))
        return next(places, None)

    @property
    def times_out(self) -> bool:
        """Whether a task can leave by the time of a target."""
        return self.keeper is None and any(target.timeout for target in self.filter.targets)

    @property
    def skips(self) -> bool:
        """Whether a task can leave without having waited anywhere."""
        return self.keeper is None and all(map(_can_be_skipped, self.filter.targets))


def workflow_proofs(ground: Ground, workflow: Workflow) -> Iterator[Proof]:
    """Everything that is proven about one workflow."""
    name = workflow.name or workflow.sid
    try:
        routing = read_routing(workflow.configuration)
    except WorkflowError as error:
        yield Proof(
            about=About.RULE, where=Where(workflow=name, field=error.path), message=error.message, hint=error.hint,
            severity="error", column=error.column or 0,
        )  # fmt: skip
        return
    ways = [_Way(each, _title(each, place), _bare(each.expression)) for place, each in enumerate(routing.filters)]
    for way in ways:
        yield from _filter(ground, name, way)
    if routing.default:
        yield from _default(ground, name, routing.default, ways)
    yield from _unreachable(name, ways)
    yield from _dead_ends(ground, name, routing, ways)


def _title(each: Filter, place: int) -> str:
    return f"filter {each.name!r}" if each.name else f"filter {place + 1}"


def _filter(ground: Ground, workflow: str, way: _Way) -> Iterator[Proof]:
    place = Where(workflow=workflow, filter=way.title, field="expression")
    yield from of_rule(rule_findings(way.filter.expression, ground.filter_scope, ground.filter_scope), place)
    yield from _foreign(way, place)
    age = 0
    for number, target in enumerate(way.filter.targets):
        yield from target_proofs(ground, target, _where(ground, workflow, way, number))
        if age < TASK_SECONDS <= age + (target.timeout or 0) and number + 1 < len(way.filter.targets):
            hint = "give tasks a longer Timeout (at most 14 days), or the targets shorter ones"
            message = "tasks that say no Timeout of their own end after 24 h, and never get past this target"
            yield Proof(
                about=About.UNREACHABLE, where=_where(ground, workflow, way, number), message=message, hint=hint,
                severity="warning",
            )  # fmt: skip
        age += target.timeout or 0


def _foreign(way: _Way, place: Where) -> Iterator[Proof]:
    """A filter decides before there is a worker."""
    names = {path.parts[0] for path in parse(way.filter.expression).paths() if len(path.parts) > 1}
    for name in sorted(names & {"worker", "workers"}, key=str):
        message = f"a filter reads the task alone: {name}.… is an attribute of the task here, and most likely NULL"
        yield Proof(
            about=About.RULE, where=place, message=message, hint="ask it in the target's expression", severity="warning"
        )


def _default(ground: Ground, workflow: str, target: RoutingTarget, ways: Sequence[_Way]) -> Iterator[Proof]:
    where = Where(workflow=workflow, filter=DEFAULT_NAME, queue=ground.queue_name(target.queue))
    yield from target_proofs(ground, target, where)
    if _can_be_skipped(target):
        way = f"{DEFAULT_NAME} (queue {where.queue}, skipped if {target.skip_if}) -> {CANCELED}"
        hint = "take out its skip_if: nothing follows"
        yield _dead_end(where, "a task that is skipped here is canceled", hint, way)
    keeping = [way.rule for way in ways if not way.skips]
    if covers(_EVERYTHING, keeping):
        yield Proof(
            about=About.UNREACHABLE, where=where, message="never reached: the filters take every task, and keep it",
            hint="it catches only what no filter matches, or what is skipped out of all", severity="warning",
        )  # fmt: skip


def _unreachable(workflow: str, ways: Sequence[_Way]) -> Iterator[Proof]:
    for place, way in enumerate(ways):
        keepers = [other for other in ways[:place] if other.keeper is not None]
        covering = covers(way.rule, [other.rule for other in keepers])
        if covering:
            names = ", ".join(keepers[number].title for number in covering)
            takes = "takes" if len(covering) == 1 else "together take"
            message = f"never reached: {names} {takes} every task that it is for, and never lets one go on"
            where = Where(workflow=workflow, filter=way.title)
            hint = "move it up, or give the targets of the other a timeout"
            yield Proof(about=About.UNREACHABLE, where=where, message=message, hint=hint, severity="error")
        keeper, targets = way.keeper, len(way.filter.targets)
        if keeper is not None and keeper + 1 < targets:
            where = Where(workflow=workflow, filter=way.title, target=keeper + 2)
            message = f"never reached: target {keeper + 1} has no timeout, and keeps its tasks"
            yield Proof(
                about=About.UNREACHABLE, where=where, message=message, hint=f"give target {keeper + 1} a timeout",
                severity="error",
            )  # fmt: skip


def _dead_ends(ground: Ground, workflow: str, routing: Routing, ways: Sequence[_Way]) -> Iterator[Proof]:
    if routing.default is None and not covers(_EVERYTHING, [way.rule for way in ways]):
        way = f"a task that no filter matches -> {CANCELED}"
        hint = "add a default_filter"
        yield _dead_end(Where(workflow=workflow), "there is no default_filter", hint, way)
    for place, each in enumerate(ways):
        yield from _kept_for_nobody(ground, workflow, each)
        caught = each.keeper is not None or not satisfiable(each.rule)
        if caught or covers(each.rule, [other.rule for other in ways[place + 1 :]]):
            continue
        where = Where(workflow=workflow, filter=each.title, target=len(each.filter.targets))
        before = "" if each.times_out else _timed_out_before(ground, ways, place)
        if each.times_out or before:
            hint = "take out the timeout of the last target, or add a filter below that catches what times out"
            message = "a task whose time runs out here is canceled; a default_filter does not catch it"
            yield _dead_end(where, message, hint, f"{before}{_story(ground, each)} -> {CANCELED}")
        elif each.skips and routing.default is None:
            hint = "take out the skip_if of the last target, or add a default_filter"
            message = "a task that is skipped out of every target is canceled"
            yield _dead_end(where, message, hint, f"{_story(ground, each)} -> {CANCELED}")


def _kept_for_nobody(ground: Ground, workflow: str, way: _Way) -> Iterator[Proof]:
    """A target that keeps its tasks while nobody can take them."""
    number = way.keeper
    queue = ground.rules.queues.get(way.filter.targets[number].queue) if number is not None else None
    if number is None or queue is None:
        return
    possible = is_possible(queue)
    if possible and (not ground.workers or ground.is_served(queue)):
        return
    story = f"{_story(ground, way, number + 1)} -> waits until the task itself ends -> {CANCELED}"
    message = "nobody can " + ("" if not possible else "at present ") + "serve the queue in which tasks wait to the end"
    hint = "let somebody serve it, or give the target a timeout and one after it"
    yield Proof(
        about=About.DEAD_END, where=_where(ground, workflow, way, number), message=message, hint=hint,
        severity="warning" if possible else "error", way=story,
    )  # fmt: skip


def _timed_out_before(ground: Ground, ways: Sequence[_Way], place: int) -> str:
    """The filter above by whose timeout a task can come to this one, which the default then does not catch."""
    here = ways[place]
    for other in ways[:place]:
        both = AllOf((parse(other.rule).tree, parse(here.rule).tree))
        if here.skips and other.times_out and satisfiable(both):
            return f"{_story(ground, other)} -> "
    return ""


def _dead_end(where: Where, message: str, hint: str, way: str) -> Proof:
    return Proof(about=About.DEAD_END, where=where, message=message, hint=hint, severity="error", way=way)


def _story(ground: Ground, way: _Way, count: int | None = None) -> str:
    """A filter and its targets as a person reads them: filter 'vip' -> target 1 (queue Sales, 30 s)."""
    return " -> ".join([way.title, *(_told(ground, n, each) for n, each in enumerate(way.filter.targets[:count], 1))])


def _told(ground: Ground, number: int, target: RoutingTarget) -> str:
    parts = [f"queue {ground.queue_name(target.queue)}"]
    parts += [f"{target.timeout} s"] if target.timeout else []
    parts += [f"skipped if {target.skip_if}"] if target.skip_if else []
    return f"target {number} ({', '.join(parts)})"


def _where(ground: Ground, workflow: str, way: _Way, number: int) -> Where:
    queue = ground.queue_name(way.filter.targets[number].queue)
    return Where(workflow=workflow, filter=way.title, target=number + 1, queue=queue)


def _can_be_skipped(target: RoutingTarget) -> bool:
    return bool(target.skip_if) and satisfiable(target.skip_if)


def _can_be_left(target: RoutingTarget) -> bool:
    return bool(target.timeout) or _can_be_skipped(target)


def _bare(rule: str) -> str:
    """A filter's rule with `task.lang` written as `lang`, which is the same unless an attribute is called `task`."""
    tree = parse(rule).tree
    return str(_stripped(tree)) if any(path.parts[0] == "task" for path in parse(rule).paths()) else rule


def _stripped(node: Node) -> Node:
    if isinstance(node, Comparison):
        left, right = (
            Path(side.parts[1:]) if isinstance(side, Path) and side.parts[0] == "task" and len(side.parts) > 1 else side
            for side in (node.left, node.right)
        )
        return Comparison(left, node.operator, right)
    return type(node)(tuple(map(_stripped, node.parts)))
