"""What crosses the wire: a server's own count of the commands it is sent."""

from collections.abc import Callable
from typing import TypeVar

import redis

from tests.redis_server import RedisServer

T = TypeVar("T")
_MARK = "the work is done"


def round_trips(server: RedisServer, work: Callable[[], T]) -> tuple[T, int]:
    """Does the work and counts the commands that the server was sent meanwhile, scripts' own commands not included.

    Nobody waits for an answer later than the next question, so each command is a round trip.
    """
    with redis.Redis.from_url(server.url) as client, client.monitor() as monitor:
        answer = work()
        with redis.Redis.from_url(server.url) as other:
            other.echo(_MARK)
        count = 0
        for heard in monitor.listen():
            if _MARK in heard["command"]:
                return answer, count
            count += heard["client_type"] != "lua" and not heard["command"].startswith(("CLIENT", "HELLO"))
    raise AssertionError("the server stopped telling")
