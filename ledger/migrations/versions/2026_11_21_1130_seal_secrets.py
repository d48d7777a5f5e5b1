"""Say of secrets what seals them, and of kept answers what their callers had to be allowed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_1130"
down_revision = "2026_11_21_1120"
branch_labels = None
depends_on = None

TABLES = ("webhook_secret", "server_secret")


def upgrade() -> None:
    """Apply; what stands here in the clear is sealed by the worker, which has the key file."""
    for table in TABLES:
        op.add_column(table, sa.Column("sealed_under", sa.LargeBinary))
    op.add_column("request_key", sa.Column("needs", sa.Text))
    # An answer of before does not say who may be given it again: it is given to nobody.
    op.execute(
        "UPDATE request_key SET is_carried_out = true, status = NULL, headers = NULL, body = NULL"
        " WHERE status IS NOT NULL"
    )


def downgrade() -> None:
    """Take back; what is sealed is of no use to what comes before, and is drawn anew there."""
    op.drop_column("request_key", "needs")
    for table in TABLES:
        op.execute(f"DELETE FROM {table} WHERE sealed_under IS NOT NULL")  # noqa: S608 - our own
        op.drop_column(table, "sealed_under")
