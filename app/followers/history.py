"""The historian: copies the event stream, and the personal texts it refers to, into history."""

from collections.abc import Collection, Sequence
from functools import partial

from app.core.change import Personal
from app.followers.follower import Follower
from app.ports.clock import Clock
from app.ports.history import History, HistoryUnavailable
from app.ports.store import Delivered, Store

GROUP = "history"


def historian(store: Store, history: History, clock: Clock, consumer: str) -> Follower:
    """A follower that keeps everything. While the database is away nothing is acknowledged, so nothing is lost."""
    keep = partial(_keep, store, history)
    return Follower(store, GROUP, consumer, keep, clock, transient=(HistoryUnavailable,))


def _keep(store: Store, history: History, batch: Sequence[Delivered]) -> Collection[str]:
    calls = dict.fromkeys(delivered.event.call for delivered in batch if delivered.event.call)
    personal = [Personal(call, field, text) for call in calls for field, text in store.personal(call).items()]
    history.record(batch, personal)
    return tuple(delivered.id for delivered in batch)
