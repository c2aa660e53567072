"""Runs the state machine until something breaks, and says what in one line: for copies that lack a guard."""

import sys
import traceback
from pathlib import Path

from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from app.store.redis import RedisStore
from tests.usecases.taskrouter.firm import in_memory, in_redis
from tests.usecases.taskrouter.machine import Firm
from tests.usecases.taskrouter.running import HUNT, limits

STEPS = 40
FOUND = 3
"""The exit code that says so."""


def hunt(url: str, examples: int) -> str:
    """What broke, "" if nothing did; in memory where there is no `url`."""
    opener = (lambda _: in_redis(url)) if url else in_memory
    try:
        run_state_machine_as_test(lambda: Firm(opener), settings=limits(examples, STEPS, **HUNT))
    except (NameError, ImportError):
        raise  # the copy was made while somebody edited the code
    except Exception as error:  # noqa: BLE001 - that something breaks is what is hoped for
        return told(error)
    return ""


def told(error: BaseException) -> str:
    """Where it broke, and the beginning of what it said; what did not break the same way again is told of itself."""
    if isinstance(error, Flaky) and error.__context__:
        error = error.__context__
    ours = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(Path.cwd())
    ]
    place = next((frame.name for frame in reversed(ours) if "/tests/" in frame.filename), "?")
    words = " ".join(str(error).split())
    return f"{place}: {type(error).__name__} {words[:100]}"


def main() -> int:
    """Arguments: the number of examples, and the address of a Redis, if it is to be one."""
    examples, url = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    if not Path(sys.modules[RedisStore.__module__].__file__ or "").is_relative_to(Path.cwd()):
        raise SystemExit("this is not the copy that was to be tested")
    found = hunt(url, examples)
    print(found or "nothing broke")
    return FOUND if found else 0


if __name__ == "__main__":
    sys.exit(main())
