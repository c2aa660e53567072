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

# TaskRouter's events, whose SIDs are public ones. `place` orders them as the stream does; `waited`, `queued` and
# `lasted` (ms) are what statistics add up. What was said of people lies apart: erasing it leaves the rest whole.
taskrouter_events = Table(
    "taskrouter_events",
    metadata,
    Column("sid", SID, primary_key=True),
    Column("place", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("type", WORD, nullable=False),
    Column("workspace", SID, nullable=False),
    Column("description", Text, nullable=False),
    Column("resource_type", WORD, nullable=False),
    Column("resource", SID, nullable=False),
    Column("task", SID, nullable=False),
    Column("queue", SID, nullable=False),
    Column("workflow", SID, nullable=False),
    Column("worker", SID, nullable=False),
    Column("reservation", SID, nullable=False),
    Column("channel", SID, nullable=False),
    Column("waited", BigInteger),
    Column("queued", BigInteger),
    Column("lasted", BigInteger),
    Column("activity", SID, nullable=False),
    Column("data", JSON, nullable=False),
    Index("taskrouter_events_at", "workspace", "at", "place"),
    Index("taskrouter_events_type", "workspace", "type", "at"),
    Index("taskrouter_events_queue", "queue", "at"),
    Index("taskrouter_events_workflow", "workflow", "at"),
    Index("taskrouter_events_worker", "worker", "at"),
    Index("taskrouter_events_task", "task"),
    Index("taskrouter_events_reservation", "reservation"),
)

taskrouter_attributes = Table(
    "taskrouter_attributes",
    metadata,
    Column("sid", SID, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("data", JSON, nullable=False),
    Index("taskrouter_attributes_at", "at"),
)

# Events that a workspace's callback has still to be told of.
taskrouter_callbacks = Table(
    "taskrouter_callbacks",
    metadata,
    Column("sid", SID, primary_key=True),
    Column("workspace", SID, nullable=False),
    Column("url", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Index("taskrouter_callbacks_due", "due"),
)
