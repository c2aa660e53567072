"""TaskRouter's `order_by`: which workers come first, such as `worker.level DESC, worker.cost ASC`."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from app.core.expression_tree import Path, Read, Values, reader
from app.core.expressions import MAX_LENGTH, ExpressionError

Candidate = TypeVar("Candidate")
Key = tuple[tuple[int, int], ...]

_SHAPE = "write it like: worker.level DESC, worker.cost ASC"
_CLAUSE = re.compile(
    r"""\s* (?P<path> [^\W\d]\w* (?: \.[^\W\d]\w* | \[\s*\d+\s*\] )* )
        (?: \s+ (?P<way> asc | desc ) \b )?
        \s* (?P<end> , | \Z )""",
    re.VERBOSE | re.IGNORECASE,
)
_MISSING = (1, 0)


@dataclass(frozen=True, slots=True)
class Clause:
    """One attribute to order by; `path` begins with `worker`."""

    path: Path
    descending: bool

    def value(self, worker: Values) -> object:
        """What this worker has there, NULL if nothing."""
        return _reader(self.path)(worker)


def parse_order(text: str) -> tuple[Clause, ...]:
    """Reads an `order_by`; none for a blank one. Raises ExpressionError, pointing at the column."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters", 1, "order by fewer attributes")
    clauses: list[Clause] = []
    position, more = 0, bool(text.strip())
    while more:
        found = _CLAUSE.match(text, position)
        if found is None:
            raise _explained(text, position)
        clauses.append(_clause(found))
        position, more = found.end(), found["end"] == ","
    return tuple(clauses)


def ordered(
    clauses: Sequence[Clause],
    candidates: Iterable[Candidate],
    values_of: Callable[[Candidate], Values],
    tie: Callable[[Candidate], tuple[int | str, ...]],
) -> list[Candidate]:
    """The candidates, first to last. `values_of` gives what stands under `worker.`; `tie` decides between equals.

    A clause for which any candidate has something other than an integer is ignored, as TaskRouter does.
    """
    workers = list(candidates)
    values = {index: values_of(worker) for index, worker in enumerate(workers)}
    usable = [clause for clause in clauses if all(_usable(clause.value(worker)) for worker in values.values())]
    places = sorted(values, key=lambda index: (sort_key(usable, values[index]), tie(workers[index])))
    return [workers[index] for index in places]


def sort_key(clauses: Sequence[Clause], worker: Values) -> Key:
    """A key that sorts ascending into the order asked for; what is missing or no integer comes last either way."""
    return tuple(_place(clause.value(worker), clause.descending) for clause in clauses)


@lru_cache(maxsize=1024)
def _reader(path: Path) -> Read:
    return reader(Path(path.parts[1:]))


def _place(value: object, descending: bool) -> tuple[int, int]:
    number = _integer(value)
    return _MISSING if number is None else (0, -number if descending else number)


def _usable(value: object) -> bool:
    return value is None or _integer(value) is not None


def _integer(value: object) -> int | None:
    """JSON has one kind of number, so 3.0 is an integer."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _clause(found: re.Match[str]) -> Clause:
    parts = re.findall(r"\w+", found["path"])
    column = found.start("path") + 1
    if parts[0] != "worker" or len(parts) == 1:
        raise ExpressionError(f"{found['path']!r} is no attribute of a worker", column, _SHAPE)
    path = Path(tuple(int(part) if part[0].isdecimal() else part for part in parts), column)
    return Clause(path, (found["way"] or "").upper() == "DESC")


def _explained(text: str, position: int) -> ExpressionError:
    """Says where the clause that begins here cannot be read any further."""
    if not text[position:].strip():
        return ExpressionError("the order stops too early", len(text.rstrip()) + 1, _SHAPE)
    partial = re.compile(r"\s*[^\W\d][\w.\[\]]*(?:\s+(?:asc|desc)\b)?\s*", re.IGNORECASE).match(text, position)
    place = partial.end() if partial and partial.end() < len(text) else position
    place += len(text[place:]) - len(text[place:].lstrip())
    word = re.match(r"\w+", text[place:])
    shown = word.group() if word else text[place]
    hint = "names have no hyphens; use _ instead" if shown == "-" else _SHAPE
    return ExpressionError(f"did not expect {shown!r} here", place + 1, hint)
