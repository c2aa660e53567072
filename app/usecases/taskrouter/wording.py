"""What a refusal means to whoever asked: business outcomes as values, whatever the API makes of them."""

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why something was not done; nothing has changed."""

    NOT_FOUND = "not_found"
    INVALID = "invalid"
    CONFLICT = "conflict"
    STALE = "stale"
    FROM_FILE = "from_file"
    IN_USE = "in_use"
    TAKEN = "taken"
    ILLEGAL = "illegal"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was wrong, in a sentence for a person; `field` names the parameter, if it was one."""

    why: Why
    message: str
    field: str = ""
