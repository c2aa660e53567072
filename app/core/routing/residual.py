"""What is left of a target's rule once the task is known: a rule over the worker alone, in canonical words.

Tasks that ask the same of a worker leave the same text, so that waiting tasks can be kept in one line for each text.
"""

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from app.core.expression_tree import AllOf, Comparison, Constant, Node, Operand, Path, Read, Values, reader
from app.core.expressions import Expression, parse
from app.core.routing.simplify import Truth, all_of, any_of, compared

WORKER = "worker"
ALWAYS = ""
_NOTHING: Values = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Plan:
    """A rule, and what it reads of anything but the worker."""

    tree: Node
    known: tuple[Path, ...]
    reads: tuple[Read, ...]


class _Facts(tuple[object, ...]):
    """What a rule reads of a task, as a key that tells `true` from 1; it carries the values themselves."""

    values: tuple[object, ...]


def residual(expression_text: str, task_attributes: Values, others: Values = _NOTHING) -> str | None:
    """The canonical rule over `worker.…` alone that a target's rule comes to for this task.

    "" if every worker will do, None if no worker can. `others` are values under further roots, such as
    `taskrouter.currentTime`; a path that is neither there nor under `task` or `worker` is NULL, as everywhere.
    Attributes are JSON. Raises ExpressionError if the rule cannot be read.
    """
    plan = _plan(expression_text)
    if not plan.reads:
        return _left_over(expression_text, _Facts())
    scope = {**others, "task": task_attributes}
    values = tuple([read(scope) for read in plan.reads])
    facts = _Facts([value if type(value) is str else (repr(value),) for value in values])
    facts.values = values
    return _left_over(expression_text, facts)


def residual_rule(text: str) -> Expression | None:
    """Reads a text that `residual` gave, however long; None for "", which every worker satisfies."""
    return parse(text, bounded=False) if text else None


def worker_paths(text: str) -> frozenset[str]:
    """What a rule reads of the worker, each path without its `worker.`: `langs`, `levels.orders`, `tags[0]`."""
    rule = residual_rule(text)
    return frozenset() if rule is None else _below_worker(rule)


def _below_worker(rule: Expression) -> frozenset[str]:
    return frozenset(str(Path(path.parts[1:])) for path in rule.paths() if path.parts[0] == WORKER)


@lru_cache(maxsize=4096)
def _plan(text: str) -> _Plan:
    rule = parse(text)
    known = tuple(sorted({path for path in rule.paths() if path.parts[0] != WORKER}, key=str))
    return _Plan(rule.tree, known, tuple(map(reader, known)))


@lru_cache(maxsize=16_384)
def _left_over(text: str, facts: _Facts) -> str | None:
    plan = _plan(text)
    known = dict(zip(plan.known, facts.values, strict=True)) if facts else {}
    left = _filled_in(plan.tree, known)
    return str(left) if not isinstance(left, bool) else ALWAYS if left else None


def _filled_in(node: Node, known: dict[Path, object]) -> Truth:
    if isinstance(node, Comparison):
        return compared(_value(node.left, known), node.operator, _value(node.right, known))
    parts = (_filled_in(part, known) for part in node.parts)
    return all_of(parts) if isinstance(node, AllOf) else any_of(parts)


def _value(operand: Operand, known: dict[Path, object]) -> Operand:
    return Constant(known[operand]) if isinstance(operand, Path) and operand in known else operand
