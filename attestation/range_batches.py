"""
Judging a batch of a range's entries, in whatever process it is handed to.

A batch comes back as leaf hashes, counts and problems; whether its entries stand in the log is
found out by whoever gathers the leaf hashes.

Source: FORMATS section 8 (VerifiedRange); `docs/formats/bundle.md`, ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from attestation.entries import EntryKind, classify_entry
from attestation.enums import Outcome, Provenance, SignerKind
from attestation.errors import EncodingError, Error, VerificationError
from attestation.evidence import BlockReference, MessageFacts, Unchecked
from attestation.evm.storage import KeySlot
from attestation.headers import Header
from attestation.instants import Instant
from attestation.judgement import (
    calibration_of,
    is_suspected,
    require_agreement,
    require_key_valid,
    require_not_revoked,
    require_times,
)
from attestation.keys import PublicKey
from attestation.log_records import LogRecords
from attestation.merkle import hash_leaves
from attestation.messages import SignedMessage, parse_message, verify_message
from attestation.reading_rules import cached_series_id

Summarise = Callable[[MessageFacts], Any]
"""Takes what the caller wants of a message; runs in the worker, so it must travel there."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries `[first, first + len(entries))` of the log."""

    first: int
    entries: list[bytes]


@dataclass(frozen=True, slots=True)
class RangeTerms:
    """What every message of the range is judged by."""

    origin: str
    records: LogRecords
    slots: Mapping[bytes, KeySlot]
    """What the chain says of each key, by key id; keys it could not be asked about are absent."""
    block: BlockReference | None
    summarise: Summarise | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one entry of the range does not count, or could not be judged."""

    index: int
    outcome: Outcome
    code: str
    detail: str


@dataclass(slots=True)
class KeyUse:
    """Between which times a key was used in a range, and at which entry first."""

    first_index: int
    earliest: Instant
    latest: Instant

    def widen(self, other: KeyUse) -> None:
        """Take in the uses of another part of the range."""
        self.first_index = min(self.first_index, other.first_index)
        self.earliest = min(self.earliest, other.earliest)
        self.latest = max(self.latest, other.latest)


@dataclass(slots=True)
class Tally:
    """Counts of a range, or of a part of it."""

    messages: int = 0
    readings: int = 0
    other_entries: int = 0
    """Records and digests, which stand in the log and are not judged here."""
    imported: int = 0
    """Readings imported from files."""
    gateway_signed: int = 0
    """Readings that a gateway signed for a device."""

    def add(self, other: Tally) -> None:
        """Take in the counts of another part of the range."""
        self.messages += other.messages
        self.readings += other.readings
        self.other_entries += other.other_entries
        self.imported += other.imported
        self.gateway_signed += other.gateway_signed


@dataclass(slots=True)
class BatchResult:
    """What came of a batch."""

    leaf_hashes: list[bytes]
    tally: Tally = field(default_factory=Tally)
    uses: dict[bytes, KeyUse] = field(default_factory=dict)
    """By key id."""
    problems: list[Problem] = field(default_factory=list)
    summaries: list[Any] = field(default_factory=list)


def judge_batch(terms: RangeTerms, batch: Batch) -> BatchResult:
    """
    Hash a batch's entries and judge its messages.

    Args:
        terms: What they are judged by.
        batch: From outside.

    Source: `docs/formats/bundle.md`, ranges.
    """
    result = BatchResult(hash_leaves(batch.entries))
    for index, entry in enumerate(batch.entries, start=batch.first):
        try:
            _judge_entry(terms, index, entry, result)
        except (VerificationError, EncodingError) as error:
            problem = Problem(index, Outcome.FAILED, error.stable_code, error.message)
            result.problems.append(problem)
        except Error as error:
            problem = Problem(index, Outcome.COULD_NOT_CHECK, error.stable_code, error.message)
            result.problems.append(problem)
    return result


def _judge_entry(terms: RangeTerms, index: int, entry: bytes, result: BatchResult) -> None:
    if classify_entry(entry) is not EntryKind.MESSAGE:
        result.tally.other_entries += 1
        return
    message = parse_message(entry, origin=terms.origin)
    header, records = message.header, terms.records
    _, enrolment = records.enrolment(header.kid, index)
    verify_message(message, PublicKey.from_spki(enrolment.spki))
    slot = _require_key(terms, header, index)
    registrations = {
        name: records.series(name, index) for name in {run.common.series for run in message.runs}
    }
    block_time_s = None if terms.block is None else terms.block.timestamp_s
    require_times(header, message.runs, registrations, block_time_s)
    require_agreement(header, message.runs, enrolment, registrations)
    _count(message, index, result)
    if terms.summarise is not None:
        result.summaries.append(terms.summarise(_facts(terms, index, message, slot)))


def _require_key(terms: RangeTerms, header: Header, index: int) -> KeySlot:
    closings = terms.records.closings(header.kid)
    slot = terms.slots.get(header.kid)
    if slot is None:
        require_not_revoked(index, closings)
        raise Unchecked("no proof of the key's slot", code="unchecked.revocation")
    require_key_valid(header, index, slot, closings)
    return slot


def _count(message: SignedMessage, index: int, result: BatchResult) -> None:
    header, tally = message.header, result.tally
    readings = sum(map(len, message.runs))
    tally.messages += 1
    tally.readings += readings
    tally.imported += readings if header.provenance is Provenance.IMPORT else 0
    tally.gateway_signed += readings if header.signer is SignerKind.GATEWAY else 0
    use = KeyUse(index, header.signed_at, header.signed_at)
    result.uses.setdefault(header.kid, use).widen(use)


def _facts(terms: RangeTerms, index: int, message: SignedMessage, slot: KeySlot) -> MessageFacts:
    instruments = {cached_series_id(run.common.series).instrument for run in message.runs}
    windows = {each: terms.records.calibrations(each) for each in instruments}
    return MessageFacts(
        origin=terms.origin,
        index=index,
        message=message,
        calibration=tuple(state for run in message.runs for state in calibration_of(run, windows)),
        suspected=is_suspected(index, slot),
        block=terms.block,
    )
