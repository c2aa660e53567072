"""What is kept of calls for good, and what can be asked of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from app.core.change import Personal
from app.ports.store import Delivered


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    """One call as its events tell it. `queued`, `answered`: whether it ever stood in a queue, or met an agent."""

    sid: str
    started: int = 0
    ended: int = 0
    outcome: str = ""
    route: str = ""
    queue: str = ""
    agent: str = ""
    queued: bool = False
    answered: bool = False
    waited_ms: int = 0
    talked_ms: int = 0
    mood: str = ""
    config: str = ""
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """All that happened in a call, in order; `personal` is empty once it has been erased."""

    call: PastCall
    events: tuple[Delivered, ...] = ()
    personal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """One day's queueing. `asa_ms` and `service_level` are None where no call gives them a meaning."""

    day: date
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    asa_ms: int | None = None
    service_level: float | None = None


class History(Protocol):
    """Every method raises `HistoryUnavailable` when the database cannot be used now."""

    def record(self, deliveries: Sequence[Delivered], personal: Sequence[Personal] = ()) -> None:
        """Keeps events and personal texts, all or nothing; what was kept before changes nothing."""

    def story(self, call: str) -> Story | None:
        """Everything known of one call."""

    def calls(self, limit: int = 50, before: int = 0) -> tuple[PastCall, ...]:
        """The latest calls, newest first, of those that started before an instant (0: all)."""

    def erase(self, call: str) -> None:
        """Erases the personal texts of a call for good: they are not taken in again."""

    def expired(self, before: int, limit: int = 100) -> tuple[str, ...]:
        """Calls that started before an instant and still have personal texts, oldest first."""

    def counts(self) -> Mapping[str, int]:
        """How many events of each type were ever recorded."""

    def report(self, since: int, until: int, timezone: str, within_ms: int = 20_000) -> tuple[DayReport, ...]:
        """Offered, answered, abandoned, average speed of answer and service level for each local day.

        Counts calls that started in [since, until). Offered: stood in a queue. Answered: met an agent. Abandoned:
        the caller hung up while waiting. Short abandons count: they are offered, and abandoned, like any other.
        Service level: answered within `within_ms` of entering the queue ÷ offered.
        """


class HistoryUnavailable(Exception):
    """The database is locked, full or away: nobody's fault who called; keep what you have and try again."""
