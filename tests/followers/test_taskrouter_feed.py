"""The feed keeps TaskRouter's events of a workspace once, whatever happens, and notes whom to tell of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from app.adapters.ids import RandomIds
from app.core.change import Change, Write
from app.core.config import Config
from app.core.events import Event, EventType
from app.core.routing.definitions import TaskQueue, Workspace
from app.core.routing.feed import RouterEvent
from app.followers.taskrouter_feed import taskrouter_feed
from app.history.sql import open_history
from app.history.taskrouter_events import SqlTaskRouterEvents
from app.ports.history import HistoryUnavailable
from app.ports.scorer import Reading
from app.ports.taskrouter_events import Due, Wanted
from app.store.memory import MemoryStore
from app.usecases.context import Context
from tests.builders import NOON, FakeClock, a_task, births
from tests.shop import FixedConfigs

WS, WQ, WT = "WS" + "1" * 32, "WQ" + "2" * 32, "WT" + "3" * 32
EVERYTHING = Wanted(workspace=WS)


class NoScorer:
    """Nobody speaks."""

    name = "none"

    def read(self, text: str, config: Config) -> Reading:
        return Reading()


@pytest.fixture
def events(tmp_path: Path) -> Iterator[SqlTaskRouterEvents]:
    history = open_history(f"sqlite:///{tmp_path / 'history.db'}")
    yield SqlTaskRouterEvents(history.database)
    history.close()


@pytest.fixture
def context(clock: FakeClock) -> Context:
    """A workspace that the API made, with one queue and one task."""
    store = MemoryStore(WS, clock)
    made = Context(store, clock, RandomIds(), FixedConfigs(Config(version="v1", business="none")), NoScorer(),
                   workspace=WS, of_file=False)  # fmt: skip
    store.commit(births(Workspace(sid=WS, name="Unicone"), TaskQueue(sid=WQ, name="Support"), a_task(WT, queue=WQ)))
    return made


def happens(context: Context, *kinds: EventType) -> None:
    context.store.commit(Change(events=tuple(Event(type=kind, at=NOON, task=WT) for kind in kinds)))


def calls_back(context: Context, url: str, *events_filter: str) -> None:
    workspace = context.store.get(Workspace, WS)
    assert workspace is not None
    new = Workspace(sid=WS, name="Unicone", event_callback_url=url, events_filter=events_filter)
    context.store.commit(Change((Write(workspace, new),)))


def kept(events: SqlTaskRouterEvents) -> list[str]:
    return [event.type for event in events.after(EVERYTHING, None, 100)][::-1]


def test_the_stream_is_kept_in_taskrouters_terms(context: Context, events: SqlTaskRouterEvents) -> None:
    happens(context, EventType.TASK_CREATED, EventType.TASK_RETRIED, EventType.TASK_WRAPPING)
    assert taskrouter_feed(context, events, "one").step() == 3
    assert kept(events) == ["task.created", "task.wrapup"]
    [event, _] = events.after(Wanted(workspace=WS, task=WT, queue=WQ), None, 9)
    assert (event.data["TaskQueueName"], event.data["WorkspaceName"]) == ("Support", "Unicone")
    assert context.store.reclaim("taskrouter", "auditor", idle_ms=0) == ()


class Lost(SqlTaskRouterEvents):
    """Keeps the first batch, but the answer is lost."""

    attempts = 0

    def record(self, events: Sequence[RouterEvent], callbacks: Sequence[Due] = ()) -> None:
        self.attempts += 1
        super().record(events, callbacks)
        if self.attempts == 1:
            raise HistoryUnavailable


def test_what_was_kept_before_is_kept_once(context: Context, tmp_path: Path) -> None:
    history = open_history(f"sqlite:///{tmp_path / 'other.db'}")
    events = Lost(history.database)
    calls_back(context, "http://receiver")
    happens(context, EventType.TASK_CREATED)
    feed = taskrouter_feed(context, events, "one")
    with pytest.raises(HistoryUnavailable):
        feed.step()
    assert feed.step() == 1
    assert kept(events) == ["task.created"]
    assert len(events.due(NOON, 1, lambda _: 9)) == 1
    history.close()


def test_a_task_that_is_gone_is_told_by_what_the_event_says(context: Context, events: SqlTaskRouterEvents) -> None:
    task = a_task(WT, queue=WQ, version=1)
    data = {"queue": WQ, "waited": 5000}
    gone = Event(type=EventType.TASK_CANCELED, at=NOON, task=WT, data={**data, "reason": "gave up"})
    context.store.commit(Change((Write(task, None),), (gone,)))
    taskrouter_feed(context, events, "one").step()
    [event] = events.after(EVERYTHING, None, 9)
    assert (event.queue, event.waited, event.data["TaskCanceledReason"]) == (WQ, 5000, "gave up")


def test_nobody_is_told_without_an_address(context: Context, events: SqlTaskRouterEvents) -> None:
    happens(context, EventType.TASK_CREATED)
    taskrouter_feed(context, events, "one").step()
    assert events.due(NOON, 1, lambda _: 9) == ()


def test_the_callback_is_told_what_the_filter_lets_through(context: Context, events: SqlTaskRouterEvents) -> None:
    calls_back(context, "http://receiver", "task.wrapup")
    happens(context, EventType.TASK_CREATED, EventType.TASK_WRAPPING)
    taskrouter_feed(context, events, "one").step()
    assert kept(events) == ["task.created", "task.wrapup"]
    due = events.due(NOON, 1, lambda _: 9)
    assert [(callback.event.type, callback.url) for callback in due] == [("task.wrapup", "http://receiver")]
