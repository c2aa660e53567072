"""What a process knows of the store's directory: which profiles can serve which lanes, without asking each time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

from app.core.entities import Worker
from app.core.indexes import idle
from app.core.routing.lanes import Profile, read_lane, read_profile, serves
from app.ports.store import Directory, Heads, Store


@dataclass(slots=True)
class _Known:
    """One reading of the directory, and what has been worked out of it since."""

    directory: Directory
    profiles: Mapping[str, Profile]
    of_queue: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lanes_of_queue: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lanes_of_worker: Mapping[str, Sequence[str]] = field(default_factory=dict)
    serving: dict[str, tuple[str, ...]] = field(default_factory=dict)
    served: dict[str, tuple[str, ...]] = field(default_factory=dict)
    idle: dict[str, tuple[str, ...]] = field(default_factory=dict)
    open: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = field(default_factory=dict)


class Sights:
    """Safe to share by threads; a reading that `Heads` shows to be old is replaced."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._known = _Known(Directory(), {})

    def renew(self, heads: Heads) -> bool:
        """Reads the directory again if `heads` knows a newer one; whether it did."""
        known = self._known.directory
        if (heads.lanes, heads.profiles) == (known.lane_changes, known.profile_changes):
            return False
        with self._lock:
            directory = self._store.directory()
            old = self._known.profiles
            profiles = {sid: old.get(sid) or read_profile(text) for sid, text in directory.profiles.items()}
            self._known = _Known(
                directory,
                profiles,
                _grouped((queue, sid) for sid, profile in profiles.items() for queue in profile.queues),
                _grouped((read_lane(name).queue, name) for name in sorted(directory.lanes)),
                _grouped((read_lane(name).known, name) for name in sorted(directory.lanes)),
            )
        return True

    def profiles_for(self, lane: str) -> tuple[str, ...]:
        """The profiles whose workers can serve a lane."""
        known = self._known
        found = known.serving.get(lane)
        if found is None:
            asked = read_lane(lane)
            able = known.of_queue.get(asked.queue, ())
            found = tuple(sid for sid in able if serves(known.profiles[sid], asked))
            known.serving[lane] = found
        return found

    def idle_for(self, lane: str) -> tuple[str, ...]:
        """The indexes in which the workers who can serve a lane stand while they are free."""
        known = self._known
        found = known.idle.get(lane)
        if found is None:
            found = tuple(idle(read_lane(lane).channel, sid) for sid in self.profiles_for(lane))
            known.idle[lane] = found
        return found

    def lanes_for(self, worker: Worker) -> tuple[str, ...]:
        """The lanes that may have tasks and that this worker can serve, on any of their channels."""
        return (*self._of_profile(worker.profile), *self._known.lanes_of_worker.get(worker.sid, ()))

    def open_lanes_for(self, worker: Worker) -> tuple[str, ...]:
        """The lanes that this worker can serve on the channels on which they are free."""
        known, kind = self._known, (worker.profile, worker.free_channels)
        found = known.open.get(kind)
        if found is None:
            names = self._of_profile(worker.profile)
            found = known.open[kind] = tuple(name for name in names if read_lane(name).channel in kind[1])
        return found

    def own_lanes_of(self, worker: Worker) -> Sequence[str]:
        """The lanes of tasks that nobody but this worker may have."""
        return self._known.lanes_of_worker.get(worker.sid, ())

    def lanes(self) -> frozenset[str]:
        """Every lane that may have tasks."""
        return self._known.directory.lanes

    def _of_profile(self, sid: str) -> tuple[str, ...]:
        known = self._known
        found = known.served.get(sid)
        if found is None:
            profile = known.profiles.get(sid)
            queues = profile.queues if profile else ()
            names = (name for queue in queues for name in known.lanes_of_queue.get(queue, ()))
            found = tuple(name for name in names if profile and serves(profile, read_lane(name)))
            known.served[sid] = found
        return found


def idle_indexes(sights: Sights, lanes: Iterable[str]) -> tuple[str, ...]:
    """The indexes in which the workers who can serve these lanes stand while they are free."""
    return tuple(dict.fromkeys(index for name in lanes for index in sights.idle_for(name)))


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, Sequence[str]]:
    groups: dict[str, list[str]] = {}
    for group, member in pairs:
        groups.setdefault(group, []).append(member)
    return groups
