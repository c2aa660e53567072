"""Identifiers and dates as the carrier writes them."""

import uuid
from datetime import UTC, datetime
from email.utils import format_datetime


def new_sid(prefix: str) -> str:
    """A fresh identifier: two letters and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex


def rfc2822(moment: datetime | None = None) -> str:
    """A date as webhooks and REST resources carry it: RFC 2822 with a numeric UTC offset."""
    return format_datetime(moment or datetime.now(UTC))


def iso8601(moment: datetime | None = None) -> str:
    """A date as stream callbacks carry it."""
    return (moment or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
