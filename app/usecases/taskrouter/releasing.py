"""A worker lets an offer go: they reject it, or its time is declared over."""

from app.core import offers
from app.core.change import NOTHING, Change
from app.core.entities import Task
from app.core.events import EventType
from app.core.lifecycle import ReservationEvent
from app.core.offers import Held
from app.usecases.context import Context
from app.usecases.terms import terms_of


def rejected(context: Context, held: Held, reason: str, how: ReservationEvent) -> Change:
    """The offer ends (`REJECT` or `TIME_OUT`) and its task goes back to its place in line.

    A phone that still rings for it stops ringing. An offer whose task is gone is left to its own deadline.
    """
    task, now = context.store.get(Task, held.reservation.task), context.clock.now()
    if task is None:
        return NOTHING
    change = offers.release(task, held, how, reason, terms_of(context, task), now)
    leg = held.reservation.leg
    if not leg or how is not ReservationEvent.REJECT:
        return change
    ringing = not held.reservation.answered
    return change + Change(
        events=(offers.event(EventType.INTENT_HANG_UP, held.reservation, now, leg=leg, ringing=ringing),)
    )
