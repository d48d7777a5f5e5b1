"""Create what the survey derives: progress, gaps, spans, conflicts, corrections, marks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_0940"
down_revision = "2026_11_21_0930"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "survey_cursor",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("next_index", BIG, nullable=False),
        sa.PrimaryKeyConstraint("log_number", name="pk_survey_cursor"),
    )
    op.create_table(
        "epoch_progress",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("kid", sa.LargeBinary, nullable=False),
        sa.Column("epoch", BIG, nullable=False),
        sa.Column("next_sequence", BIG, nullable=False),
        sa.Column("newest_sequence", BIG),
        sa.Column("newest_message_id", sa.LargeBinary),
        sa.Column("newest_index", BIG),
        sa.Column("first_previous", sa.LargeBinary),
        sa.Column("last_message_id", sa.LargeBinary),
        sa.Column("disputed_from", BIG),
        sa.PrimaryKeyConstraint("log_number", "kid", "epoch", name="pk_epoch_progress"),
    )
    op.create_table(
        "sequence_gap",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("kid", sa.LargeBinary, nullable=False),
        sa.Column("epoch", BIG, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("opened_index", BIG, nullable=False),
        sa.Column("changed_index", BIG),
        sa.Column("declared_index", BIG),
        sa.PrimaryKeyConstraint("log_number", "kid", "epoch", "start", name="pk_sequence_gap"),
    )
    op.create_table(
        "series_progress",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("series_index", BIG, nullable=False),
        sa.Column("frontier_s", BIG, nullable=False),
        sa.Column("occupied_until_s", BIG, nullable=False),
        sa.Column("longest_span_s", BIG, nullable=False),
        sa.Column("last_end_s", BIG),
        sa.Column("last_value", BIG),
        sa.Column("last_scale", sa.SmallInteger),
        sa.PrimaryKeyConstraint("log_number", "series_index", name="pk_series_progress"),
    )
    op.create_table(
        "interval_gap",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("series_index", BIG, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("opened_index", BIG, nullable=False),
        sa.Column("changed_index", BIG),
        sa.Column("declared_index", BIG),
        sa.PrimaryKeyConstraint("log_number", "series_index", "start", name="pk_interval_gap"),
    )
    op.create_table(
        "gap_declaration",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("index", BIG, nullable=False),
        sa.Column("series_index", BIG, nullable=False),
        sa.Column("start_s", BIG, nullable=False),
        sa.Column("end_s", BIG, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "index", name="pk_gap_declaration"),
    )
    op.create_table(
        "span",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("series_index", BIG, nullable=False),
        sa.Column("end_s", BIG, nullable=False),
        sa.Column("index", BIG, nullable=False),
        sa.Column("first_reading", BIG, nullable=False),
        sa.Column("start_s", BIG, nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.Column("step_s", BIG, nullable=False),
        sa.Column("interval_s", BIG, nullable=False),
        sa.Column("quality", sa.SmallInteger, nullable=False),
        sa.Column("provenance", sa.SmallInteger, nullable=False),
        sa.Column("register", sa.Boolean, nullable=False),
        sa.Column("scale", sa.SmallInteger, nullable=False),
        sa.Column("total", BIG),
        sa.PrimaryKeyConstraint(
            "log_number", "series_index", "end_s", "index", "first_reading", name="pk_span"
        ),
    )
    op.create_table(
        "conflict",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("series_index", BIG, nullable=False),
        sa.Column("start_s", BIG, nullable=False),
        sa.Column("first_index", BIG, nullable=False),
        sa.Column("second_index", BIG, nullable=False),
        sa.Column("end_s", BIG, nullable=False),
        sa.PrimaryKeyConstraint(
            "log_number",
            "series_index",
            "start_s",
            "first_index",
            "second_index",
            name="pk_conflict",
        ),
    )
    op.create_index(
        "ix_conflict_log_number_series_index_end_s",
        "conflict",
        ["log_number", "series_index", "end_s"],
    )
    op.create_table(
        "correction",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("index", BIG, nullable=False),
        sa.Column("series_index", BIG, nullable=False),
        sa.Column("start_s", BIG, nullable=False),
        sa.Column("end_s", BIG, nullable=False),
        sa.Column("counted_index", BIG),
        sa.Column("counted_reading", BIG),
        sa.Column("value", BIG),
        sa.Column("unit", sa.Text),
        sa.Column("scale", sa.SmallInteger),
        sa.Column("quality", sa.SmallInteger),
        sa.PrimaryKeyConstraint("log_number", "index", "series_index", name="pk_correction"),
    )
    op.create_index(
        "ix_correction_log_number_series_index_end_s",
        "correction",
        ["log_number", "series_index", "end_s"],
    )
    op.create_table(
        "message_mark",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("index", BIG, nullable=False),
        sa.Column("mark", BIG, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "index", "mark", name="pk_message_mark"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("message_mark")
    op.drop_table("correction")
    op.drop_table("conflict")
    op.drop_table("span")
    op.drop_table("gap_declaration")
    op.drop_table("interval_gap")
    op.drop_table("series_progress")
    op.drop_table("sequence_gap")
    op.drop_table("epoch_progress")
    op.drop_table("survey_cursor")
