"""The live stream tells each change within a second, and holds no more threads than it may."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.web.world import PASSWORD, World

KEY = {"Authorization": f"Bearer {PASSWORD}"}


class Tap:
    """Reads a stream of server-sent events."""

    def __init__(self, response: requests.Response) -> None:
        self.response = response
        self._lines = response.iter_lines(decode_unicode=True)

    def until(self, found: Any) -> dict[str, Any]:
        """The first view for which `found` holds."""
        for line in self._lines:
            if line.startswith("data: {") and line != "data: {}":
                view: dict[str, Any] = json.loads(line.removeprefix("data: "))
                if found(view):
                    return view
        raise AssertionError("the stream ended")


@contextmanager
def tapped(url: str) -> Iterator[Tap]:
    with requests.get(f"{url}/live", headers=KEY, stream=True, timeout=5) as response:
        yield Tap(response)


def test_a_change_is_told_within_a_second(place: World) -> None:
    with place.served() as url, tapped(url) as tap:
        assert tap.response.headers["Content-Type"].startswith("text/event-stream")
        assert tap.until(lambda view: True)["waiting"] == []
        before = time.monotonic()
        place.waits("CA1", "two cakes")
        view = tap.until(lambda view: view["waiting"])
        assert time.monotonic() - before < 1.0
        assert view["waiting"][0]["heard"] == "two cakes"


def test_a_burst_of_changes_is_told_in_few_words(place: World) -> None:
    seen: list[int] = []

    def all_there(view: dict[str, Any]) -> bool:
        seen.append(len(view["waiting"]))
        return len(view["waiting"]) == 40

    with place.served() as url, tapped(url) as tap:
        tap.until(lambda view: True)
        began = time.monotonic()
        for n in range(40):
            place.waits(f"CA{n}")
        tap.until(all_there)
        allowed = 2 + 5 * (time.monotonic() - began)
        assert len(seen) <= allowed


def test_streams_beyond_the_cap_are_asked_to_come_back_and_places_are_given_back(place: World) -> None:
    with place.served() as url:
        with tapped(url) as one, tapped(url) as two:
            one.until(lambda view: True)
            two.until(lambda view: True)
            refused = requests.get(f"{url}/live", headers=KEY, timeout=5)
            assert refused.status_code == 503
            assert refused.headers["Retry-After"]
        place.waits("CA1")
        deadline = time.monotonic() + 5
        status = 503
        while status == 503 and time.monotonic() < deadline:
            with requests.get(f"{url}/live", headers=KEY, stream=True, timeout=5) as again:
                status = again.status_code
            place.closing.wait(0.05)
        assert status == 200


def test_streams_let_go_when_the_server_closes(place: World) -> None:
    with place.served() as url, tapped(url) as tap:
        tap.until(lambda view: True)
        place.closing.set()
        began = time.monotonic()
        assert [line for line in tap._lines if line.startswith("data: {")] == []
        assert time.monotonic() - began < 3
