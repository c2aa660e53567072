"""Brings an exported workspace into this installation, or up to date in it: compared first, then written.

Definitions go in one commit, workers in portions after it. A program that is stopped in between is run again: what is
here already is left as it is. What is here and not in the export stays.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from app.core.change import NOTHING, Change, Write
from app.core.entities import Key, Kind, Worker
from app.core.events import Event, EventType, Plain
from app.core.routing.definitions import (
    Definition,
    Rules,
    TaskChannel,
    TaskQueue,
    WorkerActivity,
    Workflow,
    Workspace,
)
from app.core.routing.staff import described
from app.usecases.context import Context, settle
from app.usecases.crowds import everybody
from app.usecases.names import name_note
from app.usecases.taskrouter.definitions import changed_fields, told
from app.usecases.taskrouter.exported import BadExport, Exported
from app.usecases.workspaces import Workspaces

D = TypeVar("D", WorkerActivity, TaskChannel, TaskQueue, Workflow)
Watch = Callable[[int, int], None]
"""Told how much is done, of how much."""

_PORTION = 500
_SAID = {
    Workspace: (
        "name", "default_activity", "timeout_activity", "event_callback_url", "events_filter", "multi_task",
        "lifo_first",
    ),
    WorkerActivity: ("name", "available"),
    TaskChannel: ("name", "unique_name", "optimized"),
    TaskQueue: ("name", "target_workers", "max_reserved", "lifo", "reservation_activity", "assignment_activity"),
    Workflow: ("name", "configuration", "callback_url", "fallback_callback_url", "reservation_timeout"),
    Worker: ("name", "attributes", "channels"),
}  # fmt: skip
"""What an export says of each; the rest is this installation's own, such as an ageing of a queue or who works now."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What an import does to one kind of thing, by SID; `changed` with the fields. `gone`: here, not in the export."""

    new: tuple[str, ...]
    changed: Mapping[str, Sequence[str]]
    same: int
    gone: tuple[str, ...]


Tallies = Mapping[str, Tally]


def compared(workspaces: Workspaces, exported: Exported) -> Tallies:
    """What an import would do. Raises BadExport if something here is in its way."""
    context = workspaces.find(exported.workspace.sid)
    rules = context.rules.fresh() if context else Rules(workspace=Workspace(sid=""))
    staff = {worker.sid: worker for worker in everybody(context)} if context else {}
    _refuse_what_is_in_the_way(workspaces, exported, rules, staff)
    workspace = {rules.workspace.sid: rules.workspace} if context else {}
    return {
        "workspace": _tally((exported.workspace,), workspace),
        "activities": _tally(exported.activities, rules.activities),
        "task_channels": _tally(exported.channels, rules.channels),
        "task_queues": _tally(exported.queues, rules.queues),
        "workflows": _tally(exported.workflows, rules.workflows),
        "workers": _tally(exported.workers, staff),
    }


def bring_in(workspaces: Workspaces, exported: Exported, watch: Watch) -> Tallies:
    """Imports a workspace; what was done. Raises BadExport, and nothing has changed."""
    tallies = compared(workspaces, exported)
    sid, name = exported.workspace.sid, exported.workspace.name
    made = workspaces.register(sid, name, workspaces.home.clock.now())
    context = made or workspaces.find(sid)
    if context is None:
        raise BadExport([f"workspace {sid}: it is being removed"])
    settle(context.store, lambda: (_definitions(context, exported), None))
    done, total = 0, len(exported.workers)
    watch(done, total)
    for portion in _portions(exported.workers):
        _bring_workers(context, portion)
        done += len(portion)
        watch(done, total)
    return tallies


def _tally(wanted: Sequence[Definition | Worker], here: Mapping[str, Definition | Worker]) -> Tally:
    changed = {
        each.sid: changed_fields(here[each.sid], _amended(here[each.sid], each)) for each in wanted if each.sid in here
    }
    known = {each.sid for each in wanted}
    return Tally(
        new=tuple(each.sid for each in wanted if each.sid not in here),
        changed={sid: fields for sid, fields in changed.items() if fields},
        same=sum(not fields for fields in changed.values()),
        gone=tuple(sorted(sid for sid in here if sid not in known)),
    )


def _amended(old: Definition | Worker, new: Definition | Worker) -> Definition | Worker:
    """What is here, with what the export says of it."""
    return replace(old, **{name: getattr(new, name) for name in _SAID[type(new)]})


def _refuse_what_is_in_the_way(
    workspaces: Workspaces, exported: Exported, rules: Rules, staff: Mapping[str, Worker]
) -> None:
    found = []
    if exported.workspace.sid == workspaces.home_sid:
        found.append(f"workspace {exported.workspace.sid}: this is the workspace of the owner's file")
    for activity in exported.activities:
        here = rules.activities.get(activity.sid)
        if here and here.available != activity.available:
            found.append(f"activities[{activity.sid}].available: is another here, and never changes")
    kinds: tuple[tuple[str, Sequence[Definition | Worker], Mapping[str, Definition | Worker]], ...] = (
        ("activities", exported.activities, rules.activities),
        ("task_queues", exported.queues, rules.queues),
        ("workflows", exported.workflows, rules.workflows),
        ("workers", exported.workers, staff),
    )
    for kind, wanted, present in kinds:
        found += _names_taken(kind, wanted, present)
    if found:
        raise BadExport(found)


def _names_taken(
    kind: str, wanted: Sequence[Definition | Worker], here: Mapping[str, Definition | Worker]
) -> Iterator[str]:
    """Names that something made here has, which the export does not know."""
    known = {each.sid for each in wanted}
    taken = {each.name.casefold(): each.sid for each in here.values() if each.sid not in known}
    for each in wanted:
        other = taken.get(each.name.casefold())
        if other:
            yield f"{kind}[{each.sid}].friendly_name: {each.name!r} is the name of {other} here; rename or remove that"


def _definitions(context: Context, exported: Exported) -> Change:
    """Everything but the workers; the workspace's new revision has everybody read the rules anew."""
    stored = context.store.get(Workspace, context.workspace)
    rules, now = context.rules.current(stored.version if stored else 0), context.clock.now()
    change = _written(exported.activities, rules.activities, now) + _written(exported.channels, rules.channels, now)
    change += _written(exported.queues, rules.queues, now) + _written(exported.workflows, rules.workflows, now)
    workspace = exported.workspace
    if stored is None:
        made = replace(workspace, revision=1, created=workspace.created or now, updated=now)
        return Change((Write(None, made),), (told(EventType.DEFINED, made, now),)) + change
    amended = replace(stored, **{name: getattr(workspace, name) for name in _SAID[Workspace]})
    fields = changed_fields(stored, amended)
    if not fields and not change:
        return NOTHING
    after = replace(amended, revision=stored.revision + 1, updated=now)
    events = (told(EventType.REDEFINED, after, now, changed=fields),) if fields else ()
    return Change((Write(stored, after),), events) + change


def _written(wanted: Sequence[D], here: Mapping[str, D], now: int) -> Change:
    writes, events = [], []
    for each in wanted:
        old = here.get(each.sid)
        if old is None:
            made = replace(each, created=each.created or now, updated=now)
            writes.append(Write(None, made))
            events.append(told(EventType.DEFINED, made, now))
            continue
        new = replace(old, **{name: getattr(each, name) for name in _SAID[type(each)]})
        if new != old:
            new = replace(new, updated=now)
            writes.append(Write(old, new))
            events.append(told(EventType.REDEFINED, new, now, changed=changed_fields(old, new)))
    return Change(tuple(writes), tuple(events))


def _portions(workers: Sequence[Worker]) -> Iterator[Sequence[Worker]]:
    for start in range(0, len(workers), _PORTION):
        yield workers[start : start + _PORTION]


def _bring_workers(context: Context, workers: Sequence[Worker]) -> None:
    def decide() -> tuple[Change, None]:
        rules, now = context.rules.fresh(), context.clock.now()
        found = context.store.read(*(Key(Kind.WORKER, worker.sid) for worker in workers))
        here = {worker.sid: worker for worker in found if isinstance(worker, Worker)}
        writes, events = [], []
        for worker in workers:
            old = here.get(worker.sid)
            if old is None or old.name != worker.name:
                # Their SIDs are the account's, not made of their names: the note finds who has a name.
                context.store.note(name_note(worker.name), worker.sid)
            new = _updated(old, worker, rules, now) if old else _made(worker, rules, now)
            if new != old:
                writes.append(Write(old, new))
                events.append(_event(old, new, now))
        return Change(tuple(writes), tuple(events)), None

    settle(context.store, decide)


def _made(worker: Worker, rules: Rules, now: int) -> Worker:
    return described(
        replace(worker, multi_task=rules.workspace.multi_task, activity_since=now, idle_since=now, counted=now,
                created=worker.created or now, updated=now),
        rules,
    )  # fmt: skip


def _updated(old: Worker, worker: Worker, rules: Rules, now: int) -> Worker:
    """The worker as the export has them; what they are doing here stays."""
    amended = replace(old, **{name: getattr(worker, name) for name in _SAID[Worker]})
    after = described(amended, rules)
    return after if after == old else replace(after, updated=now)


def _event(old: Worker | None, new: Worker, now: int) -> Event:
    if old is None:
        data: dict[str, Plain] = {"name": new.name, "activity": new.activity, "queues": list(new.queues)}
        return Event(type=EventType.WORKER_CREATED, at=now, worker=new.sid, data=data)
    fields = [name for name in _SAID[Worker] if getattr(old, name) != getattr(new, name)]
    told_of: dict[str, Plain] = {"changed": fields, "queues": list(new.queues)}
    return Event(type=EventType.WORKER_ATTRIBUTES, at=now, worker=new.sid, data=told_of)
