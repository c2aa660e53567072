"""TaskRouter's events as they are kept: for lists, for statistics, and until a workspace's callback has had them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.routing.feed import RouterEvent
from app.core.routing.statistics import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events of a workspace: those of [start, end] in ms, and of each thing named by its public SID ("": any).

    An empty `types` wants events of all types.
    """

    workspace: str
    start: int = 0
    end: int = 2**62
    types: Collection[str] = ()
    sid: str = ""
    task: str = ""
    queue: str = ""
    workflow: str = ""
    worker: str = ""
    reservation: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """An event that a workspace's callback is to be told of, after so many attempts that failed."""

    event: RouterEvent
    url: str
    attempts: int = 0


class TaskRouterEvents(Protocol):
    """Every method raises `HistoryUnavailable` when the database cannot be used now."""

    def record(self, events: Sequence[RouterEvent], callbacks: Sequence[Due] = ()) -> None:
        """Keeps events, and whom to tell of them, all or nothing; what was kept before changes nothing."""

    def find(self, workspace: str, sid: str) -> RouterEvent | None:
        """One event."""

    def after(self, wanted: Wanted, place: tuple[int, int] | None, count: int) -> tuple[RouterEvent, ...]:
        """The newest events, newest first; `place` (instant and place): those before it in time."""

    def before(self, wanted: Wanted, place: tuple[int, int], count: int) -> tuple[RouterEvent, ...]:
        """The events next after a place in time, newest first."""

    def facts(self, wanted: Wanted) -> Iterator[Fact]:
        """What events say to statistics, in order; read as they are asked for, since there may be very many."""

    def activity_facts(self, workspace: str, start: int, end: int) -> Iterator[Fact]:
        """Changes of activity that ended a span of which a part lies in [start, end]."""

    def redact(self, before: int) -> int:
        """Erases the attributes of tasks and workers from events before an instant; returns of how many."""

    def forget(self, workspace: str) -> None:
        """Drops everything about a workspace that was deleted, callbacks that are due included."""

    def due(self, now: int, lease_ms: int, room: Callable[[str], int]) -> tuple[Due, ...]:
        """Callbacks whose time has come, earliest first, as many of each workspace as `room` says it has room for.

        Nobody else gets them during the lease; then, unless they are settled or postponed, they are due again.
        """

    def settled(self, sids: Collection[str]) -> None:
        """These callbacks are through, or given up."""

    def postponed(self, sid: str, until: int) -> None:
        """A callback failed and is to be tried again at an instant."""
