"""A PostgreSQL server of the tests' own: a cluster in a temporary folder, on a Unix socket, ended by its process id."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
PATIENCE = 30.0


def programs() -> Path | None:
    """The folder of the newest server's programs, as Debian lays them out, or of those on PATH."""
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = versions[-1] if versions else shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def running_postgres(binaries: Path) -> Iterator[str]:
    """The URL of a fresh, empty database. PostgreSQL refuses to run as root, so root runs it as `postgres`."""
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="sb-postgres-") as folder:
        if user:
            shutil.chown(folder, user)
        data = Path(folder) / "data"
        initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "tester", "-A", "trust", "--no-sync"]
        subprocess.run(initdb, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        server = [
            str(binaries / "postgres"),
            "-D",
            str(data),
            "-k",
            folder,
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
        ]
        process = subprocess.Popen(server, user=user, cwd=folder, stderr=subprocess.DEVNULL)
        try:
            _await_ready(binaries, folder)
            yield f"postgresql+psycopg://tester@/postgres?host={folder}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)


def _await_ready(binaries: Path, folder: str) -> None:
    ask = [str(binaries / "pg_isready"), "-q", "-h", folder]
    deadline = time.monotonic() + PATIENCE
    while subprocess.run(ask, check=False).returncode:
        if time.monotonic() > deadline:
            raise TimeoutError("PostgreSQL did not come up")
        time.sleep(0.05)
