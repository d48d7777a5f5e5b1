"""
Activity digests: a datum's amount, committed to in the log without being shown.

The digest's entry is public and fixed; its document stays with the enterprise. Both are made once
from the log; `ledger.inventory.rederiving` makes the document again from what the log says now.

Source: FORMATS section 4; `docs/formats/activity-digest.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.digests import ActivityDigest, commit, decode_digest, encode_digest
from attestation.entries import EntryKind
from attestation.errors import EncodingError
from attestation.ids import keccak256
from attestation.instants import Instant
from ledger.errors import NotIntegrated
from ledger.inventory.activity import ActivityDatum, activity_datum
from ledger.inventory.errors import DatumIncomplete, DigestBroken, DigestUnknown, InventoryError
from ledger.inventory.periods import Period
from ledger.log.decisions import Admitted, Duplicate
from ledger.log.records import RecordAdmission
from ledger.repositories.digest_documents import DigestDocument
from ledger.repositories.logs import Log, LogNumber
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory

_OF_THE_MOMENT: Final = frozenset({"size"})
"""Names whose values only say when a document was made."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a digest is about."""

    unit: str
    parameter: str
    series: str
    period: Period


@dataclass(frozen=True, slots=True)
class MadeDigest:
    """A digest that is admitted; it gets its index when it is integrated."""

    admission_id: int
    content: bytes
    """The entry's 320 bytes."""
    datum: ActivityDatum


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """A digest of the log with the document it commits to; the two fit each other."""

    index: int
    digest: ActivityDigest
    document: Mapping[str, Json]
    salt: bytes
    """16 bytes."""

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return _subject(self.document)


class DigestMaker:
    """
    Makes digests and puts them into the log.

    Args:
        unit_of_work: Makes writing units of work.
        reading: Makes reading units of work.
        records: Admits the entries.
        salt: Gives 16 fresh random bytes each time.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        reading: UnitOfWorkFactory,
        *,
        records: RecordAdmission,
        salt: Callable[[], bytes],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._records = records
        self._salt = salt

    def make(self, number: LogNumber, subject: Subject, *, now: Instant) -> MadeDigest:
        """
        Digest a datum and submit the digest's entry.

        A datum that is already digested as it is gives the digest there is. May be repeated: what
        was stored and not submitted is submitted then.

        Raises:
            NotRegistered: If the log has no such series.
            DatumIncomplete: If the log has no entry at all.
            InventoryError: If admission refuses the entry, with its code and reason.
        """
        # A month of readings is added up without keeping others from writing.
        with self._reading() as uow:
            log = uow.logs.get(number)
            datum = datum_of(uow, log, subject)
        with self._unit_of_work() as uow:
            kept = _newest(uow, number, subject)
            if kept is None or not _states(kept, datum):
                kept = _new(log, datum, self._salt(), now)
                uow.digests.add(number, kept)
            # Commit point: the document is kept before its digest can stand in the log.
            uow.commit()
        content = digest_entry(log, kept)
        decision = self._records.admit_digest(number, content, now=now)
        if not isinstance(decision, Admitted | Duplicate):
            raise InventoryError(f"the digest was not admitted: {decision}", code=decision.code)
        return MadeDigest(decision.admission_id, content, datum)


def load_digest(uow: UnitOfWork, log: Log, index: int) -> StoredDigest:
    """
    Load a digest and its document, and check that they fit each other.

    Raises:
        DigestUnknown: If the entry is no digest or its document is not kept here.
        DigestBroken: If the document is not what the entry commits to.
    """
    try:
        entry = uow.entries.get(log.number, index)
    except NotIntegrated as error:
        raise DigestUnknown(f"no entry {index} in {log.origin}") from error
    if entry.kind is not EntryKind.DIGEST:
        raise DigestUnknown(f"entry {index} is no activity digest")
    kept = uow.digests.get(log.number, sha256(entry.content).digest())
    if kept is None:
        raise DigestUnknown(f"no document is kept for the digest at entry {index}")
    digest = decode_digest(entry.content)
    try:
        document = require_object(parse_canonical(kept.document), "document")
        broken = commit(document, kept.salt) != digest.commitment
    except EncodingError as error:
        raise DigestBroken(f"the document of entry {index} cannot be read") from error
    if broken or digest_entry(log, kept) != entry.content:
        raise DigestBroken(f"the document kept is not what entry {index} commits to")
    return StoredDigest(index, digest, document, kept.salt)


def digests_within(
    uow: UnitOfWork, log: Log, period: Period, *, unit: str | None = None
) -> tuple[StoredDigest, ...]:
    """
    Load the digests whose periods lie in a period and that are integrated, in index order.

    Of several about one subject all are given; the last one is the newest.
    """
    indexes: list[int] = []
    for kept in uow.digests.within(log.number, period.from_s, period.to_s, unit=unit):
        admission = uow.admissions.record(log.number, kept.content_hash)
        index = None if admission is None else uow.entries.index_of(log.number, admission)
        if index is not None:
            indexes.append(index)
    return tuple(load_digest(uow, log, index) for index in sorted(indexes))


def datum_of(uow: UnitOfWork, log: Log, subject: Subject) -> ActivityDatum:
    """
    Give the datum that a digest of a subject would commit to now.

    Raises:
        NotRegistered: If the log has no such series.
        DatumIncomplete: If the log has no entry at all.
    """
    datum = activity_datum(
        uow, log, subject.unit, subject.parameter, subject.series, subject.period
    )
    if not datum.size:
        raise DatumIncomplete(f"{log.origin} has no entries to digest")
    return datum


def _subject(document: Mapping[str, Json]) -> Subject:
    unit, parameter, series = (str(document[name]) for name in ("unit", "parameter", "series"))
    from_s, to_s = document["from"], document["to"]
    if not isinstance(from_s, int) or not isinstance(to_s, int):
        raise DigestBroken("the document's period is no pair of seconds")
    return Subject(unit, parameter, series, Period(from_s, to_s))


def _newest(uow: UnitOfWork, number: LogNumber, subject: Subject) -> DigestDocument | None:
    period = subject.period
    kept = [
        each
        for each in uow.digests.within(number, period.from_s, period.to_s, unit=subject.unit)
        if (each.parameter, each.series) == (subject.parameter, subject.series)
        and (each.from_s, each.to_s) == (period.from_s, period.to_s)
    ]
    return kept[-1] if kept else None


def differing(stated: Mapping[str, Json], found: Mapping[str, Json]) -> tuple[str, ...]:
    """Name the words in which two documents differ, but for when they were made."""
    return tuple(
        name
        for name in sorted(stated.keys() | found.keys())
        if name not in _OF_THE_MOMENT and stated.get(name) != found.get(name)
    )


def _states(kept: DigestDocument, datum: ActivityDatum) -> bool:
    stated = require_object(parse_canonical(kept.document), "document")
    return not differing(stated, datum.document())


def _new(log: Log, datum: ActivityDatum, salt: bytes, now: Instant) -> DigestDocument:
    document = canonical_json(datum.document())
    draft = DigestDocument(
        content_hash=b"",
        unit=datum.unit,
        parameter=datum.parameter,
        series=datum.series,
        from_s=datum.period.from_s,
        to_s=datum.period.to_s,
        salt=salt,
        document=document,
        created_at=now,
    )
    content_hash = sha256(digest_entry(log, draft)).digest()
    return DigestDocument(
        content_hash,
        draft.unit,
        draft.parameter,
        draft.series,
        draft.from_s,
        draft.to_s,
        salt,
        document,
        now,
    )


def digest_entry(log: Log, kept: DigestDocument) -> bytes:
    """Build the entry of a document; every word of it follows from the document."""
    document = require_object(parse_canonical(kept.document), "document")
    size, first_index, missing = (document[name] for name in ("size", "first_index", "missing"))
    if not isinstance(size, int) or not isinstance(first_index, int):
        raise DigestBroken("the document's entries are no integers")
    return encode_digest(
        ActivityDigest(
            origin_hash=log.log_id,
            unit_id=keccak256(kept.unit.encode()),
            series_hash=keccak256(kept.series.encode()),
            from_s=kept.from_s,
            to_s=kept.to_s,
            first_index=first_index,
            last_index=size - 1,
            gap_count=len(missing) if isinstance(missing, list) else 0,
            commitment=commit(document, kept.salt),
        )
    )
