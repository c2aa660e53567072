"""History in SQL: the adapter of `app.ports.history`."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, select

from app.core.change import Personal
from app.history import tables
from app.history.database import Database
from app.history.recording import events_of, put_call, record
from app.history.reports import by_day
from app.ports.history import DayReport, PastCall, Story
from app.ports.store import Delivered


def open_history(url: str) -> "SqlHistory":
    """Opens the database and brings its tables up to date. Raises `HistoryUnavailable`."""
    database = Database(url)
    database.migrate()
    return SqlHistory(database)


class SqlHistory:
    """Implements the port; safe to use from many threads, and beside other processes."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def record(self, deliveries: Sequence[Delivered], personal: Sequence[Personal] = ()) -> None:
        """Keeps events and personal texts, all or nothing; what was kept before changes nothing."""
        with self.database.write() as connection:
            record(connection, deliveries, personal)

    def story(self, call: str) -> Story | None:
        """Everything known of one call."""
        table, texts = tables.calls, tables.personal
        with self.database.read() as connection:
            row = connection.execute(select(table).where(table.c.sid == call)).one_or_none()
            if row is None:
                return None
            said = connection.execute(select(texts.c.field, texts.c.text).where(texts.c.call == call))
            return Story(_call(row), events_of(connection, call), {line.field: line.text for line in said})

    def calls(self, limit: int = 50, before: int = 0) -> tuple[PastCall, ...]:
        """The latest calls, newest first, of those that started before an instant (0: all)."""
        table = tables.calls
        wanted = select(table).where(table.c.started > 0)
        if before:
            wanted = wanted.where(table.c.started < before)
        wanted = wanted.order_by(table.c.started.desc(), table.c.sid.desc()).limit(limit)
        with self.database.read() as connection:
            return tuple(_call(row) for row in connection.execute(wanted))

    def erase(self, call: str) -> None:
        """Erases the personal texts of a call for good: they are not taken in again."""
        with self.database.write() as connection:
            connection.execute(delete(tables.personal).where(tables.personal.c.call == call))
            known = connection.execute(select(tables.calls).where(tables.calls.c.sid == call)).one_or_none()
            put_call(connection, PastCall(**{**(known._mapping if known else {"sid": call}), "erased": True}))

    def expired(self, before: int, limit: int = 100) -> tuple[str, ...]:
        """Calls that started before an instant and still have personal texts, oldest first."""
        table = tables.calls
        with_texts = select(tables.personal.c.call)
        wanted = (
            select(table.c.sid)
            .where(table.c.started < before, table.c.sid.in_(with_texts))
            .order_by(table.c.started, table.c.sid)
            .limit(limit)
        )
        with self.database.read() as connection:
            return tuple(connection.scalars(wanted))

    def counts(self) -> Mapping[str, int]:
        """How many events of each type were ever recorded."""
        with self.database.read() as connection:
            return {row.type: row.n for row in connection.execute(select(tables.counts))}

    def report(self, since: int, until: int, timezone: str, within_ms: int = 20_000) -> tuple[DayReport, ...]:
        """The days of [since, until), as the port defines their numbers. Short abandons count as abandoned."""
        table = tables.calls
        wanted = (
            select(table)
            .where(table.c.started >= since, table.c.started < until, table.c.started > 0)
            .order_by(table.c.started)
        )
        with self.database.read() as connection:
            found = [_call(row) for row in connection.execute(wanted)]
        return by_day(found, timezone, within_ms)

    def close(self) -> None:
        """Gives the connections back."""
        self.database.close()


def _call(row: Row[Any]) -> PastCall:
    return PastCall(**row._mapping)
