"""Several processes that take tasks in, assign and complete them at once: how much faster, and whether all is well."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from statistics import median

from app.core.change import Change
from app.core.events import Event, EventType
from app.core.indexes import LIVE_RESERVATIONS, LIVE_TASKS
from app.ports.store import Committed, Conflict
from app.store.redis import RedisStore
from app.usecases.dispatching import dispatch_everything
from tests.benchmarks import centre
from tests.benchmarks.assignment import Say, open_centre
from tests.benchmarks.centre import Size, context_of, submitted
from tests.benchmarks.desk import Desk
from tests.benchmarks.figures import Figure
from tests.redis_server import RedisServer

PROCESSES = 4
RUNS = 5
SECONDS = 2.0
FASTER = 1.6
CONFLICTS = 0.05
_PAGE = 10_000
_COUNT = """
import time
end, count = time.perf_counter() + 1, 0
while time.perf_counter() < end:
    count += 1
print(count)
"""


class Lost(Exception):
    """A task was lost, or handed out twice."""


class TallyingStore(RedisStore):
    """Counts the commits that lost a race."""

    conflicts = 0

    def commit(self, change: Change) -> Committed | Conflict:
        """See `Store.commit`."""
        outcome = super().commit(change)
        self.conflicts += isinstance(outcome, Conflict)
        return outcome


@dataclass(frozen=True)
class Work:
    """What a process did."""

    assigned: int
    conflicts: int
    seconds: float


def measure(say: Say) -> list[Figure]:
    """One process and several in turn, each time for so long; then everything is counted."""
    size = Size()
    with open_centre(size, say, busy=False) as (server, desk, _):
        alone: list[float] = []
        together: list[float] = []
        conflicts: list[float] = []
        for run in range(RUNS):
            say(f"assigning in one process and in {PROCESSES}, run {run + 1} of {RUNS}")
            alone.append(_rate(_at_work(server, size, 1, run)))
            works = _at_work(server, size, PROCESSES, run)
            together.append(_rate(works))
            conflicts.append(sum(work.conflicts for work in works) / sum(work.assigned for work in works))
        finish(desk)
        counted = check(desk)
    faster = median(many / one for one, many in zip(alone, together, strict=True))
    group = f"{PROCESSES} processes at once, {size.queues} queues, {size.workers:,} agents"
    rates = (
        f"{median(together):,.0f} a second, one process {median(alone):,.0f}; "
        f"two processes that only count reach {cores():.2f} of one on this machine now"
    )
    every = f"{counted:,} tasks counted: each submitted, accepted and completed exactly once"
    return [
        Figure(group, "assignments, ÷ one process", faster, "×", "at least", FASTER, rates),
        Figure(group, "conflicts an assignment", median(conflicts), "", "at most", CONFLICTS, every),
    ]


def _rate(works: Sequence[Work]) -> float:
    return sum(work.assigned / work.seconds for work in works)


def _at_work(server: RedisServer, size: Size, processes: int, run: int) -> list[Work]:
    """Lets so many processes work side by side, as soon as all of them are ready."""
    command = [sys.executable, "-m", __spec__.name, server.url, str(size.workers), str(size.queues)]
    running = [
        subprocess.Popen(
            [*command, str(100 * run + number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        for number in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [Work(**json.loads(process.communicate()[0])) for process in running]


def work(url: str, size: Size, seed: int, wait: Callable[[], object]) -> Work:
    """What each process does: it takes tasks in, looks for agents, and sees to whatever it could offer."""
    with closing(TallyingStore(url, centre.WORKSPACE)) as store:
        desk = Desk(context_of(store), size, random.Random(seed), number=1_000_000 * (seed + 1))
        desk.warm_up()
        desk.context.rules.current()
        assigned = store.conflicts = 0
        wait()
        began = time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            task = submitted(desk.context, *desk.next_task())
            assigned += sum(_seen_to(desk, sid) for sid in desk.offer(task))
        return Work(assigned, store.conflicts, time.perf_counter() - began)


def _seen_to(desk: Desk, sid: str) -> bool:
    return desk.accept(sid) and desk.complete(sid)


def cores() -> float:
    """How much two processes get done that do nothing but count, as a multiple of one: what the machine lets them."""
    rates = []
    for processes in (1, 2):
        running = [
            subprocess.Popen([sys.executable, "-c", _COUNT], stdout=subprocess.PIPE, text=True)
            for _ in range(processes)
        ]
        rates.append(sum(int(process.communicate()[0]) for process in running))
    return rates[1] / rates[0]


# --- counting --------------------------------------------------------------------------------------------------


def finish(desk: Desk) -> None:
    """What was left when the processes stopped is assigned and completed too."""
    store = desk.context.store
    while dispatch_everything(desk.context) or store.size(LIVE_RESERVATIONS)[0]:
        for reservation in store.snapshot().reservations:
            _seen_to(desk, reservation.sid)


def check(desk: Desk) -> int:
    """How many tasks there were; raises `Lost` unless each was accepted and completed once and everybody is free."""
    store = desk.context.store
    told: dict[EventType, Counter[str]] = {}
    for event in _events(store):
        told.setdefault(event.type, Counter())[event.task] += 1
    created = told[EventType.TASK_CREATED]
    for kind in (EventType.RESERVATION_ACCEPTED, EventType.TASK_ASSIGNED, EventType.TASK_COMPLETED):
        if told[kind] != created:
            wrong = (told[kind] - created) + (created - told[kind])
            raise Lost(f"{len(wrong)} of {len(created)} tasks had {kind} not exactly once")
    if any(store.size(LIVE_TASKS, LIVE_RESERVATIONS)):
        raise Lost("tasks or reservations are left over")
    held = [worker.sid for worker in store.snapshot().workers if worker.reservations or any(worker.held.values())]
    if held:
        raise Lost(f"{len(held)} agents still hold something")
    return len(created)


def _events(store: object) -> Iterator[Event]:
    assert isinstance(store, RedisStore)
    last = "0"
    while page := store.since(last, count=_PAGE):
        yield from (delivered.event for delivered in page)
        last = page[-1].id


def main(arguments: Sequence[str]) -> None:
    """One process at work; its address, size and seed are the arguments, and a line tells it to begin."""
    url, workers, queues, seed = arguments

    def wait() -> None:
        print("ready", flush=True)
        sys.stdin.readline()

    print(json.dumps(asdict(work(url, Size(int(workers), int(queues)), int(seed), wait))))


if __name__ == "__main__":
    main(sys.argv[1:])
