"""Create what the records of a log register: authorities, keys, series, facts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_0930"
down_revision = "2026_11_21_0920"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "certificate_authority",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("index", BIG, nullable=False),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "index", name="pk_certificate_authority"),
    )
    op.create_table(
        "device_key",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("kid", sa.LargeBinary, nullable=False),
        sa.Column("index", BIG, nullable=False),
        sa.Column("spki", sa.LargeBinary, nullable=False),
        sa.Column("signer", sa.SmallInteger, nullable=False),
        sa.Column("first_epoch", BIG, nullable=False),
        sa.Column("not_before_ms", BIG, nullable=False),
        sa.Column("not_after_ms", BIG, nullable=False),
        sa.Column("gateway", sa.Text),
        sa.Column("closing_index", BIG),
        sa.Column("closed_index", BIG),
        sa.Column("reason", sa.SmallInteger, nullable=False),
        sa.Column("last_epoch", BIG),
        sa.Column("last_sequence", BIG),
        sa.PrimaryKeyConstraint("log_number", "kid", name="pk_device_key"),
    )
    op.create_table(
        "key_series",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("kid", sa.LargeBinary, nullable=False),
        sa.Column("series", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "kid", "series", name="pk_key_series"),
    )
    op.create_table(
        "series",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("index", BIG, nullable=False),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("newest_index", BIG, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("register", sa.Boolean, nullable=False),
        sa.Column("cadence_s", BIG, nullable=False),
        sa.Column("heartbeat_s", BIG, nullable=False),
        sa.Column("since_s", BIG, nullable=False),
        sa.Column("until_s", BIG),
        sa.Column("max_lateness_ms", BIG, nullable=False),
        sa.Column("scale", sa.SmallInteger, nullable=False),
        sa.Column("minimum", BIG, nullable=False),
        sa.Column("maximum", BIG, nullable=False),
        sa.Column("rate_limit_per_h", BIG),
        sa.PrimaryKeyConstraint("log_number", "index", name="pk_series"),
        sa.UniqueConstraint("log_number", "series", name="uq_series_log_number_series"),
    )
    op.create_table(
        "registration",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("index", BIG, nullable=False),
        sa.Column("record_type", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("from_s", BIG, nullable=False),
        sa.Column("to_s", BIG),
        sa.PrimaryKeyConstraint("log_number", "index", name="pk_registration"),
    )
    op.create_index(
        "ix_registration_log_number_record_type_name",
        "registration",
        ["log_number", "record_type", "name"],
    )
    op.create_table(
        "epoch_succession",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("kid", sa.LargeBinary, nullable=False),
        sa.Column("closed_epoch", BIG, nullable=False),
        sa.Column("index", BIG, nullable=False),
        sa.Column("last_sequence", BIG, nullable=False),
        sa.Column("last_message", sa.LargeBinary, nullable=False),
        sa.Column("next_kid", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "kid", "closed_epoch", name="pk_epoch_succession"),
    )
    op.create_index(
        "ix_epoch_succession_log_number_next_kid_closed_epoch",
        "epoch_succession",
        ["log_number", "next_kid", "closed_epoch"],
    )
    op.create_table(
        "read_model",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_read_model"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("read_model")
    op.drop_table("epoch_succession")
    op.drop_table("registration")
    op.drop_table("series")
    op.drop_table("key_series")
    op.drop_table("device_key")
    op.drop_table("certificate_authority")
