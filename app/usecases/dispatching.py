"""The dispatcher's pairing: waiting tasks meet idle workers, each offer its own commit."""

from collections.abc import Mapping, Sequence

from app.core import offers, tasks
from app.core.change import Change
from app.core.entities import Key, Kind, Task, Worker
from app.core.events import EventType
from app.core.matching import Candidates, Offer, match
from app.core.skills import lines
from app.core.workflow import moves, queue_of, step_due
from app.ports.store import Delivered, Line
from app.usecases.context import Context, settle

HEAD = 10
OPENING = frozenset(
    {
        EventType.TASK_CREATED,
        EventType.TASK_MOVED,
        EventType.TASK_RAISED,
        EventType.TASK_RETRIED,
        EventType.WORKER_CHANGED,
        EventType.RESERVATION_REJECTED,
        EventType.RESERVATION_TIMEOUT,
        EventType.RESERVATION_CANCELED,
        EventType.RESERVATION_RESCINDED,
        EventType.RESERVATION_COMPLETED,
    }
)


def queues_opened(context: Context, deliveries: Sequence[Delivered]) -> tuple[str, ...]:
    """The queues in which these events may have made a pair possible."""
    opening = [delivery.event for delivery in deliveries if delivery.event.type in OPENING]
    queues = {str(event.data.get("queue", "")) for event in opening}
    names = {event.worker for event in opening} - {""}
    workers = context.store.read(*(Key(Kind.WORKER, name) for name in sorted(names))) if names else ()
    for worker in workers:
        queues |= set(worker.queues) if isinstance(worker, Worker) else set()
    return tuple(sorted(queues - {""}))


def all_queues(context: Context) -> tuple[str, ...]:
    """Every line that exists: the file's queues, widened or not, and each agent's own."""
    return lines(context.configs.current())


def dispatch(context: Context, queues: Sequence[str]) -> int:
    """Offers the waiting tasks of these queues to idle workers until no pair is left; returns the number of offers.

    A worker or task that somebody else took meanwhile is simply read again.
    """
    made = 0
    while queues:
        lines = context.store.heads(queues, HEAD)
        pairs = match(_candidates(context, lines), context.clock.now())
        offered = sum(_offer(context, pair) for pair in pairs)
        if not offered:
            break
        made += offered
    return made


def _candidates(context: Context, lines: Mapping[str, Line]) -> dict[str, Candidates]:
    return {
        name: Candidates(
            tuple(task for task in line.tasks if not _moves_on(context, task)),
            line.workers,
            _ring_at_once(context, name),
        )
        for name, line in lines.items()
    }


def _ring_at_once(context: Context, name: str) -> int:
    queue = queue_of(context.configs.current(), name)
    return queue.ring_at_once if queue else 1


def _moves_on(context: Context, task: Task) -> bool:
    """Whether its next escalation step is due: ringing one more phone of the old line would put that off again."""
    step = step_due(task, context.configs.get(task.config), context.clock.now())
    return step is not None and moves(step)


def _offer(context: Context, pair: Offer) -> bool:
    """One offer, decided on what the store holds now: False if the pair is no longer possible."""

    def decide() -> tuple[Change, bool]:
        task, worker = context.store.read(Key(Kind.TASK, pair.task.sid), Key(Kind.WORKER, pair.worker.sid))
        if not isinstance(task, Task) or not isinstance(worker, Worker):
            return Change(), False
        if not tasks.is_waiting(task) or len(task.reservations) >= _ring_at_once(context, task.queue):
            return Change(), False
        if not worker.idle or task.queue not in worker.queues:
            return Change(), False
        config = context.configs.get(task.config)
        sid = context.ids.sid("WR")
        return offers.reserve(task, worker, sid, pair.reason, config, context.clock.now()), True

    return settle(context.store, decide)
