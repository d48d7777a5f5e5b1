"""Create what is shown to outsiders: disclosures with their openings, and bodies of reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import guards

revision = "2026_11_21_1080"
down_revision = "2026_11_21_1070"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTES = sa.LargeBinary
TEXT = sa.Text


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "disclosure",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("token_sha256", BYTES, nullable=False),
        sa.Column("usc", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("content", BYTES, nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("created_at_ms", BIG, nullable=False),
        sa.Column("expires_at_ms", BIG, nullable=False),
        sa.Column("most_openings", BIG, nullable=False),
        sa.Column("revoked_at_ms", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_disclosure"),
        sa.UniqueConstraint("token_sha256", name="uq_disclosure_token_sha256"),
    )
    op.create_index(
        "ix_disclosure_usc_created_at_ms_id", "disclosure", ["usc", "created_at_ms", "id"]
    )
    op.create_table(
        "disclosure_opening",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("disclosure", TEXT, nullable=False),
        sa.Column("opened_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_disclosure_opening"),
    )
    op.create_index(
        "ix_disclosure_opening_disclosure_opened_at_ms",
        "disclosure_opening",
        ["disclosure", "opened_at_ms"],
    )
    guards.guard_append_only("disclosure_opening")
    op.create_table(
        "report_body",
        sa.Column("sha256", BYTES, nullable=False),
        sa.Column("inventory_id", BYTES, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("content", BYTES, nullable=False),
        sa.Column("stored_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_report_body"),
    )
    op.create_index("ix_report_body_inventory_id", "report_body", ["inventory_id"])
    guards.guard_append_only("report_body")


def downgrade() -> None:
    """Take back."""
    for table in ("report_body", "disclosure_opening", "disclosure"):
        op.drop_table(table)
