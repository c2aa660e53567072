"""Jobs on a real Redis: a recording becomes words, or is asked for again; upkeep is done; old calls are forgotten."""

import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rq import Queue

from app.core.change import Change, Personal
from app.core.events import EventType
from app.core.inputs import Utterance
from app.core.routing.feed import RouterEvent
from app.history.sql import SqlHistory, open_history
from app.history.taskrouter_events import SqlTaskRouterEvents
from app.jobs.tools import Tools, tools
from app.jobs.wiring import FETCH_AGAIN_AFTER, Jobs, queue
from app.jobs.work import DAY_MS
from app.jobs.worker import Housekeeper, make_worker, run_worker
from app.ports.store import Delivered, StoreUnavailable
from app.ports.telephony import Outcome, RecordingMissing
from app.store.memory import MemoryStore
from tests.builders import NOON, FakeClock, an_event

URL = "https://api.example.com/recordings/RE1"


@dataclass
class Carrier:
    """A carrier that has a recording ready after so many vain attempts."""

    vain: int = 0
    asked: list[str] = field(default_factory=list)

    def recording(self, url: str) -> bytes:
        self.asked.append(url)
        if len(self.asked) <= self.vain:
            raise RecordingMissing
        return b"RIFF of two cakes"

    def redirect(self, call: str, turn: int) -> Outcome:
        raise AssertionError("jobs only fetch recordings")

    def ring(self, reservation: str, phone: str, seconds: int) -> Outcome:
        raise AssertionError("jobs only fetch recordings")

    def hang_up(self, call: str, *, ringing: bool = False) -> Outcome:
        raise AssertionError("jobs only fetch recordings")

    def state(self, call: str) -> Outcome:
        raise AssertionError("jobs only fetch recordings")

    def tell(self, phone: str, text: str) -> Outcome:
        raise AssertionError("jobs only fetch recordings")


@dataclass
class Office:
    """A workspace's jobs and what they act on."""

    url: str
    history: SqlHistory
    clock: FakeClock = field(default_factory=FakeClock)
    carrier: Carrier = field(default_factory=Carrier)
    workspace: str = field(default_factory=lambda: uuid.uuid4().hex)
    heard: list[tuple[str, int, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = MemoryStore("test", self.clock)
        self.events = SqlTaskRouterEvents(self.history.database)
        self.queue: Queue = queue(self.url, self.workspace)
        self.tools = Tools(
            store=self.store, history=self.history, telephony=self.carrier, clock=self.clock,
            transcribe=lambda wav: Utterance(wav.decode().removeprefix("RIFF of "), source="recording"),
            heard=lambda call, turn, said: self.heard.append((call, turn, said.text if said else None)),
            redact=self.events.redact,
            retention_days=30,
        )  # fmt: skip

    def recorded(self, call: str = "CA1", turn: int = 3) -> None:
        self.store.commit(Change(personal=(Personal(call, f"recording:{turn}", URL),)))

    def work(self) -> None:
        """Does all that is in the queue."""
        make_worker(self.url, self.workspace, self.tools).work(burst=True, logging_level="WARNING")


@pytest.fixture
def office(redis_url: str, tmp_path: Path) -> Iterator[Office]:
    history = open_history(f"sqlite:///{tmp_path / 'history.db'}")
    made = Office(redis_url, history)
    yield made
    made.queue.delete(delete_jobs=True)
    history.close()


def test_a_recording_becomes_words(office: Office) -> None:
    office.recorded()
    Jobs(office.queue).transcribe("CA1", 3)
    office.work()
    assert office.carrier.asked == [URL]
    assert office.heard == [("CA1", 3, "two cakes")]


def test_a_recording_that_is_not_ready_is_asked_for_again(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.recorded()
    office.carrier.vain = 2
    Jobs(office.queue, fetch_again_after=(0, 0, 0)).transcribe("CA1", 3)
    office.work()
    assert len(office.carrier.asked) == 3
    assert office.heard == [("CA1", 3, "two cakes")]
    assert [line for line in caplog.records if line.levelname == "ERROR"] == []


def test_the_first_new_attempt_is_made_after_a_second_and_the_last_within_five_minutes(office: Office) -> None:
    office.recorded()
    office.carrier.vain = 100
    Jobs(office.queue).transcribe("CA1", 3)
    before = time.time()
    office.work()
    registry = office.queue.scheduled_job_registry
    assert registry.get_job_ids() == ["transcribe-CA1-3"]
    when = registry.get_scheduled_time("transcribe-CA1-3").timestamp()
    assert 0 <= when - before <= 3
    assert FETCH_AGAIN_AFTER[:3] == (1, 2, 4)
    assert sum(FETCH_AGAIN_AFTER) <= 300


def test_a_recording_that_never_comes_lets_the_call_go_on(office: Office) -> None:
    office.recorded()
    office.carrier.vain = 100
    Jobs(office.queue, fetch_again_after=(0, 0)).transcribe("CA1", 3)
    office.work()
    assert len(office.carrier.asked) == 3
    assert office.heard == [("CA1", 3, None)]
    assert office.queue.failed_job_registry.count == 0


def test_a_recording_that_was_erased_is_not_fetched(office: Office) -> None:
    Jobs(office.queue).transcribe("CA1", 3)
    office.work()
    assert office.carrier.asked == []
    assert office.heard == []


def test_the_same_recording_twice_in_the_queue_is_one_job(office: Office) -> None:
    office.recorded()
    for _ in range(2):
        Jobs(office.queue).transcribe("CA1", 3)
    office.work()
    assert set(office.heard) == {("CA1", 3, "two cakes")}


def test_a_job_whose_time_has_come_is_done_without_a_scheduler_process(office: Office) -> None:
    office.recorded()
    office.carrier.vain = 1
    jobs = Jobs(office.queue, fetch_again_after=(1,))
    jobs.transcribe("CA1", 3)
    office.work()
    keeper = Housekeeper(office.queue, office.store, jobs)
    late = threading.Event()
    deadline = time.monotonic() + 10
    while "transcribe-CA1-3" not in office.queue.job_ids and time.monotonic() < deadline:
        keeper.tick()
        late.wait(0.1)
    office.work()
    assert office.heard == [("CA1", 3, "two cakes")]


def test_upkeep_is_due_once_for_all_housekeepers(office: Office) -> None:
    jobs = Jobs(office.queue)
    for _ in range(3):
        Housekeeper(office.queue, office.store, jobs).tick()
    assert sorted(job.func_name.rsplit(".", 1)[1] for job in office.queue.jobs) == ["forget_old_calls", "trim_stream"]
    office.clock.advance_seconds(61)
    Housekeeper(office.queue, office.store, jobs).tick()
    assert len(office.queue.jobs) == 3
    office.work()
    assert office.queue.failed_job_registry.count == 0


def test_old_calls_are_forgotten_in_both_places(office: Office) -> None:
    for call, age in (("CA-old", 31), ("CA-new", 29)):
        started = NOON - age * DAY_MS
        said = (Personal(call, "caller", "+15550100"),)
        office.store.commit(Change(personal=said))
        answered = an_event(EventType.CALL_ANSWERED, call=call, at=started)
        office.history.record([Delivered(f"{started}-0", answered)], said)
    Jobs(office.queue).forget()
    office.work()
    assert office.store.personal("CA-old") == {}
    assert office.store.personal("CA-new") == {"caller": "+15550100"}
    stories = {call: office.history.story(call) for call in ("CA-old", "CA-new")}
    assert {call: story.personal for call, story in stories.items() if story} == {
        "CA-old": {},
        "CA-new": {"caller": "+15550100"},
    }


def test_what_old_events_say_of_people_is_forgotten_too(office: Office) -> None:
    said = {"TaskSid": "WT1", "TaskAttributes": '{"name": "Ann"}'}
    for number, age in ((1, 31), (2, 29)):
        event = RouterEvent(sid=f"EV{number}", type="task.created", at=NOON - age * DAY_MS, place=number,
                            workspace="WS1", data=said)  # fmt: skip
        office.events.record([event])
    Jobs(office.queue).forget()
    office.work()
    old, young = office.events.find("WS1", "EV1"), office.events.find("WS1", "EV2")
    assert old is not None
    assert young is not None
    assert (old.data, young.data) == ({"TaskSid": "WT1"}, said)


def test_a_worker_runs_with_its_housekeeper_and_stops(office: Office) -> None:
    office.recorded()
    Jobs(office.queue).transcribe("CA1", 3)
    run_worker(office.url, office.workspace, office.tools, burst=True)
    assert office.heard == [("CA1", 3, "two cakes")]
    assert "housekeeper" not in [thread.name for thread in threading.enumerate()]


def test_tools_are_there_only_inside_a_job() -> None:
    with pytest.raises(LookupError):
        tools()


def test_while_the_jobs_redis_is_away_the_operator_is_told_to_come_again() -> None:
    away = queue("redis://127.0.0.1:1/0", "test")
    with pytest.raises(StoreUnavailable):
        Jobs(away).transcribe("CA1", 3)
