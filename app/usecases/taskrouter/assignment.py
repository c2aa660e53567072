"""The assignment callback: what the workflow's program is told of a reservation, and what its answer means."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal

from app.core import offers
from app.core.change import Change
from app.core.entities import Reservation, ReservationState, Task, Worker
from app.core.events import Event, EventType
from app.core.routing import sids
from app.core.routing.definitions import Rules
from app.core.routing.instructions import InstructionError, read_callback
from app.ports.callbacks import Reply
from app.usecases.context import Context
from app.usecases.held import Known, known
from app.usecases.taskrouter.enqueued import caller_of
from app.usecases.taskrouter.instructions import carry_out
from app.usecases.taskrouter.wording import Refusal
from app.usecases.taskrouter.worker_leg import order_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a reservation: the form, and the addresses to try in their order."""

    addresses: tuple[str, ...]
    form: Mapping[str, str]
    method: Literal["POST", "GET"] = "POST"


class Assignment:
    """Asks for one workspace; `account` is the account's SID, as the program knows it."""

    def __init__(self, context: Context, account: str) -> None:
        self._context = context
        self._account = account

    def question(self, sid: str) -> Question | None:
        """What to ask about a reservation; None when it is decided already or nobody wants to be asked."""
        read = known(self._context.store, sid)
        if read is None or read.reservation.state is not ReservationState.PENDING:
            return None
        rules = self._context.rules.current()
        workflow = rules.workflows.get(read.task.workflow)
        if workflow is None or not workflow.callback_url:
            return None
        addresses = tuple(filter(None, (workflow.callback_url, workflow.fallback_callback_url)))
        return Question(addresses, self._form(read, rules))

    def take(self, sid: str, reply: Reply) -> str:
        """Does what an answer says; returns why it cannot be used ("": it was)."""
        if reply.status != 200:
            return f"HTTP {reply.status}"
        kind = reply.content_type.partition(";")[0].strip().lower()
        if reply.body.strip() and kind != "application/json":
            return f"the content type {kind[:40] or '(none)'}"
        try:
            wanted = read_callback(reply.body)
        except InstructionError as error:
            return str(error)
        if wanted is None:
            return ""
        offered = self._context.store.offered(sid)
        if offered.reservation is None or offered.reservation.state is not ReservationState.PENDING:
            return ""  # the program decided over the API before it answered
        done = carry_out(self._context, offered, wanted)
        return done.message if isinstance(done, Refusal) else ""

    def failed(self, sid: str, why: str) -> None:
        """No answer could be used: the reservation stays pending until it is accepted or times out."""
        reservation = self._context.store.get(Reservation, sid)
        log.warning("an assignment callback had no usable answer (reservation %s): %s", sid, why)
        if reservation is not None:
            told = offers.event(EventType.ASSIGNMENT_FAILED, reservation, self._context.clock.now(), reason=why)
            self._context.store.commit(Change(events=(told,)))

    def progress(self, event: Event) -> Question | None:
        """Whom to tell how a worker's call gets on (`intent.report`), and what; the answer is of no interest."""
        read, instruction = (
            known(self._context.store, event.reservation),
            order_of(self._context.store, event.reservation),
        )
        if read is None or instruction is None:
            return None
        at = format_datetime(datetime.fromtimestamp(event.at // 1000, UTC))
        form = {
            "AccountSid": self._account,
            "ApiVersion": "2010-04-01",
            "CallSid": str(event.data["leg"]),
            "CallStatus": str(event.data["status"]),
            "CallbackSource": "call-progress-events",
            "Direction": "outbound-api",
            "From": instruction.text("from"),
            "SequenceNumber": str(event.data["number"]),
            "Timestamp": at,
            "To": instruction.text("to"),
            "taskCallSid": caller_of(read.task),
        }
        if event.data["seconds"]:
            form["CallDuration"] = str(event.data["seconds"])
        return Question((instruction.status_address,), form, "GET" if instruction.status_method == "GET" else "POST")

    def _form(self, read: Known, rules: Rules) -> Mapping[str, str]:
        workspace, now = self._context.workspace, self._context.clock.now()
        return {
            "Timestamp": str(now // 1000),
            "AccountSid": self._account,
            "WorkspaceSid": sids.public(sids.WORKSPACE, "", workspace),
            "WorkspaceName": rules.workspace.name,
            "ReservationSid": read.reservation.sid,
            **_task(read.task, rules, now),
            **_worker(read.worker, rules),
        }


def _task(task: Task, rules: Rules, now: int) -> dict[str, str]:
    inside = rules.workspace.sid
    queue, workflow = rules.queues.get(task.queue), rules.workflows.get(task.workflow)
    channel = next((item for item in rules.channels.values() if item.unique_name == task.channel), None)
    return {
        "TaskSid": task.sid,
        "TaskAttributes": _json(task.attributes),
        "TaskAge": str((now - task.created) // 1000),
        "TaskPriority": str(task.priority),
        "TaskAssignmentStatus": task.state.value,
        "TaskChannelSid": sids.public(sids.CHANNEL, inside, channel.sid) if channel else "",
        "TaskChannelUniqueName": task.channel,
        "TaskQueueSid": sids.public(sids.QUEUE, inside, task.queue),
        "TaskQueueName": queue.name if queue else "",
        "WorkflowSid": sids.public(sids.WORKFLOW, inside, task.workflow),
        "WorkflowName": workflow.name if workflow else "",
    }


def _worker(worker: Worker, rules: Rules) -> dict[str, str]:
    activity = rules.activities.get(worker.activity)
    return {
        "WorkerSid": rules.people.get(worker.sid, worker.sid),
        "WorkerName": worker.name or worker.sid,
        "WorkerAttributes": _json(worker.attributes),
        "WorkerActivitySid": sids.public(sids.ACTIVITY, rules.workspace.sid, worker.activity),
        "WorkerActivityName": activity.name if activity else str(worker.activity),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
