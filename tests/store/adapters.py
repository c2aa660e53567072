"""Opens every kind of store for the tests that all of them have to pass."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from uuid import uuid4

import redis

from app.core.change import Change
from app.ports.store import Delivered, E, Store
from app.store.memory import MemoryStore
from app.store.redis import RedisStore
from tests.builders import FakeClock, an_event
from tests.redis_server import RedisServers, redis_binaries

ADAPTERS = ("memory", *sorted(redis_binaries()))


@dataclass(frozen=True)
class Adapter:
    """One kind of store: how a workspace is opened, and how time is made to pass for what expires in it.

    `called` is the name under which the store knows the workspace; `left` says how many keys of it a server holds.
    """

    open: Callable[[str], Store]
    let_pass: Callable[[float], None]
    called: Callable[[str], str] = str
    left: Callable[[str], int] = field(default=lambda _workspace: 0)


def adapter(name: str, servers: RedisServers, clock: FakeClock, stack: ExitStack) -> Adapter:
    """The adapter of this name; its workspaces are new, whatever they are called."""
    if name == "memory":
        opened: dict[str, Store] = {}
        return Adapter(
            lambda workspace: opened.setdefault(workspace, MemoryStore(workspace, clock)),
            lambda seconds: (clock.advance_seconds(seconds), None)[1],
        )
    url, test = servers.url(name), uuid4().hex

    def called(workspace: str) -> str:
        return f"{test}-{workspace}"

    def open_store(workspace: str) -> Store:
        store = RedisStore(url, called(workspace))
        stack.callback(store.close)
        return store

    return Adapter(
        open_store,
        lambda seconds: _age_keys(url, test, round(seconds * 1000)),
        called,
        lambda workspace: _count_keys(url, called(workspace)),
    )


def held(store: Store, entity: E) -> E:
    """The entity as the store holds it."""
    found = store.get(type(entity), entity.sid)
    assert found is not None
    return found


def events(*instants: int) -> Change:
    """Events at these instants and nothing else."""
    return Change(events=tuple(an_event(at=instant) for instant in instants))


def told(delivered: tuple[Delivered, ...]) -> list[int]:
    """The instants of these events: what tells them apart in these tests."""
    return [one.event.at for one in delivered]


def _age_keys(url: str, test: str, milliseconds: int) -> None:
    """What the server does to keys that expire in the given time, without waiting for it."""
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter(f"{{{test}-*", count=1000):
            left = client.pttl(key)
            if left >= 0:
                client.pexpire(key, left - milliseconds)


def _count_keys(url: str, workspace: str) -> int:
    """How many keys of a workspace the server holds."""
    with redis.Redis.from_url(url) as client:
        return sum(key.startswith(f"{{{workspace}}}:".encode()) for key in client.scan_iter(count=1000))
