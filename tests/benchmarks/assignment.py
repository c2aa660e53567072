"""What one assignment costs, from a task's arrival to its acceptance, as the use cases do it: round trips and PINGs.

The machine's speed changes under a run, so a PING (same client, same connection) is timed before each step, and what
counts is the median of five blocks.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from statistics import median
from typing import TypeVar

from app.core.serving import precedence
from app.store.redis import RedisStore
from tests.benchmarks import centre
from tests.benchmarks.centre import Size, context_of
from tests.benchmarks.desk import STEPS, Desk, Stopwatch, WrongMatch
from tests.benchmarks.figures import Figure, share
from tests.benchmarks.wire import round_trips, used_memory
from tests.redis_server import RedisServer, redis_binaries, running_redis

BLOCKS = 5
ROUNDS = 100
SEARCHES = 1500
TRIPS = 5
MOST_PINGS = 14
SIZES: Mapping[int, float | None] = {1_000: None, 100_000: 1.15, 500_000: 1.2}
"""How many tasks wait meanwhile, and how much more an assignment may cost then than among the fewest."""
SEARCHED = 100_000
LIMITS = {"match": 3.0, "memory": 1.2 * 1024}
Say = Callable[[str], None]
T = TypeVar("T")


@contextmanager
def open_centre(size: Size, say: Say, *, busy: bool = True) -> Iterator[tuple[RedisServer, Desk, float]]:
    """A centre on a Redis of its own, a desk in it, and the bytes that each waiting task takes there."""
    name = max(redis_binaries())
    with running_redis(name) as server, closing(RedisStore(server.url, centre.WORKSPACE)) as store:
        context = context_of(store)
        centre.define(store, size)
        centre.staff(context, size, busy=busy)
        empty = used_memory(server)
        say(f"{size.waiting:,} tasks come to wait")
        centre.fill(context, size.waiting, size.queues)
        each = (used_memory(server) - empty) / size.waiting if size.waiting else 0.0
        desk = Desk(context, size, random.Random(size.waiting))
        desk.warm_up()
        yield server, desk, each


def measure(say: Say) -> list[Figure]:
    """An assignment among few and among many waiting tasks, the search for an agent who comes free, and memory."""
    figures: list[Figure] = []
    costs: dict[int, float] = {}
    for waiting, limit in SIZES.items():
        with open_centre(Size(waiting=waiting), say) as (server, desk, each):
            say(f"assigning among {waiting:,}")
            if not costs:
                figures += trip_figures(count_trips(server, desk), desk.size)
            row = timed(desk)
            costs[waiting] = row["pings"]
            figures += assignment_figures(waiting, row, costs, limit)
            if waiting == SEARCHED:
                say(f"searching among {waiting:,}")
                figures += [*search_figures(desk), memory_figure(each, waiting)]
    return figures


# --- one assignment --------------------------------------------------------------------------------------------


def timed(desk: Desk, rounds: int = ROUNDS) -> dict[str, float]:
    """Medians over the blocks: microseconds of a PING and of each step, and the whole assignment in PINGs."""
    rows: list[dict[str, float]] = []
    for _ in range(BLOCKS):
        watch = _Interleaving(desk)
        for _ in range(rounds):
            desk.assign(watch)
        row = watch.medians()
        row["assignment"] = sum(row[step] for step in STEPS)
        row["pings"] = row["assignment"] / row["ping"]
        rows.append(row)
    return {name: median(row[name] for row in rows) for name in rows[0]}


class _Interleaving(Stopwatch):
    """Times a PING before each step."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._ping = desk.context.store.ping

    def time(self, step: str, work: Callable[[], T]) -> T:
        """Does the work and notes how long it took, and a PING before it."""
        super().time("ping", self._ping)
        return super().time(step, work)


def assignment_figures(
    waiting: int, row: Mapping[str, float], costs: Mapping[int, float], limit: float | None
) -> list[Figure]:
    """A whole assignment in PINGs, and as a multiple of what it costs among the fewest."""
    group = f"one assignment, {waiting:,} tasks waiting"
    steps = ", ".join(f"{step} {row[step]:.0f}" for step in STEPS)
    note = f"{row['assignment']:.0f} µs ({steps}); PING {row['ping']:.0f} µs"
    figures = [Figure(group, "whole, in PINGs", row["pings"], "PINGs", "at most", MOST_PINGS, note)]
    if limit is not None:
        fewest = min(costs)
        ratio = costs[waiting] / costs[fewest]
        figures.append(Figure(group, f"÷ cost at {fewest:,}", ratio, "×", "at most", limit))
    return figures


def count_trips(server: RedisServer, desk: Desk, rounds: int = 20) -> Mapping[str, float]:
    """How many round trips each step takes, as the server sees them."""
    desk.assign(Stopwatch())
    watch = _Counting(server)
    for _ in range(rounds):
        desk.assign(watch)
    return {step: sum(trips) / len(trips) for step, trips in watch.trips.items()}


class _Counting(Stopwatch):
    """Counts a step's round trips instead of timing it."""

    def __init__(self, server: RedisServer) -> None:
        super().__init__()
        self.trips: defaultdict[str, list[int]] = defaultdict(list)
        self._server = server

    def time(self, step: str, work: Callable[[], T]) -> T:
        """Does the work and counts what it asked of the server."""
        answer, trips = round_trips(self._server, work)
        self.trips[step].append(trips)
        return answer


def trip_figures(trips: Mapping[str, float], size: Size) -> list[Figure]:
    """The round trips of a whole assignment: exactly so many, no fewer and no more."""
    total = sum(trips.values())
    if total != TRIPS:
        raise WrongMatch(f"an assignment took {total:g} round trips: {trips}")
    note = ", ".join(f"{step} {count:g}" for step, count in trips.items())
    return [Figure("one assignment", "round trips", total, "", "at most", TRIPS, f"{note}. Mix: {size.mix}")]


# --- the search for an agent who comes free --------------------------------------------------------------------


def search_figures(desk: Desk) -> list[Figure]:
    """How long it takes to find the task for an agent who comes free, at its worst."""
    watch = Stopwatch()
    for _ in range(SEARCHES):
        worker = desk.come_free()
        watch.time("ping", desk.context.store.ping)
        task = watch.time("match", lambda worker=worker: desk.find(worker))  # type: ignore[misc]
        lanes = desk.context.sights.lanes_for(worker)
        heads = desk.context.store.heads(lanes, limit=1)
        best = min((tasks[0] for tasks in heads.tasks.values() if tasks), key=precedence)
        if best.sid != task.sid:
            raise WrongMatch(f"{task.sid} was found, but {best.sid} is first")
        desk.get_busy(worker.sid)
    ping, match = share(watch.times["ping"], 0.99), share(watch.times["match"], 0.99)
    group = f"an agent comes free, {desk.size.waiting:,} tasks waiting"
    middle = f"p50 {median(watch.times['match']):.0f} µs, p99 {match:.0f} µs"
    note = f"{middle}; PING p50 {median(watch.times['ping']):.0f} µs, p99 {ping:.0f} µs"
    return [Figure(group, "heads and match, p99", match / ping, "PING p99", "at most", LIMITS["match"], note)]


def memory_figure(each: float, waiting: int) -> Figure:
    """What a waiting task takes in Redis."""
    note = f"{waiting:,} tasks with 300 bytes of attributes, all indexes included"
    return Figure("Redis memory", "each waiting task", each, "bytes", "at most", LIMITS["memory"], note)
