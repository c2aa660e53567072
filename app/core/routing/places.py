"""Where a workflow has put a task, or why it let it go, and what was tried on the way there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

DEFAULT_FILTER = -2
"""`filter` of a task that stands in the default filter, however many filters there are."""

NOBODY = "1 == 0"
"""The demand of a target that can reach no worker: a rule that holds of none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The workers of a target's queue as `skip_if` counts them, whatever else the target asks of them.

    `activities` counts them by activity SID; one that is not there has nobody in it. `free` tells whether at least one
    of them could be reserved for the task now: what target, known worker and capacity ask included.
    """

    available: int = 0
    unavailable: int = 0
    free: bool = False
    activities: Mapping[str, int] = field(default_factory=dict)

    def count(self, name: str) -> int:
        """What stands under `workers.` in a skip_if."""
        counts = {"available": self.available, "unavailable": self.unavailable}
        return counts[name] if name in counts else self.activities.get(name, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a task waits. `moves_on` is when its time there ends (0: never before the task itself ends).

    `priority` None: the task keeps the one it has. `demand` is the target's rule with the task's values filled in ("":
    any worker of the queue; `NOBODY`: none). `known` is the only worker who may have it, by friendly name if
    `known_by_name` ("": anybody). `expression` is the target's rule as written.
    """

    filter: int
    target: int
    filter_name: str
    queue: str
    priority: int | None
    expression: str
    demand: str
    order_by: str
    known: str
    known_by_name: bool
    moves_on: int


class Exit(StrEnum):
    """Why a workflow let a task go; such a task is canceled."""

    TIMEOUT = "workflow.timeout"
    SKIPPED = "workflow.skipped"
    NO_MATCH = "workflow.no_match"


@dataclass(frozen=True, slots=True)
class Left:
    """The task fell out of the workflow, which leads to its cancellation."""

    reason: Exit


class Outcome(StrEnum):
    """What came of trying a filter or a target."""

    MATCHED = "matched"
    NOT_MATCHED = "did not match"
    SKIPPED = "skipped"
    TIMED_OUT = "timed out"
    WAITS = "waits"
    WAITS_FOR_NOBODY = "waits, though no worker can serve it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One filter (`target` -1) or target that was tried: the rule that decided, and what it read.

    `until` is the age of the task, in seconds, at which its time in the target ends or ended (None: never).
    """

    filter: int
    filter_name: str
    target: int = -1
    queue: str = ""
    outcome: Outcome
    expression: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    until: float | None = None

    def sentence(self) -> str:
        """The outcome in words, with the values that led to it."""
        read = ", ".join(f"{name} was {_shown(value)}" for name, value in self.values.items())
        if self.outcome is Outcome.TIMED_OUT:
            return f"timed out at age {self.until or 0:g} s"
        if self.outcome is Outcome.SKIPPED:
            return f"skipped: {self.expression} was true" + (f" ({read})" if read else "")
        if self.outcome in (Outcome.WAITS, Outcome.WAITS_FOR_NOBODY):
            end = f" until age {self.until:g} s" if self.until is not None else ""
            return f"{self.outcome.value.replace('waits', f'waits in {self.queue}{end}', 1)}" + (read and f": {read}")
        return self.outcome.value + (read and f": {read}")


@dataclass(frozen=True, slots=True)
class RouteEvent:
    """One of TaskRouter's events on the way, by its documented name."""

    name: str
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a task came to stand, or that it left, with the events of the way and everything that was tried."""

    place: Placement | Left
    events: tuple[RouteEvent, ...]
    trace: tuple[Tried, ...]


def _shown(value: object) -> str:
    return "NULL" if value is None else repr(value) if isinstance(value, str) else str(value)
