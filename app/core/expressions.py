"""TaskRouter's expression language: reads a rule such as `skills HAS 'orders' AND levels.orders >= 2`."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken

from app.core.expression_tree import (
    AllOf,
    AnyOf,
    Comparison,
    Constant,
    Node,
    Operand,
    Path,
    Test,
    Values,
    compiled,
)

MAX_LENGTH = 4096
MAX_DEPTH = 40

_GRAMMAR = r"""
?start: either
?either: both (_OR both)*
?both: test (_AND test)*
?test: operand OPERATOR operand -> comparison
     | "(" either ")"
?operand: PATH -> path
        | constant
?constant: STRING -> string
         | NUMBER -> number
         | WORD   -> word
         | LIST [constant ("," constant)*] "]" -> array
         | RECORD [member ("," member)*] "}" -> record
member: STRING ":" constant

LIST: "["
RECORD: "{"
_OR: /or\b/i
_AND: /and\b/i
OPERATOR: /[=!<>]=|[<>=]|(?:not\s+in|in|has|contains)\b/i
WORD: /(?:true|false|null)\b(?![.\[])/i
PATH: /(?!(?:and|or|not|in|has|contains|true|false|null)\b)[^\W\d]\w*(?:\.[^\W\d]\w*|\[\s*\d+\s*\])*/i
STRING: /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/s
NUMBER: /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])/i
%ignore /\s+/
"""

_SHAPE = "write it like: skills HAS 'orders' AND levels.orders >= 2"
_NO_ARITHMETIC = "rules compare values as they are; there is no arithmetic"
_HINTS = {
    "-": "names have no hyphens; use _ instead",
    "&": "write AND",
    "|": "write OR",
    "+": _NO_ARITHMETIC,
    "*": _NO_ARITHMETIC,
    "/": _NO_ARITHMETIC,
    "%": _NO_ARITHMETIC,
    "~": "there are no patterns; use CONTAINS, or IN with a list",
    "like": "there are no patterns; use CONTAINS, or IN with a list",
    "matches": "there are no patterns; use CONTAINS, or IN with a list",
    "is": "write == NULL or != NULL",
    "$": "names begin with a letter",
    "!": "there is no NOT on its own; use != or NOT IN",
    "not": "there is no NOT on its own; use != or NOT IN",
    "'": "a quotation mark is missing its partner",
    '"': "a quotation mark is missing its partner",
    "‘": "use straight quotation marks: 'orders'",
    "’": "use straight quotation marks: 'orders'",
    "“": 'use straight quotation marks: "orders"',
    "”": 'use straight quotation marks: "orders"',
}


class ExpressionError(ValueError):
    """A rule that cannot be read; `column` counts from 1 within the rule's text."""

    def __init__(self, message: str, column: int, hint: str) -> None:
        super().__init__(f"{message} (column {column}; {hint})")
        self.message = message
        self.column = column
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Expression:
    """A rule that parsed: its text, its tree (for those who explain it) and a fast test."""

    text: str
    tree: Node
    _test: Test = field(repr=False, compare=False)

    def holds(self, attributes: Values) -> bool:
        """Whether the rule is true of these attributes."""
        return self._test(attributes)

    def names(self) -> frozenset[str]:
        """Every path the rule looks up, as written: `levels.orders`."""
        return frozenset(map(str, self.paths()))

    def paths(self) -> frozenset[Path]:
        """Every path the rule looks up."""
        operands = (side for test in self.comparisons() for side in (test.left, test.right))
        return frozenset(side for side in operands if isinstance(side, Path))

    def comparisons(self) -> tuple[Comparison, ...]:
        """Every comparison in the rule, from left to right."""
        return tuple(_comparisons(self.tree))


@lru_cache(maxsize=8192)
def parse(text: str, *, bounded: bool = True) -> Expression:
    """Reads a rule, or raises ExpressionError. Only a rule that this program wrote may be unbounded in size."""
    if bounded:
        _refuse_big(text)
    try:
        tree = _PARSER.parse(text)
    except UnexpectedInput as error:
        raise _explained(text, error) from None
    return Expression(text, tree, compiled(tree))  # type: ignore[arg-type]  # the transformer returns nodes


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """Turns the parser's matches into nodes as they are found."""

    def either(self, *parts: Node) -> Node:
        return AnyOf(parts)

    def both(self, *parts: Node) -> Node:
        return AllOf(parts)

    def comparison(self, left: Operand, sign: Token, right: Operand) -> Node:
        name = " ".join(sign.upper().split())
        return Comparison(left, "==" if name == "=" else name, right)

    def path(self, token: Token) -> Path:
        parts = re.findall(r"\w+", token)
        return Path(tuple(int(part) if part[0].isdecimal() else part for part in parts), _column(token))

    def array(self, bracket: Token, *items: Constant) -> Constant:
        return Constant(tuple(item.value for item in items), _column(bracket))

    def record(self, bracket: Token, *members: tuple[str, object]) -> Constant:
        return Constant(dict(members), _column(bracket))

    def member(self, key: Token, item: Constant) -> tuple[str, object]:
        return _unquoted(key), item.value

    def string(self, token: Token) -> Constant:
        return Constant(_unquoted(token), _column(token))

    def number(self, token: Token) -> Constant:
        return Constant(float(token) if re.search("[.eE]", token) else int(token), _column(token))

    def word(self, token: Token) -> Constant:
        return Constant({"true": True, "false": False, "null": None}[token.lower()], _column(token))


_PARSER = Lark(_GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=False)


def _column(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _unquoted(token: str) -> str:
    """What a quoted string says: JSON's escapes; before any other character a backslash just goes."""
    inside = token[1:-1]
    if "\\" not in inside:
        return inside
    plain = re.sub(r'\\(u[0-9a-fA-F]{4}|.)|"', _as_in_json, inside, flags=re.DOTALL)
    return str(json.loads(f'"{plain}"', strict=False))


def _as_in_json(found: re.Match[str]) -> str:
    escaped = found.group(1)
    if escaped is None:
        return r"\""
    return f"\\{escaped}" if len(escaped) > 1 or escaped in '"\\/bfnrt' else str(escaped)


def _refuse_big(text: str) -> None:
    """Brackets nest as deep as Python can call, and a rule that deep is a mistake anyway."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters", 1, "split it into several rules")
    depth = 0
    for found in re.finditer(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[()[{}\]]", text, re.DOTALL):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(found.group(), 0)
        if depth > MAX_DEPTH:
            raise ExpressionError("too many brackets inside brackets", found.start() + 1, "simplify the rule")


def _explained(text: str, error: UnexpectedInput) -> ExpressionError:
    """Says in words where the parser stopped and what to write instead."""
    if not text.strip():
        return ExpressionError("the rule is empty", 1, _SHAPE)
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return ExpressionError("the rule stops too early", len(text.rstrip()) + 1, _SHAPE)
    position: Any = error.pos_in_stream  # lark types it as None
    word = re.match(r"\w+", text[position:])
    shown = word.group() if word else text[position]
    hint = _HINTS.get(shown.lower()) or _HINTS.get(shown[:1]) or _by_what_precedes(text[:position], shown) or _SHAPE
    return ExpressionError(f"did not expect {shown!r} here", position + 1, hint)


def _by_what_precedes(before: str, shown: str) -> str | None:
    if shown == "(" and re.search(r"\b(?:in|has)\s*$", before, re.IGNORECASE):
        return "lists have square brackets: ['en', 'es']"
    if shown == "(" and re.search(r"[^\W\d]\w*$", before):
        return "there are no functions; compare the value itself"
    return "write !=" if shown == ">" and before.endswith("<") else None


def _comparisons(node: Node) -> Iterator[Comparison]:
    if isinstance(node, Comparison):
        yield node
    else:
        for part in node.parts:
            yield from _comparisons(part)
