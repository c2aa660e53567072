"""A workflow's JSON as a document: its values by type, and where in it something is wrong."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

Document = Mapping[str, object]

_TARGET_KEYS = frozenset(
    {
        "queue",
        "priority",
        "timeout",
        "expression",
        "order_by",
        "skip_if",
        "known_worker_sid",
        "known_worker_friendly_name",
    }
)
_FILTER_KEYS = frozenset({"filter_friendly_name", "friendly_name", "expression", "targets"})
_LAST_COMMA = re.compile(r",\s*[\]}]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class WorkflowError(ValueError):
    """A workflow that cannot be read. `path` is where: `task_routing.filters[0].targets[1].expression`.

    `column` counts from 1 within the expression, or within `line` of the JSON where that itself is malformed.
    """

    def __init__(self, message: str, path: str, column: int | None, hint: str, line: int | None = None) -> None:
        places = (f"line {line}" if line else "", f"column {column}" if column else "", path and f"at {path}", hint)
        super().__init__(f"{message} ({'; '.join(filter(None, places))})")
        self.message = message
        self.path = path
        self.column = column
        self.hint = hint
        self.line = line


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a workflow that its owner should hear of, though it can be read."""

    path: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a workflow one is: as a path for programs and as a title for people."""

    path: str
    title: str

    def key(self, name: str, title: str = "") -> "Place":
        """The place of a member."""
        return Place(f"{self.path}.{name}".removeprefix("."), title or self.title)

    def item(self, index: int, title: str = "") -> "Place":
        """The place of an item of the list that stands here."""
        within = f"{self.title}, {title}" if title.startswith("target ") else title
        return Place(f"{self.path}[{index}]", within or self.title)

    def named(self, title: str) -> "Place":
        """The same place under another title."""
        return Place(self.path, title)


def load(text: str) -> object:
    """The JSON value of a text, or WorkflowError with line and column."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _malformed(text, error) from None
    except (ValueError, RecursionError) as error:
        raise WorkflowError(f"not JSON that can be read: {error}", "", None, "see json.org") from None


def members(raw: object, place: Place) -> Document:
    """The members of the object that stands here."""
    if not isinstance(raw, dict):
        raise WorkflowError(f"{place.title} is no object", place.path, None, "write {…}")
    return raw


def text_at(found: Document, key: str, place: Place) -> str:
    """A text, "" where there is none."""
    value = found.get(key)
    if value is not None and not isinstance(value, str):
        raise WorkflowError(f"{place.title}: {key} is no text", place.key(key).path, None, "put it in quotation marks")
    if value and _SURROGATE.search(value):
        raise WorkflowError(
            f"{place.title}: {key} is no Unicode text", place.key(key).path, None, "take out \\ud800 to \\udfff"
        )
    return value or ""


def number(found: Document, key: str, place: Place, bounds: tuple[int, int]) -> int | None:
    """A whole number within bounds, also one in quotation marks as the Console writes it; None where there is none."""
    value, (low, high) = found.get(key), bounds
    if value is None or value == "":
        return None
    read = _whole(value)
    if read is None or not low <= read <= high:
        message = f"{place.title}: {key} is {json.dumps(value)[:40]}"
        raise WorkflowError(message, place.key(key).path, None, f"write a whole number from {low} to {high}")
    return read


def unknown_keys(text: str) -> tuple[Problem, ...]:
    """The members of a workflow's JSON that nothing reads, each with the one that may have been meant."""
    document = load(text)
    top = Place("", "the workflow")
    routing = _member(document, "task_routing")
    place = top.key("task_routing")
    found = [*_unknown(document, top, frozenset({"task_routing"}))]
    found += _unknown(routing, place, frozenset({"filters", "default_filter"}))
    for index, each in enumerate(_items(routing, "filters")):
        here = place.key("filters").item(index)
        found += _unknown(each, here, _FILTER_KEYS)
        for step, target in enumerate(_items(each, "targets")):
            found += _unknown(target, here.key("targets").item(step), _TARGET_KEYS)
    found += _unknown(_member(routing, "default_filter"), place.key("default_filter"), _TARGET_KEYS - {"timeout"})
    return tuple(found)


def _unknown(raw: object, place: Place, known: frozenset[str]) -> list[Problem]:
    names = raw.keys() - known if isinstance(raw, dict) else ()
    return [
        Problem(place.key(name).path, f"{name} is read by nobody here", _meant(name, known)) for name in sorted(names)
    ]


def _meant(name: str, known: frozenset[str]) -> str:
    near = get_close_matches(name, sorted(known), 1)
    return f"did you mean {near[0]}?" if near else f"read here: {', '.join(sorted(known))}"


def _member(raw: object, key: str) -> object:
    return raw.get(key) if isinstance(raw, dict) else None


def _items(raw: object, key: str) -> list[object]:
    value = _member(raw, key)
    return value if isinstance(value, list) else []


def _whole(value: object) -> int | None:
    if isinstance(value, str):
        return int(value) if value.strip().isdecimal() and len(value) < 20 else None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _malformed(text: str, error: json.JSONDecodeError) -> WorkflowError:
    """Points at a comma too many itself, which Python's versions do in different ways, and else where Python does."""
    before = text[: error.pos].rstrip()
    comma = len(before) - 1 if before.endswith(",") else error.pos
    if _LAST_COMMA.match(text, comma) is None:
        return WorkflowError(f"not JSON: {error.msg}", "", error.colno, "see json.org", error.lineno)
    line, column = text.count("\n", 0, comma) + 1, comma - text.rfind("\n", 0, comma)
    return WorkflowError("not JSON: a comma with nothing after it", "", column, "take it out", line)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
