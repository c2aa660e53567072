"""Workers as the API has them: made, found, put into activities, described anew, and removed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.core.change import NOTHING, Change, Write, create, update
from app.core.entities import Activity, Attributes, ReservationState, Worker
from app.core.events import Event, EventType, Plain
from app.core.lifecycle import ReservationEvent
from app.core.missed import activity_data, turned
from app.core.offers import Held
from app.core.routing import sids
from app.core.routing.definitions import Rules, WorkerActivity
from app.core.routing.staff import described
from app.usecases import staffing
from app.usecases.context import Context, settle
from app.usecases.held import reservations_held
from app.usecases.names import is_made, name_note, named_sid, worker_named
from app.usecases.taskrouter import lookups
from app.usecases.taskrouter.lookups import STALE, Fits, any_version, committed
from app.usecases.taskrouter.naming import activity_of
from app.usecases.taskrouter.releasing import rejected
from app.usecases.taskrouter.wording import Refusal, Why


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWorker:
    """A worker to be made. `activity` is a public SID ("": the workspace's default); no `sid`: one of the name."""

    name: str
    attributes: Attributes
    activity: str = ""
    sid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerUpdate:
    """What is to change of a worker; None: stays. `activity` is a public SID."""

    name: str | None = None
    attributes: Attributes | None = None
    activity: str | None = None
    reject_pending: bool = False


def create_worker(context: Context, wanted: NewWorker) -> Worker | Refusal:
    """A new worker, who takes one task at a time of every channel. A friendly name is given to one worker only."""
    refusal = lookups.unstorable(wanted.attributes)
    if refusal:
        return refusal

    def decide() -> tuple[Change, Worker | Refusal]:
        rules, now = context.rules.fresh(), context.clock.now()
        activity = _first_activity(rules, wanted.activity)
        if isinstance(activity, Refusal):
            return NOTHING, activity
        if worker_named(context, rules, wanted.name):
            return NOTHING, _taken(wanted.name)
        worker = described(_made(context, wanted, activity, now), rules)
        data: dict[str, Plain] = {"name": worker.name, "activity": worker.activity, "queues": list(worker.queues)}
        return create(worker, _told(EventType.WORKER_CREATED, worker, now, data)), replace(worker, version=1)

    return settle(context.store, decide)


def _made(context: Context, wanted: NewWorker, activity: WorkerActivity, now: int) -> Worker:
    sid = wanted.sid or named_sid(context, wanted.name)
    if not wanted.sid and context.store.get(Worker, sid):
        # Somebody had this name once, and has another now.
        sid = context.ids.sid(sids.WORKER)
    if sid != named_sid(context, wanted.name):
        context.store.note(name_note(wanted.name), sid)
    return Worker(
        sid=sid, name=wanted.name, attributes=wanted.attributes, activity=activity.sid, available=activity.available,
        activity_since=now, idle_since=now, channels={}, counted=now, created=now, updated=now,
    )  # fmt: skip


def _first_activity(rules: Rules, sid: str) -> WorkerActivity | Refusal:
    activity = activity_of(rules, sid) if sid else rules.activities.get(rules.workspace.default_activity)
    return activity or Refusal(Why.INVALID, f"Activity {sid[:64] or '(default)'} was not found", "ActivitySid")


def update_worker(context: Context, sid: str, wanted: WorkerUpdate, fits: Fits = any_version) -> Worker | Refusal:
    """The worker as changed. A new activity keeps what they have accepted; pending offers only fall if asked."""
    refusal = lookups.unstorable(wanted.attributes)
    if refusal:
        return refusal
    by_file = _of_the_file(context, sid, wanted, fits)
    if by_file is not None:
        return by_file

    def decide() -> tuple[Change, Worker | Refusal]:
        rules = context.rules.fresh()
        worker = lookups.worker_of(context, rules, sid)
        if isinstance(worker, Refusal):
            return NOTHING, worker
        change = _changed(context, worker, wanted, rules) if fits(worker.version) else STALE
        return (NOTHING, change) if isinstance(change, Refusal) else (change, committed(change, worker))

    return settle(context.store, decide)


def _of_the_file(context: Context, sid: str, wanted: WorkerUpdate, fits: Fits) -> Worker | Refusal | None:
    """What the owner's own agents may be told: name and skills are the file's, and so are the meanings of its
    activities (a phone that rings for somebody who goes off duty is let go). None: any worker may be told this.
    """
    rules = context.rules.fresh()
    worker = lookups.worker_of(context, rules, sid)
    if isinstance(worker, Refusal) or is_made(worker.sid):
        return None
    if wanted.name is not None or wanted.attributes is not None:
        return _from_file(worker)
    activity = activity_of(rules, wanted.activity) if wanted.activity else None
    if activity is None or not activity.from_file or wanted.reject_pending:
        return None
    if not fits(worker.version):
        return STALE
    staffing.set_activity(context, worker.sid, Activity(activity.sid))
    return lookups.worker_of(context, rules, sid)


def _changed(context: Context, worker: Worker, wanted: WorkerUpdate, rules: Rules) -> Change | Refusal:
    now = context.clock.now()
    change: Change | Refusal = NOTHING
    if wanted.activity:
        change = _active(context, worker, wanted, rules, now)
    elif wanted.reject_pending:
        return _needs_unavailable()
    if isinstance(change, Refusal):
        return change
    if wanted.name is not None:
        renamed = _renamed(context, change.latest(worker), wanted.name, rules, now)
        if isinstance(renamed, Refusal):
            return renamed
        change += renamed
    if wanted.attributes is not None:
        change += _described(change.latest(worker), wanted.attributes, rules, now)
    return change


def _active(context: Context, worker: Worker, wanted: WorkerUpdate, rules: Rules, now: int) -> Change | Refusal:
    activity = activity_of(rules, wanted.activity or "")
    if activity is None:
        return Refusal(Why.INVALID, f"Activity {(wanted.activity or '')[:64]} was not found", "ActivitySid")
    if not wanted.reject_pending:
        return in_activity(worker, activity, rules, now)
    if activity.available:
        return _needs_unavailable()
    change = in_activity(worker, activity, rules, now)
    for held in reservations_held(context.store, worker.reservations):
        if held.reservation.state is ReservationState.PENDING:
            present = Held(held.reservation, change.latest(worker))
            change += rejected(context, present, f"went into {activity.name}", ReservationEvent.REJECT)
    return change


def _needs_unavailable() -> Refusal:
    message = "RejectPendingReservations goes with an activity that is not available"
    return Refusal(Why.INVALID, message, "RejectPendingReservations")


def in_activity(worker: Worker, activity: WorkerActivity, rules: Rules, now: int) -> Change:
    """The worker in an activity; what they hold is not looked at. They count as idle from now."""
    if worker.activity == activity.sid:
        return NOTHING
    after_it = turned(worker, activity.sid, now, available=activity.available)
    after = described(replace(after_it, missed={}, idle_since=now), rules)
    event = _told(EventType.WORKER_CHANGED, after, now, activity_data(worker, after, now))
    return update(worker, after, event)


def _renamed(context: Context, worker: Worker, name: str, rules: Rules, now: int) -> Change | Refusal:
    if worker.name == name:
        return NOTHING
    other = worker_named(context, rules, name)
    if other and other.sid != worker.sid:
        return _taken(name)
    if worker.sid != named_sid(context, name):
        context.store.note(name_note(name), worker.sid)
    after = described(replace(worker, name=name, updated=now), rules)
    return update(worker, after, _told(EventType.WORKER_ATTRIBUTES, after, now, {"changed": ["name"]}))


def _described(worker: Worker, attributes: Attributes, rules: Rules, now: int) -> Change:
    if worker.attributes == attributes:
        return NOTHING
    after = described(replace(worker, attributes=attributes, updated=now), rules)
    data: dict[str, Plain] = {"changed": ["attributes"], "queues": list(after.queues)}
    return update(worker, after, _told(EventType.WORKER_ATTRIBUTES, after, now, data))


def delete_worker(context: Context, sid: str, fits: Fits = any_version) -> Worker | Refusal:
    """Removes a worker who holds no task and is offered none."""

    def decide() -> tuple[Change, Worker | Refusal]:
        worker = lookups.worker_of(context, context.rules.fresh(), sid)
        refusal = worker if isinstance(worker, Refusal) else _kept(worker, fits)
        if refusal or isinstance(worker, Refusal):
            return NOTHING, refusal or worker
        data: dict[str, Plain] = {"name": worker.name, "activity": worker.activity}
        event = _told(EventType.WORKER_DELETED, worker, context.clock.now(), data)
        return Change((Write(worker, None),), (event,)), worker

    return settle(context.store, decide)


def _kept(worker: Worker, fits: Fits) -> Refusal | None:
    if not is_made(worker.sid):
        return _from_file(worker)
    if worker.reservations:
        return Refusal(Why.IN_USE, f"Worker {worker.sid} holds {len(worker.reservations)} reservations")
    return None if fits(worker.version) else STALE


def _from_file(worker: Worker) -> Refusal:
    return Refusal(Why.FROM_FILE, f"Worker {worker.sid} comes from the owner's file; change it there")


def _taken(name: str) -> Refusal:
    return Refusal(Why.TAKEN, f"Worker named {name} already exists in this workspace", "FriendlyName")


def _told(kind: EventType, worker: Worker, now: int, data: Mapping[str, Plain]) -> Event:
    return Event(type=kind, at=now, worker=worker.sid, data=data)
