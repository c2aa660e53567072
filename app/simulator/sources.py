"""Where the next TwiML comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fetch:
    """Ask the server: `fields` are sent beside the standard parameters."""

    url: str
    method: str = "POST"
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inline:
    """TwiML that came with a REST request."""

    twiml: str


Source = Fetch | Inline
