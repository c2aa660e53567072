"""How entities and events are written down: a fixed-width version and schema number, then JSON.

Fields that a newer release added are passed over. A word of an enumeration that this release does not know is
read as the field's default only where no decision hangs on it; anywhere else guessing would be wrong, so it is
an `UnreadableEntity`.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import cast

import msgspec

from app.core.entities import KINDS, TYPES, Call, Entity, Kind, Mood
from app.core.events import Event
from app.ports.store import Delivered, E

SCHEMA = 1
"""Raised when stored entities have to be migrated: a blob of another schema is refused, never misread."""

_VERSION_DIGITS = 10
_SCHEMA_DIGITS = 2
_HEADER = _VERSION_DIGITS + _SCHEMA_DIGITS
_FORGIVING: Mapping[Kind, Mapping[str, type[StrEnum]]] = {Kind.CALL: {"mood": Mood}}

_log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode
_entity_decoders: Mapping[Kind, msgspec.json.Decoder[Entity]] = {
    kind: msgspec.json.Decoder(entity) for kind, entity in TYPES.items()
}
_event_decoder = msgspec.json.Decoder(Event)


class UnreadableEntity(Exception):
    """A stored entity was written by a release that this one cannot read: migrate, or run the newer release."""


def version_text(version: int) -> bytes:
    """The fixed-width version that every stored entity begins with: what a commit compares."""
    return b"%0*d" % (_VERSION_DIGITS, version)


def pack(entity: Entity, version: int) -> bytes:
    """The entity as it is stored under this version."""
    body = _encode(replace(entity, version=version))
    return b"%b%0*d%b" % (version_text(version), _SCHEMA_DIGITS, SCHEMA, body)


def unpack(kind: Kind, blob: bytes) -> Entity:
    """The entity that was stored; raises `UnreadableEntity`."""
    schema = blob[_VERSION_DIGITS:_HEADER]
    if not schema.isdigit() or int(schema) != SCHEMA:
        raise UnreadableEntity(f"a stored {kind} has schema {schema!r}; this release reads {SCHEMA}")
    body = blob[_HEADER:]
    try:
        return _entity_decoders[kind].decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _unpack_forgiving(kind, body, error)


def _unpack_forgiving(kind: Kind, body: bytes, error: Exception) -> Entity:
    unreadable = UnreadableEntity(f"a stored {kind} cannot be read: {error}")
    try:
        raw = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise unreadable from error
    for name, words in _FORGIVING.get(kind, {}).items():
        if raw.get(name) not in list(words):
            raw.pop(name, None)
    try:
        return msgspec.convert(raw, TYPES[kind])
    except msgspec.ValidationError:
        raise unreadable from error


def kind_of(entity: type[E]) -> Kind:
    """The kind under which entities of this type are stored."""
    return KINDS[cast("type[Call]", entity)]


def pack_event(event: Event) -> bytes:
    """The event as it lies in the stream."""
    return _encode(event)


def unpack_events(raw: Iterable[tuple[str, bytes]]) -> tuple[Delivered, ...]:
    """The events of these (id, blob) pairs.

    One that this release cannot read is left out, and so stays unacknowledged until a newer release reclaims it.
    """
    delivered = []
    for event_id, blob in raw:
        try:
            delivered.append(Delivered(event_id, _event_decoder.decode(blob)))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            _log.warning("event %s was written by a release that this one cannot read: %s", event_id, error)
    return tuple(delivered)
