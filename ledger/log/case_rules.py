"""
What records of a verification case may say, judged by the chain and by the log.

A verifier speaks in an enterprise's log only while the chain names it as the one assigned to the
inventory; how a finding ended is said by the party that raised it, and by nobody else.

Source: DESIGN section 8; `docs/formats/case-records.md`, section 2.
"""

from __future__ import annotations

from typing import Final

from attestation.case_bodies import (
    Anchor,
    Finding,
    FindingClosing,
    FindingReopening,
    FindingResponse,
    SiteVisit,
)
from attestation.enums import InventoryState, PartyKind, RepresentativeRole, label
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.merkle import hash_leaf
from attestation.record_bodies import BODY_TYPES
from attestation.records import Record
from ledger.cases.threads import Thread, read_thread, read_threads
from ledger.errors import NotRegistered, RecordRefused, UnknownSigner
from ledger.inventory.versions import read_version
from ledger.repositories.chain_inventories import ChainInventory
from ledger.repositories.logs import Log
from ledger.repositories.record_places import RecordPlaceRepository
from ledger.unit_of_work import UnitOfWork

CaseStatement = Finding | FindingResponse | FindingClosing | FindingReopening | SiteVisit

_UNDER_WAY: Final = (InventoryState.UNDER_VERIFICATION, InventoryState.FINDINGS)
_MAY_SPEAK: Final = (RepresentativeRole.INITIATOR, RepresentativeRole.APPROVER)


def check_case_statement(
    uow: UnitOfWork, log: Log, record: Record, body: CaseStatement, *, now: Instant
) -> None:
    """
    Check a record of a case against the chain and the log.

    Args:
        uow: A unit of work.
        log: The log the record is for.
        record: The record; its signature holds.
        body: What it says.
        now: Present time.

    Raises:
        RecordRefused: If it contradicts what is stated before, or lies in the future.
        NotRegistered: If it names what is not there, or not yet.
        UnknownSigner: If another than the verifier concerned signed it.
    """
    now_s = now // MILLISECONDS_PER_SECOND
    if _said_at(body) > now_s:
        raise RecordRefused(f"second {_said_at(body)} is still to come")
    inventory = _inventory(uow, log, body.inventory)
    match body:
        case Finding():
            _require_assigned(uow, record, inventory, body.verifier, now_s)
            _check_finding(uow, log, record, body, inventory)
        case SiteVisit():
            _require_assigned(uow, record, inventory, body.verifier, now_s)
            _check_visit(uow, log, record, body, inventory)
        case FindingResponse():
            _check_response(uow, log, body, inventory)
        case FindingClosing():
            thread = _thread(uow, log, body)
            _require_author(uow, record, thread, now_s)
            _require_open(thread)
        case FindingReopening():
            _check_reopening(uow, log, record, body, inventory, now_s)


def _check_finding(
    uow: UnitOfWork, log: Log, record: Record, body: Finding, inventory: ChainInventory
) -> None:
    _require_under_way(inventory)
    _require_version(inventory, body.version)
    threads = read_threads(uow, log, body.inventory)
    earlier = next((each for each in threads if each.number == body.number), None)
    if earlier is not None:
        _check_superseding(record, body, earlier)
    else:
        expected = max((each.number for each in threads), default=0) + 1
        if body.number != expected:
            raise RecordRefused(f"finding {body.number}, {expected} is the next")
    _check_anchor(uow, log, body, body.anchor)


def _check_superseding(record: Record, body: Finding, earlier: Thread) -> None:
    if earlier.finding.place.leaf_hash not in record.supersedes:
        raise RecordRefused(f"finding {body.number} is raised already; a number is used once")
    if earlier.finding.body.verifier != body.verifier:
        raise UnknownSigner(f"finding {body.number} is of {earlier.finding.body.verifier}")
    if earlier.steps:
        raise RecordRefused(f"finding {body.number} is answered or closed; close it as withdrawn")


def _check_visit(
    uow: UnitOfWork, log: Log, record: Record, body: SiteVisit, inventory: ChainInventory
) -> None:
    _require_under_way(inventory)
    _require_version(inventory, body.version)
    began = next((each.at_s for each in uow.chain_inventories.acts(body.inventory)), 0)
    if body.from_s < began:
        raise RecordRefused(f"the visit begins before the case did, at second {began}")
    for leaf_hash in record.supersedes:
        earlier = uow.stated.named(log.number, SiteVisit, leaf_hash)
        if earlier is not None and earlier.body.verifier != body.verifier:
            raise UnknownSigner(f"the visit of {earlier.body.verifier} is not another's to replace")


def _check_response(
    uow: UnitOfWork, log: Log, body: FindingResponse, inventory: ChainInventory
) -> None:
    thread = _thread(uow, log, body)
    _require_open(thread)
    if body.version is not None:
        _require_version(inventory, body.version)
        if body.version <= thread.finding.body.version:
            raise RecordRefused(
                f"version {body.version} puts nothing right that was found in version"
                f" {thread.finding.body.version}"
            )
    if body.corrections:
        filed = _records_since(uow, log, thread)
        for leaf_hash in body.corrections:
            if leaf_hash not in filed:
                raise NotRegistered(f"no record {leaf_hash.hex()} came after the finding")


def _check_reopening(
    uow: UnitOfWork,
    log: Log,
    record: Record,
    body: FindingReopening,
    inventory: ChainInventory,
    now_s: int,
) -> None:
    thread = _thread(uow, log, body)
    _require_author(uow, record, thread, now_s)
    _require_under_way(inventory)
    closing = thread.closing
    if closing is None or closing.place.leaf_hash != body.closing:
        raise RecordRefused(f"finding {body.number} is not closed by the record that is named")


def _check_anchor(uow: UnitOfWork, log: Log, body: Finding, anchor: Anchor) -> None:
    if anchor.entry is not None and anchor.entry >= uow.heads.get(log.number).size:
        raise NotRegistered(f"entry {anchor.entry} is not in the log")
    if anchor.series is not None and anchor.series not in uow.series.all(log.number):
        raise NotRegistered(f"series {anchor.series} is not registered")
    if anchor.line is None:
        return
    submitted = uow.chain_inventories.version(body.inventory, body.version)
    kept = (
        None
        if submitted is None
        else uow.inventories.named(log.number, body.inventory, submitted.document_hash)
    )
    if kept is not None:
        lines = {line.line_id for line in read_version(kept.content).lines}
        if anchor.line not in lines:
            raise NotRegistered(f"no line {anchor.line} in version {body.version}")


def _records_since(uow: UnitOfWork, log: Log, thread: Thread) -> set[bytes]:
    """Give the leaf hashes of the records after a finding; all of a log that continues its own."""
    finding = thread.finding
    is_here = uow.stated.named(log.number, Finding, finding.place.leaf_hash) is not None
    after = uow.entries.get(log.number, finding.index).admission_id if is_here else 0
    admissions = RecordPlaceRepository(uow.connection).admissions(
        log.number,
        BODY_TYPES.keys(),
        after=after,
        up_to=uow.heads.get(log.number).last_admission_id,
    )
    indexes = sorted(uow.entries.indexes_of(log.number, admissions).values())
    return {hash_leaf(each.content) for each in uow.entries.many(log.number, indexes).values()}


def _inventory(uow: UnitOfWork, log: Log, inventory_id: bytes) -> ChainInventory:
    found = uow.chain_inventories.get(inventory_id)
    if found is None:
        raise NotRegistered(f"no inventory 0x{inventory_id.hex()} on chain, as far as it was read")
    if found.usc != log.usc:
        raise RecordRefused(f"an inventory of {found.usc} in the log of {log.usc}")
    return found


def _require_under_way(inventory: ChainInventory) -> None:
    if inventory.state not in _UNDER_WAY:
        raise RecordRefused(f"the inventory is {label(inventory.state)}, not under verification")


def _require_version(inventory: ChainInventory, version: int) -> None:
    if version > inventory.version:
        raise NotRegistered(f"version {version} was not submitted, as far as the chain was read")


def _require_assigned(
    uow: UnitOfWork, record: Record, inventory: ChainInventory, verifier: str, now_s: int
) -> None:
    party_id = _speaker(uow, record.signer, verifier, now_s)
    if inventory.verifier != party_id:
        raise UnknownSigner(f"{verifier} is not assigned to this inventory")


def _require_author(uow: UnitOfWork, record: Record, thread: Thread, now_s: int) -> None:
    _speaker(uow, record.signer, thread.finding.body.verifier, now_s)


def _speaker(uow: UnitOfWork, signer: str, verifier: str, now_s: int) -> bytes:
    """Give the id of the verifier with a code, for whom the signer speaks at present."""
    address = bytes.fromhex(signer[2:])
    for party, representative in uow.parties.speaking(address, at_s=now_s):
        is_it = party.kind is PartyKind.VERIFIER and party.code == verifier
        if party.active and is_it and representative.role in _MAY_SPEAK:
            return party.party_id
    raise UnknownSigner(f"{signer} does not speak for verifier {verifier} at present")


def _thread(
    uow: UnitOfWork, log: Log, body: FindingResponse | FindingClosing | FindingReopening
) -> Thread:
    thread = read_thread(uow, log, body.finding)
    if thread is None:
        raise NotRegistered(f"no finding {body.number} with that leaf hash stands in the log")
    found = thread.finding.body
    if (found.inventory, found.number) != (body.inventory, body.number):
        raise RecordRefused(f"that leaf hash is of finding {found.number}, not {body.number}")
    return thread


def _require_open(thread: Thread) -> None:
    if thread.closing is not None:
        raise RecordRefused(f"finding {thread.number} is closed")


def _said_at(body: CaseStatement) -> int:
    match body:
        case Finding():
            return body.raised_s
        case SiteVisit():
            return body.to_s
        case FindingResponse() | FindingClosing() | FindingReopening():
            return body.at_s
