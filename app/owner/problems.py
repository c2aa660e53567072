"""What is wrong with an owner's file: where, what, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_LISTED = 8


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file; lines and columns count from 1, as editors do."""

    file: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, printed as `file:line:column: message (hint)`."""

    file: str
    line: int
    column: int
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message} ({self.hint})"


class OwnerFileError(Exception):
    """The owner's file cannot be used; `problems` holds every mistake found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda found: (found.file, found.line, found.column)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def problem(place: Place, message: str, hint: str) -> Problem:
    """A mistake at a place."""
    return Problem(place.file, place.line, place.column, message, hint)


def did_you_mean(word: str, options: Iterable[str], otherwise: str = "there is none yet") -> str:
    """A hint that names the nearest option, or the options there are."""
    known = sorted(set(options))
    folded = {option.lower(): option for option in known}
    near = get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    if near:
        return f'did you mean "{folded[near[0]]}"?'
    if not known:
        return otherwise
    more = ", …" if len(known) > _LISTED else ""
    return "there is: " + ", ".join(known[:_LISTED]) + more
