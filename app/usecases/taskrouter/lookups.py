"""Finds the workers, tasks and reservations that the API's SIDs and names mean, and says what became of them."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from app.core.change import Change, E
from app.core.entities import Key, Kind, Reservation, Task, Worker, key_of
from app.core.expression_tree import Values
from app.core.expressions import Expression, ExpressionError, parse
from app.core.routing import sids
from app.core.routing.definitions import Rules
from app.usecases.context import Context
from app.usecases.names import friendly_name, is_made
from app.usecases.progress import inner_worker
from app.usecases.taskrouter.wording import Refusal, Why

Fits = Callable[[int], bool]
"""Whether what is asked may be done to an entity of this version."""

DEEPEST = 100
"""How deep attributes may nest: far more than anybody writes, far less than the stack takes."""
STALE = Refusal(Why.STALE, "The ETag provided does not match that of the resource: it was changed meanwhile")


def any_version(_version: int) -> bool:
    """The `Fits` of those who did not say on which version they decided."""
    return True


def worker_of(context: Context, rules: Rules, sid: str) -> Worker | Refusal:
    """The worker of this public SID; one who has left the owner's file is none any more."""
    inner = inner_worker(sid, rules)
    worker = context.store.get(Worker, inner) if sids.is_sid(sid) and (inner != sid or is_made(inner)) else None
    return worker or Refusal(Why.NOT_FOUND, f"Worker {sid[:64]} was not found")


def task_of(context: Context, sid: str) -> Task | Refusal:
    """The task of this SID."""
    task = context.store.get(Task, sid) if sid.startswith(sids.TASK) else None
    return task or Refusal(Why.NOT_FOUND, f"Task {sid[:64]} was not found")


def names_of(context: Context, reservations: Iterable[Reservation]) -> Mapping[str, str]:
    """The friendly names of the workers of these reservations, by inner sid."""
    workers = sorted({reservation.worker for reservation in reservations})
    found = context.store.read(*(Key(Kind.WORKER, sid) for sid in workers)) if workers else ()
    names = {worker.sid: friendly_name(worker) for worker in found if isinstance(worker, Worker)}
    return {sid: names.get(sid, "") for sid in workers}


def committed(change: Change, entity: E) -> E:
    """The entity as the store has it once the change is committed, its new version included."""
    latest = change.latest(entity)
    written = any(write.key == key_of(entity) for write in change.writes)
    return replace(latest, version=entity.version + 1) if written else latest


def expression_of(text: str, field: str) -> Expression | Refusal:
    """A rule from outside, or what is wrong with it."""
    try:
        return parse(text)
    except ExpressionError as error:
        return Refusal(Why.INVALID, str(error), field)


def unstorable(attributes: Values | None) -> Refusal | None:
    """The refusal of attributes that JSON cannot hold, or that nest without end."""
    try:
        json.dumps(attributes, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError):
        return Refusal(Why.INVALID, "Attributes hold what JSON cannot", "Attributes")
    if _depth(attributes, DEEPEST) < 0:
        return Refusal(Why.INVALID, f"Attributes nest deeper than {DEEPEST} levels", "Attributes")
    return None


def _depth(value: object, left: int) -> int:
    """How many levels are left below a value; negative if it needs more than there are."""
    if left < 0 or not isinstance(value, Mapping | list):
        return left
    inner = value.values() if isinstance(value, Mapping) else value
    return min((_depth(item, left - 1) for item in inner), default=left)
