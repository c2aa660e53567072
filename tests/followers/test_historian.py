"""The historian brings the stream and the personal texts into history, and waits for a database that is away."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from app.core.change import Change, Personal
from app.core.events import EventType
from app.followers.history import historian
from app.history.sql import SqlHistory, open_history
from app.ports.history import HistoryUnavailable
from app.ports.store import Delivered
from app.store.memory import MemoryStore
from tests.builders import FakeClock
from tests.followers.fakes import event, happened


@pytest.fixture
def history(tmp_path: Path) -> Iterator[SqlHistory]:
    opened = open_history(f"sqlite:///{tmp_path / 'history.db'}")
    yield opened
    opened.close()


def test_events_and_personal_texts_arrive_in_history(history: SqlHistory) -> None:
    clock = FakeClock()
    store = MemoryStore("test", clock)
    said = Change(personal=(Personal("CA1", "caller", "+15550100001"), Personal("CA1", "heard:1", "hello")))
    happened(store, event(EventType.CALL_ANSWERED), event(EventType.CALL_LISTENED, turn=1), change=said)
    happened(store, event(EventType.WORKER_CHANGED, "", worker="alice", activity="off"))
    assert historian(store, history, clock, "one").step() == 3
    story = history.story("CA1")
    assert story is not None
    assert [line.event.type for line in story.events] == [EventType.CALL_ANSWERED, EventType.CALL_LISTENED]
    assert story.personal == {"caller": "+15550100001", "heard:1": "hello"}
    assert store.reclaim("history", "auditor", idle_ms=0) == ()


class Away(SqlHistory):
    """History whose database is away for the first two attempts."""

    attempts = 0

    def record(self, deliveries: Sequence[Delivered], personal: Sequence[Personal] = ()) -> None:
        self.attempts += 1
        if self.attempts <= 2:
            raise HistoryUnavailable
        super().record(deliveries, personal)


def test_nothing_is_lost_while_the_database_is_away(history: SqlHistory) -> None:
    clock = FakeClock()
    store = MemoryStore("test", clock)
    happened(store, event(EventType.CALL_ANSWERED))
    follower = historian(store, Away(history.database), clock, "one")
    for _ in range(2):
        with pytest.raises(HistoryUnavailable):
            follower.step()
        assert history.calls() == ()
    follower.step()
    assert [call.sid for call in history.calls()] == ["CA1"]
