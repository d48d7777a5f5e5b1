"""
Create what the chain says of credentials and inventories, and the acts on their way to it.

Parties get their names. All of that is read from the chain, so it is followed from its start again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_1040"
down_revision = "2026_11_21_1030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FOLLOW_AGAIN = "DELETE FROM chain_cursor WHERE follower = 'parties'"


def upgrade() -> None:
    """Apply."""
    _replace_party(sa.Column("name", sa.Text, nullable=False))
    _create_credentials()
    _create_inventories()
    _create_draws()
    _create_operation()


def downgrade() -> None:
    """Take back."""
    for table in (
        "operation",
        "draw_step",
        "evidence_binding",
        "chain_act",
        "chain_version",
        "chain_inventory",
        "rotation_rule",
        "verification_year",
        "conflict_of_interest",
        "party_group",
        "credential",
    ):
        op.drop_table(table)
    _replace_party()


def _replace_party(*more: sa.Column[str]) -> None:
    op.drop_table("party")
    op.create_table(
        "party",
        sa.Column("party_id", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        *more,
        sa.PrimaryKeyConstraint("party_id", name="pk_party"),
    )
    op.create_index("ix_party_code", "party", ["code"])
    op.execute(FOLLOW_AGAIN)


def _place() -> tuple[sa.Column[int], ...]:
    return (
        sa.Column("block_number", BIG, nullable=False),
        sa.Column("log_index", BIG, nullable=False),
    )


def _create_credentials() -> None:
    op.create_table(
        "credential",
        sa.Column("party_id", sa.LargeBinary, nullable=False),
        *_place(),
        sa.Column("at_s", BIG, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("tier", sa.SmallInteger, nullable=False),
        sa.Column("sectors", sa.JSON, nullable=False),
        sa.Column("areas", sa.JSON, nullable=False),
        sa.Column("valid_from_s", BIG, nullable=False),
        sa.Column("valid_to_s", BIG, nullable=False),
        sa.Column("cma", sa.Text, nullable=False),
        sa.Column("cnas", sa.Text, nullable=False),
        sa.Column("document_hash", sa.LargeBinary, nullable=False),
        sa.Column("act_digest", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("party_id", "block_number", "log_index", name="pk_credential"),
    )
    op.create_table(
        "party_group",
        sa.Column("party_id", sa.LargeBinary, nullable=False),
        *_place(),
        sa.Column("at_s", BIG, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("act_digest", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("party_id", "block_number", "log_index", name="pk_party_group"),
    )
    op.create_table(
        "conflict_of_interest",
        *_place(),
        sa.Column("at_s", BIG, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("enterprise", sa.LargeBinary, nullable=True),
        sa.Column("province", BIG, nullable=True),
        sa.Column("from_s", BIG, nullable=False),
        sa.Column("to_s", BIG, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("act_digest", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index", name="pk_conflict_of_interest"),
    )
    op.create_index("ix_conflict_of_interest_body", "conflict_of_interest", ["body"])
    op.create_table(
        "verification_year",
        *_place(),
        sa.Column("verifier", sa.LargeBinary, nullable=False),
        sa.Column("enterprise", sa.LargeBinary, nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index", name="pk_verification_year"),
    )
    op.create_index(
        "ix_verification_year_verifier_enterprise",
        "verification_year",
        ["verifier", "enterprise"],
    )
    op.create_table(
        "rotation_rule",
        *_place(),
        sa.Column("max_years", BIG, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index", name="pk_rotation_rule"),
    )


def _create_inventories() -> None:
    op.create_table(
        "chain_inventory",
        sa.Column("inventory_id", sa.LargeBinary, nullable=False),
        *_place(),
        sa.Column("at_s", BIG, nullable=False),
        sa.Column("enterprise", sa.LargeBinary, nullable=False),
        sa.Column("usc", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("unit_code", sa.Text, nullable=False),
        sa.Column("period_from_s", BIG, nullable=False),
        sa.Column("period_to_s", BIG, nullable=False),
        sa.Column("report_year", BIG, nullable=False),
        sa.Column("sector", sa.SmallInteger, nullable=False),
        sa.Column("area", BIG, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("state_hash", sa.LargeBinary, nullable=False),
        sa.Column("verifier", sa.LargeBinary, nullable=True),
        sa.Column("regulator", sa.LargeBinary, nullable=True),
        sa.Column("city_regulator", sa.LargeBinary, nullable=True),
        sa.Column("lead_verifier", sa.LargeBinary, nullable=True),
        sa.Column("technical_reviewer", sa.LargeBinary, nullable=True),
        sa.Column("is_reviewed", sa.Boolean, nullable=False),
        sa.Column("accepted_version", BIG, nullable=False),
        sa.Column("objections", sa.SmallInteger, nullable=False),
        sa.Column("objectable_until_s", BIG, nullable=False),
        sa.Column("decision_due_s", BIG, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("document_hash", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint(
            "inventory_id", "block_number", "log_index", name="pk_chain_inventory"
        ),
    )
    for column in ("usc", "verifier", "regulator", "city_regulator"):
        op.create_index(f"ix_chain_inventory_{column}", "chain_inventory", [column])
    op.create_table(
        "chain_version",
        sa.Column("inventory_id", sa.LargeBinary, nullable=False),
        sa.Column("number", BIG, nullable=False),
        *_place(),
        sa.Column("at_s", BIG, nullable=False),
        sa.Column("submitted_at_s", BIG, nullable=False),
        sa.Column("inputs_hash", sa.LargeBinary, nullable=False),
        sa.Column("lines_root", sa.LargeBinary, nullable=False),
        sa.Column("line_count", BIG, nullable=False),
        sa.Column("log_id", sa.LargeBinary, nullable=False),
        sa.Column("log_size", BIG, nullable=False),
        sa.Column("log_root", sa.LargeBinary, nullable=False),
        sa.Column("total_t", BIG, nullable=False),
        sa.Column("document_hash", sa.LargeBinary, nullable=False),
        sa.Column("laboratories", sa.JSON, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("restates", BIG, nullable=False),
        sa.Column("restated_by", BIG, nullable=False),
        sa.Column("opinion", sa.SmallInteger, nullable=False),
        sa.Column("report_hash", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint(
            "inventory_id", "number", "block_number", "log_index", name="pk_chain_version"
        ),
    )
    op.create_table(
        "chain_act",
        sa.Column("inventory_id", sa.LargeBinary, nullable=False),
        *_place(),
        sa.Column("at_s", BIG, nullable=False),
        sa.Column("tx_hash", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("signers", sa.JSON, nullable=False),
        sa.Column("state_before", sa.SmallInteger, nullable=False),
        sa.Column("state_after", sa.SmallInteger, nullable=False),
        sa.Column("state_hash", sa.LargeBinary, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("document_hash", sa.LargeBinary, nullable=True),
        sa.Column("fields", sa.JSON, nullable=True),
        sa.PrimaryKeyConstraint("inventory_id", "block_number", "log_index", name="pk_chain_act"),
    )
    op.create_index("ix_chain_act_digest", "chain_act", ["digest"])
    op.create_table(
        "evidence_binding",
        sa.Column("inventory_id", sa.LargeBinary, nullable=False),
        sa.Column("line_id", sa.LargeBinary, nullable=False),
        *_place(),
        sa.Column("version", BIG, nullable=False),
        sa.Column("use", sa.LargeBinary, nullable=False),
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("commitment", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint(
            "inventory_id", "line_id", "block_number", "log_index", name="pk_evidence_binding"
        ),
    )


def _create_draws() -> None:
    op.create_table(
        "draw_step",
        sa.Column("inventory_id", sa.LargeBinary, nullable=False),
        *_place(),
        sa.Column("at_s", BIG, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("draw", BIG, nullable=False),
        sa.Column("step", sa.SmallInteger, nullable=False),
        sa.Column("party", sa.LargeBinary, nullable=True),
        sa.Column("word", sa.LargeBinary, nullable=True),
        sa.Column("draw_block", BIG, nullable=False),
        sa.Column("reveal_until_s", BIG, nullable=False),
        sa.Column("is_strict", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("act_digest", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("inventory_id", "block_number", "log_index", name="pk_draw_step"),
    )


def _create_operation() -> None:
    op.create_table(
        "operation",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("contract", sa.Text, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("call_data", sa.LargeBinary, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("deadline_s", BIG, nullable=False),
        sa.Column("sender", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("nonce", BIG, nullable=True),
        sa.Column("raw_tx", sa.LargeBinary, nullable=True),
        sa.Column("tx_hash", sa.LargeBinary, nullable=True),
        sa.Column("block_number", BIG, nullable=True),
        sa.Column("block_hash", sa.LargeBinary, nullable=True),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("error_code", sa.Text, nullable=True),
        sa.Column("error", sa.Text, nullable=True),
        sa.Column("created_at_ms", BIG, nullable=False),
        sa.Column("updated_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_operation"),
        sa.UniqueConstraint("digest", name="uq_operation_digest"),
        sa.UniqueConstraint("sender", "nonce", name="uq_operation_sender_nonce"),
    )
    op.create_index("ix_operation_state_number", "operation", ["state", "number"])
