"""Brings a rule to one canonical form: what is constant decided, what is said twice said once, all in one order."""

from collections.abc import Iterable

from app.core.expression_tree import OPERATORS, AllOf, AnyOf, Comparison, Constant, Node, Operand, Path, literal

Truth = Node | bool
"""A rule, or what it comes to whatever the attributes."""

_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=", "HAS": "IN", "IN": "HAS"}
_ORDERED = frozenset({"<", "<=", ">", ">="})
# What a path compared with itself comes to; the others depend on its type.
_WITH_ITSELF = {"==": True, "!=": False, "<": False, ">": False, "IN": False, "HAS": False}


def simplified(node: Node) -> Truth:
    """The canonical form of a rule: equal for rules that differ in order, repetition, spelling or nesting alone."""
    if isinstance(node, Comparison):
        return compared(node.left, node.operator, node.right)
    parts = map(simplified, node.parts)
    return all_of(parts) if isinstance(node, AllOf) else any_of(parts)


def all_of(parts: Iterable[Truth]) -> Truth:
    """The canonical conjunction of canonical rules."""
    found: dict[str, Node] = {}
    for part in parts:
        if part is False:
            return False
        if not isinstance(part, bool):
            found |= {str(each): each for each in (part.parts if isinstance(part, AllOf) else (part,))}
    if len(found) <= 1:
        return next(iter(found.values()), True)
    return AllOf(tuple(found[text] for text in sorted(found)))


def any_of(parts: Iterable[Truth]) -> Truth:
    """The canonical disjunction of canonical rules."""
    found: dict[str, Node] = {}
    for part in parts:
        if part is True:
            return True
        if not isinstance(part, bool):
            found |= {str(each): each for each in (part.parts if isinstance(part, AnyOf) else (part,))}
    if len(found) <= 1:
        return next(iter(found.values()), False)
    return AnyOf(tuple(found[text] for text in sorted(found)))


def compared(left: Operand, sign: str, right: Operand) -> Truth:
    """The canonical form of one comparison; paths stand on the left, and of two paths the first by name."""
    if isinstance(left, Constant) and isinstance(right, Constant):
        return OPERATORS[sign](left.value, right.value)
    if isinstance(left, Path) and isinstance(right, Path):
        return _two_paths(left, sign, right)
    if isinstance(left, Constant) and sign in _MIRRORED:
        left, sign, right = right, _MIRRORED[sign], left
    if isinstance(left, Path) and isinstance(right, Constant):
        return _with_constant(left, sign, right)
    # NOT IN and CONTAINS have no mirror image.
    never = sign == "CONTAINS" and isinstance(left, Constant) and not isinstance(left.value, str)
    return False if never else Comparison(left, sign, right)


def _two_paths(left: Path, sign: str, right: Path) -> Truth:
    if left == right and sign in _WITH_ITSELF:
        return _WITH_ITSELF[sign]
    # Of `a IN b` and `b HAS a`, which say the same, the latter is canonical.
    if sign == "IN" or (sign in _MIRRORED and sign != "HAS" and str(right) < str(left)):
        left, sign, right = right, _MIRRORED[sign], left
    return Comparison(left, sign, right)


def _with_constant(left: Path, sign: str, right: Constant) -> Truth:
    value = right.value
    if sign in ("IN", "NOT IN"):
        return _listed(left, sign, value)
    never = sign in _ORDERED and (isinstance(value, bool) or not isinstance(value, int | float | str))
    if never or (sign == "CONTAINS" and not isinstance(value, str)):
        return False
    return Comparison(left, sign, right)


def _listed(left: Path, sign: str, value: object) -> Truth:
    if not isinstance(value, list | tuple):
        return False
    items = {literal(item): item for item in value}
    if not items:
        return sign == "NOT IN"
    if len(items) == 1:
        (item,) = items.values()
        return Comparison(left, "==" if sign == "IN" else "!=", Constant(item))
    return Comparison(left, sign, Constant(tuple(items[text] for text in sorted(items))))
