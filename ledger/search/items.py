"""
Items of the index: what of an entry, an inventory, an act or a party can be found, by which words.

A record is found by everything its body says in text: serial numbers, file names, hashes, reasons.
What is not written as text (amounts, positions) is not searched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from attestation.canonical import Json
from attestation.digests import decode_digest
from attestation.enums import label
from attestation.errors import EncodingError
from attestation.instants import Instant, format_instant, from_seconds
from attestation.records import Record, parse_record
from ledger.inventory.periods import Period
from ledger.repositories.chain_inventories import ChainAct, ChainInventory
from ledger.repositories.entries import Entry
from ledger.repositories.inventories import StoredVersion
from ledger.repositories.logs import Log
from ledger.repositories.parties import Party
from ledger.repositories.searching import Item
from ledger.search.kinds import ItemKind
from ledger.search.words import words_of
from ledger.unit_of_work import UnitOfWork

Indexed = tuple[Item, frozenset[bytes]]

_KINDS: Final = {
    "key": ItemKind.KEY,
    "key-close": ItemKind.KEY,
    "series": ItemKind.SERIES,
    "instrument": ItemKind.INSTRUMENT,
    "exchange": ItemKind.INSTRUMENT,
    "manifest": ItemKind.DOCUMENT,
    "calibration": ItemKind.DOCUMENT,
    "sample": ItemKind.SAMPLE,
    "sample-step": ItemKind.SAMPLE,
    "lab-report": ItemKind.REPORT,
    "finding": ItemKind.FINDING,
    "finding-response": ItemKind.FINDING,
    "finding-closing": ItemKind.FINDING,
    "finding-reopening": ItemKind.FINDING,
}
_NOT_INDEXED: Final = frozenset({"action"})
"""Actions have a ledger and filters of their own."""
_LONGEST_TEXT: Final = 2_000
_LONGEST_WORD: Final = 200


def record_item(uow: UnitOfWork, log: Log, entry: Entry) -> Indexed | None:
    """Give the item of a record; None where its type is not searched."""
    record = parse_record(entry.content)
    if record.record_type in _NOT_INDEXED:
        return None
    leaf = record.leaf_hash.hex()
    item = Item(
        kind=_KINDS.get(record.record_type, ItemKind.RECORD),
        key=leaf,
        title=record.subject,
        at=uow.messages.received_at(log.number, entry.admission_id),
        enterprise=log.usc,
        log=log.number,
        entry_index=entry.index,
        body={"type": record.record_type, "leaf_hash": leaf, "signer": record.signer},
    )
    return item, words_of(leaf, log.usc, *_said(record))


def digest_item(uow: UnitOfWork, log: Log, entry: Entry) -> Indexed:
    """Give the item of an activity digest, by what its document is about."""
    digest = decode_digest(entry.content)
    commitment = digest.commitment.hex()
    item = Item(
        kind=ItemKind.DIGEST,
        key=commitment,
        title=f"activity digest 活动数据摘要 {_day(digest.from_s)} to {_day(digest.to_s)}",
        at=uow.messages.received_at(log.number, entry.admission_id),
        enterprise=log.usc,
        log=log.number,
        entry_index=entry.index,
        body={"commitment": commitment},
    )
    return item, words_of(commitment, log.usc, item.title)


def version_item(log: Log, version: StoredVersion) -> Indexed:
    """Give the item of a stored version of an inventory."""
    inventory_id = version.inventory_id.hex()
    period = Period(version.from_s, version.to_s).label
    title = f"inventory 排放清单 {version.unit} {period} version {version.number}"
    item = Item(
        kind=ItemKind.VERSION,
        key=version.sha256.hex(),
        title=title,
        at=version.created_at,
        enterprise=log.usc,
        log=log.number,
        body={
            "inventory_id": f"0x{inventory_id}",
            "number": version.number,
            "state": label(version.state),
        },
    )
    hashes = (version.sha256.hex(), version.lines_root.hex(), inventory_id)
    return item, words_of(title, log.usc, *hashes)


def act_item(case: ChainInventory, act: ChainAct) -> Indexed:
    """Give the item of an act on an inventory, by everything that was signed in it."""
    inventory_id = act.inventory_id.hex()
    item = Item(
        kind=ItemKind.ACT,
        key=act.digest.hex(),
        title=f"{act.name} · {case.name} {case.unit_code} {case.report_year}",
        at=from_seconds(act.at_s),
        enterprise=case.usc,
        block_number=act.at.block_number,
        body={
            "inventory_id": f"0x{inventory_id}",
            "act": act.name,
            "version": act.version,
            "transaction": f"0x{act.tx_hash.hex()}",
        },
    )
    hashes = [act.digest.hex(), act.tx_hash.hex(), act.state_hash.hex(), inventory_id]
    if act.document_hash is not None:
        hashes.append(act.document_hash.hex())
    signers = [address.hex() for address in act.signers.values()]
    said = _texts(dict(act.fields or {}))
    return item, words_of(item.title, case.usc, act.reason, *hashes, *signers, *said)


def case_item(case: ChainInventory, first: ChainAct) -> Indexed:
    """Give the item of a case, from its draft on."""
    inventory_id = case.inventory_id.hex()
    item = Item(
        kind=ItemKind.CASE,
        key=inventory_id,
        title=f"{case.name} {case.unit_code} {case.report_year}",
        at=from_seconds(first.at_s),
        enterprise=case.usc,
        block_number=first.at.block_number,
        body={"inventory_id": f"0x{inventory_id}", "unit": case.unit_code},
    )
    return item, words_of(item.title, case.usc, inventory_id, str(case.area))


def party_item(party: Party, now: Instant) -> Indexed:
    """Give the item of a party; who is registered is public."""
    item = Item(
        kind=ItemKind.PARTY,
        key=party.party_id.hex(),
        title=f"{party.name or party.code} ({label(party.kind)})",
        at=now,
        body={"code": party.code, "kind": label(party.kind), "active": party.active},
    )
    return item, words_of(party.code, item.title, party.party_id.hex())


def log_item(log: Log) -> Indexed:
    """Give the item of a log."""
    item = Item(
        kind=ItemKind.LOG,
        key=log.origin,
        title=log.origin,
        at=log.opened_at,
        body={"origin": log.origin, "log_id": f"0x{log.log_id.hex()}"},
    )
    return item, words_of(log.origin, log.log_id.hex(), log.usc)


def _said(record: Record) -> Iterator[str]:
    yield record.record_type
    yield record.subject
    yield record.content_hash.hex()
    yield record.signer
    yield from _texts(dict(record.body))


def _texts(value: Json | Any) -> Iterator[str]:
    """Give every text in a JSON value; what is encoded bytes is none."""
    if isinstance(value, str):
        if len(value) <= _LONGEST_WORD or (" " in value and len(value) <= _LONGEST_TEXT):
            yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)


def _day(second: int) -> str:
    """Give the instant at which a period begins or ends; any second may stand in a digest."""
    try:
        return format_instant(from_seconds(second))
    except EncodingError:
        return str(second)
