"""The store's directory in memory: which lanes and profiles there are, and how often either has changed."""

from collections.abc import Collection
from dataclasses import dataclass, field

from app.ports.store import Directory
from app.store.plan import Plan


@dataclass(slots=True)
class MemoryDirectory:
    """Not safe between threads by itself: the store holds its lock around every call."""

    lanes: dict[str, None] = field(default_factory=dict)
    profiles: dict[str, str] = field(default_factory=dict)
    lane_changes: int = 0
    profile_changes: int = 0

    def enter(self, planned: Plan) -> None:
        """Enters what a commit says has to be known; what is known already is no change."""
        for lane in planned.lanes:
            self.lane_changes += lane not in self.lanes
            self.lanes[lane] = None
        for listing in planned.profiles:
            self.profile_changes += listing.profile not in self.profiles
            self.profiles.setdefault(listing.profile, listing.text)

    def strike(self, lanes: Collection[str]) -> int:
        """Strikes lanes out and returns how many; it is one change."""
        for lane in lanes:
            del self.lanes[lane]
        self.lane_changes += bool(lanes)
        return len(lanes)

    def copy(self) -> Directory:
        """The directory as the port hands it out."""
        return Directory(frozenset(self.lanes), dict(self.profiles), self.lane_changes, self.profile_changes)
