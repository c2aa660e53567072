"""Reads an exported TaskRouter workspace from a file, or from a folder with a file or more for each kind."""

import json
from collections.abc import Mapping
from pathlib import Path

from app.commands.failures import WrongInput
from app.usecases.taskrouter.exported import KINDS, BadExport, Document
from app.usecases.taskrouter.lone_workflow import QueuesNeeded, around_workflow, is_workflow

_RULE = "skills HAS 'sales'"


def document_of(source: Path, name: str, queues: Mapping[str, str]) -> Document:
    """The export, or exit code 2 with what is wrong with it. `name` and `queues` are for a workflow on its own."""
    if source.is_dir():
        return _folder(source)
    found = _json(source)
    if not is_workflow(found):
        return found
    try:
        return around_workflow(_text(source), name or source.stem, queues)
    except QueuesNeeded as error:
        asked = "\n".join(f'  --queue {queue}="{_RULE}"' for queue in error.queues)
        message = (
            f"{source}: a workflow does not say who serves its queues. Give a rule for each, for example:\n{asked}"
        )
        raise WrongInput(message) from error
    except BadExport as error:
        raise WrongInput(f"{source}: {error}") from error


def queue_rules(given: tuple[str, ...]) -> dict[str, str]:
    """The rules of `--queue WQ…=RULE`, by SID."""
    rules = {}
    for text in given:
        sid, equals, rule = text.partition("=")
        if not equals or not sid.strip():
            raise WrongInput(f'--queue {text}: write it like --queue WQ…="{_RULE}"')
        rules[sid.strip()] = rule.strip()
    return rules


def _folder(folder: Path) -> Document:
    """`workspace.json`, and for each kind `KIND.json` or `KIND-….json`, in the order of their names."""
    document: dict[str, object] = {}
    for kind in ("workspace", *KINDS):
        files = sorted([*folder.glob(f"{kind}.json"), *folder.glob(f"{kind}-*.json")])
        if kind == "workspace" and files:
            document[kind] = _json(files[0])
        elif files:
            document[kind] = [item for file in files for item in _listed(_any_json(file))]
    if not document:
        raise WrongInput(f"{folder}: holds no workspace.json, activities.json … of an export.")
    return document


def _listed(found: object) -> list[object]:
    return found if isinstance(found, list) else [found]


def _json(file: Path) -> Document:
    found = _any_json(file)
    if not isinstance(found, dict):
        raise WrongInput(f"{file}:1:1: a JSON object is expected")
    return found


def _any_json(file: Path) -> object:
    try:
        return json.loads(_text(file))
    except json.JSONDecodeError as error:
        raise WrongInput(f"{file}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise WrongInput(f"{file}:1:1: not JSON that can be read: it nests too deep") from error


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongInput(f"{file}:1:1: this is not UTF-8") from error
    except OSError as error:
        raise WrongInput(f"{file}: {error.strerror}") from error
