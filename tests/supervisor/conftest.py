"""Small real child processes that phone home, so that tests wait for what happened instead of sleeping."""

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.supervisor import Child

# Says its name and pid, then lives until somebody ends it.
_PHONE_HOME = """
import os, socket, sys
home = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
home.sendall(f"{sys.argv[2]} {os.getpid()}\\n".encode())
home.recv(1)
"""


class Home:
    """Where children report; `report()` waits for the next one."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(20)
        self.port = self._listener.getsockname()[1]
        self._calls: list[socket.socket] = []

    def report(self) -> tuple[str, int]:
        call, _ = self._listener.accept()
        call.settimeout(20)
        self._calls.append(call)
        name, pid = call.makefile().readline().split()
        return name, int(pid)

    def callers_have_gone(self) -> bool:
        """Waits for the end of every process that has reported: only its end closes its connection."""
        return all(self._has_gone(call) for call in self._calls)

    @staticmethod
    def _has_gone(call: socket.socket) -> bool:
        try:
            return call.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        for call in self._calls:
            call.close()
        self._listener.close()


@pytest.fixture
def home() -> Iterator[Home]:
    place = Home()
    yield place
    place.close()


@pytest.fixture
def caller(home: Home) -> Callable[..., Child]:
    """Makes children that report to `home` and then stay."""

    def make(name: str, script: str = _PHONE_HOME, **more: object) -> Child:
        return Child(name, (sys.executable, "-c", script, str(home.port), name), **more)  # type: ignore[arg-type]

    return make


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"
