"""Event callbacks: each told until it answers 2xx, a dead receiver in nobody's way, nothing told for ever."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from app.core.routing.feed import RouterEvent
from app.followers.event_callbacks import AT_ONCE, ATTEMPTS, GIVE_UP_MS, LEASE_MS, EventCallbacks
from app.history.database import Database
from app.history.sql import open_history
from app.history.taskrouter_events import SqlTaskRouterEvents
from app.ports.callbacks import CallbackFailed, Reply
from app.ports.taskrouter_events import Due
from tests.builders import NOON, FakeClock

PATIENCE = 10.0
Answer = Callable[[str], Reply]


@dataclass
class Receivers:
    """Everybody who is called back; `answers` by address, 204 unless said otherwise."""

    answers: dict[str, Answer] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    forms: list[Mapping[str, str]] = field(default_factory=list)
    done: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def send(
        self, url: str, fields: Mapping[str, str], *, seconds: float, method: Literal["POST", "GET"] = "POST"
    ) -> Reply:
        assert (seconds, method) == (15.0, "POST")
        self.forms.append(fields)
        self.told.append((url, fields["Sid"]))
        self.done.release()
        return self.answers.get(url, lambda _: Reply(204))(url)

    def wait_for(self, count: int) -> None:
        """Until so many more were sent."""
        for _ in range(count):
            assert self.done.acquire(timeout=PATIENCE), self.told

    def to(self, url: str) -> list[str]:
        return [sid for where, sid in self.told if where == url]


class Watched(SqlTaskRouterEvents):
    """Lets a test wait until so many callbacks are through, or put off."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.through = threading.Semaphore(0)

    def settled(self, sids: Collection[str]) -> None:
        super().settled(sids)
        self.through.release()

    def postponed(self, sid: str, until: int) -> None:
        super().postponed(sid, until)
        self.through.release()

    def wait_for(self, count: int) -> None:
        for _ in range(count):
            assert self.through.acquire(timeout=PATIENCE)


@pytest.fixture
def events(tmp_path: Path) -> Iterator[Watched]:
    history = open_history(f"sqlite:///{tmp_path / 'history.db'}")
    yield Watched(history.database)
    history.close()


@pytest.fixture
def receivers() -> Receivers:
    return Receivers()


@dataclass
class Stage:
    """One process that calls back after another; each round ends when all that it took is through."""

    events: Watched
    receivers: Receivers
    clock: FakeClock

    def exists(self, number: int, workspace: str = "WS1", url: str = "http://good") -> str:
        sid = f"EV{number:032d}"
        event = RouterEvent(sid=sid, type="task.created", at=NOON, place=number, workspace=workspace,
                            resource=f"WT{number}", data={"TaskSid": f"WT{number}"})  # fmt: skip
        self.events.record([event], [Due(event, url)])
        return sid

    def round(self) -> int:
        """What is due is told; returns how many that were."""
        callbacks = self.callbacks()
        taken = callbacks.step()
        self.events.wait_for(taken)
        callbacks.close()
        return taken

    def callbacks(self) -> EventCallbacks:
        return EventCallbacks(self.events, self.receivers, self.clock, "AC1", threads=4)

    def is_done(self) -> bool:
        """Whether nothing is left to be told, now or later."""
        waiting: list[str] = []
        self.events.due(NOON + 10**9, 0, lambda workspace: waiting.append(workspace) or 0)
        return not waiting


@pytest.fixture
def stage(events: Watched, receivers: Receivers, clock: FakeClock) -> Stage:
    return Stage(events, receivers, clock)


def fails(how: str) -> Answer:
    def answer(_url: str) -> Reply:
        if how == "no answer":
            raise CallbackFailed("ConnectTimeout")
        if how == "our mistake":
            raise RuntimeError("an address nobody foresaw")
        return Reply(int(how))

    return answer


def test_a_form_is_sent_once_and_ticked_off(stage: Stage) -> None:
    sid = stage.exists(1)
    assert stage.round() == 1
    [form] = stage.receivers.forms
    assert (form["EventType"], form["AccountSid"], form["Sid"], form["TaskSid"]) == ("task.created", "AC1", sid, "WT1")
    assert stage.is_done()


@pytest.mark.parametrize("how", ["no answer", "our mistake", "500", "302", "404"])
def test_whoever_does_not_answer_2xx_is_told_again_later_and_later(stage: Stage, how: str) -> None:
    stage.receivers.answers["http://good"] = fails(how)
    sid = stage.exists(1)
    tried = []
    for second in range(16):
        if stage.round():
            tried.append(second)
        stage.clock.advance_seconds(1)
    assert tried == [0, 1, 3, 7, 15]
    stage.receivers.answers.clear()
    stage.clock.advance_seconds(16)
    assert stage.round() == 1
    assert stage.receivers.to("http://good") == [sid] * 6
    assert stage.is_done()


def test_an_event_is_given_up_after_ten_attempts(stage: Stage) -> None:
    stage.receivers.answers["http://good"] = fails("500")
    stage.exists(1)
    for _ in range(ATTEMPTS):
        assert not stage.is_done()
        assert stage.round() == 1
        stage.clock.advance_seconds(300)
    assert stage.is_done()
    assert len(stage.receivers.told) == ATTEMPTS


def test_an_event_of_four_hours_ago_is_not_told_any_more(stage: Stage) -> None:
    stage.exists(1)
    stage.clock.advance(GIVE_UP_MS + 1)
    assert stage.round() == 1
    assert stage.receivers.told == []
    assert stage.is_done()


def test_a_dead_receiver_does_not_hold_up_another(stage: Stage) -> None:
    answered = threading.Event()

    def hangs(_url: str) -> Reply:
        assert answered.wait(PATIENCE)
        raise CallbackFailed("ReadTimeout")

    stage.receivers.answers["http://dead"] = hangs
    stage.receivers.answers["http://bad"] = fails("500")
    stage.exists(0, "WS3", "http://bad")
    assert stage.round() == 1
    stage.exists(1, "WS1", "http://dead")
    good = [stage.exists(number, "WS2") for number in range(2, 8)]
    callbacks = stage.callbacks()
    try:
        assert callbacks.step() == 7
        stage.receivers.wait_for(8)
        assert sorted(stage.receivers.to("http://good")) == good
    finally:
        answered.set()
        callbacks.close()


def test_a_receiver_that_fails_is_left_alone_for_a_while_and_then_tried_with_one(stage: Stage) -> None:
    stage.receivers.answers["http://good"] = fails("503")
    for number in range(3 * AT_ONCE):
        stage.exists(number)
    callbacks = stage.callbacks()
    assert callbacks.step() == AT_ONCE
    stage.events.wait_for(AT_ONCE)
    assert callbacks.step() == 0
    stage.clock.advance_seconds(1)
    stage.receivers.answers.clear()
    assert callbacks.step() == 1
    stage.events.wait_for(1)
    callbacks.close()
    healthy = stage.callbacks()
    assert healthy.step() == AT_ONCE
    stage.events.wait_for(AT_ONCE)
    healthy.close()


def test_what_a_process_took_and_never_told_is_told_by_another(stage: Stage) -> None:
    sid = stage.exists(1)
    assert len(stage.events.due(NOON, LEASE_MS, lambda _: 1)) == 1
    assert stage.round() == 0
    stage.clock.advance(LEASE_MS)
    assert stage.round() == 1
    assert stage.receivers.to("http://good") == [sid]


def test_a_loop_tells_what_comes_until_it_is_stopped(stage: Stage) -> None:
    stop = threading.Event()
    loop = threading.Thread(target=stage.callbacks().run, args=(stop,))
    loop.start()
    stage.exists(1)
    stage.receivers.wait_for(1)
    stop.set()
    loop.join(PATIENCE)
    assert not loop.is_alive()
    assert stage.is_done()
