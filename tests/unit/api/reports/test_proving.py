"""What a bundle takes from the log: records of findings, digests of a line, the acts that count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.reports.proving import acts_on, content_of, finding_records, line_entries, version_of
from attestation.bundle import ProvenEntry
from attestation.checkpoints import Checkpoint, open_checkpoint
from attestation.enums import InventoryState
from attestation.merkle import hash_leaf, verify_inclusion
from attestation.note_keys import parse_vkey
from ledger.cases.case import Case
from ledger.database import Database
from ledger.inventory.lines import Line
from ledger.inventory.sources import Source, SourceKind
from ledger.reports.errors import ReportRefused
from ledger.repositories.chain_inventories import ChainAct
from ledger.repositories.places import Place
from tests.support.cases import LEAD, CaseWorld
from tests.support.database import sqlite_template, sqlite_url
from tests.support.enterprise import Device, Enterprise

__all__ = ["sqlite_template", "sqlite_url"]


@pytest.fixture
def world(sqlite_url: str) -> Iterator[CaseWorld]:
    """A case whose version pinned the log after five messages."""
    with Database(sqlite_url) as database:
        enterprise = Enterprise(database)
        device = Device()
        enterprise.enrol(device)
        enterprise.accept(*device.row(5))
        found = CaseWorld(enterprise)
        found.put()
        with database.reading() as uow:
            newest = uow.checkpoints.newest(enterprise.log.number)
        assert newest is not None
        found.submit(log_size=newest.size, log_root=newest.root)
        yield found


def require_included(entries: tuple[ProvenEntry, ...], size: int, root: bytes) -> None:
    for each in entries:
        verify_inclusion(
            hash_leaf(each.entry), index=each.index, size=size, root=root, proof=each.proof
        )


def standing_on(case: Case, *indexes: int) -> Line:
    """Give a line of the version as if it stood on entries."""
    line = content_of(case, 1).lines[0]
    sources = tuple(Source.of_entry(SourceKind.DIGEST, index) for index in indexes)
    return replace(line, sources=(*line.sources, *sources))


def test_digests_of_a_line_are_in_the_pinned_tree(world: CaseWorld) -> None:
    """Each once, in order, whatever the log has grown to since."""
    world.enterprise.file(world.finding(), secret=LEAD)
    case = world.case()
    pinned = version_of(case, 1)
    with world.enterprise.database.reading() as uow:
        entries = line_entries(uow, case, pinned, standing_on(case, 4, 3, 4))

    assert [each.index for each in entries] == [3, 4]
    require_included(entries, pinned.log_size, pinned.log_root)


def test_line_that_stands_on_documents_shows_no_entry(world: CaseWorld) -> None:
    """There is nothing of the log to show."""
    case = world.case()
    with world.enterprise.database.reading() as uow:
        assert line_entries(uow, case, version_of(case, 1), content_of(case, 1).lines[0]) == ()


def test_pinned_checkpoint_must_be_kept(world: CaseWorld) -> None:
    """Another ledger's log, or one that was lost."""
    case = world.case()
    other = replace(version_of(case, 1), log_size=99)
    with world.enterprise.database.reading() as uow, pytest.raises(ReportRefused):
        line_entries(uow, case, other, standing_on(case, 3))


def test_records_of_findings_are_in_the_newest_tree(world: CaseWorld) -> None:
    """The finding, its answer and its end, under a checkpoint that the log signed."""
    enterprise = world.enterprise
    enterprise.file(world.finding(), secret=LEAD)
    enterprise.file(world.response())
    enterprise.file(world.closing(), secret=LEAD)
    with enterprise.database.reading() as uow:
        records, note = finding_records(uow, world.case())

    assert note is not None
    checkpoint: Checkpoint = open_checkpoint(note, parse_vkey(enterprise.log.vkey))
    assert len(records) == 3
    require_included(records, checkpoint.size, checkpoint.root)


def test_case_without_findings_shows_no_records(world: CaseWorld) -> None:
    """Nor a checkpoint."""
    with world.enterprise.database.reading() as uow:
        assert finding_records(uow, world.case()) == ((), None)


def act(name: str, number: int, version: int) -> ChainAct:
    state = InventoryState.SUBMITTED
    place = Place(number, 0)
    return ChainAct(
        inventory_id=b"i" * 32,
        tx_hash=bytes([number]) * 32,
        name=name,
        digest=bytes([number]) * 32,
        signers={},
        state_before=state,
        state_after=state,
        state_hash=bytes(32),
        version=version,
        reason="",
        document_hash=None,
        fields=None,
        at=place,
        at_s=number,
    )


def test_newest_act_of_each_kind_counts(world: CaseWorld) -> None:
    """Of the version; an assignment stands while others are submitted."""
    acts = (
        act("InventoryDraft", 1, 0),
        act("InventorySubmission", 2, 1),
        act("VerificationAssignment", 3, 1),
        act("VerificationStatement", 4, 1),
        act("InventorySubmission", 5, 2),
        act("VerificationFindings", 6, 2),
        act("VerificationStatement", 7, 2),
        act("ObjectionUpheld", 8, 2),
        act("VerificationStatement", 9, 2),
        act("ResultConfirmation", 10, 2),
    )
    case = world.case()
    second = replace(case.versions[0], number=2)
    case = replace(case, acts=acts, versions=(*case.versions, second), contents=(None, None))

    assert [each.at.block_number for each in acts_on(case, 2)] == [3, 5, 9, 10]
    assert [each.at.block_number for each in acts_on(case, 1)] == [2, 3, 4]
    with pytest.raises(ReportRefused):
        acts_on(case, 3)
    with pytest.raises(ReportRefused):
        content_of(case, 2)
