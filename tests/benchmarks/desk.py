"""One process that assigns: tasks come in, agents come free, and what the use cases do about it, step by step."""

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter_ns
from typing import TypeVar

from app.core import offers
from app.core.change import Change, Write, update
from app.core.entities import ReservationState, Task, Worker
from app.core.offers import Held
from app.core.routing.lanes import lane_of
from app.ports.store import Conflict, Offered
from app.usecases.context import Context, settle
from app.usecases.dispatching import Openings, dispatch, matched
from app.usecases.looking import first_look
from tests.benchmarks import centre
from tests.benchmarks.centre import Noting, Size, freed, must, occupied, submitted

STEPS = ("submit", "match and reserve", "read and accept")
_FIRST_NUMBER = 1_000_000
T = TypeVar("T")


class Stopwatch:
    """Microseconds by step."""

    def __init__(self) -> None:
        self.times: defaultdict[str, list[float]] = defaultdict(list)

    def time(self, step: str, work: Callable[[], T]) -> T:
        """Does the work and notes how long it took."""
        began = perf_counter_ns()
        answer = work()
        self.times[step].append((perf_counter_ns() - began) / 1000)
        return answer

    def medians(self) -> dict[str, float]:
        """The median of each step."""
        return {step: median(times) for step, times in self.times.items()}


class WrongMatch(Exception):
    """The benchmark's own check: what was assigned is not what had to be."""


@dataclass
class Desk:
    """A process in a centre, whose tasks and agents come in a random order from a seed."""

    context: Context
    size: Size
    chance: random.Random
    number: int = _FIRST_NUMBER

    @property
    def ids(self) -> Noting:
        """Where the sids come from."""
        assert isinstance(self.context.ids, Noting)
        return self.context.ids

    def warm_up(self) -> None:
        """Works out what a process that has run for a while knows: which profiles serve which lanes."""
        self.context.sights.renew(self.context.store.heads(()))
        for lane in self.context.sights.lanes():
            self.context.sights.idle_for(lane)

    def come_free(self) -> Worker:
        """Some agent has nothing to do any more."""
        worker = self.context.store.get(Worker, centre.worker_name(self.chance.randrange(self.size.workers)))
        assert worker is not None
        after = freed(worker, self.context.clock.now())
        must(self.context.store.commit(update(worker, after)))
        return after

    def get_busy(self, sid: str) -> None:
        """The agent has other things to do."""
        worker = self.context.store.get(Worker, sid)
        assert worker is not None
        must(self.context.store.commit(update(worker, occupied(worker))))

    def next_task(self, worker: Worker | None = None) -> tuple[int, int]:
        """Number and queue of the next task; one that this worker can be offered, if one is given."""
        self.number += 1
        if worker is None:
            return self.number, self.chance.randrange(self.size.queues)
        while not centre.suits(self.number, worker):
            self.number += 1
        return self.number, self.chance.choice(centre.queue_numbers(worker))

    def offer(self, task: Task) -> list[str]:
        """Looks for a pair in the task's lane; the sids of the reservations, those that lost a race included."""
        self.ids.made.clear()
        dispatch(self.context, Openings(frozenset({lane_of(task).name})))
        return list(self.ids.made)

    def accept(self, sid: str) -> bool:
        """The worker takes what they were offered; False if there is no such offer any more."""
        return self._settled(sid, offers.accept)

    def complete(self, sid: str) -> bool:
        """The work is done, and the worker free again."""
        return self._settled(sid, lambda task, held, _, now: offers.wrap_up(task, held, None, now))

    def _settled(self, sid: str, rule: Callable[[Task, Held, list[Held], int], Change]) -> bool:
        def decide() -> tuple[Change, bool]:
            read = self.context.store.offered(sid)
            if not read.reservation or not read.task or not read.worker:
                return Change(), False
            held = Held(read.reservation, read.worker)
            return rule(read.task, held, _pending(read), self.context.clock.now()), True

        return settle(self.context.store, decide)

    def assign(self, watch: Stopwatch) -> None:
        """One assignment, timed; what comes before and after it is not."""
        worker = self.come_free()
        number, queue = self.next_task(worker)
        task = watch.time("submit", lambda: submitted(self.context, number, queue))
        (sid,) = watch.time("match and reserve", lambda: self.offer(task))
        watch.time("read and accept", lambda: self.accept(sid))
        taken = self._away(sid, worker.sid)
        if lane_of(taken) != lane_of(task) or taken.since > task.since:
            raise WrongMatch(f"{taken.sid} was before its turn")

    def _away(self, sid: str, worker: str) -> Task:
        """The task is forgotten and its worker has other work to do; the task as it was."""
        store = self.context.store
        offer = store.offered(sid)
        if not offer.reservation or not offer.task or not offer.worker or offer.worker.sid != worker:
            raise WrongMatch(f"{sid} is not {worker}'s")
        busy = Write(offer.worker, occupied(offer.worker))
        must(store.commit(Change((Write(offer.task, None), Write(offer.reservation, None), busy))))
        return offer.task

    def find(self, worker: Worker) -> Task:
        """The task that an agent who came free is to be offered; nothing is written."""
        look = first_look(self.context, frozenset(), (worker,))
        pairs, _ = matched(self.context, look, look.at(self.context))
        return pairs[0].task


def _pending(read: Offered) -> list[Held]:
    return [Held(*pair) for pair in read.others if pair[0].state is ReservationState.PENDING]


def is_conflict(outcome: object) -> bool:
    """Whether a commit lost a race."""
    return isinstance(outcome, Conflict)
