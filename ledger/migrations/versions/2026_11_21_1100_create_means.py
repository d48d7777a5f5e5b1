"""Create the details of persons, which can be erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_1100"
down_revision = "2026_11_21_1090"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "person_detail",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("person", sa.LargeBinary, nullable=False),
        sa.Column("nonce", sa.LargeBinary),
        sa.Column("ciphertext", sa.LargeBinary),
        sa.Column("stored_at_ms", BIG, nullable=False),
        sa.Column("erased_at_ms", BIG),
        sa.PrimaryKeyConstraint("code", "person", name="pk_person_detail"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("person_detail")
