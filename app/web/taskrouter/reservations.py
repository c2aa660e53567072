"""`/Tasks/{sid}/Reservations` and `/Workers/{sid}/Reservations`: offers of tasks to workers, seen from either side."""

from functools import partial

from flask import Response, request

from app.core.entities import Reservation, ReservationState
from app.core.routing import sids
from app.usecases.taskrouter.instructed import instructed
from app.usecases.taskrouter.lookups import names_of
from app.usecases.taskrouter.reservations import Owner, reservation_of, reservations_of, update_reservation
from app.usecases.taskrouter.walking import place_of
from app.web.taskrouter import answers, etags, forms
from app.web.taskrouter.errors import granted, invalid
from app.web.taskrouter.paging import listed
from app.web.taskrouter.scope import Routes, Scope


def add_to(routes: Routes) -> None:
    """Serves reservations at both addresses."""
    routes.at("/Tasks/<task>/Reservations", get=every)
    routes.at("/Tasks/<task>/Reservations/<sid>", get=fetch, post=update)
    routes.at("/Workers/<worker>/Reservations", get=every)
    routes.at("/Workers/<worker>/Reservations/<sid>", get=fetch, post=update)


def every(scope: Scope, task: str = "", worker: str = "") -> Response:
    """The reservations of a task or a worker, oldest first."""
    asked, owner = forms.query(), Owner(task, worker)
    state = asked.choice("ReservationStatus", ReservationState) if asked.text("ReservationStatus") else None
    held_by = asked.sid("WorkerSid", sids.WORKER) or ""

    def wanted(item: Reservation) -> bool:
        return state in (None, item.state) and held_by in ("", scope.public(sids.WORKER, item.worker))

    found = granted(reservations_of(scope.context, owner, wanted))
    names = names_of(scope.context, found)
    return listed("reservations", found, place_of, lambda item: _body(scope, owner, item, names[item.worker]))


def fetch(scope: Scope, sid: str, task: str = "", worker: str = "") -> Response:
    """One reservation."""
    owner = Owner(task, worker)
    return _answer(scope, owner, granted(reservation_of(scope.context, owner, sid)))


def update(scope: Scope, sid: str, task: str = "", worker: str = "") -> Response:
    """Answers a reservation: with a status, or with an instruction that says how worker and task meet."""
    owner, form = Owner(task, worker), forms.body()
    granted(reservation_of(scope.context, owner, sid))
    if form.text("Instruction"):
        order = partial(instructed, scope.context, sid, request.form.to_dict())
        return _answer(scope, owner, granted(order(etags.matches)))
    status = form.choice("ReservationStatus", ReservationState) if form.text("ReservationStatus") else None
    if status is None:
        raise invalid("ReservationStatus", "Missing required parameter ReservationStatus or Instruction")
    activity = form.sid("WorkerActivitySid", sids.ACTIVITY) or ""
    return _answer(scope, owner, granted(update_reservation(scope.context, sid, status, activity, etags.matches)))


def _answer(scope: Scope, owner: Owner, reservation: Reservation) -> Response:
    name = names_of(scope.context, [reservation])[reservation.worker]
    return answers.one(_body(scope, owner, reservation, name), version=reservation.version)


def _body(scope: Scope, owner: Owner, reservation: Reservation, worker_name: str) -> answers.Body:
    worker = scope.public(sids.WORKER, reservation.worker)
    seen_from = scope.address("Tasks", reservation.task) if owner.task else scope.address("Workers", worker)
    return {
        "sid": reservation.sid,
        "account_sid": scope.account,
        "workspace_sid": scope.sid,
        "task_sid": reservation.task,
        "worker_sid": worker,
        "worker_name": worker_name,
        "reservation_status": reservation.state,
        "date_created": answers.moment(reservation.created),
        "date_updated": answers.moment(reservation.updated),
        "url": f"{seen_from}/Reservations/{reservation.sid}",
        "links": {
            "workspace": scope.url,
            "task": scope.address("Tasks", reservation.task),
            "worker": scope.address("Workers", worker),
        },
    }
