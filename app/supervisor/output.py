"""Where child processes write: to the console, each line under its process's name, or to log files."""

import sys
import threading
from pathlib import Path
from typing import IO, Protocol, TextIO

_LARGEST_LOG = 10_000_000


class Output(Protocol):
    """Takes what child processes write."""

    def open(self, name: str) -> tuple[IO[bytes] | None, "Pump | None"]:
        """Where the child `name` is to write: a file, or nothing and a pump that will read its pipe."""
        ...


class Pump:
    """Copies one child's lines to a stream, each under the child's name."""

    def __init__(self, name: str, stream: TextIO, lock: threading.Lock) -> None:
        self._prefix = f"{name:<10} | "
        self._stream = stream
        self._lock = lock

    def start(self, pipe: IO[bytes]) -> None:
        """Copy until every process that holds the pipe has gone."""
        threading.Thread(target=self._copy, args=(pipe,), daemon=True, name=f"output of {self._prefix}").start()

    def _copy(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                text = line.decode(errors="replace").rstrip("\n")
                with self._lock:
                    self._stream.write(f"{self._prefix}{text}\n")
                    self._stream.flush()


class ConsoleOutput:
    """Every line on one stream, under the name of the process that wrote it."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._lock = threading.Lock()

    def open(self, name: str) -> tuple[IO[bytes] | None, Pump | None]:
        """A pump to the stream."""
        return None, Pump(name, self._stream, self._lock)


class LogFiles:
    """One file a process in `folder`; one that has grown large becomes NAME.log.1 when the process starts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, name: str) -> tuple[IO[bytes] | None, Pump | None]:
        """The log file, which the process itself writes: its last words survive the supervisor's end."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.log"
        if path.exists() and path.stat().st_size > _LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab"), None
