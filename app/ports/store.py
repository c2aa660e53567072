"""The only door to live state: entities, their indexes, the event stream and small expiring notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from app.core.change import Change
from app.core.entities import Call, Entity, Key, Reservation, Task, Worker
from app.core.events import Event

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class Committed:
    """The change is in the store; `events` are the ids its events were given, in order."""

    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else changed `key` first; nothing was written. Read again, decide again."""

    key: Key


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event as a follower gets it: at least once, with the id by which it can tell a repetition."""

    id: str
    event: Event


@dataclass(frozen=True, slots=True)
class Heads:
    """What matching needs, read at one instant.

    `tasks`: of each lane its first, in serving order; `workers`: of each idle index (`indexes.idle`) its first,
    longest idle first; `named`: the workers asked for by sid. `lanes`, `profiles` and `revision` are the counts of
    changes of the directory's two halves and of the workspace's rules: whoever knows older ones reads them anew.
    """

    tasks: Mapping[str, tuple[Task, ...]] = field(default_factory=dict)
    workers: Mapping[str, tuple[Worker, ...]] = field(default_factory=dict)
    named: Mapping[str, Worker] = field(default_factory=dict)
    lanes: int = 0
    profiles: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Directory:
    """Which lanes may have waiting tasks, and the text of every profile a worker may have; and the changes of each."""

    lanes: frozenset[str] = frozenset()
    profiles: Mapping[str, str] = field(default_factory=dict)
    lane_changes: int = 0
    profile_changes: int = 0


@dataclass(frozen=True, slots=True)
class Offered:
    """A reservation with its task, call and worker, and the task's other reservations with theirs; one instant.

    What does not exist (any more) is None, or left out of `others`.
    """

    reservation: Reservation | None = None
    task: Task | None = None
    call: Call | None = None
    worker: Worker | None = None
    others: tuple[tuple[Reservation, Worker], ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All live entities, each kind ordered by age (workers by name); `event` is the id of the latest event in it."""

    calls: tuple[Call, ...] = ()
    tasks: tuple[Task, ...] = ()
    workers: tuple[Worker, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    event: str = "0-0"


class Store(Protocol):
    """One workspace's live state. Every method is one round trip; `commit` is all or nothing.

    Raises `StoreUnavailable` when the store cannot be reached in time.
    """

    def get(self, kind: type[E], sid: str) -> E | None:
        """One entity, or None."""

    def read(self, *keys: Key) -> tuple[Entity | None, ...]:
        """Several entities of any kinds, in the order asked, read at one instant."""

    def commit(self, change: Change) -> Committed | Conflict:
        """Applies a change if every entity still has the version it was decided on, and appends its events."""

    def offered(self, reservation: str) -> Offered:
        """A reservation and everything it concerns."""

    def heads(
        self,
        lanes: Sequence[str],
        idle: Sequence[str] = (),
        named: Sequence[str] = (),
        limit: int = 10,
        *,
        together: bool = False,
    ) -> Heads:
        """The first `limit` waiting tasks of these lanes and workers of these idle indexes, and workers by sid.

        `idle` are names of indexes (`indexes.idle`). `together`: where there are several lanes, only the best `limit`
        of their heads (by score, then member), and the first `limit` workers of all idle indexes as if they were one.
        Cost does not grow with the number of tasks or workers waiting.
        """

    def directory(self) -> Directory:
        """Every lane and profile there may be."""

    def tidy(self) -> int:
        """Drops lanes without a waiting task from the directory; returns how many. Safe beside any commit."""

    def members(self, index: str, *, start: int = 0, count: int = 1000) -> tuple[str, ...]:
        """Members of an index in its order, from the place `start` (0: the first)."""

    def tail(self, index: str, score: int, count: int) -> tuple[tuple[int, str], ...]:
        """The last `count` members of an index with this score or a lower one, last first, each after its score."""

    def size(self, *indexes: str) -> tuple[int, ...]:
        """How many members each index has."""

    def position(self, task: Task) -> int:
        """The task's place in its line, from 1; 0 when it is in none. Reserved tasks ahead count."""

    def lengths(self, queues: Sequence[str]) -> Mapping[str, int]:
        """How many callers stand in each queue's line (pending and reserved)."""

    def due(self, now: int, limit: int = 100) -> tuple[Key, ...]:
        """Entities whose deadline is at or before `now`, earliest first."""

    def next_deadline(self) -> int:
        """The earliest deadline, or 0."""

    def snapshot(self) -> Snapshot:
        """Everything live, for pages and reconcilers."""

    def drop(self) -> None:
        """Forgets the whole workspace, personal records and events included; for workspaces that were deleted."""

    def personal(self, call: str) -> Mapping[str, str]:
        """The personal record of a call: field to text."""

    def erase(self, call: str) -> None:
        """Erases the personal record of a call."""

    def follow(self, group: str, consumer: str, *, count: int = 100, block_ms: int = 0) -> tuple[Delivered, ...]:
        """The next events for a group of followers (created at the stream's start); waits up to `block_ms`."""

    def acknowledge(self, group: str, ids: Sequence[str]) -> None:
        """Tells that the group has done with these events."""

    def reclaim(self, group: str, consumer: str, *, idle_ms: int, count: int = 100) -> tuple[Delivered, ...]:
        """Events delivered to a consumer of the group that did not acknowledge them for `idle_ms`: now this one's."""

    def since(self, last_id: str, *, count: int = 100, block_ms: int = 0) -> tuple[Delivered, ...]:
        """Events after an id ("0": all kept, "$": only new ones), without a group: for pages."""

    def trim(self) -> int:
        """Drops events that every group has acknowledged, keeping the latest 1,000; returns how many."""

    def claim(self, name: str, seconds: int) -> bool:
        """True for the first to claim a name within its life, False for everybody after."""

    def note(self, name: str, text: str, seconds: int = 0) -> None:
        """Remembers a text under a name (0 seconds: for good)."""

    def noted(self, name: str) -> str | None:
        """The text remembered under a name."""

    def count(self, name: str, seconds: int) -> int:
        """Counts one more under a name and returns the count within a window of `seconds` from its first."""

    def ping(self) -> None:
        """Raises `StoreUnavailable` unless the store answers."""


class StoreUnavailable(Exception):
    """The store cannot be reached or refuses to write: not the caller's fault, nor the config's."""
