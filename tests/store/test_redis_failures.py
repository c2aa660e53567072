"""What the Redis store does when its server crashes, hangs, refuses or forgets."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
import redis

from app.core.change import Change, Personal, Write, create, update
from app.core.entities import Task
from app.core.routing.lanes import queue_lane
from app.ports.store import Committed, StoreUnavailable
from app.store.memory import MemoryStore
from app.store.redis import RedisStore
from app.store.server import Refused
from tests.builders import NOON, FakeClock, a_task, a_worker
from tests.redis_server import RedisServer, redis_binaries, running_redis
from tests.store.adapters import events, told

TIMEOUT = 0.5
DURABLE = ("--appendonly", "yes", "--appendfsync", "always")


@pytest.fixture(params=sorted(redis_binaries()))
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """A server of this test's own, which writes every change to its file before it answers."""
    with running_redis(request.param, *DURABLE) as running:
        yield running


@pytest.fixture
def store(server: RedisServer) -> Iterator[RedisStore]:
    """A workspace on it."""
    with closing(RedisStore(server.url, "unicone", socket_timeout=TIMEOUT)) as opened:
        yield opened


@contextmanager
def administrator(server: RedisServer) -> Iterator[redis.Redis]:
    """A plain client, for what a store never does."""
    with redis.Redis.from_url(server.url) as client:
        yield client


def the_task(store: RedisStore) -> Task:
    """Task WT1, which has to be there."""
    task = store.get(Task, "WT1")
    assert task is not None
    return task


def test_a_server_that_is_killed_and_started_again_has_lost_nothing(server: RedisServer, store: RedisStore) -> None:
    caller = a_task(call="CA1", deadline=NOON)
    store.commit(create(caller) + events(1, 2))
    store.commit(Change(personal=(Personal("CA1", "said", "x"),)))
    delivered = store.follow("operator", "one", count=1)
    server.kill()
    for attempt in (
        store.ping,
        lambda: store.get(Task, "WT1"),
        store.snapshot,
        lambda: store.heads([queue_lane("sales")]),
    ):
        with pytest.raises(StoreUnavailable):
            attempt()
    with pytest.raises(StoreUnavailable):
        store.commit(create(a_worker()))
    server.start()
    assert the_task(store) == replace(caller, version=1)
    assert (store.personal("CA1"), store.position(caller)) == ({"said": "x"}, 1)
    assert store.directory().lanes == {queue_lane("sales")}
    assert isinstance(
        store.commit(update(the_task(store), replace(a_task(), priority=1), *events(3).events)), Committed
    )
    assert told(store.follow("operator", "one")) == [2, 3]
    assert told(store.reclaim("operator", "two", idle_ms=0, count=1)) == told(delivered)


def test_a_follower_outlives_its_server(server: RedisServer, store: RedisStore) -> None:
    store.follow("feed", "one")
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(store.follow, "feed", "one", block_ms=20_000)
        server.kill()
        with pytest.raises(StoreUnavailable):
            waiting.result(10)
    server.start()
    store.commit(events(1))
    assert told(store.follow("feed", "one")) == [1]


def test_scripts_that_the_server_lost_are_sent_again(server: RedisServer, store: RedisStore) -> None:
    store.commit(create(a_task()))
    with administrator(server) as client:
        client.script_flush()
    assert isinstance(store.commit(update(the_task(store), replace(a_task(), priority=1))), Committed)
    assert the_task(store).version == 2


def test_groups_that_the_server_lost_begin_again_at_the_streams_start(server: RedisServer, store: RedisStore) -> None:
    store.commit(events(1, 2))
    store.acknowledge("feed", [one.id for one in store.follow("feed", "one")])
    with administrator(server) as client:
        client.xgroup_destroy("{unicone}:events", "feed")
    assert told(store.follow("feed", "one")) == [1, 2]


def test_everything_lost_is_an_empty_workspace_that_works(server: RedisServer, store: RedisStore) -> None:
    store.commit(create(a_task()) + events(1))
    store.follow("feed", "one")
    with administrator(server) as client:
        client.flushall()
    assert store.get(Task, "WT1") is None
    assert store.reclaim("feed", "one", idle_ms=0) == ()
    assert store.trim() == 0
    assert isinstance(store.commit(create(a_task()) + events(2)), Committed)
    assert told(store.follow("feed", "one")) == [2]


def test_a_server_that_hangs_is_given_up_in_time(server: RedisServer, store: RedisStore) -> None:
    store.ping()
    os.kill(server.pid, signal.SIGSTOP)
    try:
        for attempt in (store.ping, lambda: store.follow("feed", "one", block_ms=60_000)):
            began = time.monotonic()
            with pytest.raises(StoreUnavailable):
                attempt()
            assert time.monotonic() - began < TIMEOUT * 4 / 3 + 0.5
    finally:
        os.kill(server.pid, signal.SIGCONT)
    store.ping()


def test_a_commit_whose_answer_was_lost_is_not_sent_again(server: RedisServer, store: RedisStore) -> None:
    store.commit(events(1))
    os.kill(server.pid, signal.SIGSTOP)
    with pytest.raises(StoreUnavailable):
        store.commit(events(2))
    os.kill(server.pid, signal.SIGCONT)
    store.commit(events(3))
    assert told(store.since("0")).count(2) <= 1
    assert told(store.since("0"))[-1] == 3


def no_memory(client: redis.Redis, _: Path) -> None:
    """The server may use no more memory."""
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", "1")


def read_only(client: redis.Redis, _: Path) -> None:
    """The server follows another one now."""
    client.execute_command("REPLICAOF", "127.0.0.1", "1")


def no_replicas(client: redis.Redis, _: Path) -> None:
    """The server wants more copies than there are."""
    client.config_set("min-replicas-to-write", "1")


def disk_trouble(client: redis.Redis, folder: Path) -> None:
    """The server cannot save its data, as with a full disk."""
    (folder / "dump.rdb").mkdir()
    client.config_set("save", "3600 1")
    client.bgsave()
    pause = Event()
    while client.info("persistence")["rdb_last_bgsave_status"] == "ok":
        pause.wait(0.02)


@pytest.mark.parametrize("trouble", [no_memory, read_only, no_replicas, disk_trouble])
def test_a_server_that_refuses_writes_is_unavailable_and_has_written_nothing(
    server: RedisServer,
    store: RedisStore,
    trouble: Callable[[redis.Redis, Path], None],
) -> None:
    store.commit(create(a_task(call="CA1")) + events(1))
    task = the_task(store)
    late = Change((Write(task, replace(task, queue="support")),), events(2).events, (Personal("CA1", "said", "x"),))
    with administrator(server) as client:
        trouble(client, server.folder)
    with pytest.raises(StoreUnavailable):
        store.commit(late)
    with pytest.raises(StoreUnavailable):
        store.claim("turn", 60)
    with pytest.raises(StoreUnavailable):
        store.count("calls", 60)
    assert the_task(store) == task
    assert store.lengths(["sales", "support"]) == {"sales": 1, "support": 0}
    assert store.directory().lanes == {queue_lane("sales")}
    assert (told(store.since("0")), store.personal("CA1")) == ([1], {})


def test_an_address_where_nobody_listens_is_unavailable(tmp_path: Path) -> None:
    with closing(RedisStore(f"unix://{tmp_path}/none", "unicone")) as store, pytest.raises(StoreUnavailable):
        store.ping()


def test_a_wrong_password_is_said(server: RedisServer) -> None:
    with administrator(server) as client:
        client.config_set("requirepass", "right")
    url = f"{server.url}?password=wrong"
    with closing(RedisStore(url, "unicone")) as store, pytest.raises(StoreUnavailable, match=r"password|WRONGPASS"):
        store.ping()


def test_a_key_that_somebody_else_misused_is_not_the_servers_fault(server: RedisServer, store: RedisStore) -> None:
    with administrator(server) as client:
        client.set("{unicone}:task", "x")
    with pytest.raises(Refused, match="wrong kind"):
        store.get(Task, "WT1")


@pytest.mark.parametrize("name", ["", "a{b", "a}b"])
def test_a_workspace_needs_a_name_that_keys_can_be_made_of(name: str) -> None:
    for opening in (lambda: RedisStore("redis://127.0.0.1:1", name), lambda: MemoryStore(name, FakeClock())):
        with pytest.raises(ValueError, match="workspace"):
            opening()
