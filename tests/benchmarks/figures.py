"""Figures with their targets, and the arithmetic they share."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

Direction = Literal["at least", "at most", ""]


@dataclass(frozen=True)
class Figure:
    """One measured value; `target` is met when the value is `direction` (at least, at most) it."""

    group: str
    name: str
    value: float
    unit: str
    direction: Direction = ""
    target: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.direction == "at least" else self.value <= self.target


def share(values: Sequence[float], part: float) -> float:
    """The value that this part of the values does not exceed."""
    return sorted(values)[max(0, ceil(part * len(values)) - 1)]
