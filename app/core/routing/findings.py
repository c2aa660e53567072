"""What a check of rules reports."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something in a rule that will not do what its author meant; `column` counts from 1 within the rule's text.

    An error is certain from the rule itself or from attributes of which all are known; a warning may prove unfounded
    when other attributes turn up.
    """

    column: int
    message: str
    hint: str
    severity: Severity
