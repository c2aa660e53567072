"""Every legal transition of a task, a reservation and a call, as tables; all else is an `IllegalTransition`."""

from collections.abc import Mapping
from enum import StrEnum

from app.core.entities import CallState, ReservationState, TaskState

T = TaskState
R = ReservationState
C = CallState


class TaskEvent(StrEnum):
    """What can happen to a task."""

    RESERVE = "reserve"
    RELEASE = "release"
    MOVE = "move"
    ACCEPT = "accept"
    WRAP = "wrap"
    COMPLETE = "complete"
    CANCEL = "cancel"


class ReservationEvent(StrEnum):
    """What can happen to a reservation."""

    ACCEPT = "accept"
    REJECT = "reject"
    TIME_OUT = "time_out"
    CANCEL = "cancel"
    RESCIND = "rescind"
    DROP = "drop"
    WRAP = "wrap"
    COMPLETE = "complete"


class IllegalTransition(Exception):
    """Our own mistake: a decision asked for a transition that the table does not have. Nothing has changed."""


TASK: Mapping[TaskState, Mapping[TaskEvent, TaskState]] = {
    T.PENDING: {TaskEvent.RESERVE: T.RESERVED, TaskEvent.MOVE: T.PENDING, TaskEvent.CANCEL: T.CANCELED},
    T.RESERVED: {
        TaskEvent.RESERVE: T.RESERVED,
        TaskEvent.RELEASE: T.PENDING,
        TaskEvent.MOVE: T.PENDING,
        TaskEvent.ACCEPT: T.ASSIGNED,
        TaskEvent.CANCEL: T.CANCELED,
    },
    T.ASSIGNED: {TaskEvent.RELEASE: T.PENDING, TaskEvent.WRAP: T.WRAPPING, TaskEvent.COMPLETE: T.COMPLETED},
    T.WRAPPING: {TaskEvent.COMPLETE: T.COMPLETED},
    T.COMPLETED: {},
    T.CANCELED: {},
}

RESERVATION: Mapping[ReservationState, Mapping[ReservationEvent, ReservationState]] = {
    R.PENDING: {
        ReservationEvent.ACCEPT: R.ACCEPTED,
        ReservationEvent.REJECT: R.REJECTED,
        ReservationEvent.TIME_OUT: R.TIMEOUT,
        ReservationEvent.CANCEL: R.CANCELED,
        ReservationEvent.RESCIND: R.RESCINDED,
    },
    R.ACCEPTED: {
        ReservationEvent.DROP: R.TIMEOUT,
        ReservationEvent.WRAP: R.WRAPPING,
        ReservationEvent.COMPLETE: R.COMPLETED,
    },
    R.WRAPPING: {ReservationEvent.COMPLETE: R.COMPLETED},
    R.REJECTED: {},
    R.TIMEOUT: {},
    R.CANCELED: {},
    R.RESCINDED: {},
    R.COMPLETED: {},
}

_CONVERSING = frozenset({C.LISTENING, C.TRANSCRIBING, C.CONFIRMING, C.CHOOSING})
_PLACES = frozenset({C.WAITING, C.FORWARDED, C.LEAVING_MESSAGE, C.TOLD, C.ENDED})

CALL: Mapping[CallState, frozenset[CallState]] = {
    **dict.fromkeys(_CONVERSING, _CONVERSING | _PLACES),
    C.WAITING: frozenset({C.CONNECTED, C.CHOOSING}) | _PLACES,
    C.CONNECTED: frozenset({C.TOLD, C.WAITING, C.LEAVING_MESSAGE, C.ENDED}),
    C.FORWARDED: frozenset({C.CHOOSING}) | _PLACES,
    C.LEAVING_MESSAGE: frozenset({C.TOLD, C.ENDED}),
    C.TOLD: frozenset({C.ENDED}),
    C.ON_AGENT_LINE: frozenset({C.ON_AGENT_LINE, C.TOLD, C.ENDED}),
    C.ENDED: frozenset(),
}


def task_after(state: TaskState, event: TaskEvent) -> TaskState:
    """The task's next state."""
    try:
        return TASK[state][event]
    except KeyError:
        raise IllegalTransition(f"a {state} task cannot {event}") from None


def reservation_after(state: ReservationState, event: ReservationEvent) -> ReservationState:
    """The reservation's next state."""
    try:
        return RESERVATION[state][event]
    except KeyError:
        raise IllegalTransition(f"a {state} reservation cannot {event}") from None


def call_to(state: CallState, new: CallState) -> CallState:
    """`new`, if a call may go there from `state`."""
    if new not in CALL[state]:
        raise IllegalTransition(f"a call that is {state} cannot become {new}")
    return new
