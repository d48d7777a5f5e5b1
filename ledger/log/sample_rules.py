"""
What records about samples, laboratories and monthly evidence may say, judged by the log.

A laboratory speaks with its own key: it is a party of its own in the chain's registry, and the
enterprise has registered that key for its log. So nobody can make up a laboratory, and no
laboratory speaks for an enterprise that has not named it. Whether a sample's chain of custody
holds is not judged here: what happened is filed, and judged when its value is used.

Source: DESIGN section 8; `docs/formats/sample-records.md`, section 2.
"""

from __future__ import annotations

from typing import Any, Final

from attestation.enums import CustodyStep, PartyKind, RepresentativeRole
from attestation.evidence_bodies import EvidenceQuestion, Manifest
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.records import Record
from attestation.sample_bodies import Laboratory, LabReport, Sample, SampleStep
from ledger.errors import NotRegistered, RecordRefused, UnknownSigner
from ledger.repositories.logs import Log
from ledger.repositories.stated import StatedRecord
from ledger.unit_of_work import UnitOfWork

SampleStatement = Laboratory | Sample | SampleStep | LabReport | Manifest | EvidenceQuestion

_BY_LABORATORY: Final = (CustodyStep.RECEIVED, CustodyStep.TESTED)
_MAY_SPEAK: Final = (RepresentativeRole.INITIATOR, RepresentativeRole.APPROVER)


def check_sample_statement(
    uow: UnitOfWork, log: Log, record: Record, body: SampleStatement, *, now: Instant
) -> None:
    """
    Check a record about samples or monthly evidence against the log.

    Args:
        uow: A unit of work.
        log: The log the record is for.
        record: The record; its signature holds.
        body: What it says.
        now: Present time.

    Raises:
        RecordRefused: If it contradicts what is stated before, or lies in the future.
        NotRegistered: If it names what is not in the log, or not yet.
        UnknownSigner: If another than the laboratory concerned signed it.
    """
    _require_past(_newest_second(body), now)
    match body:
        case Laboratory():
            _check_laboratory(uow, body, now)
        case Sample():
            _check_sample(uow, log, record, body)
        case SampleStep():
            _check_step(uow, log, record, body)
        case LabReport():
            _check_report(uow, log, record.signer, body)
        case Manifest():
            _check_manifest(uow, log, record, body)
        case EvidenceQuestion():
            asked = uow.stated.named(log.number, Manifest, body.manifest)
            if asked is None or asked.body.month != body.month:
                raise NotRegistered("no such manifest of that month is in the log")


def _check_laboratory(uow: UnitOfWork, body: Laboratory, now: Instant) -> None:
    address, now_s = bytes.fromhex(body.key[2:]), now // MILLISECONDS_PER_SECOND
    for party, representative in uow.parties.speaking(address, at_s=now_s):
        is_it = party.kind is PartyKind.LABORATORY and party.code == body.code
        if party.active and is_it and representative.role in _MAY_SPEAK:
            return
    raise NotRegistered(f"{body.key} speaks for no laboratory {body.code} at present")


def _check_sample(uow: UnitOfWork, log: Log, record: Record, body: Sample) -> None:
    for each in uow.stated.listed(log.number, Sample, body.sample):
        if not _gives_way(each, record):
            raise RecordRefused(f"sample {body.sample} is filed already; a number is used once")
    for part in body.parts:
        _require_sample(uow, log, part)


def _check_step(uow: UnitOfWork, log: Log, record: Record, body: SampleStep) -> None:
    _require_sample(uow, log, body.sample)
    laboratory = _laboratory_of(uow, log, record.signer)
    if body.step in _BY_LABORATORY and laboratory is None:
        raise NotRegistered(f"{record.signer} is no laboratory's key that is registered here")
    if body.step is CustodyStep.SEALED and laboratory is not None:
        raise UnknownSigner("a sample is sealed by the enterprise, not by the laboratory")
    for each in uow.stated.listed(log.number, SampleStep, body.sample):
        if each.body.step is body.step and not _gives_way(each, record):
            raise RecordRefused(f"sample {body.sample} was {body.step.name.lower()} already")


def _check_report(uow: UnitOfWork, log: Log, signer: str, body: LabReport) -> None:
    laboratory = _laboratory_of(uow, log, signer)
    if laboratory is None:
        raise NotRegistered(f"{signer} is no laboratory's key that is registered here")
    if laboratory != body.laboratory:
        raise UnknownSigner(f"{signer} is the key of {laboratory}, not of {body.laboratory}")
    for sample in body.samples:
        _require_sample(uow, log, sample)


def _check_manifest(uow: UnitOfWork, log: Log, record: Record, body: Manifest) -> None:
    earlier = uow.stated.newest(log.number, Manifest, body.month)
    expected = 1 if earlier is None else earlier.body.number + 1
    if body.number != expected:
        raise RecordRefused(f"manifest {body.number} of {body.month}, {expected} is the next")
    if earlier is not None and not _gives_way(earlier, record):
        raise RecordRefused(f"manifest {body.number} does not supersede the one before it")


def _gives_way(earlier: StatedRecord[Any], record: Record) -> bool:
    """Say whether an earlier record no longer stands once this one is in the log."""
    return earlier.place.is_superseded() or earlier.place.leaf_hash in record.supersedes


def _newest_second(body: SampleStatement) -> int:
    """Give the last second of which a body says that something happened."""
    match body:
        case Sample():
            return body.taken_s
        case SampleStep():
            return body.at_s
        case LabReport():
            return max(body.received_s, body.tested_s, body.reported_s)
        case Manifest() | EvidenceQuestion():
            return body.about.from_s
        case Laboratory():
            return 0


def _require_past(at_s: int, now: Instant) -> None:
    if at_s * MILLISECONDS_PER_SECOND > now:
        raise RecordRefused(f"second {at_s} is still to come")


def _require_sample(uow: UnitOfWork, log: Log, sample: str) -> None:
    if not uow.stated.listed(log.number, Sample, sample):
        raise NotRegistered(f"sample {sample} is not filed")


def _laboratory_of(uow: UnitOfWork, log: Log, signer: str) -> str | None:
    """Give the code of the laboratory that a key speaks for in this log."""
    for each in reversed(uow.stated.listed(log.number, Laboratory)):
        if each.body.key == signer and not each.place.is_superseded():
            return each.body.code
    return None
