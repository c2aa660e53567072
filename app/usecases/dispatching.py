"""The dispatcher's pairing: waiting tasks meet free workers, each offer its own commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.core import offers, tasks
from app.core.change import Change
from app.core.decisions import recorded, written
from app.core.entities import Key, Kind, Task, Worker
from app.core.events import EventType
from app.core.indexes import idle
from app.core.matching import Candidates, Offer, match
from app.core.routing.definitions import Rules, TaskQueue
from app.core.routing.lanes import lane_of, read_lane
from app.core.workflow import leaves
from app.ports.store import Conflict, Delivered, Heads
from app.usecases.context import Context
from app.usecases.link import paced
from app.usecases.looking import Look, first_look, full_look, nothing_left, passed_over, too_short
from app.usecases.terms import terms_of, today

OFFERS_ALLOWED = 1000
SLICE = 200
OPENING = frozenset(
    {
        EventType.TASK_CREATED,
        EventType.TASK_UPDATED,
        EventType.TASK_MOVED,
        EventType.TASK_RAISED,
        EventType.TASK_RETRIED,
        EventType.QUEUE_ENTERED,
        EventType.WORKER_CHANGED,
        EventType.WORKER_CREATED,
        EventType.WORKER_ATTRIBUTES,
        EventType.WORKER_CAPACITY,
        EventType.WORKER_CHANNEL,
        EventType.RESERVATION_REJECTED,
        EventType.RESERVATION_TIMEOUT,
        EventType.RESERVATION_CANCELED,
        EventType.RESERVATION_RESCINDED,
        EventType.RESERVATION_COMPLETED,
    }
)
"""The events after which a pair may be possible that was not before."""
_OF_TASKS = frozenset(kind for kind in OPENING if not kind.value.startswith("worker."))


@dataclass(frozen=True, slots=True)
class Openings:
    """Where a pair may have become possible: in these lanes, or for these workers in any lane."""

    lanes: frozenset[str] = frozenset()
    workers: frozenset[str] = frozenset()


def openings(context: Context, deliveries: Sequence[Delivered]) -> Openings:
    """What these events may have made possible."""
    opening = [delivery.event for delivery in deliveries if delivery.event.type in OPENING]
    lanes = {str(event.data["lane"]) for event in opening if "lane" in event.data}
    unnamed = {event.task for event in opening if event.type in _OF_TASKS and "lane" not in event.data} - {""}
    waiting = context.store.read(*(Key(Kind.TASK, sid) for sid in sorted(unnamed))) if unnamed else ()
    lanes |= {lane_of(task).name for task in waiting if isinstance(task, Task) and tasks.is_waiting(task)}
    return Openings(frozenset(lanes), frozenset(event.worker for event in opening) - {""})


def all_lanes(context: Context) -> frozenset[str]:
    """Every lane that may have tasks."""
    context.sights.renew(context.store.heads(()))
    return context.sights.lanes()


def dispatch_everything(context: Context) -> int:
    """Looks at every lane; returns the number of offers."""
    lanes = sorted(all_lanes(context))
    return sum(dispatch(context, Openings(frozenset(lanes[at : at + SLICE]))) for at in range(0, len(lanes), SLICE))


def dispatch(context: Context, opened: Openings) -> int:
    """Offers waiting tasks to free workers until no pair is left where `opened` says; returns the number of offers.

    A worker or task that somebody else took meanwhile is simply read again.
    """
    freed = _workers(context, opened.workers)
    if not opened.lanes and not freed:
        return 0
    made, look = 0, first_look(context, opened.lanes, freed)
    while True:
        heads = look.at(context)
        if context.sights.renew(heads):
            look = first_look(context, opened.lanes, freed)
            continue
        pairs, candidates = ((), {}) if too_short(look, heads) else matched(context, look, heads)
        if not pairs or passed_over(look, heads, pairs):
            if not look.together or look.saw_nobody(heads):
                return made
            look = full_look(context, opened.lanes, freed)
            continue
        rungs = [list(rung) for _, rung in groupby(pairs, key=lambda pair: pair.task.sid)]
        offered = [_offer(context, rung, candidates) for rung in rungs]
        made += sum(offered)
        if all(offered) and nothing_left(look, heads, pairs):
            return made


def matched(context: Context, look: Look, heads: Heads) -> tuple[tuple[Offer, ...], Mapping[str, Candidates]]:
    """The pairs that are to be made of what was read, and what they were chosen from."""
    rules = context.rules.current(heads.revision)
    candidates = _candidates(context, look, heads, rules)
    pairs = match(candidates, context.clock.now(), lifo_first=rules.workspace.lifo_first)
    return paced(context, pairs), candidates


def _workers(context: Context, names: Iterable[str]) -> tuple[Worker, ...]:
    keys = [Key(Kind.WORKER, name) for name in sorted(names)]
    read = context.store.read(*keys) if keys else ()
    # A busy one too: there may be tasks for them alone, whatever they hold.
    return tuple(worker for worker in read if isinstance(worker, Worker) and worker.available)


def _candidates(context: Context, look: Look, heads: Heads, rules: Rules) -> Mapping[str, Candidates]:
    optimized = {channel.unique_name for channel in rules.channels.values() if channel.optimized}
    midnight = today(context)
    return {
        name: Candidates(
            tuple(task for task in waiting if not _moves_on(context, task)),
            _able(context, name, look, heads),
            rules.queues.get(read_lane(name).queue, TaskQueue(sid="")),
            read_lane(name).channel in optimized,
            midnight,
        )
        for name, waiting in heads.tasks.items()
        if waiting
    }


def _able(context: Context, lane: str, look: Look, heads: Heads) -> tuple[Worker, ...]:
    """The workers read who can serve this lane."""
    asked = read_lane(lane)
    if asked.known:
        worker = heads.named.get(asked.known)
        return (worker,) if worker else ()
    able = context.sights.profiles_for(lane)
    if not look.idle:
        return tuple(worker for worker in heads.named.values() if worker.profile in able)
    indexes = (idle(asked.channel, sid) for sid in able)
    found = {worker.sid: worker for name in indexes for worker in heads.workers.get(name, ())}
    return tuple(found.values())


def _moves_on(context: Context, task: Task) -> bool:
    """Whether its next move or its end is due: ringing one more phone of the old line would put that off again."""
    now = context.clock.now()
    if not task.call:
        return 0 < task.moves_on <= now or 0 < task.expires <= now
    return 0 < task.moves_on <= now and leaves(task, context.configs.get(task.config), now)


def _offer(context: Context, rung: Sequence[Offer], candidates: Mapping[str, Candidates]) -> int:
    """Offers one task to its workers in one commit, decided on what was read: 0 if somebody else was faster."""
    task, now = rung[0].task, context.clock.now()
    if task.offers >= OFFERS_ALLOWED:
        context.store.commit(tasks.cancel(task, (), f"offered {OFFERS_ALLOWED} times", now))
        return 0
    change, terms = Change(), terms_of(context, task)
    for pair in rung:
        sid = context.ids.sid("WR")
        change += offers.reserve(change.latest(task), pair.worker, sid, pair.reason, terms, now)
    change = recorded(change, written(task, candidates[lane_of(task).name], now))
    return 0 if isinstance(context.store.commit(change), Conflict) else len(rung)
