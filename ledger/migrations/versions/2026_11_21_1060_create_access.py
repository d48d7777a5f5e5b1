"""Create who may come in and who looked at what: sessions, machine keys, bindings, reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import guards

revision = "2026_11_21_1060"
down_revision = "2026_11_21_1050"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTES = sa.LargeBinary
TEXT = sa.Text


def upgrade() -> None:
    """Apply."""
    _create_sessions()
    _create_keys()
    op.create_table(
        "access_read",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("usc", TEXT, nullable=False),
        sa.Column("inventory_id", BYTES, nullable=True),
        sa.Column("reader", TEXT, nullable=False),
        sa.Column("reader_code", TEXT, nullable=True),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("proof", TEXT, nullable=False),
        sa.Column("relation", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("asked", TEXT, nullable=False),
        sa.Column("sealed_by", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_read"),
    )
    op.create_index("ix_access_read_usc_id", "access_read", ["usc", "id"])
    op.create_index("ix_access_read_reader_code_id", "access_read", ["reader_code", "id"])
    guards.guard_append_only("access_read")


def _create_sessions() -> None:
    op.create_table(
        "login_secret",
        sa.Column("sha256", BYTES, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("expires_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_login_secret"),
    )
    op.create_index("ix_login_secret_expires_at_ms", "login_secret", ["expires_at_ms"])
    op.create_table(
        "session",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("token_sha256", BYTES, nullable=False),
        sa.Column("address", BYTES, nullable=False),
        sa.Column("party_id", BYTES, nullable=False),
        sa.Column("proof", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("created_at_ms", BIG, nullable=False),
        sa.Column("seen_at_ms", BIG, nullable=False),
        sa.Column("expires_at_ms", BIG, nullable=False),
        sa.Column("revoked_at_ms", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        sa.UniqueConstraint("token_sha256", name="uq_session_token_sha256"),
    )
    op.create_index("ix_session_address", "session", ["address"])
    op.create_table(
        "login_binding",
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("address", BYTES, nullable=False),
        sa.Column("party_id", BYTES, nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("signature", BYTES, nullable=False),
        sa.Column("bound_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_login_binding"),
    )
    op.create_index("ix_login_binding_address", "login_binding", ["address"])


def _create_keys() -> None:
    op.create_table(
        "machine_key",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("spki", BYTES, nullable=False),
        sa.Column("party_id", BYTES, nullable=False),
        sa.Column("address", BYTES, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("signature", BYTES, nullable=False),
        sa.Column("registered_at_ms", BIG, nullable=False),
        sa.Column("expires_at_ms", BIG, nullable=False),
        sa.Column("revoked_at_ms", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_machine_key"),
    )
    op.create_index("ix_machine_key_party_id", "machine_key", ["party_id"])
    op.create_table(
        "used_signature",
        sa.Column("sha256", BYTES, nullable=False),
        sa.Column("expires_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_used_signature"),
    )
    op.create_index("ix_used_signature_expires_at_ms", "used_signature", ["expires_at_ms"])


def downgrade() -> None:
    """Take back."""
    for table in (
        "access_read",
        "used_signature",
        "machine_key",
        "login_binding",
        "session",
        "login_secret",
    ):
        op.drop_table(table)
