"""How the API defines things: the entity, its workspace's new revision and the event that tells of it in one commit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from app.core.change import Change, Write
from app.core.entities import KINDS, Key, Kind, Task
from app.core.events import Event, EventType, Plain
from app.core.indexes import LIVE_TASKS
from app.core.routing import sids
from app.core.routing.definitions import Rules, TaskChannel, TaskQueue, WorkerActivity, Workflow, Workspace
from app.usecases.context import Context, settle
from app.usecases.taskrouter.naming import known_as
from app.usecases.taskrouter.wording import Refusal, Why

D = TypeVar("D", WorkerActivity, TaskChannel, TaskQueue, Workflow)
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Sort(Generic[D]):
    """One kind of definition: what it is called, and how many of it a workspace may have."""

    prefix: str
    noun: str
    limit: int
    of: Callable[[Rules], Mapping[str, D]]


def find(rules: Rules, sort: Sort[D], sid: str) -> D | Refusal:
    """The definition of this public SID."""
    found = known_as(rules, sort.of(rules), sort.prefix, sid)
    return found if found is not None else Refusal(Why.NOT_FOUND, f"{sort.noun} {sid[:64]} was not found")


def create(context: Context, sort: Sort[D], name: str, make: Callable[[Rules, str, int], D | Refusal]) -> D | Refusal:
    """Stores what `make` gives for the rules, a free SID derived from `name`, and the present instant."""

    def decide() -> tuple[Change, D | Refusal]:
        stored, rules = _read(context)
        known, now = sort.of(rules), context.clock.now()
        if len(known) >= sort.limit:
            return Change(), Refusal(Why.INVALID, f"A workspace has at most {sort.limit:,} of {sort.noun}")
        made = make(rules, free_sid(sort.prefix, public_workspace(context), name, known), now)
        if isinstance(made, Refusal):
            return Change(), made
        event = told(EventType.DEFINED, made, now)
        return Change((Write(None, made), _revised(context, stored, rules, now)), (event,)), made

    return _stored(context, settle(context.store, decide))


def update(
    context: Context, sort: Sort[D], sid: str, amend: Callable[[Rules, D], D | Refusal], **data: Plain
) -> D | Refusal:
    """Stores what `amend` makes of the definition; `data` goes with the event."""

    def decide() -> tuple[Change, D | Refusal]:
        stored, rules = _read(context)
        old = _writable(rules, sort, sid)
        if isinstance(old, Refusal):
            return Change(), old
        new = amend(rules, old)
        if isinstance(new, Refusal):
            return Change(), new
        if new == old and not data:
            return Change(), old
        now = context.clock.now()
        new = replace(new, updated=now)
        event = told(EventType.REDEFINED, new, now, changed=changed_fields(old, new), **data)
        return Change((Write(old, new), _revised(context, stored, rules, now)), (event,)), new

    return _stored(context, settle(context.store, decide))


def delete(context: Context, sort: Sort[D], sid: str, in_use: Callable[[Rules, D], str]) -> D | Refusal:
    """Removes a definition, unless `in_use` says in a sentence what needs it."""

    def decide() -> tuple[Change, D | Refusal]:
        stored, rules = _read(context)
        old = _writable(rules, sort, sid)
        if isinstance(old, Refusal):
            return Change(), old
        reason = in_use(rules, old)
        if reason:
            return Change(), Refusal(Why.IN_USE, reason)
        now = context.clock.now()
        event = told(EventType.UNDEFINED, old, now)
        return Change((Write(old, None), _revised(context, stored, rules, now)), (event,)), old

    return settle(context.store, decide)


def amend_workspace(context: Context, amend: Callable[[Rules], Workspace | Refusal]) -> Workspace | Refusal:
    """Stores what `amend` makes of the workspace itself."""

    def decide() -> tuple[Change, Workspace | Refusal]:
        stored, rules = _read(context)
        new = amend(rules)
        if isinstance(new, Refusal) or new == rules.workspace:
            return Change(), new
        now = context.clock.now()
        changed = changed_fields(rules.workspace, new)
        new = replace(
            new, version=stored.version if stored else 0, revision=new.revision + 1, created=new.created or now,
            updated=now,
        )  # fmt: skip
        event = told(EventType.REDEFINED, new, now, changed=changed)
        return Change((Write(stored, new),), (event,)), new

    result = settle(context.store, decide)
    return result if isinstance(result, Refusal) else context.rules.fresh().workspace


_PARTICULARS = ("available", "unique_name", "optimized", "target_workers")


def told(event: EventType, entity: WorkerActivity | TaskChannel | TaskQueue | Workflow | Workspace, now: int,
         **data: Plain) -> Event:  # fmt: skip
    """The event that tells of a definition, enough of it for those who hear of it when it is gone."""
    kind = KINDS[type(entity)].value
    particulars = {name: getattr(entity, name) for name in _PARTICULARS if hasattr(entity, name)}
    said = {"kind": kind, "sid": entity.sid, "name": entity.name, **particulars, **data}
    return Event(type=event, at=now, data=said)


def changed_fields(old: object, new: object) -> list[str]:
    """The names of the fields in which two values of one dataclass differ."""
    names: tuple[str, ...] = tuple(getattr(type(old), "__dataclass_fields__", ()))
    return [name for name in names if name != "updated" and getattr(old, name) != getattr(new, name)]


def free_sid(prefix: str, workspace: str, name: str, taken: Mapping[str, object]) -> str:
    """The SID of the thing of this name; of its namesakes', the first that is free."""
    sid, number = sids.derive(prefix, workspace, name), 1
    while sid in taken:
        number += 1
        sid = sids.derive(prefix, workspace, name, str(number))
    return sid


def public_workspace(context: Context) -> str:
    """The workspace's SID, as the API knows it."""
    return sids.public(sids.WORKSPACE, "", context.workspace)


def name_taken(items: Mapping[str, D], noun: str, name: str, own: str = "") -> Refusal | None:
    """The refusal of a friendly name that another one has."""
    if all(item.name != name or item.sid == own for item in items.values()):
        return None
    return Refusal(Why.TAKEN, f"{noun} named {name} already exists in this workspace", "FriendlyName")


def any_task(context: Context, test: Callable[[Task], bool]) -> bool:
    """Whether a task that has not ended is such a one."""
    start = 0
    while members := context.store.members(LIVE_TASKS, start=start, count=_PAGE):
        found = context.store.read(*(Key(Kind.TASK, sid) for sid in members))
        if any(isinstance(task, Task) and test(task) for task in found):
            return True
        start += len(members)
    return False


def said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that were said at all."""
    return {name: value for name, value in fields.items() if value is not None}


def _read(context: Context) -> tuple[Workspace | None, Rules]:
    """The workspace as stored, and rules at least as new: a commit on both fails if either has changed since."""
    stored = context.store.get(Workspace, context.workspace)
    return stored, context.rules.current(stored.version if stored else 0)


def _writable(rules: Rules, sort: Sort[D], sid: str) -> D | Refusal:
    found = find(rules, sort, sid)
    if isinstance(found, Refusal) or not found.from_file:
        return found
    return Refusal(Why.FROM_FILE, f"{sort.noun} {found.name} comes from the owner's file; change it there")


def _revised(context: Context, stored: Workspace | None, rules: Rules, now: int) -> Write:
    workspace = stored or replace(rules.workspace, sid=context.workspace, version=0, created=now)
    return Write(stored, replace(workspace, revision=workspace.revision + 1, updated=now))


def _stored(context: Context, result: D | Refusal) -> D | Refusal:
    """What was decided, with the version the store gave it."""
    if isinstance(result, Refusal):
        return result
    return context.store.get(type(result), result.sid) or result
