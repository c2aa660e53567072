"""History on a real PostgreSQL, where the machine has one."""

import threading
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.core.change import Personal
from app.core.events import EventType
from app.history.database import Database
from app.history.sql import SqlHistory, open_history
from app.history.tables import metadata
from app.ports.history import HistoryUnavailable
from app.ports.store import Delivered
from tests.builders import NOON, an_event
from tests.history.postgres_server import programs, running_postgres

pytestmark = pytest.mark.xdist_group("postgres")

DELIVERIES = [
    Delivered(f"{NOON}-{n}", an_event(kind, call="CA1", at=NOON + n * 1000, worker="alice", data={"queue": "sales"}))
    for n, kind in enumerate(
        (EventType.CALL_ANSWERED, EventType.TASK_CREATED, EventType.TASK_ASSIGNED, EventType.CALL_ENDED)
    )
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    binaries = programs()
    if binaries is None:
        pytest.skip("no PostgreSQL on this machine (Debian: apt install postgresql)")
    with running_postgres(binaries) as running:
        yield running


@pytest.fixture
def history(url: str) -> Iterator[SqlHistory]:
    opened = open_history(url)
    yield opened
    with opened.database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    opened.close()


def test_everything_is_kept_once_and_erased_for_good(history: SqlHistory) -> None:
    said = [Personal("CA1", "caller", "+15550100")]
    for _ in range(2):
        history.record(DELIVERIES, said)
    story = history.story("CA1")
    assert story is not None
    assert list(story.events) == DELIVERIES
    assert (story.call.answered, story.call.waited_ms, story.personal) == (True, 1000, {"caller": "+15550100"})
    assert history.expired(NOON + 1) == ("CA1",)
    history.erase("CA1")
    history.record(DELIVERIES, said)
    assert history.expired(NOON + 1) == ()
    assert history.counts()["call.answered"] == 1
    assert [day.offered for day in history.report(NOON, NOON + 1, "UTC")] == [1]


def test_writers_at_once_lose_nothing(history: SqlHistory) -> None:
    def write() -> None:
        for delivered in DELIVERIES:
            history.record([delivered])

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sum(history.counts().values()) == len(DELIVERIES)
    assert history.calls()[0].ended


def test_the_migrations_lead_to_the_tables_in_use(history: SqlHistory) -> None:
    with history.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_server_that_is_away_is_unavailable() -> None:
    away = SqlHistory(Database("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1"))
    with pytest.raises(HistoryUnavailable):
        away.calls()
    away.close()
