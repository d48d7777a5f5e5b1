"""Parcels that were made to do harm: each is refused, and nothing of it stays behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from attestation.canonical import canonical_json
from attestation.enums import LogState
from ledger.database import Database
from ledger.errors import ArchiveDamaged, ForkDetected
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.errors import DocumentErased
from ledger.leaving.judging import require_on_chain
from ledger.leaving.unpacking import unpack
from ledger.log.start_check import check_logs
from ledger.ports import LatestAnchor
from ledger.repositories.cases import Approval
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork
from tests.fakes.anchorer import RecordingAnchorer
from tests.integration.ledger.leaving.test_leaving import (
    LATER,
    SCOPE,
    Leaving,
    V,
    empty,
    leaving,
    packed,
)
from tests.support.enterprise import OTHER_USC, USC

__all__ = ["empty", "leaving", "packed"]

Row = dict[str, Any]


def edit(leaving: Leaving, table: str, change: Callable[[list[Row]], list[Row] | None]) -> None:
    """Change the rows of a table, with the parcel's list."""
    name = f"rows/{table}.jsonl"
    rows = [json.loads(line) for line in (leaving.folder / name).read_bytes().splitlines()]
    changed = change(rows)
    rows = rows if changed is None else changed
    leaving.change(name, b"".join(canonical_json(row) + b"\n" for row in rows))


def refused(leaving: Leaving, empty: Database, keys: DocumentKeys | None = None) -> str:
    """Say why the parcel is refused, and that nothing of it is here."""
    with pytest.raises((ArchiveDamaged, ForkDetected)) as error:
        leaving.arrive(empty, keys)
    with empty.reading() as uow:
        assert uow.logs.all() == []
    return error.value.message


@pytest.mark.parametrize("name", ["document.key", "log/checkpoint", "rows/anchor.jsonl"])
def test_link_out_of_the_parcel_is_not_followed(
    leaving: Leaving, empty: Database, tmp_path: Path, name: str
) -> None:
    """A link would read this machine's own files: another enterprise's key as this one's."""
    keys = DocumentKeys(tmp_path / "new-keys")
    neighbour = keys.get_or_make(OTHER_USC)
    target = leaving.folder / name
    inside = target.read_bytes()
    outside = tmp_path / "outside"
    outside.write_bytes(neighbour.secret if name == "document.key" else inside)
    target.unlink()
    target.symlink_to(outside)

    assert "no plain file" in refused(leaving, empty, keys)
    with pytest.raises(DocumentErased):
        keys.get(USC)


def test_linked_folder_is_not_followed(leaving: Leaving, empty: Database, tmp_path: Path) -> None:
    """What lies in it is on no list of the parcel's."""
    (leaving.folder / "holdings" / "more").symlink_to(tmp_path)

    assert "no plain file" in refused(leaving, empty)


def approval_of_another(rows: list[Row]) -> list[Row]:
    """Give an approval of the verifier in a neighbour's case."""
    other = sha256(b"a case of the neighbour").hexdigest()
    row = {"number": 1, "inventory_id": other, "party": V, "address": "11" * 20}
    return [*rows, row | {"basis": "22" * 32, "is_given": True, "at_ms": 1}]


def test_work_on_another_enterprise_s_case_is_refused(leaving: Leaving, empty: Database) -> None:
    """Whoever packs can give nobody's approval in a case that is not the parcel's."""
    edit(leaving, "case_approval", approval_of_another)

    assert "case_approval" in refused(leaving, empty)
    with empty.reading() as uow:
        found: list[Approval] = uow.cases.approvals(sha256(b"a case of the neighbour").digest())
    assert found == []


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("anchor", "block_number", "seven"),
        ("anchor", "final_at_ms", True),
        ("anchor", "root", 5),
        ("case_comment", "text", 5),
        ("case_comment", "party", None),
        ("case_comment", "kind", 99),
        ("evidence_draft", "name", {"a": 1}),
    ],
)
def test_value_of_another_kind_is_refused(
    leaving: Leaving, empty: Database, table: str, column: str, value: object
) -> None:
    """SQLite would keep it, and whoever reads the row would fail from then on."""

    def change(rows: list[Row]) -> None:
        rows[0][column] = value

    edit(leaving, table, change)

    refused(leaving, empty)


def test_answer_without_its_conversation_is_refused(leaving: Leaving, empty: Database) -> None:
    """It would make the case unreadable for everybody."""
    edit(leaving, "case_comment", lambda rows: rows[1:])

    assert "case_comment" in refused(leaving, empty)


@pytest.mark.parametrize(("column", "value"), [("size", 10_000), ("root", "33" * 32)])
def test_anchor_of_another_tree_is_refused(
    leaving: Leaving, empty: Database, column: str, value: object
) -> None:
    """A size that the log has not, or a root that it never had."""

    def change(rows: list[Row]) -> None:
        rows[0][column] = value

    edit(leaving, "anchor", change)

    assert "another tree" in refused(leaving, empty)


def chain_says(size: int, root: bytes) -> Callable[[UnitOfWork, Log], None]:
    """Judge by what the chain holds."""
    latest = LatestAnchor(size, root, 7) if size else None
    return lambda uow, log: require_on_chain(uow, log, latest, goes_on=True)


def test_parcel_is_held_against_the_chain(leaving: Leaving, empty: Database) -> None:
    """Older than the anchor, of another tree, or with a final anchor that nobody sent."""
    size, root = leaving.head.size, leaving.head.root
    verifier = leaving.enterprise.note_signer.verifier
    cases = (
        (chain_says(size + 1, bytes(32)), ArchiveDamaged, "the chain holds"),
        (chain_says(size, bytes(32)), ForkDetected, "another tree"),
        (chain_says(0, bytes(32)), ArchiveDamaged, "does not hold the anchor"),
    )
    for judge, error, words in cases:
        with pytest.raises(error, match=words):
            unpack(
                *(empty, leaving.folder, verifier, None),
                goes_on=True,
                now=LATER,
                judge=judge,
            )
        with empty.reading() as uow:
            assert uow.logs.all() == []
    judge = chain_says(size, root)
    came = unpack(*(empty, leaving.folder, verifier, None), goes_on=True, now=LATER, judge=judge)
    assert came.log.state is LogState.ACTIVE


def test_log_that_left_is_not_recovered_at_the_old_operator(leaving: Leaving) -> None:
    """The chain has more of it than is here, as it should: it stays frozen and signs nothing."""
    database, number = leaving.enterprise.database, leaving.enterprise.log.number
    size = leaving.head.size + 5

    class Ahead(RecordingAnchorer):
        """A chain on which the new operator has gone on."""

        def latest(self, log_id: bytes, *, final: bool = False) -> LatestAnchor | None:
            return LatestAnchor(size, bytes(32), 9)

    (checked,) = check_logs(database.unit_of_work, Ahead(), now=LATER)

    with database.reading() as uow:
        assert uow.logs.get(number).state is LogState.FROZEN
    assert checked.standing.value == "behind"


def test_drafts_of_an_earlier_log_do_not_come_twice(leaving: Leaving, empty: Database) -> None:
    """An enterprise with two logs has one list of drafts, and each parcel has all of it."""
    leaving.arrive(empty)
    with empty.unit_of_work() as uow, leaving.enterprise.database.reading() as old:
        log = uow.logs.by_name(USC, "log.example")
        inventories = {SCOPE.inventory_id}
        for table in ("evidence_draft", "case_comment", "case_tick", "case_approval"):
            rows = old.carried.rows(table, leaving.enterprise.log, list(inventories))
            assert uow.carried.add(table, log, rows, inventories=inventories) == 0
        uow.commit()
