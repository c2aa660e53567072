"""Where time comes from."""

from typing import Protocol


class Clock(Protocol):
    """Milliseconds since 1970 UTC; never runs backwards within a process."""

    def now(self) -> int:
        """The present instant in milliseconds."""
