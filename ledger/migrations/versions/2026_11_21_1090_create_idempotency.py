"""Create the keys of requests that are carried out once, and the secrets of a server."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_1090"
down_revision = "2026_11_21_1080"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "request_key",
        sa.Column("caller", sa.LargeBinary, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("request_sha256", sa.LargeBinary, nullable=False),
        sa.Column("started_at_ms", BIG, nullable=False),
        sa.Column("expires_at_ms", BIG, nullable=False),
        sa.Column("is_carried_out", sa.Boolean, nullable=False),
        sa.Column("status", BIG),
        sa.Column("headers", sa.Text),
        sa.Column("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_request_key"),
    )
    op.create_index("ix_request_key_expires_at_ms", "request_key", ["expires_at_ms"])
    op.create_table(
        "server_secret",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_server_secret"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("server_secret")
    op.drop_index("ix_request_key_expires_at_ms", "request_key")
    op.drop_table("request_key")
