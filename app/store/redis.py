"""The store that any number of processes share: one workspace in a Redis server (6.2 or newer).

Keys, all under the hash tag `{workspace}:`, so that a workspace lies on one slot of a cluster:
`call task worker reservation caller` (a hash of blobs each), `index:<name>` (a sorted set each), `events` (the
stream), `personal:<call>` (a hash), `claim:<name> note:<name> count:<name>` (strings that expire).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from app.core import indexes
from app.core.change import Change
from app.core.entities import Call, Entity, Key, Kind, Reservation, Task, Worker
from app.ports.store import Committed, Conflict, Delivered, E, Line, Snapshot
from app.store.checks import lifetime, workspace_name
from app.store.codec import kind_of, unpack, version_text
from app.store.deadlines import keys_of
from app.store.plan import Plan, plan
from app.store.redis_events import RedisEvents
from app.store.server import Argument, Reply, Server, load_scripts

_LIVE = (
    (indexes.LIVE_CALLS, Kind.CALL),
    (indexes.LIVE_TASKS, Kind.TASK),
    (indexes.WORKERS, Kind.WORKER),
    (indexes.LIVE_RESERVATIONS, Kind.RESERVATION),
)
_SID_IN_MEMBER = 14
"""Where in a member of a waiting index the task's sid begins, counted from 1 (see `indexes.serving_member`)."""


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
        self._server = Server(url, socket_timeout, scripts or load_scripts())
        self._prefix = f"{{{workspace_name(workspace)}}}:"
        self._events = RedisEvents(self._server, self._name("events"))
        self._hashes = {kind: self._name(kind.value) for kind in Kind}

    def close(self) -> None:
        """Closes the connections."""
        self._server.close()

    def ping(self) -> None:
        """See `Store.ping`."""
        self._server.call("PING")

    # --- entities ----------------------------------------------------------------------------------------------

    def get(self, kind: type[E], sid: str) -> E | None:
        """See `Store.get`."""
        blob = self._server.call("HGET", self._hashes[kind_of(kind)], sid)
        return cast("E | None", _entity(kind_of(kind), blob))

    def read(self, *keys: Key) -> tuple[Entity | None, ...]:
        """See `Store.read`."""
        if not keys:
            return ()
        blobs = self._server.run("read", [self._hashes[key.kind] for key in keys], [key.sid for key in keys])
        return tuple(_entity(key.kind, blob) for key, blob in zip(keys, blobs, strict=True))

    def commit(self, change: Change) -> Committed | Conflict:
        """See `Store.commit`."""
        if not change:
            return Committed()
        planned = plan(change)
        keys, arguments = self._commit_arguments(planned)
        reply = self._server.run("commit", keys, arguments)
        if isinstance(reply, int):
            return Conflict(planned.puts[reply - 1].key)
        return Committed(tuple(event_id.decode() for event_id in reply))

    def snapshot(self) -> Snapshot:
        """See `Store.snapshot`."""
        pairs = ((self._index(index), self._hashes[kind]) for index, kind in _LIVE)
        event, *kinds = self._server.run("snapshot", [self._name("events"), *(key for pair in pairs for key in pair)])
        calls, tasks, workers, reservations = (
            tuple(unpack(kind, blob) for blob in blobs if blob is not None)
            for (_, kind), blobs in zip(_LIVE, kinds, strict=True)
        )
        return Snapshot(
            calls=cast("tuple[Call, ...]", calls),
            tasks=cast("tuple[Task, ...]", tasks),
            workers=cast("tuple[Worker, ...]", workers),
            reservations=cast("tuple[Reservation, ...]", reservations),
            event=event.decode(),
        )

    # --- indexes -----------------------------------------------------------------------------------------------

    def heads(self, queues: Sequence[str], limit: int = 10) -> Mapping[str, Line]:
        """See `Store.heads`."""
        keys = [self._hashes[Kind.TASK], self._hashes[Kind.WORKER]]
        for queue in queues:
            keys += (self._index(indexes.waiting(queue)), self._index(indexes.idle(queue)))
        lines, task_blobs, worker_blobs = self._server.run("heads", keys, (limit, _SID_IN_MEMBER))
        tasks = cast("dict[bytes, Task]", _by_sid(Kind.TASK, task_blobs))
        workers = cast("dict[bytes, Worker]", _by_sid(Kind.WORKER, worker_blobs))
        return {
            queue: Line(
                tuple(tasks[sid] for sid in waiting if sid in tasks),
                tuple(workers[sid] for sid in idle if sid in workers),
            )
            for queue, (waiting, idle) in zip(queues, lines, strict=True)
        }

    def position(self, task: Task) -> int:
        """See `Store.position`."""
        line = self._index(indexes.line(task.queue))
        rank = self._server.call("ZRANK", line, indexes.serving_member(task))
        return 0 if rank is None else int(rank) + 1

    def lengths(self, queues: Sequence[str]) -> Mapping[str, int]:
        """See `Store.lengths`."""
        commands = [("ZCARD", self._index(indexes.line(queue))) for queue in queues]
        return dict(zip(queues, self._server.call_all(commands), strict=True)) if commands else {}

    def due(self, now: int, limit: int = 100) -> tuple[Key, ...]:
        """See `Store.due`."""
        deadlines = self._index(indexes.DEADLINES)
        members = self._server.call("ZRANGEBYSCORE", deadlines, "-inf", now, "LIMIT", 0, limit)
        return keys_of(member.decode() for member in members)

    def next_deadline(self) -> int:
        """See `Store.next_deadline`."""
        first = self._server.call("ZRANGE", self._index(indexes.DEADLINES), 0, 0, "WITHSCORES")
        return int(first[1]) if first else 0

    # --- personal data -----------------------------------------------------------------------------------------

    def personal(self, call: str) -> Mapping[str, str]:
        """See `Store.personal`."""
        flat = self._server.call("HGETALL", self._personal(call))
        return {name.decode(): text.decode() for name, text in _in_pairs(flat)}

    def erase(self, call: str) -> None:
        """See `Store.erase`."""
        self._server.call("DEL", self._personal(call))

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
        key = self._name(f"claim:{name}")
        return self._server.call("SET", key, "1", "NX", "EX", lifetime(seconds)) is not None

    def note(self, name: str, text: str, seconds: int = 0) -> None:
        """See `Store.note`."""
        life = ("EX", lifetime(seconds)) if seconds else ()
        self._server.call("SET", self._name(f"note:{name}"), text, *life)

    def noted(self, name: str) -> str | None:
        """See `Store.noted`."""
        text = self._server.call("GET", self._name(f"note:{name}"))
        return None if text is None else text.decode()

    def count(self, name: str, seconds: int) -> int:
        """See `Store.count`."""
        return int(self._server.run("count", (self._name(f"count:{name}"),), (lifetime(seconds),)))

    # --- keys --------------------------------------------------------------------------------------------------

    def _name(self, name: str) -> str:
        return self._prefix + name

    def _index(self, name: str) -> str:
        return self._name(f"index:{name}")

    def _personal(self, call: str) -> str:
        return self._name(f"personal:{call}")

    def _commit_arguments(self, planned: Plan) -> tuple[list[str], list[Argument]]:
        """KEYS and ARGV of commit.lua, which documents them."""
        places: dict[str, int] = {self._name("events"): 1}

        def place(key: str) -> int:
            return places.setdefault(key, len(places) + 1)

        arguments: list[Argument] = [
            len(part) for part in (planned.puts, planned.removed, planned.added, planned.personal, planned.events)
        ]
        for put in planned.puts:
            expected = version_text(put.expected) if put.expected else b""
            arguments += (place(self._hashes[put.key.kind]), put.key.sid, expected, put.blob or b"")
        for entry in planned.removed:
            arguments += (place(self._index(entry.index)), entry.member)
        for entry in planned.added:
            arguments += (place(self._index(entry.index)), str(entry.score), entry.member)
        for piece in planned.personal:
            arguments += (place(self._personal(piece.call)), piece.field, piece.text)
        arguments += planned.events
        return list(places), arguments


def _entity(kind: Kind, blob: bytes | None) -> Entity | None:
    return None if blob is None else unpack(kind, blob)


def _in_pairs(flat: Sequence[Reply]) -> Iterable[tuple[Reply, Reply]]:
    return zip(flat[::2], flat[1::2], strict=True)


def _by_sid(kind: Kind, flat: Sequence[Reply]) -> dict[bytes, Entity]:
    return {sid: unpack(kind, blob) for sid, blob in _in_pairs(flat) if blob is not None}
