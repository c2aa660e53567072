"""Lanes keep order within, and let each other pass."""

import threading

from app.followers.lanes import Lanes
from tests.followers.fakes import PATIENCE


def test_work_of_one_lane_never_overlaps_or_overtakes() -> None:
    lanes, order, done = Lanes(4, "test"), [], threading.Event()
    inside = threading.Semaphore(1)

    def work(number: int) -> None:
        assert inside.acquire(blocking=False), "two at once"
        order.append(number)
        inside.release()
        if number == 49:
            done.set()

    for number in range(50):
        lanes.add("one", lambda number=number: work(number))  # type: ignore[misc]
    assert done.wait(PATIENCE)
    lanes.close()
    assert order == list(range(50))


def test_a_lane_that_waits_lets_the_others_pass() -> None:
    lanes, release, passed = Lanes(2, "test"), threading.Event(), threading.Event()

    def slow() -> None:
        release.wait(PATIENCE)

    lanes.add("slow", slow)
    lanes.add("quick", passed.set)
    assert passed.wait(PATIENCE)
    release.set()
    lanes.close()


def test_a_mistake_in_one_piece_of_work_does_not_close_its_lane() -> None:
    lanes, done = Lanes(1, "test"), threading.Event()

    def mistake() -> None:
        raise RuntimeError("meant")

    lanes.add("one", mistake)
    lanes.add("one", done.set)
    assert done.wait(PATIENCE)
    lanes.close()


def test_closing_finishes_what_runs_and_drops_the_rest() -> None:
    lanes, started, release = Lanes(1, "test"), threading.Event(), threading.Event()
    ran: list[str] = []

    def first() -> None:
        started.set()
        release.wait(PATIENCE)
        ran.append("first")

    lanes.add("one", first)
    lanes.add("one", lambda: ran.append("second"))
    assert started.wait(PATIENCE)
    closing = threading.Thread(target=lanes.close)
    closing.start()
    lanes.add("two", lambda: ran.append("third"))
    release.set()
    closing.join(PATIENCE)
    lanes.add("two", lambda: ran.append("fourth"))
    assert ran[0] == "first"
    assert "fourth" not in ran
