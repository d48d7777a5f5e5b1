"""Create what was done about an enterprise at its earlier operators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import guards

revision = "2026_11_21_1120"
down_revision = "2026_11_21_1100"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "earlier_actions",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("vkey", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "number", name="pk_earlier_actions"),
    )
    guards.guard_append_only("earlier_actions")


def downgrade() -> None:
    """Take back."""
    op.drop_table("earlier_actions")
