"""What the store's steps alone cost, in microseconds and PINGs: `python -m tests.benchmarks.store_costs --help`.

`assignment.py` measures what the use cases make of them. The machine's speed changes under a run, so every block times
PINGs (same client) in turn with the work, and what counts is the median of five blocks.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from statistics import median

from app.core.change import Change, Write
from app.core.entities import Reservation, ReservationState, Task, TaskState, Worker
from app.core.events import Event, EventType
from app.core.indexes import idle
from app.core.routing.lanes import queue_lane
from app.ports.store import Offered, Store
from app.store.memory import MemoryStore
from app.store.redis import RedisStore
from tests.benchmarks.centre import must
from tests.benchmarks.desk import Stopwatch
from tests.builders import NOON, FakeClock, a_reservation, a_task, a_worker, an_event
from tests.redis_server import redis_binaries, running_redis

STEPS = ("enqueue", "match-read", "reserve", "read", "accept")
BLOCKS = 5
PATIENCE = "i would like to order ice cream for a wedding of two hundred people please"
LANE = queue_lane("sales")
PROFILE = "sellers"
IDLE = idle("voice", PROFILE)


def waiting_task(number: int, queue: str) -> Task:
    """A task as large as those of real calls."""
    attributes = {"said": PATIENCE, "mood": "excited", "called": number % 5, "language": "en"}
    return a_task(
        f"WT{number:032x}", queue=queue, call=f"CA{number:032x}", attributes=attributes, created=NOON + number
    )


def fill(store: Store, waiting: int, queues: int) -> None:
    """Callers wait in all queues but the one that is measured; one worker is free for every queue."""
    names = tuple(f"queue-{number}" for number in range(queues))
    must(store.commit(Change((Write(None, a_worker("WK1", queues=("sales",), profile=PROFILE)),))))
    for start in range(0, waiting, 500):
        tasks = (waiting_task(n, names[n % queues]) for n in range(start, min(start + 500, waiting)))
        must(store.commit(Change(tuple(Write(None, task) for task in tasks))))


def assign(store: Store, number: int, watch: Stopwatch) -> None:
    """One caller from the queue to an agent, as the use cases do it, and (not timed) away again."""
    born = waiting_task(number, "sales")
    told: tuple[Event, ...] = (an_event(task=born.sid),)
    must(watch.time("enqueue", lambda: store.commit(Change((Write(None, born),), told))))

    heads = watch.time("match-read", lambda: store.heads([LANE], [IDLE], limit=1))
    task, worker = heads.tasks[LANE][0], heads.workers[IDLE][0]
    offer = a_reservation(f"WR{number:032x}", task=task.sid, call=task.call, worker=worker.sid, deadline=NOON)
    must(watch.time("reserve", lambda: store.commit(reserve(task, worker, offer))))

    task, offer, worker = found(watch.time("read", lambda: store.offered(offer.sid)))
    accepted = replace(offer, state=ReservationState.ACCEPTED, deadline=0)
    assigned = replace(task, state=TaskState.ASSIGNED, worker=worker.sid, assigned=NOON, deadline=0)
    told = tuple(an_event(kind, task=task.sid) for kind in (EventType.RESERVATION_ACCEPTED, EventType.TASK_ASSIGNED))
    must(watch.time("accept", lambda: store.commit(Change((Write(offer, accepted), Write(task, assigned)), told))))
    release(store, offer.sid)


def found(read: Offered) -> tuple[Task, Reservation, Worker]:
    """What an offer concerns, all of which has to be there."""
    assert read.task is not None
    assert read.reservation is not None
    assert read.worker is not None
    return read.task, read.reservation, read.worker


def reserve(task: Task, worker: Worker, offer: Reservation) -> Change:
    """The change in which a worker is offered a task."""
    taken = replace(task, state=TaskState.RESERVED, reservations=(offer.sid,), deadline=NOON + 20_000)
    busy = replace(worker, reservations=(offer.sid,), held={"voice": 1})
    told = (an_event(EventType.RESERVATION_CREATED, task=task.sid), an_event(EventType.INTENT_RING, task=task.sid))
    return Change((Write(task, taken), Write(worker, busy), Write(None, offer)), told)


def release(store: Store, sid: str) -> None:
    """The worker is free again; task and reservation are forgotten."""
    task, offer, worker = found(store.offered(sid))
    freed = Write(worker, replace(worker, reservations=(), held={}, idle_since=worker.idle_since + 1))
    must(store.commit(Change((Write(task, None), Write(offer, None), freed))))


def measure(store: Store, waiting: int, rounds: int) -> dict[str, float]:
    """Medians over the blocks: microseconds of each step and of a PING, and the assignment in PINGs."""
    rows: list[dict[str, float]] = []
    for block in range(BLOCKS):
        watch = Stopwatch()
        for turn in range(rounds):
            for _ in range(3):
                watch.time("ping", store.ping)
            assign(store, waiting + block * rounds + turn, watch)
        row = watch.medians()
        row["assignment"] = sum(row[step] for step in STEPS)
        row["pings"] = row["assignment"] / row["ping"]
        rows.append(row)
    return {name: median(row[name] for row in rows) for name in rows[0]}


@contextmanager
def opened(name: str, fsync: str) -> Iterator[Store]:
    """A store of this name, empty."""
    if name == "memory":
        yield MemoryStore("bench", FakeClock())
        return
    options = () if fsync == "none" else ("--appendonly", "yes", "--appendfsync", fsync)
    with running_redis(name, *options) as server, closing(RedisStore(server.url, "bench")) as store:
        yield store


def main() -> None:
    """Measures what the arguments say and prints a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, nargs="+", default=[1_000, 10_000], help="callers waiting meanwhile")
    parser.add_argument("--queues", type=int, default=50, help="queues they wait in")
    parser.add_argument("--rounds", type=int, default=200, help="assignments in each of the five blocks")
    parser.add_argument("--fsync", choices=["none", "everysec", "always"], default="none", help="append-only file")
    parser.add_argument("--stores", nargs="+", default=["memory", *sorted(redis_binaries())])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for name in options.stores:
        for waiting in options.waiting:
            with opened(name, options.fsync) as store:
                fill(store, waiting, options.queues)
                measured = measure(store, waiting, options.rounds)
            rows.append({"store": name, "waiting": waiting} | {key: round(value, 1) for key, value in measured.items()})
    print(json.dumps(rows) if options.json else table(rows))


def table(rows: Sequence[dict[str, object]]) -> str:
    """The rows under their names; times are microseconds."""
    lines = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


if __name__ == "__main__":
    main()
