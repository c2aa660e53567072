"""A request's parameters, each read as what it has to be; what cannot be read is refused by its name.

Every reader gives None for a parameter that was not sent, so that an update changes only what was. An empty text is
a value of its own: it clears what it is sent for. Parameters that nobody reads are ignored, as TaskRouter does.
"""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from flask import request

from app.core.routing import sids
from app.web.taskrouter.errors import Refused, invalid

FORM = "application/x-www-form-urlencoded"
LONGEST_ATTRIBUTES = 4096
LONGEST_URL = 2048
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")
E = TypeVar("E", bound=StrEnum)


class Form:
    """Parameters by name."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        """Whether the parameter was sent."""
        return name in self._values

    def text(self, name: str, longest: int = 1_000_000) -> str | None:
        """A text of at most so many characters."""
        value = self._values.get(name)
        if value is not None and len(value) > longest:
            raise invalid(name, f"{name} has {len(value)} characters; at most {longest} are taken")
        return value

    def required(self, name: str, longest: int = 1_000_000) -> str:
        """A text that has to be there and not be blank."""
        value = self.text(name, longest)
        if value is None or not value.strip():
            raise invalid(name, f"Missing required parameter {name} in the post body")
        return value

    def integer(self, name: str, lowest: int, highest: int) -> int | None:
        """A whole number within bounds."""
        value = self._values.get(name)
        if value is None:
            return None
        digits = value.removeprefix("-")
        number = int(value) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
        if number is None or not lowest <= number <= highest:
            raise invalid(name, f"{name} has to be a whole number from {lowest} to {highest}, not {_shown(value)}")
        return number

    def boolean(self, name: str) -> bool | None:
        """true or false, however the SDK of some language writes it."""
        value = self._values.get(name)
        if value is None:
            return None
        if value.lower() not in (*_TRUE, *_FALSE):
            raise invalid(name, f"{name} has to be true or false, not {_shown(value)}")
        return value.lower() in _TRUE

    def flag(self, name: str) -> bool:
        """True if the parameter says so; anything else, or nothing, is false."""
        return self._values.get(name, "").lower() in _TRUE

    def choice(self, name: str, kind: type[E]) -> E | None:
        """One of the values of an enumeration."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            return kind(value)
        except ValueError:
            raise invalid(name, f"{name} has to be one of {', '.join(kind)}, not {_shown(value)}") from None

    def attributes(self, name: str) -> dict[str, object] | None:
        """A JSON object of at most 4,096 characters."""
        value = self.text(name, LONGEST_ATTRIBUTES)
        if value is None:
            return None
        try:
            found = json.loads(value or "{}", parse_constant=_no_number, parse_float=_finite)
        except (ValueError, RecursionError):
            raise invalid(name, f"{name} is no JSON") from None
        if not isinstance(found, dict):
            raise invalid(name, f"{name} has to be a JSON object")
        return found

    def url(self, name: str) -> str | None:
        """An http or https address, or empty."""
        value = self.text(name, LONGEST_URL)
        if value and not _is_url(value):
            raise invalid(name, f"{name} has to be an http or https URL, not {_shown(value)}")
        return value

    def instant(self, name: str) -> int | None:
        """An ISO 8601 date and time (UTC where it says no zone), or the beginning of a date, in milliseconds."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            found = datetime.fromisoformat(value)
            return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
        except (ValueError, OverflowError):
            raise invalid(name, f"{name} has to be an ISO 8601 date, not {_shown(value)}") from None

    def sid(self, name: str, prefix: str) -> str | None:
        """A SID of this kind, or empty."""
        value = self._values.get(name)
        if value and not (value.startswith(prefix) and sids.is_sid(value)):
            raise invalid(name, f"{name} has to be {prefix} and 32 hexadecimal digits, not {_shown(value)}")
        return value


def body() -> Form:
    """The parameters in the request's body, which has to be a form."""
    if request.mimetype not in ("", FORM) and request.content_length != 0:
        raise Refused(415, f"Send parameters as {FORM}, not as {request.mimetype[:80]}")
    return Form(request.form)


def query() -> Form:
    """The parameters in the request's address."""
    return Form(request.args)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and text.isprintable()
    except ValueError:
        return False


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def _shown(value: str) -> str:
    return repr(value[:60])
