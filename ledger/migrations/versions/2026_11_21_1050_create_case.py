"""Create the work on a case that is no record: ticks, comments, approvals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import guards

revision = "2026_11_21_1050"
down_revision = "2026_11_21_1040"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("case_tick", "case_comment", "case_approval")


def upgrade() -> None:
    """Apply."""
    _create(
        "case_tick",
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("substance", sa.LargeBinary, nullable=False),
        sa.Column("is_seen", sa.Boolean, nullable=False),
    )
    _create(
        "case_comment",
        sa.Column("root", BIG, nullable=True),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("anchor", sa.JSON, nullable=True),
        sa.Column("version", BIG, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    _create(
        "case_approval",
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("basis", sa.LargeBinary, nullable=False),
        sa.Column("is_given", sa.Boolean, nullable=False),
    )
    op.create_index("ix_case_tick_inventory_id_party", "case_tick", ["inventory_id", "party"])
    for table in TABLES[1:]:
        op.create_index(f"ix_{table}_inventory_id_number", table, ["inventory_id", "number"])
    for table in TABLES:
        guards.guard_append_only(table)


def downgrade() -> None:
    """Take back."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _create(table: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        table,
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("inventory_id", sa.LargeBinary, nullable=False),
        *columns,
        sa.Column("at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number", name=f"pk_{table}"),
    )
