"""Create the events: what happened in a log, told once and in order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import guards

revision = "2026_11_21_1030"
down_revision = "2026_11_21_1020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "event",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("happened_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.UniqueConstraint(
            "log_number", "kind", "subject", name="uq_event_log_number_kind_subject"
        ),
    )
    op.create_index("ix_event_log_number_id", "event", ["log_number", "id"])
    guards.guard_append_only("event")


def downgrade() -> None:
    """Take back."""
    op.drop_table("event")
