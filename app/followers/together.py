"""Several loops in one process, each in a thread of its own."""

from collections.abc import Sequence
from threading import Event as StopEvent
from threading import Thread

from app.followers.workspaces import Runner


def run_together(runners: Sequence[Runner], stop: StopEvent) -> None:
    """Runs them all until told to stop. One that falls over stops the others: the supervisor starts them all again."""
    threads = [Thread(target=_run, args=(runner, stop), name=type(runner).__name__) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _run(runner: Runner, stop: StopEvent) -> None:
    try:
        runner.run(stop)
    finally:
        stop.set()
