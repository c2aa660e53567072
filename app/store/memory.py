"""The store of a single process: tests, `explain` and `replay` run the live functions on it.

It keeps entities and events as the same blobs as the Redis store, so that both hand out equal values and share
nothing with the caller.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import cast

from app.core import indexes
from app.core.change import Change
from app.core.entities import Call, Entity, Key, Kind, Reservation, Task, Worker
from app.ports.clock import Clock
from app.ports.store import Committed, Conflict, Delivered, Directory, E, Heads, Offered, Snapshot
from app.store import event_ids
from app.store.checks import at_least_one, lifetime, workspace_name
from app.store.codec import kind_of, unpack, unpack_events
from app.store.deadlines import keys_of
from app.store.memory_directory import MemoryDirectory
from app.store.memory_events import MemoryEvents, Pair
from app.store.memory_notes import MemoryNotes
from app.store.plan import Plan, plan
from app.store.sorted_index import SortedIndexes


@dataclass(slots=True)
class _Held:
    """An entity as it is stored."""

    version: int
    blob: bytes


class MemoryStore:
    """One workspace's live state in this process. Safe to share between threads."""

    def __init__(self, workspace: str, clock: Clock) -> None:
        self.workspace = workspace_name(workspace)
        self._clock = clock
        self._changed = Condition()
        self._entities: dict[Key, _Held] = {}
        self._indexes = SortedIndexes()
        self._directory = MemoryDirectory()
        self._personal: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._events = MemoryEvents()
        self._notes = MemoryNotes(clock)

    def ping(self) -> None:
        """See `Store.ping`: memory always answers."""

    # --- entities ----------------------------------------------------------------------------------------------

    def get(self, kind: type[E], sid: str) -> E | None:
        """See `Store.get`."""
        with self._changed:
            return self._one(kind, sid)

    def read(self, *keys: Key) -> tuple[Entity | None, ...]:
        """See `Store.read`."""
        with self._changed:
            return tuple(self._entity(key) for key in keys)

    def commit(self, change: Change) -> Committed | Conflict:
        """See `Store.commit`."""
        planned = plan(change)
        with self._changed:
            for put in planned.puts:
                held = self._entities.get(put.key)
                if put.expected != (held.version if held else 0):
                    return Conflict(put.key)
            ids = self._apply(planned)
            self._changed.notify_all()
        return Committed(ids)

    def offered(self, reservation: str) -> Offered:
        """See `Store.offered`."""
        with self._changed:
            offer = self._one(Reservation, reservation)
            if offer is None:
                return Offered()
            task = self._one(Task, offer.task)
            others = (self._one(Reservation, sid) for sid in (task.reservations if task else ()) if sid != reservation)
            pairs = ((other, self._one(Worker, other.worker)) for other in others if other)
            return Offered(
                offer,
                task,
                self._one(Call, offer.call),
                self._one(Worker, offer.worker),
                tuple((other, worker) for other, worker in pairs if worker),
            )

    def snapshot(self) -> Snapshot:
        """See `Store.snapshot`."""
        with self._changed:
            return Snapshot(
                calls=self._all(Call, self._indexes[indexes.LIVE_CALLS].members()),
                tasks=self._all(Task, self._indexes[indexes.LIVE_TASKS].members()),
                workers=self._all(Worker, self._indexes[indexes.WORKERS].members()),
                reservations=self._all(Reservation, self._indexes[indexes.LIVE_RESERVATIONS].members()),
                event=event_ids.text_of(self._events.latest),
            )

    # --- indexes -----------------------------------------------------------------------------------------------

    def heads(
        self,
        lanes: Sequence[str],
        idle: Sequence[str] = (),
        named: Sequence[str] = (),
        limit: int = 10,
        *,
        together: bool = False,
    ) -> Heads:
        """See `Store.heads`."""
        lanes, idle = list(dict.fromkeys(lanes)), list(dict.fromkeys(idle))
        with self._changed:
            waiting = self._indexes.heads(list(map(indexes.waiting, lanes)), at_least_one(limit), together=together)
            free = self._indexes.firsts(idle, limit, together=together)
            found = ((sid, self._one(Worker, sid)) for sid in named)
            workspace = self._entities.get(Key(Kind.WORKSPACE, self.workspace))
            return Heads(
                tasks={lane: self._tasks(members) for lane, members in zip(lanes, waiting, strict=True)},
                workers={name: self._all(Worker, members) for name, members in zip(idle, free, strict=True)},
                named={sid: worker for sid, worker in found if worker},
                lanes=self._directory.lane_changes,
                profiles=self._directory.profile_changes,
                revision=workspace.version if workspace else 0,
            )

    def directory(self) -> Directory:
        """See `Store.directory`."""
        with self._changed:
            return self._directory.copy()

    def tidy(self) -> int:
        """See `Store.tidy`."""
        with self._changed:
            empty = [lane for lane in self._directory.lanes if not self._indexes[indexes.waiting(lane)]]
            return self._directory.strike(empty)

    def members(self, index: str, *, start: int = 0, count: int = 1000) -> tuple[str, ...]:
        """See `Store.members`."""
        with self._changed:
            return tuple(self._indexes[index].members(start, count))

    def tail(self, index: str, score: int, count: int) -> tuple[tuple[int, str], ...]:
        """See `Store.tail`."""
        with self._changed:
            return self._indexes[index].tail(score, count)

    def size(self, *names: str) -> tuple[int, ...]:
        """See `Store.size`."""
        with self._changed:
            return tuple(len(self._indexes[name]) for name in names)

    def position(self, task: Task) -> int:
        """See `Store.position`."""
        with self._changed:
            rank = self._indexes[indexes.line(task.queue)].rank(indexes.serving_member(task))
        return 0 if rank is None else rank + 1

    def lengths(self, queues: Sequence[str]) -> Mapping[str, int]:
        """See `Store.lengths`."""
        with self._changed:
            return {queue: len(self._indexes[indexes.line(queue)]) for queue in queues}

    def due(self, now: int, limit: int = 100) -> tuple[Key, ...]:
        """See `Store.due`."""
        with self._changed:
            return keys_of(self._indexes[indexes.DEADLINES].up_to(now, limit))

    def next_deadline(self) -> int:
        """See `Store.next_deadline`."""
        with self._changed:
            return self._indexes[indexes.DEADLINES].lowest_score() or 0

    def drop(self) -> None:
        """See `Store.drop`."""
        with self._changed:
            for part in (self._entities, self._indexes, self._personal, self._notes):
                part.clear()
            self._directory, self._events = MemoryDirectory(), MemoryEvents()
            self._changed.notify_all()

    # --- personal data -----------------------------------------------------------------------------------------

    def personal(self, call: str) -> Mapping[str, str]:
        """See `Store.personal`."""
        with self._changed:
            return dict(self._personal.get(call, {}))

    def erase(self, call: str) -> None:
        """See `Store.erase`."""
        with self._changed:
            self._personal.pop(call, None)

    # --- events ------------------------------------------------------------------------------------------------

    def follow(self, group: str, consumer: str, *, count: int = 100, block_ms: int = 0) -> tuple[Delivered, ...]:
        """See `Store.follow`."""
        with self._changed:
            return unpack_events(
                self._wait(lambda: self._events.follow(group, consumer, count, self._clock.now()), block_ms)
            )

    def acknowledge(self, group: str, ids: Sequence[str]) -> None:
        """See `Store.acknowledge`."""
        with self._changed:
            self._events.acknowledge(group, ids)

    def reclaim(self, group: str, consumer: str, *, idle_ms: int, count: int = 100) -> tuple[Delivered, ...]:
        """See `Store.reclaim`."""
        with self._changed:
            return unpack_events(self._events.reclaim(group, consumer, idle_ms, count, self._clock.now()))

    def since(self, last_id: str, *, count: int = 100, block_ms: int = 0) -> tuple[Delivered, ...]:
        """See `Store.since`; raises ValueError for what is no id."""
        with self._changed:
            position = self._events.latest if last_id == "$" else event_ids.parse(last_id)
            return unpack_events(self._wait(lambda: self._events.after(position, count), block_ms))

    def trim(self) -> int:
        """See `Store.trim`."""
        with self._changed:
            return self._events.trim(event_ids.KEPT)

    # --- small expiring things ---------------------------------------------------------------------------------

    def claim(self, name: str, seconds: int) -> bool:
        """See `Store.claim`."""
        with self._changed:
            if self._notes.get("claim", name):
                return False
            self._notes.put("claim", name, "", lifetime(seconds))
            return True

    def note(self, name: str, text: str, seconds: int = 0) -> None:
        """See `Store.note`."""
        with self._changed:
            self._notes.put("note", name, text, lifetime(seconds) if seconds else 0)

    def noted(self, name: str) -> str | None:
        """See `Store.noted`."""
        with self._changed:
            note = self._notes.get("note", name)
            return note.text if note else None

    def count(self, name: str, seconds: int) -> int:
        """See `Store.count`."""
        with self._changed:
            life = lifetime(seconds)
            note = self._notes.get("count", name) or self._notes.put("count", name, "0", life)
            note.text = str(int(note.text) + 1)
            return int(note.text)

    # --- under the lock ----------------------------------------------------------------------------------------

    def _entity(self, key: Key) -> Entity | None:
        held = self._entities.get(key)
        return unpack(key.kind, key.sid, held.blob) if held else None

    def _one(self, kind: type[E], sid: str) -> E | None:
        return cast("E | None", self._entity(Key(kind_of(kind), sid)))

    def _all(self, kind: type[E], sids: Iterable[str]) -> tuple[E, ...]:
        found = (self._one(kind, sid) for sid in sids)
        return tuple(entity for entity in found if entity is not None)

    def _tasks(self, members: Sequence[str]) -> tuple[Task, ...]:
        return self._all(Task, map(indexes.task_of_member, members))

    def _apply(self, planned: Plan) -> tuple[str, ...]:
        for put in planned.puts:
            if put.blob is None:
                self._entities.pop(put.key, None)
            else:
                self._entities[put.key] = _Held(put.expected + 1, put.blob)
        for entry in planned.removed:
            self._indexes.remove(entry.index, entry.member)
        for entry in planned.added:
            self._indexes.add(entry.index, entry.member, entry.score)
        self._directory.enter(planned)
        for piece in planned.personal:
            self._personal[piece.call][piece.field] = piece.text
        now = self._clock.now()
        return tuple(self._events.append(blob, now) for blob in planned.events)

    def _wait(self, look: Callable[[], list[Pair]], block_ms: int) -> list[Pair]:
        """What `look` finds, at once or as soon as something is committed; waiting is real time, whatever the clock."""
        give_up = time.monotonic() + block_ms / 1000
        while not (found := look()):
            remaining = give_up - time.monotonic()
            if remaining <= 0 or not self._changed.wait(remaining):
                return look()
        return found
