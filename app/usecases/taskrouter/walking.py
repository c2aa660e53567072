"""Long lists, read a page at a time from the indexes that keep them sorted by age."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Generic, TypeVar

from app.core.entities import KINDS, Key, Reservation, Task, Worker
from app.ports.store import Store

T = TypeVar("T", Task, Worker, Reservation)
Place = tuple[int | str, ...]
_CHUNK = 500
_FIRST = 50


def place_of(entity: Task | Worker | Reservation) -> Place:
    """Where an entity stands in a list by age."""
    return (entity.created, entity.sid)


@dataclass(frozen=True, slots=True)
class ByAge(Generic[T]):
    """The entities of a kind in some indexes, oldest first, of which `wanted` chooses.

    An entity that goes from one index to another meanwhile is seen once or, if it was passed already, not at all.
    """

    store: Store
    kind: type[T]
    indexes: tuple[str, ...]
    wanted: Callable[[T], bool]

    def after(self, place: Place | None, count: int) -> Sequence[T]:
        """The first `count` after a place (None: from the start)."""
        return self._merged([_Line(self.store, self.kind, index).onward(place) for index in self.indexes], count, False)

    def before(self, place: Place, count: int) -> Sequence[T]:
        """The last `count` before a place, oldest first."""
        lines = [_Line(self.store, self.kind, index).backward(place) for index in self.indexes]
        return self._merged(lines, count, True)[::-1]

    def all(self) -> Sequence[T]:
        """Every one of them."""
        return self.after(None, 1 << 62)

    def _merged(self, lines: Sequence[Iterator[T]], count: int, backward: bool) -> Sequence[T]:
        found = (entity for entity in merge(*lines, key=place_of, reverse=backward) if self.wanted(entity))
        return list(islice(_once(found), count))


@dataclass(frozen=True, slots=True)
class _Line(Generic[T]):
    """One index, walked in chunks; the place to go on from is looked up anew each time, for the index may shift."""

    store: Store
    kind: type[T]
    index: str

    def onward(self, place: Place | None) -> Iterator[T]:
        size = _FIRST
        while True:
            start = 0 if place is None else self._rank(place, through=True)
            members, read = self._read(start, size)
            yield from read
            if len(members) < size or not read:
                return
            place, size = place_of(read[-1]), _CHUNK

    def backward(self, place: Place) -> Iterator[T]:
        while end := self._rank(place, through=False):
            start = max(0, end - _CHUNK)
            _, read = self._read(start, end - start)
            yield from reversed(read)
            if start == 0 or not read:
                return
            place = place_of(read[0])

    def _read(self, start: int, count: int) -> tuple[tuple[str, ...], list[T]]:
        members = self.store.members(self.index, start=start, count=count)
        read = self.store.read(*(Key(KINDS[self.kind], sid) for sid in members)) if members else ()
        return members, [entity for entity in read if isinstance(entity, self.kind)]

    def _rank(self, place: Place, *, through: bool) -> int:
        """How many members stand before a place, or up to and including it."""
        low, high = 0, self.store.size(self.index)[0]
        while low < high:
            middle = (low + high) // 2
            _, read = self._read(middle, 1)
            if not read:
                high = middle
            elif place_of(read[0]) < place or (through and place_of(read[0]) == place):
                low = middle + 1
            else:
                high = middle
        return low


def _once(entities: Iterator[T]) -> Iterator[T]:
    """Without repetitions, which stand next to each other."""
    last: Place | None = None
    for entity in entities:
        if place_of(entity) != last:
            last = place_of(entity)
            yield entity
