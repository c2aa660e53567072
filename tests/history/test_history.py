"""History keeps everything once, tells it in order, forgets what it must, and says when it cannot."""

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from app.core.change import Personal
from app.core.events import Event, EventType
from app.history import database
from app.history.sql import SqlHistory, open_history
from app.history.tables import metadata
from app.ports.history import HistoryUnavailable
from app.ports.store import Delivered

NINE = 1_750_064_400_000


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'history.db'}"


@pytest.fixture
def history(url: str) -> Iterator[SqlHistory]:
    opened = open_history(url)
    yield opened
    opened.close()


def told(call: str, *lines: Event, start: int = NINE) -> list[Delivered]:
    """These lines as the stream would deliver them, a millisecond's number each."""
    return [Delivered(f"{start}-{n}", replace(line, call=call)) for n, line in enumerate(lines)]


def line(kind: EventType, after: int, worker: str = "", **data: str | int) -> Event:
    return Event(type=kind, at=NINE + after, worker=worker, data=data)


def answered_call() -> list[Event]:
    return [
        line(EventType.CALL_ANSWERED, 0, config="v7"),
        line(EventType.CALL_LISTENED, 3_000, mood="neutral"),
        line(EventType.CALL_LISTENED, 6_000, mood="urgent", route="orders"),
        line(EventType.TASK_CREATED, 6_100, queue="support"),
        line(EventType.TASK_MOVED, 12_000, queue="sales"),
        line(EventType.RESERVATION_CREATED, 13_000, worker="bob"),
        line(EventType.RESERVATION_TIMEOUT, 15_000, worker="bob"),
        line(EventType.TASK_ASSIGNED, 18_100, worker="alice"),
        line(EventType.TASK_WRAPPING, 78_100, worker="alice"),
        line(EventType.CALL_ENDED, 78_000, outcome="answered", route="cakes", mood="urgent"),
        line(EventType.TASK_COMPLETED, 90_000, worker="alice"),
    ]


def test_a_calls_story_comes_back_in_order_with_what_was_said(history: SqlHistory) -> None:
    deliveries = told("CA1", *answered_call())
    said = [Personal("CA1", "caller", "+15550100001"), Personal("CA1", "heard:2", "two cakes please")]
    history.record(deliveries[6:], said)
    history.record(deliveries[:6])
    story = history.story("CA1")
    assert story is not None
    assert list(story.events) == deliveries
    assert story.personal == {"caller": "+15550100001", "heard:2": "two cakes please"}


def test_a_call_is_summed_up_in_one_row(history: SqlHistory) -> None:
    history.record(told("CA1", *answered_call()))
    (call,) = history.calls()
    assert (call.started, call.ended, call.config) == (NINE, NINE + 78_000, "v7")
    assert (call.route, call.queue, call.agent, call.mood) == ("cakes", "sales", "alice", "urgent")
    assert (call.queued, call.answered, call.outcome) == (True, True, "answered")
    assert (call.waited_ms, call.talked_ms) == (12_000, 60_000)


def test_the_same_events_again_change_nothing(history: SqlHistory) -> None:
    deliveries = told("CA1", *answered_call())
    for _ in range(3):
        history.record(deliveries)
    story = history.story("CA1")
    assert story is not None
    assert len(story.events) == len(deliveries)
    assert history.counts()[EventType.CALL_LISTENED] == 2
    assert sum(history.counts().values()) == len(deliveries)


def test_events_number_ten_and_nine_of_one_millisecond_keep_their_order(history: SqlHistory) -> None:
    deliveries = told("CA1", *(line(EventType.CALL_LISTENED, n) for n in range(12)))
    history.record(list(reversed(deliveries)))
    story = history.story("CA1")
    assert story is not None
    assert [found.id for found in story.events] == [one.id for one in deliveries]


def test_events_of_no_call_are_kept_and_counted(history: SqlHistory) -> None:
    history.record(told("", line(EventType.WORKER_CHANGED, 0, worker="alice")))
    assert history.counts() == {"worker.changed": 1}
    assert history.calls() == ()
    assert history.story("") is None


def test_the_latest_calls_come_first_and_page_by_page(history: SqlHistory) -> None:
    for n in range(5):
        history.record(told(f"CA{n}", line(EventType.CALL_ANSWERED, n * 1000), start=NINE + n))
    first = history.calls(limit=2)
    assert [call.sid for call in first] == ["CA4", "CA3"]
    assert [call.sid for call in history.calls(limit=2, before=first[-1].started)] == ["CA2", "CA1"]


def test_what_is_erased_stays_erased_and_the_figures_stay(history: SqlHistory) -> None:
    said = [Personal("CA1", "caller", "+15550100001")]
    deliveries = told("CA1", *answered_call())
    history.record(deliveries[:5], said)
    history.erase("CA1")
    history.record(deliveries, said)
    story = history.story("CA1")
    assert story is not None
    assert story.personal == {}
    assert story.call.erased
    assert story.call.answered
    assert len(story.events) == len(deliveries)


def test_a_call_can_be_erased_before_its_events_arrive(history: SqlHistory) -> None:
    history.erase("CA1")
    history.record(told("CA1", *answered_call()), [Personal("CA1", "caller", "+15550100001")])
    story = history.story("CA1")
    assert story is not None
    assert story.personal == {}


def test_calls_that_have_texts_longer_than_they_should_are_found(history: SqlHistory) -> None:
    for n in range(3):
        history.record(
            told(f"CA{n}", line(EventType.CALL_ANSWERED, n * 1000), start=NINE + n),
            [Personal(f"CA{n}", "caller", "+15550100001")],
        )
    history.erase("CA0")
    assert history.expired(before=NINE + 2_000) == ("CA1",)


def test_a_batch_is_kept_whole_or_not_at_all(history: SqlHistory) -> None:
    good, other = told("CA1", *answered_call()[:2])
    with pytest.raises(ValueError, match="invalid literal"):
        history.record([good, Delivered("no id of the stream", other.event)])
    assert history.story("CA1") is None
    assert history.counts() == {}


def test_a_locked_database_is_unavailable_and_takes_the_batch_later(
    url: str, tmp_path: Path, history: SqlHistory
) -> None:
    deliveries = told("CA1", *answered_call())
    history.close()
    impatient = SqlHistory(database.Database(url, busy_ms=20))
    other = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(HistoryUnavailable):
        impatient.record(deliveries)
    assert impatient.story("CA1") is None, "reading goes on meanwhile"
    other.execute("ROLLBACK")
    other.close()
    impatient.record(deliveries)
    assert len(impatient.calls()) == 1
    impatient.close()


def test_a_full_disk_is_unavailable(url: str, history: SqlHistory) -> None:
    history.close()
    cramped = SqlHistory(database.Database(url))
    with cramped.database.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(HistoryUnavailable):
        cramped.record(told("CA1", *answered_call()), [Personal("CA1", "heard:1", "x" * 100_000)])
    assert cramped.calls() == ()
    cramped.close()


def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(HistoryUnavailable):
        open_history(f"sqlite:///{tmp_path / 'no such folder' / 'history.db'}")


def test_several_processes_may_open_a_new_database_at_once(url: str) -> None:
    opened: list[SqlHistory] = []
    openers = [threading.Thread(target=lambda: opened.append(open_history(url))) for _ in range(6)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert len(opened) == 6
    for n, history in enumerate(opened):
        history.record(told(f"CA{n}", line(EventType.CALL_ANSWERED, n), start=NINE + n))
    assert len(opened[0].calls()) == 6
    for history in opened:
        history.close()


def test_the_migrations_lead_to_the_tables_in_use(url: str, history: SqlHistory) -> None:
    assert history.calls() == ()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_writers_at_once_lose_nothing(url: str, history: SqlHistory) -> None:
    deliveries = [told("CA1", *answered_call())[n] for n in range(11)]

    def write(part: int) -> None:
        for delivered in deliveries[part:]:
            history.record([delivered])

    writers = [threading.Thread(target=write, args=(part,)) for part in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    (call,) = history.calls()
    assert call.waited_ms == 12_000
    assert sum(history.counts().values()) == len(deliveries)
