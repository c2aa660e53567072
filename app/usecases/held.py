"""Reads a task's offers together with the workers they hold."""

from collections.abc import Sequence

from app.core.entities import Key, Kind, Reservation, ReservationState, Task, Worker
from app.core.offers import Held
from app.ports.store import Store


def offers_of(store: Store, task: Task, *, besides: str = "") -> tuple[Held, ...]:
    """The task's pending offers, but for the reservation `besides`."""
    sids = [sid for sid in task.reservations if sid != besides]
    held = reservations_held(store, sids)
    return tuple(item for item in held if item.reservation.state is ReservationState.PENDING)


def reservations_held(store: Store, sids: Sequence[str]) -> tuple[Held, ...]:
    """Reservations with their workers; those that are gone are left out."""
    if not sids:
        return ()
    read = store.read(*(Key(Kind.RESERVATION, sid) for sid in sids))
    reservations = [entity for entity in read if isinstance(entity, Reservation)]
    workers = store.read(*(Key(Kind.WORKER, item.worker) for item in reservations)) if reservations else ()
    return tuple(
        Held(reservation, worker)
        for reservation, worker in zip(reservations, workers, strict=True)
        if isinstance(worker, Worker)
    )
