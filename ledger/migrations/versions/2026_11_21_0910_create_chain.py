"""Create the outbox, anchors, and what chain events say of keys, parties and representatives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import guards

revision = "2026_11_21_0910"
down_revision = "2026_11_21_0900"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("operator", sa.LargeBinary, nullable=False),
        sa.Column("targets", sa.JSON, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("nonce", BIG),
        sa.Column("raw_tx", sa.LargeBinary),
        sa.Column("tx_hash", sa.LargeBinary),
        sa.Column("block_number", BIG),
        sa.Column("block_hash", sa.LargeBinary),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("created_at_ms", BIG, nullable=False),
        sa.Column("updated_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("operator", "nonce", name="uq_outbox_operator_nonce"),
    )
    op.create_index("ix_outbox_state_id", "outbox", ["state", "id"])
    op.create_table(
        "anchor",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("block_number", BIG, nullable=False),
        sa.Column("block_hash", sa.LargeBinary, nullable=False),
        sa.Column("tx_hash", sa.LargeBinary, nullable=False),
        sa.Column("outbox_id", NUMBER),
        sa.Column("final_at_ms", BIG),
        sa.Column("evidence", sa.JSON),
        sa.PrimaryKeyConstraint("log_number", "size", name="pk_anchor"),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_anchor_outbox_id_outbox"),
    )
    _guard_final_anchors()
    op.create_table(
        "chain_cursor",
        sa.Column("follower", sa.Text, nullable=False),
        sa.Column("block_number", BIG, nullable=False),
        sa.Column("block_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("follower", name="pk_chain_cursor"),
    )
    op.create_table(
        "key_slot",
        sa.Column("log_id", sa.LargeBinary, nullable=False),
        sa.Column("kid", sa.LargeBinary, nullable=False),
        sa.Column("algorithm", sa.SmallInteger, nullable=False),
        sa.Column("enrolled_index", BIG, nullable=False),
        sa.Column("closed_index", BIG),
        sa.Column("reason", sa.SmallInteger, nullable=False),
        sa.Column("compromised_since", BIG),
        sa.Column("record_hash", sa.LargeBinary, nullable=False),
        sa.Column("act_digest", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("log_id", "kid", name="pk_key_slot"),
    )
    op.create_table(
        "party",
        sa.Column("party_id", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("party_id", name="pk_party"),
    )
    op.create_index("ix_party_code", "party", ["code"])
    op.create_table(
        "representative",
        sa.Column("party_id", sa.LargeBinary, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("person", sa.LargeBinary, nullable=False),
        sa.Column("role", sa.SmallInteger, nullable=False),
        sa.Column("active_from_s", BIG, nullable=False),
        sa.PrimaryKeyConstraint("party_id", "address", name="pk_representative"),
    )
    op.create_index("ix_representative_address", "representative", ["address"])


def downgrade() -> None:
    """Take back."""
    for table in (
        "representative",
        "party",
        "key_slot",
        "chain_cursor",
        "anchor",
        "outbox",
    ):
        op.drop_table(table)


def _guard_final_anchors() -> None:
    # An anchor may leave the chain until it is final; then it stays for good. Only a development
    # chain that lost its last blocks takes finality back first, as an act of its own.
    final = "OLD.final_at_ms IS NOT NULL"
    refuse = guards.refuse_on_postgresql if guards.is_postgresql() else guards.refuse_on_sqlite
    refuse("anchor", "update", when=f"{final} AND NEW.final_at_ms IS NOT NULL")
    refuse("anchor", "delete", when=final)
