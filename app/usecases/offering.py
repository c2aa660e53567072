"""The agent's side: their phone rings, they hear who it is, and press a key or do not."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.core import offers
from app.core.change import Change, Write, update
from app.core.config import Config, Miss
from app.core.entities import Activity, Call, CallState, Reservation, ReservationState, Task, Worker
from app.core.instructions import Meet, Script
from app.core.lifecycle import ReservationEvent, call_to
from app.core.missed import Terms, leg_ended, owner_terms
from app.core.offers import Held
from app.core.scripts import GONE, farewell, offer
from app.core.workflow import queue_of
from app.usecases.context import Context, settle
from app.usecases.ending import end_of_conversation, hardly_met, part
from app.usecases.held import known, offers_of
from app.usecases.moving import redirect
from app.usecases.remembering import remembered
from app.usecases.staffing import activity_changed
from app.usecases.terms import terms_of, today

FREE_RETRIES = 1
PASSED = "Passed on. Thank you."
PASSED_OFF = "Passed on. You are off duty. Goodbye."
WORD_OF_HANGUP_MS = 2_000


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer with everything it concerns."""

    reservation: Reservation
    task: Task
    call: Call
    worker: Worker
    config: Config

    @property
    def open(self) -> bool:
        """Whether it can still be taken."""
        return self.reservation.state is ReservationState.PENDING and self.call.state is CallState.WAITING

    @property
    def terms(self) -> Terms:
        """On which terms it stands."""
        return owner_terms(self.config, self.task.queue)

    @property
    def held(self) -> Held:
        """The reservation with its worker."""
        return Held(self.reservation, self.worker)

    def taken_by(self, leg: str) -> bool:
        """Whether this phone call is the one that took it."""
        return self.reservation.state is ReservationState.ACCEPTED and self.reservation.leg == leg


def _offered(context: Context, sid: str) -> Offered | None:
    read = known(context.store, sid)
    if read is None or read.call is None:
        return None
    config = context.configs.get(read.call.config)
    return Offered(read.reservation, read.task, read.call, read.worker, config)


def _decide(context: Context, sid: str, rule: Callable[[Offered], tuple[Change, Script]]) -> Script:
    def decide() -> tuple[Change, Script]:
        offered = _offered(context, sid)
        return rule(offered) if offered else (Change(), farewell(GONE))

    return settle(context.store, decide)


def offer_answered(context: Context, sid: str, leg: str, *, machine: bool) -> Script:
    """Somebody, or a machine, picked up the agent's phone: whisper who it is and ask for a key."""

    def rule(offered: Offered) -> tuple[Change, Script]:
        now, config = context.clock.now(), offered.config
        if offered.taken_by(leg):
            return Change(), _room(offered)
        if not offered.open:
            return Change(), farewell(GONE, config)
        if machine:
            return _missed(context, offered, "voicemail", Miss.VOICEMAIL), farewell("Goodbye.", config)
        heard = offers.answered(offered.reservation, leg, offered.terms, now)
        return heard, offer(offered.task, offered.call, config)

    return _decide(context, sid, rule)


def offer_key(context: Context, sid: str, leg: str, digits: str) -> Script:
    """The agent's key: take it, pass, pass and go off duty; no key or two wrong ones count as missed."""

    def rule(offered: Offered) -> tuple[Change, Script]:
        keys, now = offered.config.offers, context.clock.now()
        if offered.taken_by(leg):
            return Change(), _room(offered)
        if not offered.open:
            return Change(), farewell(GONE, offered.config)
        if digits == keys.accept_key:
            return _accepted(context, offered, leg, now), _room(offered)
        if digits in (keys.decline_key, keys.off_duty_key):
            change = _declined(offered, now, off_duty=digits == keys.off_duty_key)
            return change, farewell(PASSED_OFF if digits == keys.off_duty_key else PASSED, offered.config)
        if digits and offered.reservation.keys < FREE_RETRIES:
            asked = replace(offered.reservation, keys=offered.reservation.keys + 1)
            return Change((Write(offered.reservation, asked),)), offer(
                offered.task, offered.call, offered.config, again=True
            )
        return _missed(context, offered, "no key was pressed", Miss.NO_ANSWER), farewell("Goodbye.", offered.config)

    return _decide(context, sid, rule)


def _room(offered: Offered) -> Script:
    return Script((Meet(offered.task.sid, agent=True),), 0, offered.config.language, offered.config.voice)


def _accepted(context: Context, offered: Offered, leg: str, now: int) -> Change:
    chosen = Held(replace(offered.reservation, leg=leg), offered.worker)
    others = offers_of(context.store, offered.task, besides=offered.reservation.sid)
    change = offers.accept(offered.task, chosen, others, now, today(context))
    change = _with_original(change, offered.reservation)
    call = offered.call
    connected = replace(
        call, state=call_to(call.state, CallState.CONNECTED), worker=offered.worker.sid, turn=call.turn + 1,
        outcome="connected", say_first="",
    )  # fmt: skip
    return change + update(call, connected) + redirect(connected, now)


def _with_original(change: Change, reservation: Reservation) -> Change:
    """The leg becomes known and the offer accepted in one write, whose old value is what the store holds."""
    writes = tuple(Write(reservation, item.new) if item.key.sid == reservation.sid else item for item in change.writes)
    return replace(change, writes=writes)


def _declined(offered: Offered, now: int, *, off_duty: bool) -> Change:
    change = offers.release(offered.task, offered.held, ReservationEvent.REJECT, "declined", offered.terms, now)
    if not off_duty:
        return change
    worker = change.latest(offered.worker)
    return change + activity_changed(worker, Activity.OFF, now)


def _missed(context: Context, offered: Offered, reason: str, miss: Miss) -> Change:
    how, terms, now = ReservationEvent.TIME_OUT, terms_of(context, offered.task), context.clock.now()
    return offers.release(offered.task, offered.held, how, reason, terms, now, miss=miss)


def offer_ended(context: Context, sid: str, leg: str, status: str) -> None:
    """The agent's phone call is over: missed if they had not accepted, the end of the conversation if they had."""

    def rule(offered: Offered) -> tuple[Change, Script]:
        reservation, now = offered.reservation, context.clock.now()
        stale = bool(reservation.leg) and reservation.leg != leg
        if reservation.state is ReservationState.ACCEPTED and not stale:
            return _agent_gone(context, offered, now), Script(())
        if stale or not offered.open:
            return Change(), Script(())
        reason, miss = leg_ended(status)
        return _missed(context, offered, reason, miss), Script(())

    _decide(context, sid, rule)


def _agent_gone(context: Context, offered: Offered, now: int) -> Change:
    if offered.call.state is not CallState.CONNECTED:
        return end_of_conversation(context, offered.call, offered.config)
    after, change = part(context, offered.call, offered.config)
    return change + redirect(after, now)


def agent_left(context: Context, sid: str, leg: str) -> Script:
    """The room on the agent's leg is over: their wrap-up begins, unless they and the caller hardly met.

    The caller has mostly hung up, and word of it is on its way; if it is not, the call's deadline has them thanked.
    """

    def rule(offered: Offered) -> tuple[Change, Script]:
        goodbye, now, call = farewell("The call has ended. Goodbye.", offered.config), context.clock.now(), offered.call
        if not offered.taken_by(leg):
            return Change(), goodbye
        if call.state is CallState.CONNECTED and hardly_met(offered.task, now):
            return _agent_gone(context, offered, now), goodbye
        change = offers.wrap_up(offered.task, offered.held, queue_of(offered.config, offered.task.queue), now)
        change += remembered(context, call, offered.worker.sid, offered.config)
        if call.state is CallState.CONNECTED:
            change += update(call, replace(call, deadline=now + WORD_OF_HANGUP_MS))
        return change, goodbye

    return _decide(context, sid, rule)
