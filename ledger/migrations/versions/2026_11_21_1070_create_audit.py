"""Create the ledger of actions, the index of search, alerts, notices and webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import guards

revision = "2026_11_21_1070"
down_revision = "2026_11_21_1060"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    _create_actions()
    _create_search()
    _create_alerts()
    _create_notices()
    _create_webhooks()


def downgrade() -> None:
    """Take back."""
    for table in ("webhook_call", "webhook_secret", "webhook"):
        op.drop_table(table)
    for table in ("mail", "mail_address", "notice_read", "notice"):
        op.drop_table(table)
    for table in ("inspection", "alert_change", "alert"):
        op.drop_table(table)
    for index in ("root", "tx_hash"):
        op.drop_index(f"ix_anchor_{index}", "anchor")
    for table in ("saved_query", "search_cursor", "search_word", "search_item"):
        op.drop_table(table)
    for table in ("action_entry", "action_pending", "action_change", "action"):
        op.drop_table(table)


def _create_actions() -> None:
    op.create_table(
        "action",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("on_behalf_of", sa.Text, nullable=True),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("change_hash", sa.LargeBinary, nullable=True),
        sa.Column("signature", sa.LargeBinary, nullable=True),
        sa.Column("chain_reference", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_action"),
    )
    for column in ("actor", "subject", "enterprise"):
        op.create_index(f"ix_action_{column}_number", "action", [column, "number"])
    op.create_index("ix_action_at_ms", "action", ["at_ms"])
    _create_beside_action(
        "action_change",
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
    )
    _create_beside_action("action_pending")
    _create_beside_action(
        "action_entry",
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("admission_id", BIG, nullable=False),
    )
    for table in ("action", "action_entry"):
        guards.guard_append_only(table)
    # What was changed may be erased: the commitment stays with the action.
    refuse = guards.refuse_on_postgresql if guards.is_postgresql() else guards.refuse_on_sqlite
    refuse("action_change", "update")


def _create_beside_action(table: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        table,
        sa.Column("action", BIG, nullable=False, autoincrement=False),
        *columns,
        sa.PrimaryKeyConstraint("action", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["action"], ["action.number"], name=f"fk_{table}_action_action"),
    )


def _create_search() -> None:
    op.create_table(
        "search_item",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=True),
        sa.Column("log_number", BIG, nullable=True),
        sa.Column("entry_index", BIG, nullable=True),
        sa.Column("block_number", BIG, nullable=True),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_item"),
        sa.UniqueConstraint("kind", "key", name="uq_search_item_kind_key"),
    )
    op.create_index("ix_search_item_enterprise_id", "search_item", ["enterprise", "id"])
    op.create_table(
        "search_word",
        sa.Column("word", sa.LargeBinary, nullable=False),
        sa.Column("item", BIG, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("word", "item", name="pk_search_word"),
    )
    op.create_index("ix_search_word_item", "search_word", ["item"])
    op.create_table(
        "search_cursor",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("position", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_search_cursor"),
    )
    op.create_table(
        "saved_query",
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("query", sa.JSON, nullable=False),
        sa.Column("saved_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name="pk_saved_query"),
    )
    # Roots and transactions are looked up as they are: there is one a minute and log.
    for column in ("root", "tx_hash"):
        op.create_index(f"ix_anchor_{column}", "anchor", [column])


def _create_alerts() -> None:
    op.create_table(
        "alert",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("log_number", BIG, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since_ms", BIG, nullable=False),
        sa.Column("english", sa.Text, nullable=False),
        sa.Column("chinese", sa.Text, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("inventory_id", sa.LargeBinary, nullable=True),
        sa.Column("version", BIG, nullable=True),
        sa.Column("snoozed_until_ms", BIG, nullable=True),
        sa.Column("assignee", sa.Text, nullable=True),
        sa.Column("inspection", BIG, nullable=True),
        sa.Column("updated_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_alert"),
        sa.UniqueConstraint(
            "log_number", "unit", "rule", "period", name="uq_alert_log_number_unit_rule_period"
        ),
    )
    op.create_index("ix_alert_state_number", "alert", ["state", "number"])
    op.create_index("ix_alert_enterprise_number", "alert", ["enterprise", "number"])
    op.create_table(
        "alert_change",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("alert", BIG, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=True),
        sa.Column("after", sa.Text, nullable=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_alert_change"),
        sa.ForeignKeyConstraint(["alert"], ["alert.number"], name="fk_alert_change_alert_alert"),
    )
    op.create_index("ix_alert_change_alert_number", "alert_change", ["alert", "number"])
    guards.guard_append_only("alert_change")
    op.create_table(
        "inspection",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("inventory_id", sa.LargeBinary, nullable=True),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("opened_ms", BIG, nullable=False),
        sa.Column("closed_ms", BIG, nullable=True),
        sa.Column("conclusion", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_inspection"),
    )
    op.create_index("ix_inspection_enterprise", "inspection", ["enterprise"])


def _create_notices() -> None:
    op.create_table(
        "notice",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_notice"),
        sa.UniqueConstraint(
            "recipient", "kind", "subject", name="uq_notice_recipient_kind_subject"
        ),
    )
    op.create_index("ix_notice_recipient_number", "notice", ["recipient", "number"])
    op.create_table(
        "notice_read",
        sa.Column("notice", BIG, nullable=False, autoincrement=False),
        sa.Column("reader", sa.Text, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("notice", "reader", name="pk_notice_read"),
        sa.ForeignKeyConstraint(["notice"], ["notice.number"], name="fk_notice_read_notice_notice"),
    )
    op.create_table(
        "mail_address",
        sa.Column("reader", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("confirmation", sa.LargeBinary, nullable=True),
        sa.Column("asked_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("reader", "recipient", name="pk_mail_address"),
    )
    op.create_table(
        "mail",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("reader", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("notice", BIG, nullable=True),
        sa.Column("code", sa.Text, nullable=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("next_ms", BIG, nullable=False),
        sa.Column("error", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_mail"),
    )
    op.create_index("ix_mail_state_next_ms", "mail", ["state", "next_ms"])


def _create_webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("kinds", sa.JSON, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("last_event", BIG, nullable=False),
        sa.Column("last_notice", BIG, nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_webhook"),
    )
    op.create_index("ix_webhook_owner", "webhook", ["owner"])
    op.create_table(
        "webhook_secret",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("webhook", BIG, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
        sa.Column("expires_ms", BIG, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_webhook_secret"),
        sa.ForeignKeyConstraint(
            ["webhook"], ["webhook.number"], name="fk_webhook_secret_webhook_webhook"
        ),
    )
    op.create_index("ix_webhook_secret_webhook", "webhook_secret", ["webhook"])
    op.create_table(
        "webhook_call",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("webhook", BIG, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("next_ms", BIG, nullable=False),
        sa.Column("status", BIG, nullable=True),
        sa.Column("error", sa.Text, nullable=True),
        sa.Column("created_ms", BIG, nullable=False),
        sa.Column("updated_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_webhook_call"),
        sa.UniqueConstraint("webhook", "message", name="uq_webhook_call_webhook_message"),
        sa.ForeignKeyConstraint(
            ["webhook"], ["webhook.number"], name="fk_webhook_call_webhook_webhook"
        ),
    )
    op.create_index("ix_webhook_call_state_next_ms", "webhook_call", ["state", "next_ms"])
    op.create_index("ix_webhook_call_webhook_number", "webhook_call", ["webhook", "number"])
