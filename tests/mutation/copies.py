"""Takes one guard out of a copy of the code, and sees what the state machine says to that."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.guards import Guard
from tests.mutation.hunt import FOUND

ROOT = Path(__file__).parents[2]
NEEDED = ("app", "tests/usecases/taskrouter", "tests/mutation")
EXAMPLES = 300
LONGEST_SECONDS = 150.0
NOTHING = Guard("(nothing)", "", "", "")


class DoesNotFit(Exception):
    """The text of a guard does not stand in the code exactly once: the code has changed, and the list has to follow."""


@dataclass(frozen=True)
class Catch:
    """What the machine said of a copy without a guard; `said` is "" if it noticed nothing."""

    guard: Guard
    said: str
    seconds: float


def taken_out(guard: Guard, root: Path = ROOT) -> str:
    """The guard's file without it, or DoesNotFit."""
    source = (root / guard.path).read_text(encoding="utf-8")
    count = source.count(guard.text)
    if count != 1:
        raise DoesNotFit(f"{guard.name}: its text is {count} times in {guard.path}")
    return source.replace(guard.text, guard.without)


@contextmanager
def copy() -> Iterator[Path]:
    """A copy of what the machine needs of the code."""
    with tempfile.TemporaryDirectory(prefix="sb-guards-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        for part in NEEDED:
            shutil.copytree(ROOT / part, root / part, ignore=_only_code)
        shutil.copy(ROOT / "tests/builders.py", root / "tests/builders.py")
        yield root


def _only_code(folder: str, names: list[str]) -> list[str]:
    left = [name for name in names if not name.endswith((".py", ".lua")) and not Path(folder, name).is_dir()]
    return [*left, "__pycache__"]


def without(guard: Guard, redis_url: str = "") -> Catch:
    """Runs the machine on a copy that lacks the guard."""
    changed = taken_out(guard)
    with copy() as root:
        (root / guard.path).write_text(changed, encoding="utf-8")
        return caught(guard, root, redis_url if guard.on_redis else "")


def control(redis_url: str = "") -> Catch:
    """Runs it on a copy that lacks nothing: what it says then, it says of everything."""
    with copy() as root:
        return caught(NOTHING, root, redis_url)


def caught(guard: Guard, root: Path, redis_url: str) -> Catch:
    """What the machine says to this copy."""
    began = time.monotonic()
    command = (sys.executable, "-m", "tests.mutation.hunt", str(EXAMPLES), *([redis_url] if redis_url else []))
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Catch(guard, "", time.monotonic() - began)
    lines = done.stdout.strip().splitlines()
    if done.returncode not in (0, FOUND) or not lines:
        raise RuntimeError(f"the machine did not run without: {guard.name}\n{done.stderr[-2000:]}")
    return Catch(guard, lines[-1] if done.returncode == FOUND else "", time.monotonic() - began)
