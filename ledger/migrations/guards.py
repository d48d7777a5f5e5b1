"""
Triggers that guard append-only rows, on both databases; called by migrations only.

They protect against mistakes of code and of people with ordinary rights. They do not protect
against the owner of the database: against that stand the tree, the anchors and the witnesses.
Every message begins with the word that `ledger.repositories.faults` knows.
"""

from __future__ import annotations

from alembic import op


def is_postgresql() -> bool:
    """Say which of the two databases is being migrated."""
    return op.get_bind().dialect.name == "postgresql"


def create_functions() -> None:
    """Create what the triggers of PostgreSQL call."""
    if not is_postgresql():
        return
    op.execute(
        """
        CREATE FUNCTION guard_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'append-only: % on %', lower(TG_OP), TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
        END $$
        """
    )


def drop_functions() -> None:
    """Drop what `create_functions` created."""
    if is_postgresql():
        op.execute("DROP FUNCTION guard_append_only()")


def guard_append_only(table: str) -> None:
    """Refuse every change and removal of the table's rows."""
    if is_postgresql():
        op.execute(
            f"CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION guard_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER guard_table BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION guard_append_only()"
        )
        return
    for action in ("update", "delete"):
        refuse_on_sqlite(table, action)


def refuse_on_sqlite(table: str, action: str, *, when: str = "1") -> None:
    """Refuse one action (`update` or `delete`) on rows for which `when` holds, on SQLite."""
    op.execute(
        f"CREATE TRIGGER guard_{table}_{action} BEFORE {action} ON {table} WHEN {when}"
        f" BEGIN SELECT RAISE(ABORT, 'append-only: {action} on {table}'); END"
    )


def refuse_on_postgresql(table: str, action: str, *, when: str = "true") -> None:
    """Refuse one action (`update` or `delete`) on rows for which `when` holds, on PostgreSQL."""
    op.execute(
        f"CREATE TRIGGER guard_{action} BEFORE {action} ON {table} FOR EACH ROW"
        f" WHEN ({when}) EXECUTE FUNCTION guard_append_only()"
    )
