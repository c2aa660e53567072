"""Reads the members of the deadline index back as keys."""

import logging
from collections.abc import Iterable

from app.core.entities import Key, Kind

_log = logging.getLogger(__name__)
_KINDS = frozenset(kind.value for kind in Kind)


def keys_of(members: Iterable[str]) -> tuple[Key, ...]:
    """The keys of these members. A kind that only a newer release knows is left to that release."""
    keys = []
    for member in members:
        kind, _, sid = member.partition(":")
        if kind in _KINDS:
            keys.append(Key(Kind(kind), sid))
        else:
            _log.warning("a %r is due, a kind of entity that this release does not know", kind)
    return tuple(keys)
