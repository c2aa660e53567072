"""What comes of offers that nobody takes: on which terms offers stand, what a miss costs, and when duty ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.core.change import Change, Write
from app.core.config import Config, Miss, MissRule
from app.core.entities import Activity, Worker
from app.core.events import Event, EventType, Plain
from app.core.lifecycle import ReservationEvent
from app.core.skills import split_line

FORGET_MS = 3_600_000
TOGETHER = "together"
"""Under this name misses are counted whose reason has no limit of its own."""

_MISS_OF = {
    ReservationEvent.REJECT: Miss.DECLINED,
    ReservationEvent.TIME_OUT: Miss.NO_ANSWER,
    ReservationEvent.DROP: Miss.UNREACHABLE,
}
_LEG_ENDED = {
    "busy": ("busy", Miss.BUSY),
    "no-answer": ("no answer", Miss.NO_ANSWER),
    "failed": ("could not be reached", Miss.UNREACHABLE),
    "canceled": ("no answer", Miss.NO_ANSWER),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a task is offered, and what it means when nobody takes it; durations in seconds.

    An offer stands for `stands` seconds, and for `deciding` once the phone was answered. Who declines or misses it is
    not asked for this task again for `retry_after`. `missed_limit` misses in a row (0: any number) put a worker into
    the activity `off`, of which `told` tells them ("": nothing). `missed` has other numbers for some reasons.
    `excused`: no miss is held against anybody. `rings`: the server rings the worker's phone itself.
    """

    stands: int = 120
    deciding: int = 28
    retry_after: int = 0
    missed_limit: int = 1
    missed: Mapping[Miss, MissRule] = field(default_factory=dict)
    excused: bool = False
    off: str = Activity.OFF
    off_available: bool = False
    told: str = ""
    rings: bool = False
    forget_ms: int = FORGET_MS


def owner_terms(config: Config, line: str = "") -> Terms:
    """The terms on which calls of the owner's file are offered that stand in this line."""
    offers = config.offers
    return Terms(
        stands=offers.ring + 2 * offers.answer_keys + 5,
        deciding=3 * offers.answer_keys + 10,
        retry_after=offers.retry_after,
        missed_limit=offers.missed_limit,
        missed=_miss_rules(config, line),
        told=f"{config.business} has taken you off duty. Call in to come back.",
        rings=True,
    )


def _miss_rules(config: Config, line: str) -> Mapping[Miss, MissRule]:
    """What the queue says of each reason, and where it says nothing, what holds for all."""
    queue = config.queues.get(split_line(line)[0])
    rules = dict(config.offers.missed)
    for miss, own in queue.missed.items() if queue else ():
        common = rules.get(miss, MissRule())
        rules[miss] = MissRule(
            limit=common.limit if own.limit is None else own.limit,
            pause=common.pause if own.pause is None else own.pause,
        )
    return rules


def miss_of(how: ReservationEvent) -> Miss | None:
    """The reason that the end of an offer stands for where nothing more is known; None: nobody's fault."""
    return _MISS_OF.get(how)


def leg_ended(status: str) -> tuple[str, Miss]:
    """What it means that the call to an agent's phone ended before they took the offer: in words, and as a reason."""
    return _LEG_ENDED.get(status, ("hung up without taking it", Miss.NO_ANSWER))


def pause_after(miss: Miss | None, terms: Terms) -> int:
    """For how many seconds a worker is not asked for the same task again."""
    own = terms.missed[miss].pause if miss and miss in terms.missed else None
    return terms.retry_after if own is None else own


def after_miss(worker: Worker, miss: Miss | None, terms: Terms, now: int) -> Change:
    """What a worker's miss leaves them with: a count, or the end of their duty.

    Whoever declines was there: what they missed before is no longer in a row.
    """
    if miss is None or (terms.excused and miss is not Miss.DECLINED):
        return Change()
    own = terms.missed[miss].limit if miss in terms.missed else None
    if miss is Miss.DECLINED and own is None:
        return Change((Write(worker, replace(worker, missed={})),))
    name, limit = (TOGETHER, terms.missed_limit) if own is None else (miss.value, own)
    counts = {**worker.missed, name: worker.missed.get(name, 0) + 1}
    if miss is Miss.DECLINED:
        counts = {name: counts[name]}
    if not limit or counts[name] < limit:
        return Change((Write(worker, replace(worker, missed=counts)),))
    return _taken_off(worker, miss, counts[name], terms, now)


def _taken_off(worker: Worker, miss: Miss, count: int, terms: Terms, now: int) -> Change:
    """A worker who let too many offers pass gets the activity the terms name, and is told."""
    off = turned(replace(worker, missed={}), terms.off, now, available=terms.off_available)
    if off.activity == worker.activity:
        return Change((Write(worker, off),))
    data = activity_data(worker, off, now)
    events = [Event(type=EventType.WORKER_CHANGED, at=now, worker=worker.sid, data={**data, "missed": count})]
    if terms.told:
        did = "declined" if miss is Miss.DECLINED else "missed"
        text = f"You {did} {count} calls in a row, so {terms.told}"
        events.append(Event(type=EventType.INTENT_TELL, at=now, worker=worker.sid, data={"text": text}))
    return Change((Write(worker, off),), tuple(events))


def turned(worker: Worker, activity: str, now: int, *, available: bool) -> Worker:
    """The worker in another activity."""
    if worker.activity == activity:
        return worker
    return replace(worker, activity=activity, available=available, activity_since=now, updated=now)


def activity_data(before: Worker, after: Worker, now: int) -> dict[str, Plain]:
    """What the event of a change of activity tells: the new one, the one before, and for how long that was (ms)."""
    return {
        "activity": str(after.activity),
        "previous": str(before.activity),
        "since": before.activity_since,
        "lasted": max(0, now - before.activity_since) if before.activity_since else 0,
    }
