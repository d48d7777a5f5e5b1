"""Create what is said to devices: progress by epoch, receipts, and the queue to gateways."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_0920"
down_revision = "2026_11_21_0910"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "epoch_admission",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("kid", sa.LargeBinary, nullable=False),
        sa.Column("epoch", BIG, nullable=False),
        sa.Column("ranges", sa.LargeBinary, nullable=False),
        sa.Column("max_sequence", BIG, nullable=False),
        sa.Column("max_signed_at_ms", BIG, nullable=False),
        sa.Column("last_admission_id", BIG, nullable=False),
        sa.Column("gateway", sa.Text),
        sa.Column("promise_due_ms", BIG),
        sa.Column("integrate_by_ms", BIG, nullable=False),
        sa.Column("closed_at", BIG),
        sa.Column("has_refusals", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "kid", "epoch", name="pk_epoch_admission"),
    )
    op.create_index("ix_epoch_admission_promise_due_ms", "epoch_admission", ["promise_due_ms"])
    op.create_table(
        "receipt_progress",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("kid", sa.LargeBinary, nullable=False),
        sa.Column("epoch", BIG, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("ranges", sa.LargeBinary, nullable=False),
        sa.Column("newest_sequence", BIG, nullable=False),
        sa.Column("newest_message_id", sa.LargeBinary, nullable=False),
        sa.Column("newest_index", BIG, nullable=False),
        sa.Column("stage", sa.SmallInteger),
        sa.PrimaryKeyConstraint("log_number", "kid", "epoch", "size", name="pk_receipt_progress"),
    )
    op.create_index(
        "ix_receipt_progress_log_number_size", "receipt_progress", ["log_number", "size"]
    )
    op.create_table(
        "delivery",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("gateway", sa.Text, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created_at_ms", BIG, nullable=False),
        sa.Column("sent_at_ms", BIG),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint(
            "log_number", "gateway", "subject", name="uq_delivery_log_number_gateway_subject"
        ),
    )
    op.create_index("ix_delivery_sent_at_ms_id", "delivery", ["sent_at_ms", "id"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("delivery")
    op.drop_table("receipt_progress")
    op.drop_table("epoch_admission")
