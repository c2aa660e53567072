"""Who gets whom: waiting tasks and free workers paired in a total order, each pair with its reasons."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from app.core.entities import Task, Worker
from app.core.routing.definitions import Strategy, TaskQueue
from app.core.routing.lanes import LIVE_PATHS, meets
from app.core.serving import in_order
from app.core.strategies import Ranked, Weighing, ranked

RING_ALL = 50
PLAIN = TaskQueue(sid="")


@dataclass(frozen=True, slots=True)
class Candidates:
    """The head of one lane as matching sees it: its first tasks, and the workers who may serve it.

    `optimized`: of this channel's workers, those with the larger part of their capacity free come first. `midnight` is
    the instant from which what workers have done counts (0: always).
    """

    tasks: tuple[Task, ...]
    workers: tuple[Worker, ...]
    queue: TaskQueue = PLAIN
    optimized: bool = False
    midnight: int = 0

    @property
    def ring_at_once(self) -> int:
        """To how many workers a task of this lane is offered at the same time."""
        return RING_ALL if self.queue.strategy is Strategy.RING_ALL else self.queue.max_reserved


@dataclass(frozen=True, slots=True)
class Offer:
    """A task for a worker, and why this worker."""

    task: Task
    worker: Worker
    reason: str


def match(lanes: Mapping[str, Candidates], now: int, *, lifo_first: bool = False) -> tuple[Offer, ...]:
    """Pairs tasks with workers over several lanes.

    Higher priority first, then older, then by id (`serving.precedence`); in a LIFO queue the younger goes first, but
    its first is weighed against other queues' by age like any other (or goes before all: `lifo_first`). A task gets
    the workers its queue's strategy puts first, up to as many as the queue rings at once. A worker is given one task a
    round. Tasks that nobody can take are passed over, so one of them never halts the line. A round ends before somebody
    is asked again for what they declined only because others have just been given something: those may have room yet.
    """
    taken: set[str] = set()
    offers: list[Offer] = []
    for lane, task in in_order(lanes, lifo_first=lifo_first):
        room = lane.ring_at_once - len(task.reservations)
        free = tuple(worker for worker in lane.workers if worker.sid not in taken)
        choices = consider(task, replace(lane, workers=free), now)[:room] if room > 0 and free else ()
        if task.declined and _for_want_of_others(task, choices, lane, taken, now):
            break
        for choice in choices:
            taken.add(choice.worker.sid)
            offers.append(Offer(task, choice.worker, _reason(task, choice, lane, now)))
    return tuple(offers)


def _for_want_of_others(task: Task, choices: Sequence[Ranked], lane: Candidates, taken: Set[str], now: int) -> bool:
    """Whether somebody who declined the task would be asked while one who did not is only busy in this round."""
    if not any(choice.worker.sid in task.declined for choice in choices):
        return False
    others = (worker for worker in lane.workers if worker.sid in taken and worker.sid not in task.declined)
    return any(not barrier(task, worker, now) for worker in others)


def consider(task: Task, lane: Candidates, now: int) -> tuple[Ranked, ...]:
    """The workers who can be offered this task now, best first, each with what put them there."""
    free = [worker for worker in lane.workers if not barrier(task, worker, now)]
    if not free:
        return ()
    return ranked(task, free, Weighing(lane.queue, now, lane.midnight, lane.optimized))


def barrier(task: Task, worker: Worker, now: int) -> str:
    """Why this worker cannot be offered this task now; "" if they can.

    Whether they serve the task's queue at all is not asked here: candidates do.
    """
    if not worker.free_on(task.channel) and not task.ignore_capacity:
        return _occupied(task, worker)
    until = task.declined.get(worker.sid, 0)
    if until > now:
        return f"passed or missed it; asked again in {(until - now + 999) // 1000} s"
    if LIVE_PATHS in task.demand and not meets(task.demand, live_facts(worker)):
        return f"does not meet {task.demand}"
    return ""


def live_facts(worker: Worker) -> Mapping[str, object]:
    """What rules can read of a worker, the load of their channels included."""
    shares = {
        name: {
            "available_capacity_percentage": _share(worker, name),
            "assigned_tasks": worker.held.get(name, 0),
            "configured_capacity": room.capacity,
            "available": room.available,
        }
        for name, room in worker.channels.items()
    }
    return {**worker.facts, "channel": shares}


def _share(worker: Worker, channel: str) -> int:
    """The part of a channel's capacity that is free, in percent."""
    capacity = worker.channels[channel].capacity
    return 100 * max(0, capacity - worker.held.get(channel, 0)) // capacity if capacity else 0


def _occupied(task: Task, worker: Worker) -> str:
    if not worker.available:
        return f"is in the activity {worker.activity!r}, in which no work is offered"
    room = worker.channels.get(task.channel)
    if room is None or not room.available:
        return f"takes no {task.channel} tasks"
    held = worker.held.get(task.channel, 0)
    return f"is busy ({held} of {room.capacity} on {task.channel})"


def _reason(task: Task, choice: Ranked, lane: Candidates, now: int) -> str:
    reason = f"{choice.why} of {len(lane.workers)}"
    passed = [sid for sid, until in sorted(task.declined.items()) if until > now]
    return f"{reason}; {', '.join(passed)} passed or missed it just now" if passed else reason
