"""Reads a rule against what is known of attributes and reports what TaskRouter would let pass and never match."""

from collections.abc import Iterator

from app.core.expression_tree import AllOf, AnyOf, Comparison, Constant, Node, Path
from app.core.expressions import Expression, ExpressionError, parse
from app.core.routing.findings import Finding, Severity
from app.core.routing.kinds_check import mismatches
from app.core.routing.satisfiable import always_holds, satisfiable
from app.core.routing.simplify import simplified
from app.core.routing.vocabulary import Vocabulary, key

_NOTHING_KNOWN = Vocabulary({})
_NOUN = {"array": "a list", "object": "an object"}


def types_check(expression: str, vocabulary: Vocabulary = _NOTHING_KNOWN) -> tuple[Finding, ...]:
    """Everything about the rule that cannot be meant, from left to right; a rule that cannot be read has one finding.

    The vocabulary names attributes as the rule does: bare for a queue or filter, under `task` and `worker` for a
    target.
    """
    try:
        rule = parse(expression)
    except ExpressionError as error:
        return (Finding(error.column, error.message, error.hint, "error"),)
    found = [finding for path in _paths(rule) for finding in _misnamed(path, vocabulary)]
    tests = list(rule.comparisons())
    found += [finding for test in tests for finding in mismatches(test, vocabulary)]
    found += [] if found else [finding for test in tests for finding in _settled(test)]
    found += [] if found else _whole(rule.tree)
    return tuple(sorted(set(found)))


def _paths(rule: Expression) -> Iterator[Path]:
    for test in rule.comparisons():
        yield from (side for side in (test.left, test.right) if isinstance(side, Path))


def _misnamed(path: Path, vocabulary: Vocabulary) -> Iterator[Finding]:
    """The first part of a path that is not known, if it should be."""
    for place, part in enumerate(path.parts):
        parent = key(path.parts[:place])
        if key(path.parts[: place + 1]) in vocabulary.kinds:
            continue
        kinds = vocabulary.kinds.get(parent)
        wanted = "array" if isinstance(part, int) else "object"
        if kinds and wanted not in kinds:
            yield _nothing_inside(path, place, vocabulary)
        elif isinstance(part, str):
            yield from _unknown(path, place, vocabulary)
        return


def _nothing_inside(path: Path, place: int, vocabulary: Vocabulary) -> Finding:
    holder = Path(path.parts[:place])
    kinds = " or ".join(_NOUN.get(kind, f"a {kind}") for kind in sorted(vocabulary.of_path(holder)))
    hint = f"write {holder} HAS … to look into the list" if kinds == _NOUN["array"] else f"compare {holder} itself"
    severity: Severity = "error" if vocabulary.is_closed(holder) else "warning"
    return Finding(path.column, f"{holder} is {kinds}, so {path} is always NULL", hint, severity)


def _unknown(path: Path, place: int, vocabulary: Vocabulary) -> Iterator[Finding]:
    parent, name = key(path.parts[:place]), str(path.parts[place])
    closed = parent in vocabulary.closed
    meant = (_scope(path, vocabulary) if place == 0 else None) or _near(path, place, vocabulary)
    if closed or meant is not None:
        message = f'there is no "{name}"' + (f" in {parent}" if parent else "")
        known = ", ".join(vocabulary.names(parent)[:8]) or "nothing"
        hint = f"did you mean {meant}?" if meant else f"there is: {known}"
        yield Finding(path.column, message, hint, "error" if closed else "warning")


def _near(path: Path, place: int, vocabulary: Vocabulary) -> str | None:
    name = vocabulary.nearest(str(path.parts[place]), key(path.parts[:place]))
    return None if name is None else str(Path((*path.parts[:place], name, *path.parts[place + 1 :])))


def _scope(path: Path, vocabulary: Vocabulary) -> str | None:
    """A name that would be right with `task.` or `worker.` before it, or without."""
    for root in ("task", "worker"):
        if path.parts[0] == root and len(path.parts) > 1 and key(path.parts[1:]) in vocabulary.kinds:
            return str(Path(path.parts[1:]))
        if f"{root}.{key(path.parts)}" in vocabulary.kinds:
            return f"{root}.{path}"
    return None


def _settled(test: Comparison) -> Iterator[Finding]:
    """A comparison with an attribute that gives one answer whatever the attribute is."""
    if isinstance(test.left, Constant) and isinstance(test.right, Constant):
        return
    truth = simplified(test)
    if isinstance(truth, bool):
        outcome = "always" if truth else "never"
        yield Finding(test.left.column, f"{test} is {outcome} true", "compare it with something else", "error")


def _whole(tree: Node) -> Iterator[Finding]:
    """A rule, or one way to satisfy it, that is proven to hold never; a rule proven to hold always."""
    column = _first(tree).left.column
    if not satisfiable(tree):
        hint = "no attributes can satisfy all of it at once"
        yield Finding(column, "this rule can never be true", hint, "error" if _reads(tree) else "warning")
    elif _reads(tree) and always_holds(tree):
        yield Finding(column, "this rule is always true", "write 1==1 if that is meant", "warning")
    else:
        yield from _dead_ends(tree)


def _dead_ends(node: Node) -> Iterator[Finding]:
    if isinstance(node, Comparison):
        return
    for part in node.parts:
        if isinstance(node, AnyOf) and isinstance(part, AllOf) and not satisfiable(part):
            yield Finding(_first(part).left.column, f"{part} can never be true", "take this alternative out", "error")
        else:
            yield from _dead_ends(part)


def _first(node: Node) -> Comparison:
    return node if isinstance(node, Comparison) else _first(node.parts[0])


def _reads(node: Node) -> bool:
    if isinstance(node, Comparison):
        return isinstance(node.left, Path) or isinstance(node.right, Path)
    return any(map(_reads, node.parts))
