"""Checks the tree against the schema, and says in the owner's words what does not fit."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.owner.notation import shown
from app.owner.problems import OwnerFileError, Problem, did_you_mean, problem
from app.owner.schema import OwnerFile, schema
from app.owner.tree import Branch, Entry, Leaf, key_place, node_at, plain, value_place, without

_STAND_INS = {"business": "?", "time zone": "UTC"}
_KEY = "[key]"

# pydantic's type of error → (message, hint); {value} and pydantic's own context may be named
_WORDING: Mapping[str, tuple[str, str]] = {
    "string_type": ("text is expected here", "put quotes round it"),
    "string_too_long": ("the text is too long", "at most {max_length} letters"),
    "string_pattern_mismatch": ("{value} is not written as expected", "write it like en-US"),
    "int_type": ("a number is expected here", "write digits only"),
    "int_parsing": ("{value} is not a whole number", "write digits only"),
    "int_from_float": ("{value} is not a whole number", "write digits only"),
    "float_type": ("a number is expected here", "write it like 0.6"),
    "float_parsing": ("{value} is not a number", "write it like 0.6"),
    "greater_than_equal": ("{value} is too small", "at least {ge}"),
    "less_than_equal": ("{value} is too large", "at most {le}"),
    "too_short": ("nothing is listed here", "at least {min_length} is needed"),
    "list_type": ("a list is expected here", "write [one, another], or lines that begin with -"),
    "dict_type": ("lines of `name: value` are expected here", "indent them by two spaces"),
    "model_type": ("lines of `name: value` are expected here", "indent them by two spaces"),
    "owner": ("{message}", "{hint}"),
}


def fitted(root: Branch) -> tuple[OwnerFile, Branch, list[Problem]]:
    """The file's sheets, the tree they were made of, and every misfit; misfits are left out of both."""
    problems: list[Problem] = []
    tree = root
    while True:
        try:
            return OwnerFile.model_validate(plain(tree)), tree, problems
        except ValidationError as error:
            misfits = error.errors(include_url=False)
        if not problems:
            problems = [_problem(root, misfit) for misfit in misfits]
        before = tree
        for path in sorted({_cut(misfit) for misfit in misfits}, key=_from_the_end, reverse=True):
            tree = _stand_in(tree, path) if len(path) == 1 and path[0] in _STAND_INS else without(tree, path)
        if tree == before:  # nothing could be cut: report what is known rather than try for ever
            raise OwnerFileError(problems)


def _problem(root: Branch, misfit: ErrorDetails) -> Problem:
    path = _path(misfit)
    kind = misfit["type"]
    if kind == "missing":
        example = _describe(path)
        return problem(key_place(root, path[:-1]), f'"{path[-1]}" is missing', f"add it: {example}")
    if kind == "extra_forbidden":
        hint = did_you_mean(str(path[-1]), _known(path[:-1]))
        return problem(key_place(root, path), f'"{path[-1]}" is not a word this file knows', hint)
    place = key_place(root, path) if misfit["loc"][-1] == _KEY else value_place(root, path)
    return problem(place, *_wording(root, path, misfit))


def _wording(root: Branch, path: tuple[str | int, ...], misfit: ErrorDetails) -> tuple[str, str]:
    context: dict[str, Any] = {**misfit.get("ctx", {}), "value": shown(misfit["input"])}
    if misfit["type"] in ("enum", "literal_error"):
        options = [part.strip(" '") for part in str(context["expected"]).replace(" or ", ",").split(",")]
        return f"{context['value']} cannot be used here", did_you_mean(str(misfit["input"]), options)
    node = node_at(root, path)
    if isinstance(node, Leaf) and node.value is None and misfit["type"] != "owner":
        return "nothing is written here", f"add it: {_describe(path)}"
    message, hint = _WORDING.get(misfit["type"], (misfit["msg"], "see `switchboard schema`"))
    return message.format(**context), hint.format(**context)


def _path(misfit: ErrorDetails) -> tuple[str | int, ...]:
    return tuple(part for part in misfit["loc"] if part != _KEY)


def _cut(misfit: ErrorDetails) -> tuple[str | int, ...]:
    """What to leave out for the rest to fit: the misfit, or what it leaves incomplete."""
    path = _path(misfit)
    if misfit["type"] == "missing" and len(path) > 1:
        return path[:-1]
    return path or ("business",)


def _from_the_end(path: tuple[str | int, ...]) -> tuple[tuple[int, str], ...]:
    """Cutting later items first keeps the places of those before them."""
    return tuple((part, "") if isinstance(part, int) else (0, part) for part in path)


def _stand_in(tree: Branch, path: tuple[str | int, ...]) -> Branch:
    key = str(path[0])
    leaf = Leaf(key_place(tree, path), _STAND_INS[key])
    return Branch(tree.place, {**tree.entries, key: Entry(leaf.place, leaf)}, tree.size)


# --- what the schema says about a place in the file ---


def _known(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that may stand in the map at a path."""
    return tuple(_schema_at(path).get("properties", {}))


def _describe(path: tuple[str | int, ...]) -> str:
    return str(_schema_at(path).get("description", "see `switchboard schema`")).rstrip(".")


def _schema_at(path: tuple[str | int, ...]) -> dict[str, Any]:
    whole = _whole()
    part: dict[str, Any] = whole
    for step in path:
        part = _resolved(whole, part)
        if isinstance(step, int):
            part = part.get("items", {})
        else:
            inner = part.get("properties", {}).get(step)
            part = inner if inner is not None else _any_key(part)
    described = part.get("description")
    resolved = _resolved(whole, part)
    return {**resolved, "description": described} if described else resolved


@lru_cache(maxsize=1)
def _whole() -> dict[str, Any]:
    return schema()


def _any_key(part: dict[str, Any]) -> dict[str, Any]:
    patterns = list(part.get("patternProperties", {}).values())
    more = part.get("additionalProperties")
    return patterns[0] if patterns else more if isinstance(more, dict) else {}


def _resolved(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Follows references, and takes what may be left out as written."""
    for _ in range(4):
        if "$ref" in part:
            part = whole["$defs"][part["$ref"].rpartition("/")[2]]
        elif "anyOf" in part:
            part = next((one for one in part["anyOf"] if one.get("type") != "null"), {})
    return part
