"""What a server itself says: the commands it is sent, and the memory it uses."""

from collections.abc import Callable
from typing import TypeVar

import redis

from tests.redis_server import RedisServer

T = TypeVar("T")
_MARK = "the work is done"
_GREETINGS = ("CLIENT", "HELLO", "AUTH", "SELECT")


def round_trips(server: RedisServer, work: Callable[[], T]) -> tuple[T, int]:
    """Does the work and counts the commands that the server was sent meanwhile, scripts' own commands not included.

    Nobody sends a command before the last one's answer, so each is a round trip.
    """
    with redis.Redis.from_url(server.url) as client, client.monitor() as monitor:
        answer = work()
        with redis.Redis.from_url(server.url) as other:
            other.echo(_MARK)
        count = 0
        for heard in monitor.listen():
            if _MARK in heard["command"]:
                return answer, count
            count += heard["client_type"] != "lua" and not heard["command"].startswith(_GREETINGS)
    raise ConnectionError("the server stopped telling")


def used_memory(server: RedisServer) -> int:
    """The bytes that a server has allocated."""
    with redis.Redis.from_url(server.url) as client:
        return int(client.info("memory")["used_memory"])
