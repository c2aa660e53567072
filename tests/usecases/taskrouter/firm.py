"""A firm that the API made, over any store, served by several processes that others may interfere with."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import redis

from app.core.change import Change, Write
from app.core.config import Config
from app.core.entities import TYPES, Entity, Key, Kind
from app.core.routing import sids
from app.core.routing.definitions import TaskChannel, TaskQueue, WorkerActivity, Workflow, Workspace
from app.ports.scorer import Reading
from app.ports.store import Committed, Conflict, Store
from app.store.codec import unpack
from app.store.keys import Keys
from app.store.memory import MemoryStore
from app.store.redis import RedisStore
from app.usecases.context import Context
from tests.builders import FakeClock

WORKSPACE = sids.derive(sids.WORKSPACE, "firm")
FREE, AWAY, BUSY = (sids.derive(sids.ACTIVITY, name) for name in ("free", "away", "busy"))
CHANNELS = ("default", "voice", "chat")
QUEUES = tuple(sids.derive(sids.QUEUE, name) for name in ("spanish", "skilled", "anybody"))
SPANISH, SKILLED, ANYBODY = QUEUES
FLOWS = tuple(sids.derive(sids.WORKFLOW, name) for name in ("first", "second"))
STAFFING = (
    "langs HAS 'es'",
    "level >= 2",
    "1==1",
    "langs HAS 'en' OR level == 1",
    "nobody == true",
)
DOCUMENTS: Sequence[Mapping[str, object]] = (
    {
        "filters": [
            {
                "expression": "lang IN ['en', 'es']",
                "targets": [
                    {"queue": SPANISH, "expression": "task.lang IN worker.langs", "timeout": 20, "priority": 5},
                    {"queue": SKILLED, "timeout": 40, "priority": 1, "order_by": "worker.level DESC"},
                    {"queue": ANYBODY},
                ],
            },
            {
                "expression": "vip == true",
                "targets": [
                    {"queue": ANYBODY, "known_worker_friendly_name": "task.agent", "timeout": 15, "priority": 10},
                    {"queue": SKILLED, "skip_if": "workers.available == 0", "timeout": 30},
                ],
            },
        ],
        "default_filter": {"queue": ANYBODY},
    },
    {
        "filters": [
            {
                "expression": "need > 0",
                "targets": [
                    {"queue": SKILLED, "expression": "worker.level >= task.need", "timeout": 10},
                    {"queue": ANYBODY, "expression": "worker.channel.chat.assigned_tasks == 0", "timeout": 30},
                ],
            },
            {
                "expression": "1==1",
                "targets": [
                    {
                        "queue": ANYBODY,
                        "timeout": 60,
                        "expression": "worker.channel.voice.available_capacity_percentage == 100",
                    }
                ],
            },
        ]
    },
    {
        "filters": [
            {
                "expression": "vip == true",
                "targets": [
                    {"queue": ANYBODY, "known_worker_sid": "task.agent_sid", "timeout": 10},
                    {"queue": SPANISH, "priority": 3},
                ],
            }
        ],
        "default_filter": {"queue": SKILLED, "priority": 2},
    },
    {"filters": [], "default_filter": {"queue": ANYBODY}},
)


class NoFile:
    """The firm has no owner's file, and nobody speaks to it."""

    name = "none"

    def current(self) -> Config:
        """Never asked for."""
        raise LookupError("there is no owner's file")

    def get(self, version: str) -> Config:
        """Never asked for."""
        raise LookupError(version)

    def read(self, text: str, config: Config) -> Reading:
        """Never asked for."""
        raise LookupError(text)


class Counted:
    """SIDs in order."""

    def __init__(self) -> None:
        self._count = 0

    def sid(self, prefix: str) -> str:
        """The next identity."""
        self._count += 1
        return f"{prefix}{self._count:032x}"

    def token(self) -> str:
        """The next secret."""
        return self.sid("")


class Meddled:
    """A store whose next commits meet what somebody else does first: a rival's deed, or a conflict out of the blue."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner
        self.deeds: list[Callable[[], object] | None] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def commit(self, change: Change) -> Committed | Conflict:
        """See `Store.commit`."""
        if self.deeds and change.writes:
            deed = self.deeds.pop(0)
            if deed is None:
                return Conflict(change.writes[0].key)
            deed()
        return self._inner.commit(change)


class Inside(Protocol):
    """What a store really holds, past its own door."""

    def entities(self) -> dict[Key, Entity]:
        """Every entity, those of definitions and ended ones included."""

    def indexes(self) -> dict[tuple[str, str], int]:
        """The score of every member of every index."""


class InsideMemory:
    """The inside of a store in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def entities(self) -> dict[Key, Entity]:
        """See `Inside.entities`."""
        return {key: unpack(key.kind, key.sid, held.blob) for key, held in self._store._entities.items()}

    def indexes(self) -> dict[tuple[str, str], int]:
        """See `Inside.indexes`."""
        named = self._store._indexes._named.items()
        return {(name, member): score for name, index in named for score, member in index.scored(len(index))}


class InsideRedis:
    """The inside of a store in Redis, read by another client."""

    def __init__(self, url: str, workspace: str) -> None:
        self._client = redis.Redis.from_url(url)
        self._keys = Keys(workspace)

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def entities(self) -> dict[Key, Entity]:
        """See `Inside.entities`."""
        pipeline = self._client.pipeline()
        for kind in TYPES:
            pipeline.hgetall(self._keys.hashes[kind])
        found = zip(TYPES, pipeline.execute(), strict=True)
        return {
            Key(kind, sid.decode()): unpack(kind, sid.decode(), blob)
            for kind, blobs in found
            for sid, blob in blobs.items()
        }

    def indexes(self) -> dict[tuple[str, str], int]:
        """See `Inside.indexes`."""
        prefix = self._keys.index("").encode()
        names = [key for key in self._client.scan_iter(self._keys.pattern(), count=1000) if key.startswith(prefix)]
        pipeline = self._client.pipeline()
        for name in names:
            pipeline.zrange(name, 0, -1, withscores=True)
        found = zip(names, pipeline.execute(), strict=True)
        return {
            (name.removeprefix(prefix).decode(), member.decode()): int(score)
            for name, members in found
            for member, score in members
        }


@dataclass
class Opened:
    """A store, what is inside it, and how to be done with it."""

    store: Store
    inside: Inside
    close: Callable[[], None]


def in_memory(clock: FakeClock) -> Opened:
    """A store in memory."""
    store = MemoryStore(WORKSPACE, clock)
    return Opened(store, InsideMemory(store), lambda: None)


def in_redis(url: str) -> Opened:
    """A store in Redis; there is one firm at a time on a server."""
    store, inside = RedisStore(url, WORKSPACE), InsideRedis(url, WORKSPACE)
    store.drop()

    def close() -> None:
        store.drop()
        store.close()
        inside.close()

    return Opened(store, inside, close)


def process(store: Store, clock: FakeClock, ids: Counted) -> Context:
    """A process that has just started: it knows nothing but the store."""
    nothing = NoFile()
    return Context(store, clock, ids, nothing, nothing, workspace=WORKSPACE, of_file=False)


def document(number: int) -> str:
    """The configuration of a workflow."""
    return json.dumps({"task_routing": DOCUMENTS[number]})


def found(store: Store, *, timeout_activity: str, multi_task: bool, lifo_first: bool) -> None:
    """Puts the firm's definitions into an empty store."""
    workspace = Workspace(
        sid=WORKSPACE, name="Firm", default_activity=FREE, timeout_activity=timeout_activity, multi_task=multi_task,
        lifo_first=lifo_first,
    )  # fmt: skip
    names = ("spanish", "skilled", "anybody")
    made: list[Entity] = [
        workspace,
        WorkerActivity(sid=FREE, name="free", available=True),
        WorkerActivity(sid=AWAY, name="away"),
        WorkerActivity(sid=BUSY, name="busy"),
        *(TaskChannel(sid=sids.derive(sids.CHANNEL, name), name=name, unique_name=name) for name in CHANNELS),
        *(
            TaskQueue(sid=sid, name=name, target_workers=rule)
            for sid, name, rule in zip(QUEUES, names, STAFFING, strict=False)
        ),
        *(
            Workflow(sid=sid, name=f"flow {number}", configuration=document(number), reservation_timeout=25)
            for number, sid in enumerate(FLOWS)
        ),
    ]
    assert isinstance(store.commit(Change(tuple(Write(None, entity) for entity in made))), Committed)


def of_kind(entities: Mapping[Key, Entity], kind: Kind) -> dict[str, Any]:
    """The entities of one kind by sid."""
    return {key.sid: entity for key, entity in entities.items() if key.kind is kind}
