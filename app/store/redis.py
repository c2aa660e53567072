"""The store that any number of processes share: one workspace in a Redis server (6.2 or newer).

Every question is one round trip; only `tidy` and `drop`, which nobody waits for, take bounded steps.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from app.core import indexes
from app.core.change import Change
from app.core.entities import Call, Entity, Key, Kind, Reservation, Task, Worker
from app.ports.store import Committed, Conflict, Delivered, Directory, E, Heads, Offered, Snapshot
from app.store.checks import at_least_one, lifetime
from app.store.codec import HEADER, kind_of, unpack
from app.store.deadlines import keys_of
from app.store.keys import Keys, packed_names
from app.store.plan import plan
from app.store.redis_commit import commit_arguments
from app.store.redis_events import RedisEvents
from app.store.redis_heads import heads_of
from app.store.server import Reply, Server, load_scripts

_LIVE = (
    (indexes.LIVE_CALLS, Kind.CALL),
    (indexes.LIVE_TASKS, Kind.TASK),
    (indexes.WORKERS, Kind.WORKER),
    (indexes.LIVE_RESERVATIONS, Kind.RESERVATION),
)
_SID_IN_MEMBER = 14
"""Where in a member of a waiting index the task's sid begins, counted from 1 (see `indexes.serving_member`)."""
_STEP = 500
"""How many keys one step of `tidy` or `drop` looks at."""


class RedisStore:
    """One workspace's live state in Redis. Safe to share between threads."""

    def __init__(
        self,
        url: str,
        workspace: str,
        *,
        socket_timeout: float = 1.5,
        scripts: Mapping[str, str] | None = None,
    ) -> None:
        self.workspace = workspace
        self._keys = Keys(workspace)
        self._server = Server(url, socket_timeout, scripts or load_scripts())
        self._events = RedisEvents(self._server, self._keys.events)

    def close(self) -> None:
        """Closes the connections."""
        self._server.close()

    def ping(self) -> None:
        """See `Store.ping`."""
        self._server.call("PING")

    # --- entities ----------------------------------------------------------------------------------------------

    def get(self, kind: type[E], sid: str) -> E | None:
        """See `Store.get`."""
        blob = self._server.call("HGET", self._keys.hashes[kind_of(kind)], sid)
        return cast("E | None", _entity(kind_of(kind), sid, blob))

    def read(self, *keys: Key) -> tuple[Entity | None, ...]:
        """See `Store.read`."""
        if not keys:
            return ()
        blobs = self._server.run("read", [self._keys.hashes[key.kind] for key in keys], [key.sid for key in keys])
        return tuple(_entity(key.kind, key.sid, blob) for key, blob in zip(keys, blobs, strict=True))

    def commit(self, change: Change) -> Committed | Conflict:
        """See `Store.commit`."""
        if not change:
            return Committed()
        planned = plan(change)
        reply = self._server.run("commit", *commit_arguments(self._keys, planned))
        if isinstance(reply, int):
            return Conflict(planned.puts[reply - 1].key)
        return Committed(tuple(event_id.decode() for event_id in reply))

    def offered(self, reservation: str) -> Offered:
        """See `Store.offered`."""
        hashes = self._keys.hashes
        keys = (hashes[Kind.RESERVATION], hashes[Kind.TASK], hashes[Kind.CALL], hashes[Kind.WORKER])
        blobs = self._server.run("offered", keys, (reservation, HEADER + 1))
        if not blobs:
            return Offered()
        offer = _reservation(reservation, blobs[0])
        others = ((_reservation(sid.decode(), other), worker) for sid, other, worker in _in_groups(3, blobs[4:]))
        return Offered(
            offer,
            cast("Task | None", _entity(Kind.TASK, offer.task, blobs[1])),
            cast("Call | None", _entity(Kind.CALL, offer.call, blobs[2])),
            cast("Worker | None", _entity(Kind.WORKER, offer.worker, blobs[3])),
            tuple((other, cast("Worker", unpack(Kind.WORKER, other.worker, blob))) for other, blob in others if blob),
        )

    def snapshot(self) -> Snapshot:
        """See `Store.snapshot`."""
        pairs = ((self._keys.index(index), self._keys.hashes[kind]) for index, kind in _LIVE)
        event, *kinds = self._server.run("snapshot", [self._keys.events, *(key for pair in pairs for key in pair)])
        calls, tasks, workers, reservations = (
            _entities(kind, flat) for (_, kind), flat in zip(_LIVE, kinds, strict=True)
        )
        return Snapshot(
            calls=cast("tuple[Call, ...]", calls),
            tasks=cast("tuple[Task, ...]", tasks),
            workers=cast("tuple[Worker, ...]", workers),
            reservations=cast("tuple[Reservation, ...]", reservations),
            event=event.decode(),
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
        lanes, idle = tuple(dict.fromkeys(lanes)), tuple(dict.fromkeys(idle))
        whole, compared = ((), lanes) if together and len(lanes) > 1 else (lanes, ())
        reply = self._server.run(
            "heads",
            (*self._keys.for_heads, *self._keys.waiting(whole), *self._keys.indexes(idle)),
            (
                at_least_one(limit) - 1,
                _SID_IN_MEMBER,
                self.workspace,
                len(whole),
                int(together),
                packed_names(compared),
                *named,
            ),
        )
        return heads_of(reply, lanes, idle, named)

    def directory(self) -> Directory:
        """See `Store.directory`."""
        keys = self._keys
        lanes, profiles, changes = self._server.run("directory", (keys.lanes, keys.profiles, keys.changes))
        return Directory(
            frozenset(lane.decode() for lane in lanes),
            {name.decode(): text.decode() for name, text in _in_groups(2, profiles)},
            *(int(count or 0) for count in changes),
        )

    def tidy(self) -> int:
        """See `Store.tidy`."""
        keys, struck = self._keys, 0
        lanes = [lane.decode() for lane in self._server.call("HKEYS", keys.lanes)]
        for start in range(0, len(lanes), _STEP):
            step = lanes[start : start + _STEP]
            struck += self._server.run("tidy", (keys.lanes, keys.changes, *keys.waiting(tuple(step))), step)
        return struck

    def members(self, index: str, *, start: int = 0, count: int = 1000) -> tuple[str, ...]:
        """See `Store.members`."""
        if count <= 0:
            return ()
        found = self._server.call("ZRANGE", self._keys.index(index), start, start + count - 1)
        return tuple(member.decode() for member in found)

    def tail(self, index: str, score: int, count: int) -> tuple[tuple[int, str], ...]:
        """See `Store.tail`."""
        key = self._keys.index(index)
        found = self._server.call("ZREVRANGEBYSCORE", key, score, "-inf", "WITHSCORES", "LIMIT", 0, count)
        return tuple((int(found[at + 1]), found[at].decode()) for at in range(0, len(found), 2))

    def size(self, *names: str) -> tuple[int, ...]:
        """See `Store.size`."""
        return tuple(self._server.run("sizes", self._keys.indexes(names))) if names else ()

    def position(self, task: Task) -> int:
        """See `Store.position`."""
        line = self._keys.index(indexes.line(task.queue))
        rank = self._server.call("ZRANK", line, indexes.serving_member(task))
        return 0 if rank is None else int(rank) + 1

    def lengths(self, queues: Sequence[str]) -> Mapping[str, int]:
        """See `Store.lengths`."""
        return dict(zip(queues, self.size(*map(indexes.line, queues)), strict=True))

    def due(self, now: int, limit: int = 100) -> tuple[Key, ...]:
        """See `Store.due`."""
        deadlines = self._keys.index(indexes.DEADLINES)
        members = self._server.call("ZRANGEBYSCORE", deadlines, "-inf", now, "LIMIT", 0, limit)
        return keys_of(member.decode() for member in members)

    def next_deadline(self) -> int:
        """See `Store.next_deadline`."""
        first = self._server.call("ZRANGE", self._keys.index(indexes.DEADLINES), 0, 0, "WITHSCORES")
        return int(first[1]) if first else 0

    def drop(self) -> None:
        """See `Store.drop`."""
        cursor = b"0"
        while True:
            cursor, found = self._server.call("SCAN", cursor, "MATCH", self._keys.pattern(), "COUNT", _STEP)
            if found:
                self._server.call("UNLINK", *found)
            if cursor == b"0":
                return

    # --- personal data -----------------------------------------------------------------------------------------

    def personal(self, call: str) -> Mapping[str, str]:
        """See `Store.personal`."""
        flat = self._server.call("HGETALL", self._keys.personal(call))
        return {name.decode(): text.decode() for name, text in _in_groups(2, flat)}

    def erase(self, call: str) -> None:
        """See `Store.erase`."""
        self._server.call("DEL", self._keys.personal(call))

    # --- events ------------------------------------------------------------------------------------------------

    def follow(self, group: str, consumer: str, *, count: int = 100, block_ms: int = 0) -> tuple[Delivered, ...]:
        """See `Store.follow`."""
        return self._events.follow(group, consumer, count=count, block_ms=block_ms)

    def acknowledge(self, group: str, ids: Sequence[str]) -> None:
        """See `Store.acknowledge`."""
        self._events.acknowledge(group, ids)

    def reclaim(self, group: str, consumer: str, *, idle_ms: int, count: int = 100) -> tuple[Delivered, ...]:
        """See `Store.reclaim`."""
        return self._events.reclaim(group, consumer, idle_ms=idle_ms, count=count)

    def since(self, last_id: str, *, count: int = 100, block_ms: int = 0) -> tuple[Delivered, ...]:
        """See `Store.since`; raises ValueError for what is no id."""
        return self._events.since(last_id, count=count, block_ms=block_ms)

    def trim(self) -> int:
        """See `Store.trim`."""
        return self._events.trim()

    # --- small expiring things ---------------------------------------------------------------------------------

    def claim(self, name: str, seconds: int) -> bool:
        """See `Store.claim`."""
        key = self._keys.expiring("claim", name)
        return self._server.call("SET", key, "1", "NX", "EX", lifetime(seconds)) is not None

    def note(self, name: str, text: str, seconds: int = 0) -> None:
        """See `Store.note`."""
        life = ("EX", lifetime(seconds)) if seconds else ()
        self._server.call("SET", self._keys.expiring("note", name), text, *life)

    def noted(self, name: str) -> str | None:
        """See `Store.noted`."""
        text = self._server.call("GET", self._keys.expiring("note", name))
        return None if text is None else text.decode()

    def count(self, name: str, seconds: int) -> int:
        """See `Store.count`."""
        return int(self._server.run("count", (self._keys.expiring("count", name),), (lifetime(seconds),)))


def _entity(kind: Kind, sid: str, blob: bytes | None) -> Entity | None:
    return None if blob is None else unpack(kind, sid, blob)


def _reservation(sid: str, blob: bytes) -> Reservation:
    return cast("Reservation", unpack(Kind.RESERVATION, sid, blob))


def _entities(kind: Kind, flat: Sequence[bytes | None]) -> tuple[Entity, ...]:
    """The entities whose sids and blobs come in turn, without those that are no more."""
    return tuple(unpack(kind, cast("bytes", sid).decode(), blob) for sid, blob in _in_groups(2, flat) if blob)


def _in_groups(size: int, flat: Sequence[Reply]) -> Iterable[tuple[Reply, ...]]:
    return zip(*(flat[at::size] for at in range(size)), strict=True)
