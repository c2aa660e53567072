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
from app.core.routing.definitions import Rules, Strategy, TaskQueue
from app.core.routing.lanes import lane_of, read_lane
from app.core.workflow import moves, step_due
from app.ports.store import Conflict, Delivered, Heads
from app.usecases.context import Context
from app.usecases.sights import idle_indexes
from app.usecases.terms import terms_of

HEAD = 10
CROWD = 200
"""How many free workers of a profile are weighed where not simply the longest idle goes first."""
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
    made = 0
    while opened.lanes or freed:
        lanes, idle_names, named = _ask(context, opened.lanes, freed)
        heads = context.store.heads(lanes, idle_names, named, _limit(context, lanes))
        if context.sights.renew(heads):
            continue
        rules = context.rules.current(heads.revision)
        candidates = _candidates(context, heads, rules)
        pairs = match(candidates, context.clock.now(), lifo_first=rules.workspace.lifo_first)
        if not pairs:
            break
        for _, rung in groupby(pairs, key=lambda pair: pair.task.sid):
            made += _offer(context, list(rung), candidates)
    return made


def _workers(context: Context, names: Iterable[str]) -> tuple[Worker, ...]:
    keys = [Key(Kind.WORKER, name) for name in sorted(names)]
    read = context.store.read(*keys) if keys else ()
    return tuple(worker for worker in read if isinstance(worker, Worker) and worker.free_channels)


def _ask(context: Context, lanes: frozenset[str], freed: Sequence[Worker]) -> tuple[list[str], list[str], list[str]]:
    """The lanes, idle indexes and workers to look at: who can serve the lanes, and what the workers can serve."""
    served = {name for worker in freed for name in context.sights.lanes_for(worker)}
    own = (idle(channel, worker.profile) for worker in freed for channel in worker.free_channels)
    known = {read_lane(name).known for name in lanes} | {worker.sid for worker in freed}
    names = dict.fromkeys((*idle_indexes(context.sights, sorted(lanes)), *own))
    return sorted(lanes | served), list(names), sorted(known - {""})


def _limit(context: Context, lanes: Sequence[str]) -> int:
    """How many heads to read: all that may be free where another strategy than the longest idle chooses."""
    queues = context.rules.current().queues
    plain = all(
        queue.strategy is Strategy.LONGEST_IDLE and queue.max_reserved <= HEAD
        for queue in (queues.get(read_lane(name).queue) for name in lanes)
        if queue is not None
    )
    return HEAD if plain else CROWD


def _candidates(context: Context, heads: Heads, rules: Rules) -> Mapping[str, Candidates]:
    optimized = {channel.unique_name for channel in rules.channels.values() if channel.optimized}
    return {
        name: Candidates(
            tuple(task for task in waiting if not _moves_on(context, task)),
            _able(context, name, heads),
            rules.queues.get(read_lane(name).queue, TaskQueue(sid="")),
            read_lane(name).channel in optimized,
        )
        for name, waiting in heads.tasks.items()
        if waiting
    }


def _able(context: Context, lane: str, heads: Heads) -> tuple[Worker, ...]:
    """The workers read who can serve this lane."""
    asked = read_lane(lane)
    if asked.known:
        worker = heads.named.get(asked.known)
        return (worker,) if worker else ()
    indexes = (idle(asked.channel, sid) for sid in context.sights.profiles_for(lane))
    found = {worker.sid: worker for name in indexes for worker in heads.workers.get(name, ())}
    return tuple(found.values())


def _moves_on(context: Context, task: Task) -> bool:
    """Whether its next move is due: ringing one more phone of the old line would put that off again."""
    if not task.moves_on or task.moves_on > context.clock.now():
        return False
    if not task.call:
        return True
    step = step_due(task, context.configs.get(task.config), context.clock.now())
    return step is not None and moves(step)


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
