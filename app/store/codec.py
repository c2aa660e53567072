"""How entities and events are written down: a fixed-width version and schema number, then JSON.

The version that counts is the one before the JSON: what the JSON says of it is the value the caller had.

Fields that a newer release added are passed over. A word of an enumeration that this release does not know is
read as the field's default only where no decision hangs on it; anywhere else guessing would be wrong, so it is
an `UnreadableEntity`.
"""

import logging
from collections.abc import Iterable, Mapping
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
_SCHEMA_TEXT = b"%0*d" % (_SCHEMA_DIGITS, SCHEMA)
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
    return version_text(version) + _SCHEMA_TEXT + _encode(entity)


def unpack(kind: Kind, blob: bytes) -> Entity:
    """The entity that was stored; raises `UnreadableEntity`."""
    version, schema, body = blob[:_VERSION_DIGITS], blob[_VERSION_DIGITS:_HEADER], blob[_HEADER:]
    if schema != _SCHEMA_TEXT or not version.isdigit():
        raise UnreadableEntity(f"a stored {kind} has schema {schema!r}; this release reads {SCHEMA}")
    try:
        entity = _entity_decoders[kind].decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        entity = _unpack_forgiving(kind, body, error)
    # The value is new and nobody has it yet; `replace` would take three times as long as all the decoding.
    object.__setattr__(entity, "version", int(version))
    return entity


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
