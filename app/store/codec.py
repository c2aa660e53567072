"""How entities and events are written down: a fixed-width version and schema number, then JSON.

The JSON of an entity says neither its sid (under which it is stored) nor its version, nor what has its default.

Fields that a newer release added are passed over. A word of an enumeration that this release does not know is
read as the field's default only where no decision hangs on it; anywhere else guessing would be wrong, so it is
an `UnreadableEntity`.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any, cast

import msgspec

from app.core.entities import KINDS, TYPES, Call, Entity, Kind, Mood
from app.core.events import Event
from app.ports.store import Delivered, E

SCHEMA = 2
"""Raised when stored entities have to be migrated: a blob of another schema is refused, never misread."""

_VERSION_DIGITS = 10
_SCHEMA_DIGITS = 2
_SCHEMA_TEXT = b"%0*d" % (_SCHEMA_DIGITS, SCHEMA)
HEADER = _VERSION_DIGITS + _SCHEMA_DIGITS
_FORGIVING: Mapping[Kind, Mapping[str, type[StrEnum]]] = {Kind.CALL: {"mood": Mood}}

_log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode
_decode: Mapping[Kind, Callable[[bytes], Entity]] = {
    kind: msgspec.json.Decoder(entity).decode for kind, entity in TYPES.items()
}
_event_decoder = msgspec.json.Decoder(Event)


class UnreadableEntity(Exception):
    """A stored entity was written by a release that this one cannot read: migrate, or run the newer release."""


def _own_fields(entity: type[Entity]) -> list[Field[Any]]:
    """The fields that the JSON may have, those it must have first."""
    return sorted((one for one in fields(entity) if one.name not in ("sid", "version")), key=_has_default)


def _has_default(one: Field[Any]) -> bool:
    return one.default is not MISSING or one.default_factory is not MISSING


def _default(one: Field[Any]) -> Any:
    """What stands for the field's default in a `Struct`."""
    return (
        one.default if one.default is not MISSING else msgspec.field(default_factory=cast("Any", one.default_factory))
    )


def _sparse(entity: type[Entity]) -> Callable[[Entity], msgspec.Struct]:
    """Turns an entity into what is encoded: msgspec leaves defaults out of its own structures only."""
    own = _own_fields(entity)
    described = [(one.name, Any, _default(one)) if _has_default(one) else (one.name, Any) for one in own]
    sparse = msgspec.defstruct(entity.__name__, described, omit_defaults=True, gc=False)
    values = attrgetter(*(one.name for one in own))
    return lambda whole: sparse(*values(whole))


def _written_defaults(entity: type[Entity]) -> bytes:
    """The beginning of a JSON object that has the defaults.

    Decoding it with what follows is four times as fast as leaving a dataclass' defaults to msgspec. A default that
    would be read back as another object is not in it: that would no longer be known for a default when it is written.
    """
    own = _own_fields(entity)
    values = {one.name: one.default for one in own if one.default is not MISSING}
    made = cast("Any", entity)(sid="", **{one.name: "" for one in own if not _has_default(one)})
    read = msgspec.json.decode(_encode(made), type=entity)
    kept = {name: value for name, value in values.items() if getattr(read, name) is value}
    empty: dict[str, object] = {one.name: {} for one in own if one.default_factory is dict}
    return _encode({"sid": ""} | kept | empty)[:-1] + b","


_to_sparse: Mapping[type[Entity], Callable[[Entity], msgspec.Struct]] = {
    entity: _sparse(entity) for entity in TYPES.values()
}
_defaults: Mapping[Kind, bytes] = {kind: _written_defaults(entity) for kind, entity in TYPES.items()}


def version_text(version: int) -> bytes:
    """The fixed-width version that every stored entity begins with: what a commit compares."""
    return b"%0*d" % (_VERSION_DIGITS, version)


def version_of(blob: bytes) -> int:
    """The version under which an entity is stored."""
    return int(blob[:_VERSION_DIGITS])


def pack(entity: Entity, version: int) -> bytes:
    """The entity as it is stored under this version."""
    return version_text(version) + _SCHEMA_TEXT + _encode(_to_sparse[type(entity)](entity))


def unpack(kind: Kind, sid: str, blob: bytes) -> Entity:
    """The entity that was stored under this sid; raises `UnreadableEntity`."""
    version, schema, body = blob[:_VERSION_DIGITS], blob[_VERSION_DIGITS:HEADER], blob[HEADER:]
    if schema != _SCHEMA_TEXT or not version.isdigit():
        raise UnreadableEntity(f"a stored {kind} has schema {schema!r}; this release reads {SCHEMA}")
    try:
        entity = _decode[kind](_defaults[kind] + body[1:])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        entity = _unpack_forgiving(kind, body, error)
    # The value is new and nobody has it yet; `replace` would take three times as long as all the decoding.
    object.__setattr__(entity, "sid", sid)
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
        return msgspec.convert({"sid": ""} | raw, TYPES[kind])
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
