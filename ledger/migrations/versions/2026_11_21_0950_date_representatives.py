"""
Keep every announced change of a representative beside the one in force.

What the table said cannot be mended: a removal announced for later had taken the place of the
appointment that was in force. So it is emptied and the chain is followed from its start again,
which changes nothing of the other tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_0950"
down_revision = "2026_11_21_0940"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()


def upgrade() -> None:
    """Apply."""
    _replace("party_id", "address", "person", "active_from_s")


def downgrade() -> None:
    """Take back."""
    _replace("party_id", "address")


def _replace(*key: str) -> None:
    op.drop_table("representative")
    op.create_table(
        "representative",
        sa.Column("party_id", sa.LargeBinary, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("person", sa.LargeBinary, nullable=False),
        sa.Column("active_from_s", BIG, nullable=False),
        sa.Column("role", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint(*key, name="pk_representative"),
    )
    op.create_index("ix_representative_address", "representative", ["address"])
    op.execute("DELETE FROM chain_cursor WHERE follower = 'parties'")
