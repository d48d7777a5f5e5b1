"""
Telling what happens in a log: which events there are, and what each says.

An event says that something happened and where to look: indexes, hashes, numbers. Entries of
messages are not told one by one; the checkpoint over them is.

Source: DESIGN section 9; `docs/events.md`.
"""

from __future__ import annotations

from attestation.canonical import Json
from attestation.digests import decode_digest
from attestation.enums import EventKind
from attestation.evidence_bodies import Manifest
from attestation.instants import Instant
from attestation.record_bodies import Body
from attestation.records import Record
from attestation.sample_bodies import LabReport
from ledger.inventory.custody import Filed
from ledger.inventory.report_alarms import report_alarms
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.entries import Entry
from ledger.repositories.logs import Log
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork


def tell_checkpoint(uow: UnitOfWork, checkpoint: StoredCheckpoint) -> None:
    """Tell that a tree of a new size was signed."""
    uow.events.tell(
        checkpoint.log,
        EventKind.CHECKPOINT,
        str(checkpoint.size),
        {"size": checkpoint.size, "root": checkpoint.root.hex()},
        at=checkpoint.signed_at,
    )


def tell_anchor(uow: UnitOfWork, anchor: StoredAnchor, kind: EventKind, now: Instant) -> None:
    """
    Tell that a checkpoint stands in a block, or that this is final.

    A checkpoint that a reorganisation moves to another block is told again.
    """
    uow.events.tell(
        anchor.log,
        kind,
        f"{anchor.size} {anchor.tx_hash.hex()} {anchor.block_hash.hex()}",
        {
            "size": anchor.size,
            "root": anchor.root.hex(),
            "block_number": anchor.block_number,
            "transaction": f"0x{anchor.tx_hash.hex()}",
        },
        at=now,
    )


def tell_digest(uow: UnitOfWork, log: Log, entry: Entry) -> None:
    """Tell that an activity digest stands in the log; its period and unit stay with the grant."""
    commitment = decode_digest(entry.content).commitment.hex()
    body: dict[str, Json] = {"index": entry.index, "commitment": commitment}
    at = uow.messages.received_at(log.number, entry.admission_id)
    uow.events.tell(log.number, EventKind.DIGEST, str(entry.index), body, at=at)


def tell_record(uow: UnitOfWork, log: Log, entry: Entry, record: Record, body: Body | None) -> None:
    """
    Tell that a record stands in the log: its type and index, of some types a little more.

    Args:
        uow: A writing unit of work.
        log: The log.
        entry: The record's entry.
        record: The record itself.
        body: What it says; None where its type is not known here.
    """
    said: dict[str, Json] = {"index": entry.index, "type": record.record_type}
    kind = EventKind.RECORD
    if isinstance(body, Manifest):
        kind = EventKind.EVIDENCE
        said |= {"month": body.month, "number": body.number, "files": len(body.files)}
    elif isinstance(body, LabReport):
        kind = EventKind.LAB_REPORT
        said |= {"file": body.file.hex(), "samples": len(body.samples)}
    at = uow.messages.received_at(log.number, entry.admission_id)
    uow.events.tell(log.number, kind, str(entry.index), said, at=at)


def tell_report_alarms(uow: UnitOfWork, log: Log) -> None:
    """Tell every alarm over the laboratory reports of a log that was not told before."""
    reports = uow.stated.listed(log.number, LabReport)
    alarms = report_alarms([Filed(each.index, each.body) for each in reports])
    for alarm in alarms:
        newest = uow.entries.get(log.number, alarm.reports[-1])
        uow.events.tell(
            log.number,
            EventKind.SAMPLE_ALARM,
            f"{alarm.remark.code} {' '.join(map(str, alarm.reports))}",
            {"alarm": alarm.remark.code, "reports": list(alarm.reports)},
            at=uow.messages.received_at(log.number, newest.admission_id),
        )
