"""Why a task still waits: the smallest change that would connect it now, found by asking the live matching again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.core.entities import Activity, Task, Worker
from app.core.matching import Candidates, barrier, match
from app.core.routing.lanes import lane_of

MOST_CHANGES = 25


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change to one worker (or to the clock), in words and as the worker it would make.

    `size` orders them: waiting a moment is less than calling somebody back from a break, and so on.
    """

    size: int
    words: str
    worker: Worker
    at: int


@dataclass(frozen=True, slots=True)
class Prospect:
    """The least that has to change for a task to be offered now; empty `remedies`: nothing has to.

    `enough` is False if not even every change that was tried would do: the callers ahead take everybody.
    """

    remedies: tuple[Remedy, ...]
    enough: bool

    def sentence(self) -> str:
        """The answer to "why am I still waiting?"."""
        if not self.enough:
            return "nobody can take it, whatever one worker's change: more callers are ahead than agents can serve"
        if not self.remedies:
            return "it is about to be offered"
        return "it would be offered now " + " and ".join(remedy.words for remedy in self.remedies)


def prospect(task: Task, lanes: Mapping[str, Candidates], team: Sequence[Worker], now: int) -> Prospect:
    """The smallest change after which `match` offers this task.

    `lanes` are all lanes that the team serves, this task among its lane's; `team` everybody who may serve its lane.
    One remedy is enough if one will do; else the smallest of each worker are added up, smallest first.
    """
    if _offered(task, lanes, now):
        return Prospect((), enough=True)
    remedies = sorted(
        (each for worker in team for each in _remedies(task, worker, now)),
        key=lambda each: (each.size, each.at, each.worker.sid),
    )
    for one in remedies:
        if _offered(task, with_workers(lanes, (one.worker,)), one.at):
            return Prospect((one,), enough=True)
    return _together(task, lanes, remedies)


def _together(task: Task, lanes: Mapping[str, Candidates], remedies: Sequence[Remedy]) -> Prospect:
    chosen: dict[str, Remedy] = {}
    for each in remedies:
        if each.worker.sid in chosen:
            continue
        chosen[each.worker.sid] = each
        instant = max(remedy.at for remedy in chosen.values())
        if _offered(task, with_workers(lanes, [remedy.worker for remedy in chosen.values()]), instant):
            return Prospect(tuple(chosen.values()), enough=True)
        if len(chosen) == MOST_CHANGES:
            break
    return Prospect(tuple(chosen.values()), enough=False)


def with_workers(lanes: Mapping[str, Candidates], changed: Sequence[Worker]) -> Mapping[str, Candidates]:
    """The lanes with these workers as they would be, in every lane that they serve."""
    new = {worker.sid: worker for worker in changed}
    return {
        name: replace(lane, workers=tuple(new.get(worker.sid, worker) for worker in lane.workers))
        for name, lane in lanes.items()
    }


def _offered(task: Task, lanes: Mapping[str, Candidates], now: int) -> bool:
    return any(offer.task.sid == task.sid for offer in match(lanes, now))


def _remedies(task: Task, worker: Worker, now: int) -> Iterator[Remedy]:
    """What would let this worker take the task, the least first."""
    until = task.declined.get(worker.sid, 0)
    able = free_worker(worker, task.channel)
    if until > now and not barrier(task, worker, until):
        yield Remedy(0, f"in {(until - now + 999) // 1000} s, when {worker.sid} may be asked again", worker, until)
    if not worker.available and not barrier(task, replace(worker, available=True), max(now, until)):
        back = replace(worker, available=True, activity=Activity.AVAILABLE)
        yield Remedy(1, f"if {worker.sid} were available", back, max(now, until))
    elif worker.available and not worker.free_on(task.channel):
        yield Remedy(2, f"if {worker.sid} were free", able, max(now, until))
    elif barrier(task, worker, max(now, until)):
        yield Remedy(3, f"if {worker.sid} were available and free", able, max(now, until))


def free_worker(worker: Worker, channel: str) -> Worker:
    """The worker on duty with nothing in hand."""
    channels = {
        name: replace(room, available=True, capacity=max(1, room.capacity)) if name == channel else room
        for name, room in worker.channels.items()
    }
    return replace(
        worker, available=True, activity=Activity.AVAILABLE, reservations=(), held={}, channels=channels
    )  # fmt: skip


def ahead_of(task: Task, lanes: Mapping[str, Candidates]) -> int:
    """How many tasks of its own lane stand before this one, as far as the lane was read."""
    own = lanes.get(lane_of(task).name)
    sids = [each.sid for each in own.tasks] if own else []
    return sids.index(task.sid) if task.sid in sids else len(sids)
