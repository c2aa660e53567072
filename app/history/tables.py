"""The tables of history. A change here needs a migration: a test compares the two."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

metadata = MetaData()

SID = String(64)
WORD = String(128)

# One row for each call, derived from its events and derived again whenever one more arrives.
calls = Table(
    "calls",
    metadata,
    Column("sid", SID, primary_key=True),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Column("outcome", WORD, nullable=False),
    Column("route", WORD, nullable=False),
    Column("queue", WORD, nullable=False),
    Column("agent", WORD, nullable=False),
    Column("queued", Boolean, nullable=False),
    Column("answered", Boolean, nullable=False),
    Column("waited_ms", BigInteger, nullable=False),
    Column("talked_ms", BigInteger, nullable=False),
    Column("mood", WORD, nullable=False),
    Column("config", WORD, nullable=False),
    Column("erased", Boolean, nullable=False),
    Index("calls_started", "started"),
)

# The stream's lines. An id is "milliseconds-number"; as text it would not sort, so its two halves are columns too.
events = Table(
    "events",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("stream_ms", BigInteger, nullable=False),
    Column("stream_number", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("type", WORD, nullable=False),
    Column("call", SID, nullable=False),
    Column("task", SID, nullable=False),
    Column("worker", WORD, nullable=False),
    Column("reservation", SID, nullable=False),
    Column("data", JSON, nullable=False),
    Index("events_call", "call", "stream_ms", "stream_number"),
)

# What was said, and by whom: apart from events, so that erasing it leaves the statistics whole.
personal = Table(
    "personal",
    metadata,
    Column("call", SID, nullable=False),
    Column("field", WORD, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("call", "field", name="personal_pk"),
)

# How many events of each type were recorded: counters that survive the stream's trimming and every restart.
counts = Table(
    "counts",
    metadata,
    Column("type", WORD, primary_key=True),
    Column("n", BigInteger, nullable=False),
)
