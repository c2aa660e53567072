"""The breaker at work: our own line comes under suspicion and is cleared again, and no agent pays for it."""

from collections.abc import Sequence
from dataclasses import replace

from app.core.breaker import cascade, failed, latest, reached
from app.core.change import Change, update
from app.core.config import LinkWatch
from app.core.entities import Activity, Key, Kind, Reservation, Worker
from app.core.events import Event, EventType
from app.core.hours import is_open
from app.core.indexes import ENDED_RESERVATIONS, LIVE_RESERVATIONS
from app.ports.store import Delivered, Store
from app.usecases.context import Context, settle
from app.usecases.link import suspect, suspected_since, watch_of
from app.usecases.reception import local_time
from app.usecases.staffing import activity_changed

ONCE = 30
"""For so many seconds, two processes that see the same turn tell of it once."""
BACK = "Our own line was at fault for the calls you missed. You are on duty again."
_TELLING = frozenset(
    {EventType.RESERVATION_TIMEOUT, EventType.RESERVATION_ACCEPTED, EventType.RESERVATION_REJECTED}
)  # fmt: skip


def watch_the_line(context: Context, deliveries: Sequence[Delivered]) -> bool:
    """Looks at what came of the latest offers if these events tell of any; whether our line was just cleared."""
    watch = watch_of(context)
    if watch is None or not any(delivery.event.type in _TELLING for delivery in deliveries):
        return False
    store, now = context.store, context.clock.now()
    offers = latest_offers(store, watch)
    since = suspected_since(store)
    if since and any(reached(offer) >= since for offer in offers):
        return _cleared(context, since, now)
    if not since and cascade(offers, watch, now):
        since = now
        suspect(store, since)
        # An offer that failed meanwhile did not know it yet.
        offers = latest_offers(store, watch)
        if store.claim("link:alert", ONCE):
            _tell(context, EventType.ALERT_LINK_SUSPECTED, failed=len(cascade(offers, watch, now)), of=watch.of)
    if since:
        _forgive(context, [offer for offer in latest(offers, watch, now) if failed(offer)])
    return False


def latest_offers(store: Store, watch: LinkWatch) -> tuple[Reservation, ...]:
    """More than enough of the latest offers of calls, those in progress among them."""
    wanted = 2 * watch.of
    sizes = store.size(ENDED_RESERVATIONS, LIVE_RESERVATIONS)
    names = zip((ENDED_RESERVATIONS, LIVE_RESERVATIONS), sizes, strict=True)
    sids = [sid for name, size in names for sid in store.members(name, start=max(0, size - wanted), count=wanted)]
    read = store.read(*(Key(Kind.RESERVATION, sid) for sid in sids)) if sids else ()
    return tuple(offer for offer in read if isinstance(offer, Reservation) and offer.call and not offer.workflow)


def _cleared(context: Context, since: int, now: int) -> bool:
    suspect(context.store, 0)
    if not context.store.claim(f"link:cleared:{since}", ONCE):
        return False
    _tell(context, EventType.ALERT_LINK_RESTORED, seconds=(now - since) // 1000)
    return True


def _tell(context: Context, kind: EventType, **data: int) -> None:
    context.store.commit(Change(events=(Event(type=kind, at=context.clock.now(), data=dict(data)),)))


def _forgive(context: Context, failures: Sequence[Reservation]) -> None:
    """Nobody has missed these; whom the last of them took off duty is put back on, unless their shift is over."""
    ends = {offer.worker: offer.ended for offer in sorted(failures, key=lambda offer: offer.ended)}
    for name, ended in ends.items():
        settle(context.store, lambda name=name, ended=ended: (_forgiven(context, name, ended), None))  # type: ignore[misc]


def _forgiven(context: Context, name: str, ended: int) -> Change:
    worker, now = context.store.get(Worker, name), context.clock.now()
    if worker is None:
        return Change()
    innocent = replace(worker, missed={})
    change = update(worker, innocent) if worker.missed else Change()
    # Nothing else sets them off duty in the very instant in which an offer to them fails.
    if worker.activity != Activity.OFF or worker.activity_since != ended or not _at_work(context, name, now):
        return change
    told = Event(type=EventType.INTENT_TELL, at=now, worker=name, data={"text": BACK})
    return change + activity_changed(innocent, Activity.AVAILABLE, now) + Change(events=(told,))


def _at_work(context: Context, name: str, now: int) -> bool:
    config = context.configs.current()
    agent = config.agents.get(name)
    return agent is not None and is_open(agent.shifts, local_time(now, config))
