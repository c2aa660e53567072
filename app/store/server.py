"""The connection to a Redis server: bounded waiting, scripts that are sent again when it lost them, one error."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import NoScriptError, OutOfMemoryError, ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as NoAnswer
from redis.retry import Retry

from app.ports.store import StoreUnavailable

Argument = str | bytes | int
Reply = Any
"""What the server answers, as the wire has it: bytes, int, None or lists of them."""

_REFUSALS = re.compile(
    r"(^|-)(BUSY|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|NOREPLICAS|OOM|READONLY|TRYAGAIN)\b",
)
_CONNECTIONS = 4096


def load_scripts() -> Mapping[str, str]:
    """The Lua scripts of this package by name."""
    return {
        file.name.removesuffix(".lua"): file.read_text(encoding="utf-8")
        for file in files("app.store").iterdir()
        if file.name.endswith(".lua")
    }


class Refused(Exception):
    """The server answered with an error that is not its own fault; `code` is its first word."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Server:
    """Commands and scripts on one Redis server; raises `StoreUnavailable` for whatever is the server's fault.

    Nothing is sent twice: whether a command whose answer is lost was carried out, only the caller can find out.
    """

    def __init__(self, url: str, socket_timeout: float, scripts: Mapping[str, str]) -> None:
        self.socket_timeout = socket_timeout
        self._scripts = {
            name: (source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())
            for name, source in scripts.items()
        }
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=socket_timeout,
            socket_connect_timeout=socket_timeout / 3,
            retry=Retry(NoBackoff(), 0),
            max_connections=_CONNECTIONS,
            protocol=2,
        )
        # Answers are taken as the wire has them: what redis-py makes of them differs between its releases.
        self._client.response_callbacks.clear()

    def close(self) -> None:
        """Closes every connection."""
        self._client.close()
        self._client.connection_pool.disconnect()

    def call(self, *command: Argument) -> Reply:
        """The answer to one command."""
        try:
            return self._client.execute_command(*command)  # type: ignore[no-untyped-call]
        except RedisError as error:
            raise _fault(error) from error

    def run(self, script: str, keys: Sequence[str | bytes], arguments: Sequence[Argument] = ()) -> Reply:
        """The answer of a script; a server that does not have it (it was restarted) is sent the source."""
        source, digest = self._scripts[script]
        try:
            return self.call("EVALSHA", digest, len(keys), *keys, *arguments)
        except Refused as refusal:
            if refusal.code != "NOSCRIPT":
                raise
            return self.call("EVAL", source, len(keys), *keys, *arguments)


def _fault(error: RedisError) -> Exception:
    """Whose fault an error is: the server's, or ours."""
    if isinstance(error, NoConnection | NoAnswer | OutOfMemoryError | ReadOnlyError):
        return StoreUnavailable(f"{type(error).__name__}: {error}")
    if isinstance(error, NoScriptError):
        return Refused("NOSCRIPT", str(error))
    if isinstance(error, ResponseError) and _REFUSALS.search(str(error)):
        return StoreUnavailable(str(error))
    return Refused(str(error).partition(" ")[0], str(error))
