"""What one assignment costs, from a task's arrival to its acceptance, as the use cases do it: round trips and PINGs.

The machine's speed changes under a run, so every block times PINGs (same client) in turn with the work, and what
counts is the median of the blocks.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter_ns
from typing import TypeVar

from app.core import offers
from app.core.change import Change, Write, update
from app.core.entities import ReservationState, Task, Worker
from app.core.offers import Held
from app.core.routing.lanes import lane_of
from app.store.redis import RedisStore
from app.usecases.context import Context, settle
from app.usecases.dispatching import Openings, dispatch
from tests.benchmarks import centre
from tests.benchmarks.centre import Noting, Size, context_of, freed, must, occupied, submitted
from tests.benchmarks.wire import round_trips
from tests.redis_server import RedisServer, redis_binaries, running_redis

BLOCKS = 5
ROUNDS = 100
TRIPS = 5
STEPS = ("submit", "match and reserve", "read and accept")
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
    """One process that assigns: tasks come in, and agents come free, in a random order from a seed."""

    context: Context
    size: Size
    chance: random.Random
    number: int = 1_000_000

    @property
    def ids(self) -> Noting:
        """Where the sids come from."""
        assert isinstance(self.context.ids, Noting)
        return self.context.ids

    def come_free(self) -> Worker:
        """Some agent has nothing to do any more."""
        chosen = self.chance.randrange(self.size.workers)
        worker = self.context.store.get(Worker, f"WK{chosen:032x}")
        assert worker is not None
        must(self.context.store.commit(update(worker, freed(worker, self.context.clock.now()))))
        return worker

    def next_task(self, worker: Worker) -> tuple[int, int]:
        """Number and queue of a task that this worker could be offered."""
        self.number += 1
        while not _suits(self.number, worker):
            self.number += 1
        queues = worker.attributes["queues"]
        assert isinstance(queues, list)
        return self.number, self.chance.choice(queues)

    def offer(self, task: Task) -> str:
        """Looks for a pair in the task's lane; the reservation's sid ("": there was none)."""
        self.ids.made.clear()
        made = dispatch(self.context, Openings(frozenset({lane_of(task).name})))
        return self.ids.made[-1] if made else ""

    def accept(self, sid: str) -> None:
        """The worker takes what they were offered."""
        store = self.context.store

        def decide() -> tuple[Change, None]:
            read = store.offered(sid)
            if not read.reservation or not read.task or not read.worker:
                raise WrongMatch(f"{sid} is gone")
            others = [Held(*pair) for pair in read.others if pair[0].state is ReservationState.PENDING]
            held = Held(read.reservation, read.worker)
            return offers.accept(read.task, held, others, self.context.clock.now()), None

        settle(store, decide)

    def away(self, sid: str, worker: str) -> Task:
        """The task is forgotten and its worker has other work to do; the task as it was."""
        store = self.context.store
        offer = store.offered(sid)
        if not offer.reservation or not offer.task or not offer.worker or offer.worker.sid != worker:
            raise WrongMatch(f"{sid} is not {worker}'s")
        busy = Write(offer.worker, occupied(offer.worker))
        must(store.commit(Change((Write(offer.task, None), Write(offer.reservation, None), busy))))
        return offer.task

    def assign(self, watch: Stopwatch) -> None:
        """One assignment, timed; what comes before and after is not."""
        worker = self.come_free()
        number, queue = self.next_task(worker)
        task = watch.time("submit", lambda: submitted(self.context, number, queue))
        sid = watch.time("match and reserve", lambda: self.offer(task))
        watch.time("read and accept", lambda: self.accept(sid))
        taken = self.away(sid, worker.sid)
        if lane_of(taken) != lane_of(task) or taken.since > task.since:
            raise WrongMatch(f"{taken.sid} was before its turn")


def _suits(number: int, worker: Worker) -> bool:
    return worker.attributes["level"] >= centre.attributes_of(number)["level"]  # type: ignore[operator]


def measure(desk: Desk, rounds: int = ROUNDS) -> dict[str, float]:
    """Medians over the blocks: microseconds of a PING and of each step, and the whole assignment in PINGs."""
    rows: list[dict[str, float]] = []
    for _ in range(BLOCKS):
        watch = Stopwatch()
        for _ in range(rounds):
            for _ in range(3):
                watch.time("ping", desk.context.store.ping)
            desk.assign(watch)
        row = watch.medians()
        row["assignment"] = sum(row[step] for step in STEPS)
        row["pings"] = row["assignment"] / row["ping"]
        rows.append(row)
    return {name: median(row[name] for row in rows) for name in rows[0]}


def count_trips(server: RedisServer, desk: Desk, rounds: int = 20) -> Mapping[str, float]:
    """How many round trips each step takes, as the server sees them."""
    counted: dict[str, list[int]] = defaultdict(list)
    watch = _Counting(server, counted)
    for _ in range(rounds):
        desk.assign(watch)
    return {step: sum(trips) / len(trips) for step, trips in counted.items()}


class _Counting(Stopwatch):
    """Counts a step's round trips instead of timing it."""

    def __init__(self, server: RedisServer, counted: dict[str, list[int]]) -> None:
        super().__init__()
        self._server = server
        self._counted = counted

    def time(self, step: str, work: Callable[[], T]) -> T:
        """Does the work and notes what it asked of the server."""
        answer, trips = round_trips(self._server, work)
        self._counted[step].append(trips)
        return answer


@contextmanager
def open_centre(size: Size, *options: str, busy: bool = True) -> Iterator[tuple[RedisServer, Desk]]:
    """A centre on a Redis of its own, and a desk in it."""
    name = next(iter(sorted(redis_binaries(), reverse=True)))
    with running_redis(name, *options) as server, closing(RedisStore(server.url, centre.WORKSPACE)) as store:
        context = context_of(store)
        centre.build(context, size, busy=busy)
        yield server, Desk(context, size, random.Random(size.waiting))
