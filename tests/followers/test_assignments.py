"""Programs are asked about reservations side by side, at their fallback when need be, and never hold up anything."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import pytest

from app.core.entities import ReservationState, Task
from app.core.events import EventType
from app.followers.assignments import GROUP, PACE, Assignments
from app.ports.callbacks import CallbackFailed, Reply
from app.ports.store import StoreUnavailable
from app.usecases.taskrouter import enqueued
from app.usecases.taskrouter.assignment import Assignment
from tests.followers.fakes import PATIENCE
from tests.usecases.taskrouter.desk import ACCOUNT, CALLBACK, FALLBACK, Office

ACCEPT = Reply(200, "application/json", '{"instruction": "accept"}')
DEQUEUE = Reply(200, "application/json", '{"instruction": "dequeue"}')


@dataclass
class Programs:
    """The owner's programs: `answer` decides by address, and may wait, to play a slow one."""

    answer: Callable[[str], Reply] = lambda _: ACCEPT
    asked: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def send(
        self, url: str, fields: Mapping[str, str], *, seconds: float, method: Literal["POST", "GET"] = "POST"
    ) -> Reply:
        with self.changed:
            self.asked.append(f"{method} {url}")
            self.about.append(fields["ReservationSid"])
            self.changed.notify_all()
        return self.answer(url)

    def wait_for(self, count: int) -> list[str]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.asked) >= count, PATIENCE), self.asked
            return list(self.asked)


@pytest.fixture
def office() -> Office:
    return Office()


@contextmanager
def following(office: Office, programs: Programs, threads: int = 4) -> Iterator[Assignments]:
    assignment = Assignment(office.context, ACCOUNT)
    one = Assignments(office.store, assignment, programs, office.clock, "one", threads=threads)
    try:
        yield one
    finally:
        one.close()


def asked_about(office: Office, programs: Programs, count: int = 1) -> None:
    """Everything in the stream is taken, and so many questions are asked and dealt with, one after the other."""
    with following(office, programs, threads=1) as one:
        while one.step():
            pass
        programs.wait_for(count)


def an_offer(office: Office, name: str = "Ann", call: str = "CA" + "1" * 32) -> str:
    office.worker(name)
    task: Task = office.caller(call)
    office.dispatched()
    return office.task(task.sid).reservations[0]


def test_the_program_decides(office: Office) -> None:
    sid, programs = an_offer(office), Programs()
    asked_about(office, programs)
    assert programs.asked == [f"POST {CALLBACK}"]
    assert office.reservation(sid).state is ReservationState.ACCEPTED
    assert office.store.reclaim(GROUP, "auditor", idle_ms=0) == ()


@pytest.mark.parametrize(
    "broken", [Reply(500), Reply(200, "text/plain", "accept"), Reply(200, "application/json", "no")]
)
def test_a_useless_answer_leads_to_the_fallback(office: Office, broken: Reply) -> None:
    sid = an_offer(office)
    programs = Programs(lambda url: broken if url == CALLBACK else ACCEPT)
    asked_about(office, programs, 2)
    assert programs.asked == [f"POST {CALLBACK}", f"POST {FALLBACK}"]
    assert office.reservation(sid).state is ReservationState.ACCEPTED


def test_no_answer_at_all_leaves_the_reservation_pending_with_a_warning_and_nothing_personal(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    def nobody(_: str) -> Reply:
        raise CallbackFailed("ConnectTimeout")

    sid = an_offer(office)
    asked_about(office, Programs(nobody), 2)
    assert office.reservation(sid).state is ReservationState.PENDING
    assert [event.data["reason"] for event in office.told(EventType.ASSIGNMENT_FAILED)] == ["ConnectTimeout"]
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1
    assert "+1202" not in warnings[0]
    assert "firm.example" not in warnings[0]


def test_a_slow_program_holds_up_nobody_else(office: Office) -> None:
    release = threading.Event()
    first = an_offer(office, "Ann", "CA" + "1" * 32)
    waiting: list[str] = []

    def slow_at_first(_: str) -> Reply:
        with programs.changed:
            is_first = not waiting
            waiting.append("")
        if is_first:
            release.wait(PATIENCE)
        return ACCEPT

    programs = Programs(slow_at_first)
    with following(office, programs) as one:
        while one.step():
            pass
        programs.wait_for(1)
        second = an_offer(office, "Ben", "CA" + "2" * 32)
        while one.step():
            pass
        programs.wait_for(2)
        assert office.reservation(first).state is ReservationState.PENDING
        release.set()
    assert {office.reservation(sid).state for sid in (first, second)} == {ReservationState.ACCEPTED}


def test_a_follower_that_died_after_asking_has_the_worker_called_once(office: Office) -> None:
    an_offer(office)

    def dying(_: str) -> Reply:
        assert programs.answer is dying
        assignment.take(office.told(EventType.INTENT_ASSIGN)[0].reservation, DEQUEUE)
        raise StoreUnavailable

    assignment, programs = Assignment(office.context, ACCOUNT), Programs()
    programs.answer = dying
    asked_about(office, programs)
    office.clock.advance(PACE.reclaim_idle_ms)
    again = Programs(lambda _: DEQUEUE)
    asked_about(office, again)
    assert again.asked == [f"POST {CALLBACK}"]
    assert len(office.told(EventType.INTENT_CALL_WORKER)) == 1


def test_a_reservation_that_was_decided_meanwhile_is_not_asked_about(office: Office) -> None:
    an_offer(office)
    office.clock.advance_seconds(61)
    office.dispatched()
    enqueued.left(office.context, office.told(EventType.TASK_CREATED)[0].task, "hangup")
    later, programs = an_offer(office, "Ben", "CA" + "2" * 32), Programs()
    asked_about(office, programs)
    assert programs.about == [later]
