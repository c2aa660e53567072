"""A form with an instruction for a reservation, on its way to those who carry instructions out."""

from collections.abc import Mapping

from app.core.entities import Reservation
from app.core.routing.instructions import Order
from app.usecases.context import Context
from app.usecases.taskrouter.instructions import instruct
from app.usecases.taskrouter.lookups import STALE, Fits, any_version
from app.usecases.taskrouter.reservations import accept, reject
from app.usecases.taskrouter.wording import Refusal, Why


def instructed(context: Context, sid: str, form: Mapping[str, str], fits: Fits = any_version) -> Reservation | Refusal:
    """Does what the form says. A caller of the owner's file is met on the phone that rings, and nowhere else."""
    order = form.get("Instruction")
    if order == Order.ACCEPT:
        return accept(context, sid, fits)
    if order == Order.REJECT:
        return reject(context, sid, form.get("WorkerActivitySid", ""), fits)
    offered = context.store.offered(sid)
    if offered.reservation is None:
        return Refusal(Why.NOT_FOUND, f"Reservation {sid[:64]} was not found")
    if not fits(offered.reservation.version):
        return STALE
    if offered.reservation.call:
        message = "it is a caller's, and is accepted on the phone that rings"
        return Refusal(Why.ILLEGAL, f"Reservation {sid} takes no instruction but reject: {message}", "Instruction")
    return instruct(context, offered, form)
