"""What a commit has to write, derived from old and new entities: the one place where every store takes it from."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.core.change import Change, Personal, Write
from app.core.entities import Entity, Key, key_of
from app.core.indexes import Entry, entries
from app.store.codec import pack, pack_event


@dataclass(frozen=True, slots=True)
class Put:
    """One entity to write: it must have version `expected` (0: be absent) and becomes `blob` (None: is forgotten)."""

    key: Key
    expected: int
    blob: bytes | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one commit writes, in plain bytes and index entries."""

    puts: tuple[Put, ...]
    removed: tuple[Entry, ...]
    added: tuple[Entry, ...]
    personal: tuple[Personal, ...]
    events: tuple[bytes, ...]


def plan(change: Change) -> Plan:
    """The writes of a change; raises ValueError for one that no decision can mean (the caller's mistake)."""
    repeated = [key for key, times in Counter(write.key for write in change.writes).items() if times > 1]
    if repeated:
        raise ValueError(f"a change writes {repeated[0].kind} {repeated[0].sid} more than once")
    removed: list[Entry] = []
    added: list[Entry] = []
    for write in change.writes:
        gone, come = index_writes(write)
        removed += gone
        added += come
    return Plan(
        puts=tuple(_put(write) for write in change.writes),
        removed=tuple(removed),
        added=tuple(added),
        personal=change.personal,
        events=tuple(pack_event(event) for event in change.events),
    )


def index_writes(write: Write) -> tuple[Iterable[Entry], Iterable[Entry]]:
    """The index entries to remove and those to add (or give a new score), each in a fixed order."""
    before = _entries(write.old)
    after = _entries(write.new)
    kept = {(entry.index, entry.member) for entry in after}
    removed = (entry for entry in before - after if (entry.index, entry.member) not in kept)
    return sorted(removed), sorted(after - before)


def _entries(entity: Entity | None) -> frozenset[Entry]:
    return entries(entity) if entity is not None else frozenset()


def _put(write: Write) -> Put:
    old, new = write.old, write.new
    if old is not None and new is not None and key_of(old) != key_of(new):
        raise ValueError(f"a write turns {key_of(old)} into {key_of(new)}")
    if old is not None and old.version == 0:
        raise ValueError(f"{key_of(old)} was never stored: its write needs no old value")
    expected = old.version if old is not None else 0
    return Put(write.key, expected, pack(new, expected + 1) if new is not None else None)
