"""Proofs about one target of a workflow: what it asks of a worker, and of the workers of its queue."""

import json
from collections.abc import Iterable, Iterator

from app.core.entities import Worker
from app.core.expression_tree import AllOf, AnyOf, Comparison, Constant, Node, Operand, Path, Values, reader
from app.core.expressions import ExpressionError, parse
from app.core.routing.definitions import RoutingTarget
from app.core.routing.known_worker import read_known
from app.core.routing.order_by import Clause, parse_order
from app.core.routing.proof import About, Ground, Proof, Where, of_rule, rule_findings
from app.core.routing.residual import WORKER
from app.core.routing.satisfiable import satisfiable
from app.core.routing.simplify import Truth, all_of, any_of, compared
from app.core.routing.vocabulary import key

_LIVE = ("activity_sid", "activity_name", "channel")
"""What changes as a worker works; no proof counts on it."""


def target_proofs(ground: Ground, target: RoutingTarget, where: Where) -> Iterator[Proof]:
    """Everything that one target's own fields will not do."""
    yield from _expression(ground, target, where)
    if target.skip_if:
        yield from of_rule(rule_findings(target.skip_if, ground.skip_scope, ground.skip_scope), _at(where, "skip_if"))
    yield from _order(ground, target, where)
    yield from _known(ground, target, where)


def _at(where: Where, field: str) -> Where:
    return Where(workflow=where.workflow, filter=where.filter, target=where.target, queue=where.queue, field=field)


def _expression(ground: Ground, target: RoutingTarget, where: Where) -> Iterator[Proof]:
    if not target.expression:
        return
    place = _at(where, "expression")
    found = of_rule(rule_findings(target.expression, ground.target_scope, ground.seen_scope), place)
    yield from found
    queue = ground.rules.queues.get(target.queue)
    if queue is None or any(proof.severity == "error" for proof in found):
        return
    rule = parse(target.expression).tree
    both = AllOf((_under_worker(parse(queue.target_workers).tree), rule)) if _reads(queue.target_workers) else None
    if both is not None and not satisfiable(both):
        message = "contradicts the rule of its queue: no worker can ever meet both"
        yield Proof(
            about=About.NOBODY, where=place, message=message, hint=f"its queue asks: {queue.target_workers}",
            severity="error",
        )  # fmt: skip
        return
    if ground.is_served(queue) and not _somebody_could(ground, rule, ground.serving(queue)):
        serving = sum(1 for _ in ground.serving(queue))
        message = f"none of the {serving} workers of its queue can ever meet this, whatever the task"
        hint = "give one of them what it asks for, or let it ask less"
        yield Proof(about=About.NOBODY, where=place, message=message, hint=hint, severity="warning")


def _reads(rule: str) -> bool:
    try:
        parse(rule)
    except ExpressionError:
        return False
    return True


def _under_worker(node: Node) -> Node:
    """A queue's rule as a target would write it."""
    if isinstance(node, Comparison):
        left, right = (
            Path((WORKER, *side.parts)) if isinstance(side, Path) else side for side in (node.left, node.right)
        )
        return Comparison(left, node.operator, right)
    return type(node)(tuple(map(_under_worker, node.parts)))


def _somebody_could(ground: Ground, rule: Node, workers: Iterable[Worker]) -> bool:
    """Whether for one of them there could be a task with which the rule holds; those alike are looked at once."""
    paths = sorted({path for path in _paths(rule) if _is_fixed(path)}, key=str)
    reads = [(path, reader(Path(path.parts[1:]))) for path in paths]
    seen: set[str] = set()
    for worker in workers:
        values = ground.readable(worker)
        known = {path: read(values) for path, read in reads}
        text = json.dumps([known[path] for path in paths], sort_keys=True)
        if text in seen:
            continue
        seen.add(text)
        left = _filled(rule, known)
        if left is True or (not isinstance(left, bool) and satisfiable(left)):
            return True
    return False


def _is_fixed(path: Path) -> bool:
    return path.parts[0] == WORKER and len(path.parts) > 1 and path.parts[1] not in _LIVE


def _paths(node: Node) -> Iterator[Path]:
    if isinstance(node, Comparison):
        yield from (side for side in (node.left, node.right) if isinstance(side, Path))
    else:
        for part in node.parts:
            yield from _paths(part)


def _filled(node: Node, known: dict[Path, object]) -> Truth:
    if isinstance(node, Comparison):
        return compared(_value(node.left, known), node.operator, _value(node.right, known))
    parts = (_filled(part, known) for part in node.parts)
    return any_of(parts) if isinstance(node, AnyOf) else all_of(parts)


def _value(operand: Operand, known: dict[Path, object]) -> Operand:
    return Constant(known[operand]) if isinstance(operand, Path) and operand in known else operand


def _order(ground: Ground, target: RoutingTarget, where: Where) -> Iterator[Proof]:
    if not target.order_by or not ground.workers:
        return
    values = [ground.readable(worker) for worker in ground.workers]
    for clause in parse_order(target.order_by):
        yield from _clause(ground, clause, values, _at(where, "order_by"))


def _clause(ground: Ground, clause: Clause, workers: list[Values], where: Where) -> Iterator[Proof]:
    found = [value for value in (clause.value(worker) for worker in workers) if value is not None]
    wrong = [value for value in found if not _is_integer(value)]
    if not found:
        parent, name = key(clause.path.parts[:-1]), str(clause.path.parts[-1])
        near = ground.target_scope.nearest(name, parent)
        meant = f"did you mean {parent}.{near}?" if near else "give it to the workers"
        message = f"no worker has {clause.path}, so it orders nobody"
    elif wrong:
        meant = "let it be an integer everywhere"
        message = f"{clause.path} is no integer for {len(wrong)} of {len(workers)} workers, so this clause is ignored"
    else:
        return
    yield Proof(
        about=About.ORDER, where=where, message=message, hint=meant, severity="warning", column=clause.path.column
    )


def _is_integer(value: object) -> bool:
    whole = isinstance(value, float) and value.is_integer()
    return whole or (isinstance(value, int) and not isinstance(value, bool))


def _known(ground: Ground, target: RoutingTarget, where: Where) -> Iterator[Proof]:
    if not target.known_worker:
        return
    field = "known_worker_friendly_name" if target.known_by_name else "known_worker_sid"
    operand = read_known(target.known_worker).operand
    if isinstance(operand, Constant):
        message, hint = _unknown_constant(ground, target, str(operand.value))
    else:
        message, hint = _unknown_path(ground, operand)
    if message:
        yield Proof(about=About.KNOWN_WORKER, where=_at(where, field), message=message, hint=hint, severity="warning")


def _unknown_constant(ground: Ground, target: RoutingTarget, name: str) -> tuple[str, str]:
    part = "friendly_name" if target.known_by_name else "sid"
    if any(ground.readable(worker)[part] == name for worker in ground.workers):
        return "", ""
    what = "is called" if target.known_by_name else "has the SID"
    return f"no worker {what} {name!r}", f"to read it from the task write task.{name.removeprefix('worker.')}"


def _unknown_path(ground: Ground, path: Path) -> tuple[str, str]:
    attribute = Path(path.parts[1:])
    if not ground.tasks or any(reader(attribute)(task) is not None for task in ground.tasks):
        return "", ""
    near = ground.target_scope.nearest(str(path.parts[-1]), key(path.parts[:-1]))
    hint = f"did you mean {key(path.parts[:-1])}.{near}?" if near else "without it this target is for nobody"
    return f"none of {len(ground.tasks)} tasks has {path}", hint
