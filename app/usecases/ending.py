"""A call ends: offers are taken back at once, a conversation goes into wrap-up, and the end is counted once."""

from dataclasses import replace

from app.core import offers, tasks
from app.core.change import Change, update
from app.core.config import Config
from app.core.entities import Call, CallState, ReservationState, Task, TaskState
from app.core.events import Event, EventType, Plain
from app.core.lifecycle import ReservationEvent, call_to
from app.core.missed import FORGET_MS, owner_terms
from app.core.workflow import queue_of
from app.usecases.context import Context, settle
from app.usecases.held import offers_of, reservations_held
from app.usecases.moving import moved_event
from app.usecases.remembering import remembered

MET_MS = 3_000
_OUTCOME = {CallState.TOLD: "message", CallState.FORWARDED: "forwarded"}


def ended(context: Context, sid: str, status: str) -> None:
    """The carrier says the caller's call is over; unknown and repeated ends change nothing."""

    def decide() -> tuple[Change, None]:
        call = context.store.get(Call, sid)
        if call is None or call.state is CallState.ENDED:
            return Change(), None
        return _end(context, call, status), None

    settle(context.store, decide)


def _end(context: Context, call: Call, status: str) -> Change:
    now = context.clock.now()
    config = context.configs.get(call.config)
    outcome = call.outcome or _OUTCOME.get(call.state, "abandoned")
    over = replace(
        call, state=call_to(call.state, CallState.ENDED), outcome=outcome, ended=now, deadline=now + FORGET_MS
    )
    data: dict[str, Plain] = {
        "outcome": outcome, "status": status, "was": call.state.value, "seconds": (now - call.started) // 1000,
        "route": call.route, "mood": call.mood.value, "worker": call.worker, "utterances": call.utterances,
    }  # fmt: skip
    event = Event(type=EventType.CALL_ENDED, at=now, call=call.sid, task=call.task, data=data)
    return update(call, over, event) + end_of_conversation(context, call, config, hang_up=True)


def end_of_conversation(context: Context, call: Call, config: Config, *, hang_up: bool = False) -> Change:
    """What the end of a call means for its task: abandoned if it was waiting, wrapped up if it was being served."""
    now = context.clock.now()
    task = context.store.get(Task, call.task) if call.task else None
    if task is None:
        return Change()
    if tasks.is_waiting(task):
        return tasks.cancel(task, offers_of(context.store, task), "the caller hung up", now)
    if task.state is not TaskState.ASSIGNED:
        return Change()
    change = Change()
    for held in reservations_held(context.store, task.reservations):
        if held.reservation.state is ReservationState.ACCEPTED:
            change += offers.wrap_up(task, held, queue_of(config, task.queue), now)
            change += _free_the_phone(held, now) if hang_up else Change()
            change += remembered(context, call, held.worker.sid, config)
    return change


def hardly_met(task: Task | None, now: int) -> bool:
    """Whether the agent had no time to talk: their line dropped, or the two never came together."""
    return task is not None and task.state is TaskState.ASSIGNED and now - task.assigned < MET_MS


def part(context: Context, call: Call, config: Config, *, bridged: bool = True) -> tuple[Call, Change]:
    """Agent and caller are apart, and the caller may still be there: thanked, or back in line if they hardly met."""
    now = context.clock.now()
    task = context.store.get(Task, call.task) if call.task else None
    taken = reservations_held(context.store, task.reservations) if task else ()
    unserved = hardly_met(task, now) or (not bridged and task is not None and task.state is TaskState.ASSIGNED)
    if task is None or not unserved or not taken:
        told = replace(
            call, state=call_to(call.state, CallState.TOLD), say_first=config.turns.goodbye, turn=call.turn + 1
        )
        return told, update(call, told) + end_of_conversation(context, call, config)
    back = replace(
        call, state=call_to(call.state, CallState.WAITING), say_first=config.turns.connecting, worker="", outcome="",
        turn=call.turn + 1, streaming=False, ears_lost=call.ears_lost + 1,
    )  # fmt: skip
    reason = "the line dropped before they met the caller"
    released = offers.release(task, taken[0], ReservationEvent.DROP, reason, owner_terms(config, task.queue), now)
    return back, update(call, back, moved_event(back, now)) + released


def _free_the_phone(held: offers.Held, now: int) -> Change:
    """An agent whose caller is gone for good must not sit in an empty room."""
    leg = held.reservation.leg
    data: dict[str, Plain] = {"leg": leg, "ringing": False}
    event = Event(
        type=EventType.INTENT_HANG_UP, at=now, call=held.reservation.call, worker=held.worker.sid,
        reservation=held.reservation.sid, data=data,
    )  # fmt: skip
    return Change(events=(event,)) if leg else Change()
