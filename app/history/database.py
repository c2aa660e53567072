"""The connection to history's database: SQLite or PostgreSQL, brought up to date, its troubles in our words."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.ports.history import HistoryUnavailable

BUSY_MS = 5_000
OPENING_TRIES = 5
# Any number that is ours: who writes, or changes tables, holds this lock of PostgreSQL's until its transaction ends.
LOCK = 7_264_953
OUR_MISTAKES = (DataError, IntegrityError, NotSupportedError, ProgrammingError)


class Database:
    """Transactions on one engine; whatever the database itself is to blame for becomes `HistoryUnavailable`."""

    def __init__(self, url: str, busy_ms: int = BUSY_MS) -> None:
        self.engine = _engine(url, busy_ms)
        self._reading = self.engine.execution_options(reading=True)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that no other writer overlaps."""
        with translated(), self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that sees one state and waits for no writer."""
        with translated(), self._reading.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Brings the tables up to date; several processes may do so at once."""
        config = AlembicConfig()
        config.set_main_option("script_location", "app.history:migrations")
        for attempt in range(OPENING_TRIES):
            try:
                with self.write() as connection:
                    config.attributes["connection"] = connection
                    command.upgrade(config, "head")
                return
            except HistoryUnavailable:
                if attempt == OPENING_TRIES - 1:
                    raise
                time.sleep(0.1 * 2**attempt)

    def close(self) -> None:
        """Gives all connections back."""
        self.engine.dispose()


@contextmanager
def translated() -> Iterator[None]:
    """Turns the database's own troubles (locked, full, away) into `HistoryUnavailable`; ours stay what they are."""
    try:
        yield
    except OUR_MISTAKES:
        raise
    except (DBAPIError, PoolTimeout, OSError) as error:
        raise HistoryUnavailable(f"the history database cannot be used: {type(error).__name__}") from error


def _engine(url: str, busy_ms: int) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": busy_ms / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own habit of beginning transactions late is switched off: `_begin_sqlite` begins them.
    connection.isolation_level = None
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error:
        connection.close()  # the pool has not taken it in yet: nobody else would
        raise


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    # A writer takes its turn at the start: a reader that turns writer midway would fail instead of waiting.
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
