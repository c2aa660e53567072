"""Tells the event stream of a workspace in TaskRouter's terms: into SQL, and to the workspace's event callback."""

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from app.core.entities import Entity, Key, Kind, Reservation, Task, Worker
from app.core.events import Event
from app.core.routing.definitions import Rules
from app.core.routing.feed import RouterEvent, translate, wanted
from app.core.routing.feed_fields import Known
from app.followers.follower import Follower
from app.ports.history import HistoryUnavailable
from app.ports.store import Delivered
from app.ports.taskrouter_events import Due, TaskRouterEvents
from app.usecases.context import Context

GROUP = "taskrouter"


def taskrouter_feed(context: Context, events: TaskRouterEvents, consumer: str) -> Follower:
    """A follower that keeps TaskRouter's events of one workspace, and notes whom to tell of them.

    While the database is away nothing is acknowledged, so nothing is lost; what comes again changes nothing.
    """
    keep = partial(_keep, context, events)
    return Follower(context.store, GROUP, consumer, keep, context.clock, transient=(HistoryUnavailable,))


def _keep(context: Context, events: TaskRouterEvents, batch: Sequence[Delivered]) -> Collection[str]:
    rules = context.rules.fresh()
    told = tuple(_translated(context, rules, batch))
    url, events_filter = rules.workspace.event_callback_url, rules.workspace.events_filter
    callbacks = [Due(event, url) for event in told if wanted(event, events_filter)] if url else []
    if told:
        events.record(told, callbacks)
    return tuple(delivered.id for delivered in batch)


def _translated(context: Context, rules: Rules, batch: Sequence[Delivered]) -> Iterator[RouterEvent]:
    keys = tuple(dict.fromkeys(key for delivered in batch for key in _named(delivered.event)))
    found = dict(zip(keys, context.store.read(*keys) if keys else (), strict=True))
    for delivered in batch:
        yield from translate(delivered.id, delivered.event, _known(delivered.event, rules, found))


def _named(event: Event) -> tuple[Key, ...]:
    """The entities an event is about."""
    if event.is_intent:
        return ()
    about = ((Kind.TASK, event.task), (Kind.WORKER, event.worker), (Kind.RESERVATION, event.reservation))
    return tuple(Key(kind, sid) for kind, sid in about if sid)


def _known(event: Event, rules: Rules, found: dict[Key, Entity | None]) -> Known:
    task = found.get(Key(Kind.TASK, event.task))
    worker = found.get(Key(Kind.WORKER, event.worker))
    reservation = found.get(Key(Kind.RESERVATION, event.reservation))
    return Known(
        rules,
        task if isinstance(task, Task) else None,
        worker if isinstance(worker, Worker) else None,
        reservation if isinstance(reservation, Reservation) else None,
    )
