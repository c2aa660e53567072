"""What the owner's own programs are told over HTTP, signed as the carrier signs, and what they answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came, whatever its status."""

    status: int
    content_type: str = ""
    body: str = ""


class Callbacks(Protocol):
    """Sends forms. Every request is sent once: no retries, no redirects followed, no cookies kept."""

    def send(
        self, url: str, fields: Mapping[str, str], *, seconds: float, method: Literal["POST", "GET"] = "POST"
    ) -> Reply:
        """Sends a signed form and returns the answer; `seconds` is for all of it. Raises `CallbackFailed`."""


class CallbackFailed(Exception):
    """No answer came, or none that can be taken. The text names neither the address nor anything that was sent."""
