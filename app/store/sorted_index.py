"""One index in memory: members ordered by score, those of equal score by their text."""

from bisect import bisect_left, bisect_right, insort


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

    def first(self, limit: int) -> list[str]:
        """The first members."""
        return self.members(0, limit)

    def members(self, start: int = 0, count: int | None = None) -> list[str]:
        """Members in order, from this place (0: the first)."""
        end = None if count is None else start + count
        return [member for _, member in self._order[start:end]]

    def up_to(self, score: int, limit: int) -> list[str]:
        """The first members with this score or a lower one."""
        end = bisect_right(self._order, score, key=lambda entry: entry[0])
        return self.first(min(end, limit))

    def lowest_score(self) -> int | None:
        """The first member's score."""
        return self._order[0][0] if self._order else None

    def rank(self, member: str) -> int | None:
        """How many members stand before this one."""
        score = self._scores.get(member)
        return None if score is None else bisect_left(self._order, (score, member))
