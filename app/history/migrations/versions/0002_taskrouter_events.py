"""TaskRouter's events, the attributes they carried, and the callbacks that are due."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INDEXES = {
    "taskrouter_events_at": ("workspace", "at", "place"),
    "taskrouter_events_type": ("workspace", "type", "at"),
    "taskrouter_events_queue": ("queue", "at"),
    "taskrouter_events_workflow": ("workflow", "at"),
    "taskrouter_events_worker": ("worker", "at"),
    "taskrouter_events_task": ("task",),
    "taskrouter_events_reservation": ("reservation",),
}


def upgrade() -> None:
    """Makes the three tables."""
    _make_events()
    op.create_table(
        "taskrouter_attributes",
        sa.Column("sid", sa.String(64), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
    op.create_index("taskrouter_attributes_at", "taskrouter_attributes", ["at"])
    op.create_table(
        "taskrouter_callbacks",
        sa.Column("sid", sa.String(64), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
    )
    op.create_index("taskrouter_callbacks_due", "taskrouter_callbacks", ["due"])


def _make_events() -> None:
    op.create_table(
        "taskrouter_events",
        sa.Column("sid", sa.String(64), primary_key=True),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("resource_type", sa.String(128), nullable=False),
        sa.Column("resource", sa.String(64), nullable=False),
        sa.Column("task", sa.String(64), nullable=False),
        sa.Column("queue", sa.String(64), nullable=False),
        sa.Column("workflow", sa.String(64), nullable=False),
        sa.Column("worker", sa.String(64), nullable=False),
        sa.Column("reservation", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("waited", sa.BigInteger),
        sa.Column("queued", sa.BigInteger),
        sa.Column("lasted", sa.BigInteger),
        sa.Column("activity", sa.String(64), nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
    for name, columns in _INDEXES.items():
        op.create_index(name, "taskrouter_events", list(columns))


def downgrade() -> None:
    """Drops them."""
    for table in ("taskrouter_callbacks", "taskrouter_attributes", "taskrouter_events"):
        op.drop_table(table)
