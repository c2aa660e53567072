"""The Lua scripts touch only the keys that are declared to them, as a Redis Cluster demands."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from threading import Event
from uuid import uuid4

import pytest
import redis

from app.core.change import Change, Personal, Write
from app.core.entities import Key, Kind, Task
from app.core.indexes import WORKERS, idle
from app.core.routing.lanes import queue_lane
from app.ports.store import Conflict, Directory
from app.store.redis import RedisStore
from app.store.server import Refused, load_scripts
from tests.builders import a_call, a_reservation, a_task, a_worker, births
from tests.redis_server import RedisServers, redis_binaries, running_redis
from tests.store.adapters import events
from tests.store.definitions import a_workspace

GUARD = """
local declared, server = {}, redis
for _, key in ipairs(KEYS) do declared[key] = true end
local redis = { call = function(command, ...)
  local key = select(command == 'XINFO' and 2 or 1, ...)
  if not declared[key] then error(command .. ' touches the undeclared key ' .. tostring(key)) end
  return server.call(command, ...)
end }
"""


def use_every_script(store: RedisStore) -> None:
    """One workspace's life in short: every script runs, with every kind of argument."""
    entities = (
        a_task(deadline=5, call="CA1", reservations=("WR1", "WR2")),
        *(a_worker(sid, profile="p1") for sid in ("WK1", "WK2")),
        *(a_call(), a_reservation("WR1"), a_reservation("WR2", worker="WK2")),
        a_workspace(store.workspace),
    )
    parts = tuple(Write(None, entity) for entity in entities)
    store.commit(Change(parts, events(*range(1_050)).events, (Personal("CA1", "said", "x"),)))
    task = store.get(Task, "WT1")
    assert task is not None
    assert store.commit(births(a_task())) == Conflict(Key(Kind.TASK, "WT1"))
    store.commit(Change((Write(task, replace(task, queue="support", priority=3)),)))
    support, sales, free = queue_lane("support"), queue_lane("sales"), idle("voice", "p1")
    heads = store.heads([support, sales], [free], ["WK2", "WK3"])
    assert (heads.tasks[support][0].version, len(heads.workers[free]), list(heads.named)) == (2, 2, ["WK2"])
    assert (heads.lanes, heads.profiles, heads.revision) == (2, 1, 1)
    heads = store.heads([support, sales], [free], limit=1, together=True)
    assert (len(heads.tasks[support]), len(heads.workers[free])) == (1, 1)
    assert (store.directory().lanes, store.tidy()) == ({support, sales}, 1)
    assert len(store.offered("WR1").others) == 1
    assert store.size(free, WORKERS) == (2, 2)
    assert len(store.snapshot().calls) == 1
    assert None not in store.read(Key(Kind.TASK, "WT1"), Key(Kind.CALL, "CA1"))
    assert (store.count("calls", 5), store.count("calls", 5)) == (1, 2)
    store.acknowledge("all", [one.id for one in store.follow("all", "one", count=2_000)])
    store.follow("idle", "one", count=20)
    assert store.trim() == 0
    store.acknowledge("idle", [one.id for one in store.since("0", count=10)])
    assert store.trim() == 10
    store.drop()
    assert store.directory() == Directory()


def every_script(change: Callable[[str, str], str]) -> Mapping[str, str]:
    """The scripts, each rewritten."""
    return {name: change(name, source) for name, source in load_scripts().items()}


@pytest.mark.parametrize("name", sorted(redis_binaries()))
def test_every_key_that_a_script_touches_is_declared(name: str, redis_servers: RedisServers) -> None:
    guarded = every_script(lambda _, source: GUARD + source)
    with closing(RedisStore(redis_servers.url(name), uuid4().hex, scripts=guarded)) as store:
        use_every_script(store)


def test_the_guard_of_the_test_above_does_find_an_undeclared_key(redis_url: str) -> None:
    careless = GUARD + "return redis.call('INCR', 'elsewhere')"
    scripts = {**load_scripts(), "count": careless}
    with (
        closing(RedisStore(redis_url, uuid4().hex, scripts=scripts)) as store,
        pytest.raises(Refused, match="elsewhere"),
    ):
        store.count("calls", 5)


@pytest.fixture(scope="module")
def cluster_url() -> Iterator[str]:
    """A cluster of one node that holds every slot."""
    if "system" not in redis_binaries():
        pytest.skip("needs a redis-server on PATH")
    with running_redis("system", "--cluster-enabled", "yes", "--cluster-port", "1", "--port", "0") as server:
        with redis.Redis.from_url(server.url) as client:
            if int(client.info()["redis_version"].split(".")[0]) < 7:
                pytest.skip("needs Redis 7 or newer")
            client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
            pause = Event()
            while client.execute_command("CLUSTER INFO").get("cluster_state") != "ok":
                pause.wait(0.02)
        yield server.url


def test_a_cluster_that_is_strict_about_keys_runs_every_script(cluster_url: str) -> None:
    writes = {"commit", "count", "tidy", "trim"}
    strict = every_script(lambda name, source: f"#!lua{'' if name in writes else ' flags=no-writes'}\n{source}")
    with closing(RedisStore(cluster_url, "unicone", scripts=strict)) as store:
        use_every_script(store)
