"""Who and what is in a workspace now, read for statistics: nothing is read that was not asked for, nothing twice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from app.core.entities import Key, Kind, Reservation, Task, Worker
from app.core.indexes import LIVE_RESERVATIONS, LIVE_TASKS, task_of_member, waiting
from app.core.routing.definitions import Rules
from app.core.routing.lanes import read_lane
from app.ports.store import Store
from app.usecases.context import Context
from app.usecases.taskrouter.rosters import WorkerFilter, workers_by_age
from app.usecases.taskrouter.wording import Refusal

_PAGE = 1000
EVERYBODY = WorkerFilter()


class Census:
    """One look at a workspace. Tasks come and go meanwhile, but none is counted twice."""

    def __init__(self, context: Context, rules: Rules) -> None:
        self._context = context
        self._store = context.store
        self.rules = rules

    @cached_property
    def workers(self) -> Sequence[Worker]:
        """Every worker."""
        return self.workers_like(EVERYBODY)

    def workers_like(self, wanted: WorkerFilter) -> Sequence[Worker]:
        """The workers of this name, or who can serve this queue."""
        found = workers_by_age(self._context, wanted)
        return () if isinstance(found, Refusal) else found.all()

    def tasks(self) -> Iterator[Task]:
        """Every task that has not ended."""
        yield from _once(_tasks(self._store, _members(self._store, LIVE_TASKS)))

    def tasks_of(self, queue: str) -> Iterator[Task]:
        """The tasks of a queue: those of its lanes, and those that reservations hold."""
        lanes = [name for name in self._lanes if read_lane(name).queue == queue]
        members = (task_of_member(member) for name in lanes for member in _members(self._store, waiting(name)))
        held = (task for task in self._held.get(queue, ()) if task.queue == queue)
        yield from _once(task for tasks in (_tasks(self._store, members), held) for task in tasks)

    @cached_property
    def _lanes(self) -> Sequence[str]:
        return sorted(self._store.directory().lanes)

    @cached_property
    def _held(self) -> Mapping[str, Sequence[Task]]:
        """The tasks that somebody is offered or serves, by the queue of the reservation."""
        members = list(_members(self._store, LIVE_RESERVATIONS))
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for page in _pages(members):
            for reservation in self._store.read(*(Key(Kind.RESERVATION, sid) for sid in page)):
                if isinstance(reservation, Reservation):
                    found[reservation.queue][reservation.task] = None
        return {queue: tuple(_tasks(self._store, tasks)) for queue, tasks in found.items()}


def _members(store: Store, index: str) -> Iterator[str]:
    start = 0
    while members := store.members(index, start=start, count=_PAGE):
        yield from members
        start += len(members)


def _tasks(store: Store, members: Iterable[str]) -> Iterator[Task]:
    for page in _pages(members):
        read = store.read(*(Key(Kind.TASK, sid) for sid in page))
        yield from (task for task in read if isinstance(task, Task))


def _pages(members: Iterable[str]) -> Iterator[list[str]]:
    page: list[str] = []
    for member in members:
        page.append(member)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


def _once(tasks: Iterable[Task]) -> Iterator[Task]:
    seen: set[str] = set()
    for task in tasks:
        if task.sid not in seen:
            seen.add(task.sid)
            yield task
