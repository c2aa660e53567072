"""A call centre as the benchmarks of routing have it: its rules, its workers, and the tasks that wait in it.

Everything is made by the functions that the server uses; only the many tasks that wait already are copies of a few.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from app.adapters.clock import SystemClock
from app.adapters.ids import RandomIds
from app.core.change import Change, Write
from app.core.config import Config
from app.core.entities import Attributes, ChannelCapacity, Entity, Task, Worker
from app.core.routing.definitions import (
    DEFAULT_CHANNELS,
    TaskChannel,
    TaskQueue,
    WorkerActivity,
    Workflow,
    Workspace,
)
from app.core.routing.staff import described
from app.ports.scorer import Reading
from app.ports.store import Committed, Store
from app.usecases.context import Context
from app.usecases.progress import Submission, submit

WORKSPACE = "bench"
CHANNEL = "voice"
READY, BUSY = "ready", "busy"
FEW, MANY = 3, 30
"""How many queues most workers serve, and how many the others."""
WIDE = 5
"""One team in so many serves many queues."""
TEAM = 50
LEVELS = 3
PICKY = 2
"""One task in so many asks something of the worker."""
_DAY_MS = 86_400_000
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Size:
    """How large the centre is."""

    workers: int = 1_000
    queues: int = 50
    waiting: int = 0

    @property
    def mix(self) -> str:
        """The mix in words."""
        wide = 100 // WIDE
        return (
            f"{self.workers:,} workers in teams of {TEAM} ({wide} % of them in {MANY} queues, the others in {FEW}; "
            f"{LEVELS} levels), {self.queues:,} queues, each with a workflow; "
            f"{100 // PICKY} % of tasks ask for `{_EXPRESSION}`"
        )


_EXPRESSION = "worker.level >= task.level"


class Noting(RandomIds):
    """Remembers what it made, as whoever is asked about a reservation knows its sid."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def sid(self, prefix: str) -> str:
        """A random sid."""
        made = super().sid(prefix)
        self.made.append(made)
        return made


class NoFile:
    """A workspace that only the API knows: there is no owner's file, and nobody reads callers' words."""

    name = "none"

    def current(self) -> Config:
        """Never asked for."""
        raise LookupError("this workspace has no owner's file")

    def get(self, version: str) -> Config:
        """Never asked for."""
        raise LookupError(version)

    def read(self, text: str, config: Config) -> Reading:
        """Never asked for."""
        raise LookupError(text)


def context_of(store: Store) -> Context:
    """The use cases' world on this store."""
    nothing = NoFile()
    return Context(store, SystemClock(), Noting(), nothing, nothing, workspace=WORKSPACE, of_file=False)


def must(outcome: object) -> None:
    """Nobody else is at work here, so a conflict would be a mistake of the benchmark's."""
    if not isinstance(outcome, Committed):
        raise TypeError(f"not committed: {outcome}")


def write_all(store: Store, entities: Iterator[Entity]) -> None:
    """Commits new entities in batches."""
    while batch := tuple(islice(entities, _BATCH)):
        must(store.commit(Change(tuple(Write(None, entity) for entity in batch))))


# --- rules -----------------------------------------------------------------------------------------------------


def queue_name(number: int) -> str:
    """The sid of a queue."""
    return f"WQ{number:032x}"


def workflow_name(number: int) -> str:
    """The sid of the workflow that leads to the queue of the same number."""
    return f"WW{number:032x}"


def define(store: Store, size: Size) -> None:
    """Commits the workspace and its definitions."""
    write_all(
        store,
        iter(
            [
                Workspace(sid=WORKSPACE, default_activity=READY, timeout_activity=BUSY),
                WorkerActivity(sid=READY, name="Ready", available=True),
                WorkerActivity(sid=BUSY, name="Busy"),
                *(TaskChannel(sid=name, name=name, unique_name=name) for name in DEFAULT_CHANNELS),
                *(_queue(number) for number in range(size.queues)),
                *(_workflow(number) for number in range(size.queues)),
            ]
        ),
    )


def _queue(number: int) -> TaskQueue:
    return TaskQueue(sid=queue_name(number), name=f"Queue {number}", target_workers=f"queues HAS {number}")


def _workflow(number: int) -> Workflow:
    picky = {
        "filter_friendly_name": "picky",
        "expression": "level > 0",
        "targets": [{"queue": queue_name(number), "expression": _EXPRESSION, "timeout": 3600}],
    }
    routing = {"filters": [picky], "default_filter": {"queue": queue_name(number)}}
    configuration = json.dumps({"task_routing": routing})
    return Workflow(sid=workflow_name(number), name=f"Workflow {number}", configuration=configuration)


# --- workers ---------------------------------------------------------------------------------------------------


def queues_of(number: int, queues: int) -> list[int]:
    """The queues that the team of this worker serves."""
    team = number // TEAM
    served = MANY if team % WIDE == WIDE - 1 else FEW
    return sorted(random.Random(team).sample(range(queues), min(served, queues)))


def queue_numbers(one: Worker) -> list[int]:
    """The queues that a worker serves, by number."""
    numbers = one.attributes["queues"]
    assert isinstance(numbers, list)
    return [int(number) for number in numbers]


def worker_name(number: int) -> str:
    """The sid of a worker."""
    return f"WK{number:032x}"


def worker(number: int, queues: int, now: int) -> Worker:
    """A worker who is at work, with no profile yet."""
    attributes = {
        "queues": queues_of(number, queues),
        "level": 1 + number % LEVELS,
        "team": number // TEAM,
    }
    return Worker(
        sid=worker_name(number), name=f"Worker {number}", attributes=attributes, activity=READY, activity_since=now,
        channels={name: ChannelCapacity() for name in DEFAULT_CHANNELS}, idle_since=now + number,
        created=now, updated=now,
    )  # fmt: skip


def staff(context: Context, size: Size, *, busy: bool) -> None:
    """Commits the workers; busy ones hold a reservation of work that is not in the store."""
    rules, now = context.rules.fresh(), context.clock.now()
    profiles: dict[tuple[object, ...], Worker] = {}

    def described_once(number: int) -> Worker:
        plain = worker(number, size.queues, now)
        kind = (number // TEAM, plain.attributes["level"])
        known = profiles.get(kind) or profiles.setdefault(kind, described(plain, rules))
        return replace(plain, queues=known.queues, facts=known.facts, profile=known.profile)

    everybody = (described_once(number) for number in range(size.workers))
    write_all(context.store, (occupied(one) if busy else one for one in everybody))


def occupied(one: Worker) -> Worker:
    """The worker with all hands full."""
    return replace(one, reservations=("WR of before",), held={CHANNEL: 1})


def freed(one: Worker, now: int) -> Worker:
    """The worker with nothing to do."""
    return replace(one, reservations=(), held={}, idle_since=now)


# --- tasks -----------------------------------------------------------------------------------------------------


def attributes_of(number: int) -> Attributes:
    """About 300 bytes of what a program says of its task; one in `PICKY` asks something of the worker."""
    return {
        "level": 1 + number // PICKY % LEVELS if number % PICKY == 0 else 0,
        "language": "en",
        "customer": f"customer-{number:09d}",
        "called": number % 5,
        "said": "i would like to order ice cream for a wedding of two hundred people please",
        "product": "ice-cream",
        "region": "north-west",
        "campaign": "summer-2025",
        "tier": "gold",
        "note": "asked twice, called back once, prefers the afternoon",
    }


def suits(number: int, one: Worker) -> bool:
    """Whether a worker may be offered the task of this number, as far as its own wishes go."""
    return int(one.attributes["level"]) >= int(attributes_of(number)["level"])  # type: ignore[arg-type]


def submission(number: int, queue: int) -> Submission:
    """A task for the queue of this number."""
    return Submission(
        workflow=workflow_name(queue), attributes=attributes_of(number), channel=CHANNEL, timeout=14 * _DAY_MS // 1000
    )


def submitted(context: Context, number: int, queue: int) -> Task:
    """A task that was taken in."""
    task = submit(context, submission(number, queue))
    if not isinstance(task, Task):
        raise TypeError(f"refused: {task}")
    return task


def fill(context: Context, waiting: int, queues: int) -> Sequence[Task]:
    """So many tasks wait, spread over all queues and kinds; they came one a millisecond. Returns the first of them."""
    first = [submitted(context, kind, queue) for queue in range(queues) for kind in range(PICKY * LEVELS)]
    born = context.clock.now() - waiting

    def copy(number: int) -> Task:
        model, at = first[number % len(first)], born + number
        return replace(
            model, version=0, sid=f"WT{random.Random(number).getrandbits(128):032x}", attributes=attributes_of(number),
            created=at, queued=at, updated=at,
        )  # fmt: skip

    write_all(context.store, (copy(number) for number in range(len(first), waiting)))
    return first
