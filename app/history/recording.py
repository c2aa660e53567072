"""Takes events and personal texts into the tables, so that the same ones again change nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from app.core.change import Personal
from app.core.events import Event, EventType
from app.history import tables
from app.history.summary import summarize
from app.ports.history import PastCall
from app.ports.store import Delivered


def record(connection: Connection, deliveries: Sequence[Delivered], texts: Sequence[Personal]) -> None:
    """Within the caller's transaction: new events, their counters, the rows of their calls, and personal texts."""
    new = _unknown(connection, deliveries)
    if new:
        connection.execute(insert(tables.events), [_row(delivered) for delivered in new])
        _count(connection, new)
    for call in dict.fromkeys(delivered.event.call for delivered in new if delivered.event.call):
        summary = summarize(call, [found.event for found in events_of(connection, call)])
        put_call(connection, summary)
    _put_texts(connection, texts)


def events_of(connection: Connection, call: str) -> tuple[Delivered, ...]:
    """The events of a call in the stream's order."""
    table = tables.events
    rows = connection.execute(
        select(table).where(table.c.call == call).order_by(table.c.stream_ms, table.c.stream_number)
    )
    return tuple(_delivered(row) for row in rows)


def put_call(connection: Connection, call: PastCall) -> None:
    """Writes a call's row; that it was erased stays true."""
    values = {name: value for name, value in asdict(call).items() if name not in ("sid", "erased")}
    if call.erased:
        values["erased"] = True
    changed = connection.execute(update(tables.calls).where(tables.calls.c.sid == call.sid).values(values))
    if not changed.rowcount:
        connection.execute(insert(tables.calls).values(asdict(call)))


def _unknown(connection: Connection, deliveries: Sequence[Delivered]) -> list[Delivered]:
    by_id = {delivered.id: delivered for delivered in deliveries}
    known = connection.scalars(select(tables.events.c.id).where(tables.events.c.id.in_(by_id)))
    for event_id in known:
        del by_id[event_id]
    return list(by_id.values())


def _count(connection: Connection, new: Iterable[Delivered]) -> None:
    table = tables.counts
    for kind, more in Counter(delivered.event.type.value for delivered in new).items():
        changed = connection.execute(update(table).where(table.c.type == kind).values(n=table.c.n + more))
        if not changed.rowcount:
            connection.execute(insert(table).values(type=kind, n=more))


def _put_texts(connection: Connection, texts: Sequence[Personal]) -> None:
    erased = set(
        connection.scalars(
            select(tables.calls.c.sid).where(
                tables.calls.c.sid.in_({text.call for text in texts}), tables.calls.c.erased
            )
        )
    )
    table = tables.personal
    for text in texts:
        if text.call in erased:
            continue
        place = (table.c.call == text.call) & (table.c.field == text.field)
        connection.execute(delete(table).where(place))
        connection.execute(insert(table).values(call=text.call, field=text.field, text=text.text))


def _row(delivered: Delivered) -> dict[str, Any]:
    event = delivered.event
    milliseconds, _, number = delivered.id.partition("-")
    return {
        "id": delivered.id,
        "stream_ms": int(milliseconds),
        "stream_number": int(number or 0),
        "at": event.at,
        "type": event.type.value,
        "call": event.call,
        "task": event.task,
        "worker": event.worker,
        "reservation": event.reservation,
        "data": dict(event.data),
    }


def _delivered(row: Row[Any]) -> Delivered:
    event = Event(
        type=EventType(row.type),
        at=row.at,
        call=row.call,
        task=row.task,
        worker=row.worker,
        reservation=row.reservation,
        data=row.data,
    )
    return Delivered(row.id, event)
