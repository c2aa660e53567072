"""Loops that share a process start and stop together."""

import threading

import pytest

from app.followers.together import run_together


class Loop:
    """Runs until told to stop."""

    def __init__(self) -> None:
        self.stopped = False

    def run(self, stop: threading.Event) -> None:
        """Waits for the word."""
        self.stopped = stop.wait(20)


class Fragile:
    """Falls over at once."""

    def run(self, stop: threading.Event) -> None:
        """Falls over."""
        raise RuntimeError("fell over")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_one_that_falls_over_stops_the_others() -> None:
    loops = (Loop(), Fragile(), Loop())

    run_together(loops, threading.Event())

    assert [loop.stopped for loop in loops if isinstance(loop, Loop)] == [True, True]


def test_all_stop_when_told() -> None:
    stop, loops = threading.Event(), (Loop(), Loop())
    stop.set()

    run_together(loops, stop)

    assert all(loop.stopped for loop in loops)
