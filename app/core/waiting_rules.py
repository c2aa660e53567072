"""What an owner may promise callers who wait: a certain agent for a while, and an answer in time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.config import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """Callers who ask for an agent wait `wait` seconds for them, then go on to `then` (None: where they came from)."""

    wait: int
    then: "Target | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastAgent:
    """For `wait` seconds a caller waits for the agent who served their number in the last so many `days`."""

    wait: int
    days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """So much `percent` of a queue's calls are to be answered within so many `seconds`."""

    seconds: int
    percent: int
