"""Create where the records of accounting stand, and the documents of activity digests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import guards

revision = "2026_11_21_1000"
down_revision = "2026_11_21_0950"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "stated_record",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("index", BIG, nullable=False),
        sa.Column("record_type", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("from_s", BIG, nullable=False),
        sa.Column("to_s", BIG),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.Column("supersedes_index", BIG),
        sa.Column("superseded_by_index", BIG),
        sa.PrimaryKeyConstraint("log_number", "index", name="pk_stated_record"),
    )
    op.create_index(
        "ix_stated_record_log_number_record_type_key",
        "stated_record",
        ["log_number", "record_type", "key"],
    )
    op.create_index(
        "ix_stated_record_log_number_leaf_hash", "stated_record", ["log_number", "leaf_hash"]
    )
    op.create_table(
        "digest_document",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("parameter", sa.Text, nullable=False),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("from_s", BIG, nullable=False),
        sa.Column("to_s", BIG, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("created_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "content_hash", name="pk_digest_document"),
    )
    op.create_index(
        "ix_digest_document_log_number_unit_from_s",
        "digest_document",
        ["log_number", "unit", "from_s"],
    )
    guards.guard_append_only("digest_document")


def downgrade() -> None:
    """Take back."""
    op.drop_table("digest_document")
    op.drop_table("stated_record")
