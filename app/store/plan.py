"""What a commit has to write, derived from old and new entities: the one place where every store takes it from."""

from typing import NamedTuple

from app.core.change import Change, Personal, Write
from app.core.entities import Entity, Key, Worker, key_of
from app.core.indexes import Entry, Listing, entries, listing, waiting
from app.store.codec import pack, pack_event


class Put(NamedTuple):
    """One entity to write: it must have version `expected` (0: be absent) and becomes `blob` (None: is forgotten)."""

    key: Key
    expected: int
    blob: bytes | None


class Plan(NamedTuple):
    """Everything one commit writes, in plain bytes and index entries.

    `lanes` are those in which a task begins or ceases to wait; the directory has to know them, and `profiles`.
    """

    puts: tuple[Put, ...]
    removed: tuple[Entry, ...]
    added: tuple[Entry, ...]
    lanes: tuple[str, ...]
    profiles: tuple[Listing, ...]
    personal: tuple[Personal, ...]
    events: tuple[bytes, ...]


def plan(change: Change) -> Plan:
    """The writes of a change; raises ValueError for one that no decision can mean (the caller's mistake)."""
    puts, removed, added, profiles = [], [], [], []
    for write in change.writes:
        puts.append(_put(write))
        gone, come = index_writes(write)
        removed += gone
        added += come
        listed = _new_listing(write)
        if listed is not None:
            profiles.append(listed)
    if len({put.key for put in puts}) < len(puts):
        raise ValueError(f"a change writes an entity more than once: {', '.join(put.key.sid for put in puts)}")
    lanes = tuple({_lane(entry): None for entry in (*removed, *added) if entry.listed})
    events = tuple(map(pack_event, change.events))
    return Plan(tuple(puts), tuple(removed), tuple(added), lanes, tuple(profiles), change.personal, events)


def index_writes(write: Write) -> tuple[list[Entry], list[Entry]]:
    """The index entries to remove and those to add (or give a new score); their order does not matter."""
    before, after = _entries(write.old), _entries(write.new)
    if before == after:
        return [], []
    places = {(entry.index, entry.member) for entry in after}
    gone = [entry for entry in before if (entry.index, entry.member) not in places]
    return gone, [entry for entry in after if entry not in before]


def _lane(entry: Entry) -> str:
    return entry.index.removeprefix(waiting(""))


def _new_listing(write: Write) -> Listing | None:
    """The profile that the new entity has and the old one had not; a profile's name stands for its text."""
    old, new = write.old, write.new
    if new is None or (isinstance(old, Worker) and isinstance(new, Worker) and old.profile == new.profile):
        return None
    return listing(new)


def _entries(entity: Entity | None) -> tuple[Entry, ...]:
    return entries(entity) if entity is not None else ()


def _put(write: Write) -> Put:
    key, old, new = write.key, write.old, write.new
    expected = 0
    if old is not None:
        expected = old.version
        if expected == 0:
            raise ValueError(f"{key} was never stored: its write needs no old value")
        if new is not None and (old.sid != new.sid or type(old) is not type(new)):
            raise ValueError(f"a write turns {key_of(old)} into {key}")
    return Put(key, expected, pack(new, expected + 1) if new is not None else None)
