"""Create documents and the drafts of monthly evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_1010"
down_revision = "2026_11_21_1000"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "document",
        sa.Column("usc", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("key_id", sa.LargeBinary, nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("ciphertext", sa.LargeBinary, nullable=False),
        sa.Column("stored_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("usc", "sha256", name="pk_document"),
    )
    op.create_table(
        "evidence_draft",
        sa.Column("usc", sa.Text, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("unit", sa.Text),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("usc", "month", "name", name="pk_evidence_draft"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("evidence_draft")
    op.drop_table("document")
