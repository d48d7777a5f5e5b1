"""Create inventories: their versions, and the calculation records these rest on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import guards

revision = "2026_11_21_1020"
down_revision = "2026_11_21_1010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "inventory_version",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("inventory_id", sa.LargeBinary, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("from_s", BIG, nullable=False),
        sa.Column("to_s", BIG, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("lines_root", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("created_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint(
            "log_number", "inventory_id", "number", name="pk_inventory_version"
        ),
    )
    op.create_index(
        "ix_inventory_version_log_number_unit_from_s",
        "inventory_version",
        ["log_number", "unit", "from_s"],
    )
    op.create_table(
        "calculation",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("created_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "sha256", name="pk_calculation"),
    )
    for table in ("inventory_version", "calculation"):
        guards.guard_append_only(table)


def downgrade() -> None:
    """Take back."""
    op.drop_table("calculation")
    op.drop_table("inventory_version")
