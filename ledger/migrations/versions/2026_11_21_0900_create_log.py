"""Create logs, heads, admitted messages, entries, tiles and checkpoints, and guard them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import guards
from ledger.repositories.partitions import AHEAD, create_partition

revision = "2026_11_21_0900"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = (
    "message",
    "message_key",
    "record_key",
    "entry",
    "checkpoint",
    "refusal",
    "equivocation",
)


def upgrade() -> None:
    """Apply."""
    _create_logs()
    _create_admitted()
    _create_tree()
    _guard()
    if guards.is_postgresql():
        op.execute("CREATE SEQUENCE admission_id")
        op.execute("ALTER TABLE message ALTER COLUMN content SET STORAGE EXTERNAL")
        for table in ("message", "entry"):
            for number in range(AHEAD + 1):
                create_partition(op.get_bind(), table, number)


def downgrade() -> None:
    """Take back."""
    for table in (
        "cosignature",
        "checkpoint",
        "rebuilding",
        "tile",
        "entry",
        "equivocation",
        "refusal",
        "record_key",
        "message_key",
        "message",
        "head",
        "log",
    ):
        op.drop_table(table)
    if guards.is_postgresql():
        op.execute("DROP SEQUENCE admission_id")
        op.execute("DROP FUNCTION guard_tile()")
    guards.drop_functions()


def _create_logs() -> None:
    op.create_table(
        "log",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("log_id", sa.LargeBinary, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("usc", sa.Text, nullable=False),
        sa.Column("vkey", sa.Text, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("opened_at_ms", BIG, nullable=False),
        sa.Column("predecessor", NUMBER),
        sa.PrimaryKeyConstraint("number", name="pk_log"),
        sa.UniqueConstraint("log_id", name="uq_log_log_id"),
        sa.UniqueConstraint("origin", name="uq_log_origin"),
        sa.ForeignKeyConstraint(["predecessor"], ["log.number"], name="fk_log_predecessor_log"),
    )
    op.create_index("ix_log_usc", "log", ["usc"])
    op.create_table(
        "head",
        sa.Column("log_number", NUMBER, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("compact_range", sa.LargeBinary, nullable=False),
        sa.Column("last_admission_id", BIG, nullable=False),
        sa.Column("checkpoint_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("log_number", name="pk_head"),
        sa.ForeignKeyConstraint(["log_number"], ["log.number"], name="fk_head_log_number_log"),
    )


def _create_admitted() -> None:
    op.create_table(
        "message",
        sa.Column("admission_id", NUMBER, nullable=False),
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("received_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("admission_id", name="pk_message"),
        postgresql_partition_by="RANGE (admission_id)",
    )
    op.create_index("ix_message_log_number_admission_id", "message", ["log_number", "admission_id"])
    op.create_table(
        "message_key",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("kid", sa.LargeBinary, nullable=False),
        sa.Column("epoch", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("message_id", sa.LargeBinary, nullable=False),
        sa.Column("statement_hash", sa.LargeBinary, nullable=False),
        sa.Column("signed_at_ms", BIG, nullable=False),
        sa.Column("admission_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "kid", "epoch", "sequence", name="pk_message_key"),
    )
    op.create_table(
        "record_key",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("admission_id", BIG, nullable=False),
        sa.Column("record_type", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "content_hash", name="pk_record_key"),
    )
    op.create_table(
        "refusal",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("statement_hash", sa.LargeBinary, nullable=False),
        sa.Column("message_id", sa.LargeBinary, nullable=False),
        sa.Column("kid", sa.LargeBinary),
        sa.Column("epoch", BIG),
        sa.Column("sequence", BIG),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("refused_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refusal"),
        sa.UniqueConstraint(
            "log_number", "statement_hash", name="uq_refusal_log_number_statement_hash"
        ),
    )
    op.create_index("ix_refusal_log_number_kid_id", "refusal", ["log_number", "kid", "id"])
    op.create_table(
        "equivocation",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("kid", sa.LargeBinary, nullable=False),
        sa.Column("epoch", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("first_admission_id", BIG, nullable=False),
        sa.Column("second_content", sa.LargeBinary, nullable=False),
        sa.Column("evidence_admission_id", BIG, nullable=False),
        sa.Column("found_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "kid", "epoch", "sequence", name="pk_equivocation"),
    )


def _create_tree() -> None:
    op.create_table(
        "entry",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("index", BIG, nullable=False),
        sa.Column("admission_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "index", name="pk_entry"),
        postgresql_partition_by='RANGE ("index")',
    )
    op.create_index("ix_entry_log_number_admission_id", "entry", ["log_number", "admission_id"])
    op.create_table(
        "tile",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "level", "number", name="pk_tile"),
    )
    op.create_table(
        "rebuilding",
        sa.Column("log_number", BIG, nullable=False),
        sa.PrimaryKeyConstraint("log_number", name="pk_rebuilding"),
    )
    op.create_table(
        "checkpoint",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("signed_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "size", name="pk_checkpoint"),
    )
    op.create_table(
        "cosignature",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("witness", sa.Text, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("signed_at_s", BIG, nullable=False),
        sa.PrimaryKeyConstraint("log_number", "size", "witness", name="pk_cosignature"),
    )


def _guard() -> None:
    guards.create_functions()
    for table in APPEND_ONLY:
        guards.guard_append_only(table)
    went_back = "NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.root <> OLD.root)"
    permitted = "EXISTS (SELECT 1 FROM rebuilding WHERE log_number = OLD.log_number)"
    if guards.is_postgresql():
        guards.refuse_on_postgresql("head", "update", when=went_back)
        guards.refuse_on_postgresql("head", "delete")
        _guard_tile_on_postgresql(permitted)
        return
    guards.refuse_on_sqlite("head", "update", when=went_back)
    guards.refuse_on_sqlite("head", "delete")
    # IS NOT, because a part of nothing is NULL, which differs from nothing.
    changed = "substr(NEW.hashes, 1, length(OLD.hashes)) IS NOT OLD.hashes"
    guards.refuse_on_sqlite("tile", "update", when=f"{changed} AND NOT {permitted}")
    guards.refuse_on_sqlite("tile", "delete", when=f"NOT {permitted}")


def _guard_tile_on_postgresql(permitted: str) -> None:
    # A trigger's WHEN cannot hold a subquery, so the tile's guard is a function of its own.
    op.execute(
        f"""
        CREATE FUNCTION guard_tile() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF {permitted} THEN
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
          END IF;
          IF TG_OP = 'UPDATE'
             AND substring(NEW.hashes FROM 1 FOR length(OLD.hashes)) = OLD.hashes THEN
            RETURN NEW;
          END IF;
          RAISE EXCEPTION 'append-only: % on tile', lower(TG_OP)
            USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON tile"
        " FOR EACH ROW EXECUTE FUNCTION guard_tile()"
    )
