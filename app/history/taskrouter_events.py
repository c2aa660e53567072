"""TaskRouter's events in SQL: the adapter of `app.ports.taskrouter_events`."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    delete,
    insert,
    select,
    tuple_,
    update,
)

from app.core.routing.feed import ATTRIBUTES, RouterEvent
from app.core.routing.statistics import ACTIVITY, Fact
from app.history import tables
from app.history.database import Database
from app.ports.taskrouter_events import Due, Wanted

_EVENTS = tables.taskrouter_events
_TEXTS = tables.taskrouter_attributes
_DUE = tables.taskrouter_callbacks
_FACT = (
    _EVENTS.c.type, _EVENTS.c.at, _EVENTS.c.worker, _EVENTS.c.waited, _EVENTS.c.queued, _EVENTS.c.lasted,
    _EVENTS.c.activity,
)  # fmt: skip
_AT_ONCE = 5_000
_NAMED = ("sid", "task", "queue", "workflow", "worker", "reservation", "channel")


class SqlTaskRouterEvents:
    """Implements the port; safe to use from many threads, and beside other processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, events: Sequence[RouterEvent], callbacks: Sequence[Due] = ()) -> None:
        """Keeps events, and whom to tell of them, all or nothing; what was kept before changes nothing."""
        with self._database.write() as connection:
            known = set(_known(connection, _EVENTS, [event.sid for event in events]))
            new = {event.sid: event for event in events if event.sid not in known}
            if not new:
                return
            connection.execute(insert(_EVENTS), [_row(event) for event in new.values()])
            texts = [_text_row(event) for event in new.values() if any(name in event.data for name in ATTRIBUTES)]
            if texts:
                connection.execute(insert(_TEXTS), texts)
            due = [_due_row(callback) for callback in callbacks if callback.event.sid in new]
            if due:
                connection.execute(insert(_DUE), due)

    def find(self, workspace: str, sid: str) -> RouterEvent | None:
        """One event."""
        found = self.after(Wanted(workspace=workspace, sid=sid), None, 1)
        return found[0] if found else None

    def after(self, wanted: Wanted, place: tuple[int, int] | None, count: int) -> tuple[RouterEvent, ...]:
        """The newest events, newest first; `place` (instant and place): those before it in time."""
        earlier = [] if place is None else [tuple_(_EVENTS.c.at, _EVENTS.c.place) < place]
        query = select(_EVENTS).where(*_conditions(wanted), *earlier)
        return self._read(query.order_by(_EVENTS.c.at.desc(), _EVENTS.c.place.desc()).limit(count))

    def before(self, wanted: Wanted, place: tuple[int, int], count: int) -> tuple[RouterEvent, ...]:
        """The events next after a place in time, newest first."""
        later = tuple_(_EVENTS.c.at, _EVENTS.c.place) > place
        query = select(_EVENTS).where(*_conditions(wanted), later)
        return self._read(query.order_by(_EVENTS.c.at, _EVENTS.c.place).limit(count))[::-1]

    def facts(self, wanted: Wanted) -> Iterator[Fact]:
        """What events say to statistics, in order; read as they are asked for, since there may be very many."""
        return self._facts(select(*_FACT).where(*_conditions(wanted)).order_by(_EVENTS.c.at, _EVENTS.c.place))

    def activity_facts(self, workspace: str, start: int, end: int) -> Iterator[Fact]:
        """Changes of activity that ended a span of which a part lies in [start, end]."""
        wanted = Wanted(workspace=workspace, start=start, types=(ACTIVITY,))
        began = _EVENTS.c.at - _EVENTS.c.lasted
        return self._facts(select(*_FACT).where(*_conditions(wanted), began < end).order_by(_EVENTS.c.at))

    def redact(self, before: int) -> int:
        """Erases the attributes of tasks and workers from events before an instant; returns of how many."""
        with self._database.write() as connection:
            return connection.execute(delete(_TEXTS).where(_TEXTS.c.at < before)).rowcount

    def forget(self, workspace: str) -> None:
        """Drops everything about a workspace that was deleted, callbacks that are due included."""
        own = select(_EVENTS.c.sid).where(_EVENTS.c.workspace == workspace)
        with self._database.write() as connection:
            connection.execute(delete(_TEXTS).where(_TEXTS.c.sid.in_(own)))
            connection.execute(delete(_DUE).where(_DUE.c.workspace == workspace))
            connection.execute(delete(_EVENTS).where(_EVENTS.c.workspace == workspace))

    def due(self, now: int, lease_ms: int, room: Callable[[str], int]) -> tuple[Due, ...]:
        """Callbacks whose time has come, as many of each workspace as it has room for; leased to the caller."""
        with self._database.read() as connection:
            waiting = connection.scalars(select(_DUE.c.workspace).where(_DUE.c.due <= now).distinct()).all()
        rooms = {workspace: count for workspace in waiting if (count := room(workspace)) > 0}
        if not rooms:
            return ()
        with self._database.write() as connection:
            rows = [row for workspace, count in rooms.items() for row in _take(connection, workspace, now, count)]
            taken = [row.sid for row in rows]
            connection.execute(update(_DUE).where(_DUE.c.sid.in_(taken)).values(due=now + lease_ms))
            found = {event.sid: event for event in _events(connection, select(_EVENTS).where(_EVENTS.c.sid.in_(taken)))}
        return tuple(Due(found[row.sid], row.url, row.attempts) for row in rows)

    def settled(self, sids: Collection[str]) -> None:
        """These callbacks are through, or given up."""
        with self._database.write() as connection:
            connection.execute(delete(_DUE).where(_DUE.c.sid.in_(sids)))

    def postponed(self, sid: str, until: int) -> None:
        """A callback failed and is to be tried again at an instant."""
        with self._database.write() as connection:
            values = {"due": until, "attempts": _DUE.c.attempts + 1}
            connection.execute(update(_DUE).where(_DUE.c.sid == sid).values(values))

    def _read(self, query: Select[Any]) -> tuple[RouterEvent, ...]:
        with self._database.read() as connection:
            return _events(connection, query)

    def _facts(self, query: Select[Any]) -> Iterator[Fact]:
        with self._database.read() as connection:
            for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
                yield Fact(*row)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    table = _EVENTS.c
    conditions = [table.workspace == wanted.workspace]
    if wanted.start or not wanted.sid:
        conditions.append(and_(table.at >= wanted.start, table.at <= wanted.end))
    if wanted.types:
        conditions.append(table.type.in_(wanted.types))
    return conditions + [table[name] == getattr(wanted, name) for name in _NAMED if getattr(wanted, name)]


def _take(connection: Connection, workspace: str, now: int, count: int) -> Sequence[Row[Any]]:
    """The callbacks of a workspace that have been due for longest."""
    own = select(_DUE).where(_DUE.c.workspace == workspace, _DUE.c.due <= now)
    return connection.execute(own.order_by(_DUE.c.due, _DUE.c.sid).limit(count)).all()


def _known(connection: Connection, table: Table, wanted: Sequence[str]) -> Sequence[str]:
    return connection.scalars(select(table.c.sid).where(table.c.sid.in_(wanted))).all()


def _events(connection: Connection, query: Select[Any]) -> tuple[RouterEvent, ...]:
    """The events of a query, with the attributes that are still kept."""
    events = [_event(row) for row in connection.execute(query)]
    wanted = [event.sid for event in events]
    texts = {row.sid: row.data for row in connection.execute(select(_TEXTS).where(_TEXTS.c.sid.in_(wanted)))}
    return tuple(replace(event, data={**event.data, **texts.get(event.sid, {})}) for event in events)


def _event(row: Row[Any]) -> RouterEvent:
    return RouterEvent(**row._mapping)


def _row(event: RouterEvent) -> dict[str, Any]:
    kept = {name: value for name, value in event.data.items() if name not in ATTRIBUTES}
    return {**asdict(event), "data": kept}


def _text_row(event: RouterEvent) -> dict[str, Any]:
    said = {name: event.data[name] for name in ATTRIBUTES if name in event.data}
    return {"sid": event.sid, "at": event.at, "data": said}


def _due_row(callback: Due) -> dict[str, Any]:
    event = callback.event
    return {
        "sid": event.sid, "workspace": event.workspace, "url": callback.url, "attempts": callback.attempts,
        "due": event.at,
    }  # fmt: skip
