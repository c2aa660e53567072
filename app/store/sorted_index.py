"""Indexes in memory: members ordered by score, those of equal score by their text."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence


class SortedIndex:
    """What a Redis sorted set is to the Redis store."""

    def __init__(self) -> None:
        self._scores: dict[str, int] = {}
        self._order: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self._order)

    def add(self, member: str, score: int) -> None:
        """Adds a member, or gives it a new score."""
        self.remove(member)
        self._scores[member] = score
        insort(self._order, (score, member))

    def remove(self, member: str) -> None:
        """Removes a member if it is there."""
        score = self._scores.pop(member, None)
        if score is not None:
            del self._order[bisect_left(self._order, (score, member))]

    def members(self, start: int = 0, count: int | None = None) -> list[str]:
        """Members in order, from this place (0: the first)."""
        end = None if count is None else start + count
        return [member for _, member in self._order[start:end]]

    def scored(self, limit: int) -> list[tuple[int, str]]:
        """The first members with their scores before them."""
        return self._order[:limit]

    def up_to(self, score: int, limit: int) -> list[str]:
        """The first members with this score or a lower one."""
        end = bisect_right(self._order, score, key=lambda entry: entry[0])
        return self.members(0, min(end, limit))

    def tail(self, score: int, count: int) -> tuple[tuple[int, str], ...]:
        """The last members with this score or a lower one, last first, each after its score."""
        end = bisect_right(self._order, score, key=lambda entry: entry[0])
        return tuple(reversed(self._order[max(0, end - count) : end]))

    def lowest_score(self) -> int | None:
        """The first member's score."""
        return self._order[0][0] if self._order else None

    def rank(self, member: str) -> int | None:
        """How many members stand before this one."""
        score = self._scores.get(member)
        return None if score is None else bisect_left(self._order, (score, member))


class SortedIndexes:
    """All indexes of a workspace by name; one without members is as if it were not there."""

    def __init__(self) -> None:
        self._named: dict[str, SortedIndex] = {}

    def __getitem__(self, name: str) -> SortedIndex:
        return self._named.get(name) or SortedIndex()

    def add(self, name: str, member: str, score: int) -> None:
        """Adds a member to an index, or gives it a new score there."""
        self._named.setdefault(name, SortedIndex()).add(member, score)

    def remove(self, name: str, member: str) -> None:
        """Removes a member from an index if it is there."""
        index = self[name]
        index.remove(member)
        if not index:
            self._named.pop(name, None)

    def heads(self, names: Sequence[str], limit: int, *, together: bool) -> list[list[str]]:
        """The first members of each of these indexes; `together`: if there are several, the best of their heads."""
        if not together or len(names) == 1:
            return self.firsts(names, limit, together=False)
        heads = sorted((*entry, place) for place, name in enumerate(names) for entry in self[name].scored(1))[:limit]
        return [[member for _, member, its in heads if its == place] for place in range(len(names))]

    def firsts(self, names: Sequence[str], limit: int, *, together: bool) -> list[list[str]]:
        """The first members of each of these indexes, or of all of them as if they were one."""
        if not together:
            return [self[name].members(0, limit) for name in names]
        scored = ((*entry, place) for place, name in enumerate(names) for entry in self[name].scored(limit))
        chosen = sorted(scored)[:limit]
        return [[member for _, member, its in chosen if its == place] for place in range(len(names))]

    def clear(self) -> None:
        """Forgets all of them."""
        self._named.clear()
