"""Reads a task's offers together with the workers they hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.entities import Call, Key, Kind, Reservation, ReservationState, Task, Worker
from app.core.offers import Held
from app.ports.store import Store


@dataclass(frozen=True, slots=True)
class Known:
    """A reservation and everything it concerns, read at one instant; not every task is a call's."""

    reservation: Reservation
    task: Task
    call: Call | None
    worker: Worker

    @property
    def held(self) -> Held:
        """The reservation with its worker."""
        return Held(self.reservation, self.worker)


def known(store: Store, sid: str) -> Known | None:
    """A reservation with its task, call and worker; None when one of them is gone."""
    read = store.offered(sid)
    if read.reservation is None or read.task is None or read.worker is None:
        return None
    return Known(read.reservation, read.task, read.call, read.worker)


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
