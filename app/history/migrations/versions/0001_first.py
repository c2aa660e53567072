"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes calls, events, personal texts and counters."""
    _make_calls()
    _make_events()
    op.create_table(
        "personal",
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("field", sa.String(128), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("call", "field", name="personal_pk"),
    )
    op.create_table(
        "counts",
        sa.Column("type", sa.String(128), primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False),
    )


def _make_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("sid", sa.String(64), primary_key=True),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String(128), nullable=False),
        sa.Column("route", sa.String(128), nullable=False),
        sa.Column("queue", sa.String(128), nullable=False),
        sa.Column("agent", sa.String(128), nullable=False),
        sa.Column("queued", sa.Boolean, nullable=False),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.Column("waited_ms", sa.BigInteger, nullable=False),
        sa.Column("talked_ms", sa.BigInteger, nullable=False),
        sa.Column("mood", sa.String(128), nullable=False),
        sa.Column("config", sa.String(128), nullable=False),
        sa.Column("erased", sa.Boolean, nullable=False),
    )
    op.create_index("calls_started", "calls", ["started"])


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("stream_ms", sa.BigInteger, nullable=False),
        sa.Column("stream_number", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("task", sa.String(64), nullable=False),
        sa.Column("worker", sa.String(128), nullable=False),
        sa.Column("reservation", sa.String(64), nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
    op.create_index("events_call", "events", ["call", "stream_ms", "stream_number"])


def downgrade() -> None:
    """Drops everything."""
    for table in ("counts", "personal", "events", "calls"):
        op.drop_table(table)
