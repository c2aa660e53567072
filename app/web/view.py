"""What the live page shows, as plain values: pure functions from a snapshot and the owner's file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from app.core.config import Config
from app.core.entities import (
    Activity,
    Call,
    CallState,
    Reservation,
    ReservationState,
    Task,
    TaskState,
    Worker,
)
from app.core.serving import place
from app.core.skills import split_line
from app.core.workflow import queue_of
from app.ports.store import Snapshot

View = dict[str, Any]

STATES: Mapping[CallState, str] = {
    CallState.LISTENING: "listening to them",
    CallState.TRANSCRIBING: "writing down what they said",
    CallState.CONFIRMING: "making sure",
    CallState.CHOOSING: "choosing by key",
    CallState.WAITING: "waiting",
    CallState.CONNECTED: "talking",
    CallState.FORWARDED: "put through",
    CallState.LEAVING_MESSAGE: "leaving a message",
    CallState.TOLD: "being told",
    CallState.ON_AGENT_LINE: "on the agents' line",
    CallState.ENDED: "ended",
}
_DOING: Mapping[ReservationState, str] = {
    ReservationState.PENDING: "ringing",
    ReservationState.ACCEPTED: "talking",
    ReservationState.WRAPPING: "wrapping up",
}
_QUIET: Mapping[str, str] = {
    Activity.AVAILABLE: "free",
    Activity.BREAK: "on a break",
    Activity.OFF: "off duty",
}


def masked(phone: str) -> str:
    """A number as lists show it: its last four digits."""
    if not phone:
        return "withheld"
    return f"••• {phone[-4:]}" if len(phone) > 4 else "•••"


def live(snapshot: Snapshot, config: Config, heard: Mapping[str, str]) -> View:
    """The whole live page; `heard` holds the latest words of each call. The page itself turns instants into waits."""
    tasks = {task.sid: task for task in snapshot.tasks}
    line = positions(snapshot.tasks)
    offers = _offers(snapshot.reservations)
    waiting, busy = [], []
    for call in snapshot.calls:
        task = tasks.get(call.task)
        if call.state is CallState.WAITING and task is not None and task.sid in line:
            waiting.append(_waiting(call, task, line[task.sid], config, heard, offers.get(task.sid, ())))
        else:
            busy.append(_in_progress(call, task, config, heard))
    waiting.sort(key=lambda row: (row["queue"], row["position"]))
    return {
        "business": config.business,
        "waiting": waiting,
        "in_progress": busy,
        "agents": agents(snapshot),
    }


def positions(tasks: Iterable[Task]) -> dict[str, int]:
    """Each waiting task's place in its line, from 1: the order the store serves them in."""
    lines: defaultdict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.state in (TaskState.PENDING, TaskState.RESERVED):
            lines[split_line(task.queue)[0]].append(task)
    return {task.sid: number for line in lines.values() for number, task in enumerate(sorted(line, key=place), start=1)}


def agents(snapshot: Snapshot) -> list[View]:
    """Every agent with what they are doing, by name."""
    held = {reservation.sid: reservation for reservation in snapshot.reservations}
    return [_agent(worker, held) for worker in snapshot.workers]


def title_of(queue: str, config: Config) -> str:
    """A queue's name as people read it."""
    known = queue_of(config, queue)
    return known.title if known else queue.removeprefix("@")


def _waiting(
    call: Call, task: Task, position: int, config: Config, heard: Mapping[str, str], ringing: Iterable[str]
) -> View:
    return {
        **_caller(call, heard),
        "queue": task.queue,
        "queue_title": title_of(task.queue, config),
        "position": position,
        "since": task.created,
        "priority": task.priority,
        "ringing": sorted(ringing),
    }


def _in_progress(call: Call, task: Task | None, config: Config, heard: Mapping[str, str]) -> View:
    return {
        **_caller(call, heard),
        "state": call.state.value,
        "state_title": STATES[call.state],
        "agent": call.worker if call.state is CallState.CONNECTED else "",
        "queue_title": title_of(task.queue, config) if task else "",
        "since": call.started,
    }


def _caller(call: Call, heard: Mapping[str, str]) -> View:
    return {
        "call": call.sid,
        "caller": masked(call.caller),
        "vip": call.vip,
        "mood": call.mood.value,
        "heard": heard.get(call.sid, ""),
    }


def _offers(reservations: Iterable[Reservation]) -> Mapping[str, list[str]]:
    ringing: defaultdict[str, list[str]] = defaultdict(list)
    for reservation in reservations:
        if reservation.state is ReservationState.PENDING:
            ringing[reservation.task].append(reservation.worker)
    return ringing


def _agent(worker: Worker, held: Mapping[str, Reservation]) -> View:
    current = next((held[sid] for sid in worker.reservations if sid in held), None)
    doing = _DOING.get(current.state, "") if current else ""
    return {
        "name": worker.sid,
        "activity": str(worker.activity),
        "state": doing or _QUIET.get(worker.activity, worker.activity),
        "since": current.created if current else worker.idle_since,
        "call": current.call if current else "",
        "missed": sum(worker.missed.values()),
    }
