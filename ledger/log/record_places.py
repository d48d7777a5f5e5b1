"""
Where in a log the records stand that evidence rests on, by what they are about.

Kept in memory and brought up to date from the log itself; nothing is lost when it is thrown away.

Source: `docs/formats/bundle.md`, section 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attestation.key_bodies import CertificateAuthority, KeyClosing, KeyEnrolment
from attestation.record_bodies import Body
from attestation.records import body_of_record, is_known, parse_record
from attestation.series_bodies import Calibration, SeriesRegistration
from ledger.repositories.logs import LogNumber
from ledger.repositories.record_places import RecordPlaceRepository
from ledger.unit_of_work import UnitOfWork

_TYPES: Final = frozenset(
    kind.record_type
    for kind in (CertificateAuthority, KeyEnrolment, KeyClosing, SeriesRegistration, Calibration)
)

Subject = tuple[str, bytes | str]
"""(record type, what it is about)."""


class RecordPlaces:
    """
    The places of one log's records.

    Args:
        log: The log.
    """

    def __init__(self, log: LogNumber) -> None:
        self._log = log
        self._seen_admission = 0
        self._places: dict[Subject, list[int]] = {}
        self._enrolments: dict[int, KeyEnrolment] = {}

    def update(self, uow: UnitOfWork) -> None:
        """Read the records that were integrated since the last time."""
        up_to = uow.heads.get(self._log).last_admission_id
        admissions = RecordPlaceRepository(uow.connection).admissions(
            self._log, _TYPES, after=self._seen_admission, up_to=up_to
        )
        indexes = sorted(uow.entries.indexes_of(self._log, admissions).values())
        for index in indexes:
            record = parse_record(uow.entries.get(self._log, index).content)
            if is_known(record):
                self._place(index, body_of_record(record))
        self._seen_admission = up_to

    def enrolment(self, kid: bytes, before: int) -> tuple[int, KeyEnrolment] | None:
        """Give the newest enrolment of a key before an index, with its own index."""
        index = self._newest((KeyEnrolment.record_type, kid), before)
        return None if index is None else (index, self._enrolments[index])

    def authority(self, certificate: bytes, before: int) -> int | None:
        """Give the place of the record by which a device authority began to count."""
        return self._newest((CertificateAuthority.record_type, certificate), before)

    def series(self, series: Iterable[str], before: int) -> list[int]:
        """Give the places of the newest registrations before an index, as far as there are any."""
        found = (self._newest((SeriesRegistration.record_type, name), before) for name in series)
        return [index for index in found if index is not None]

    def series_within(self, series: Iterable[str], below: int) -> list[int]:
        """Give the places of every registration of some series, below an index."""
        return self._all(SeriesRegistration.record_type, series, below)

    def calibrations(self, instruments: Iterable[str], below: int) -> list[int]:
        """Give the places of every calibration of some instruments, below an index."""
        return self._all(Calibration.record_type, instruments, below)

    def closings(self, kids: Iterable[bytes], below: int) -> list[int]:
        """Give the places of every record that closes one of some keys, below an index."""
        return self._all(KeyClosing.record_type, kids, below)

    def _place(self, index: int, body: Body) -> None:
        match body:
            case KeyEnrolment():
                self._enrolments[index] = body
                subject: Subject = (body.record_type, body.kid)
            case KeyClosing():
                subject = (body.record_type, body.kid)
            case CertificateAuthority():
                subject = (body.record_type, body.certificate)
            case SeriesRegistration():
                subject = (body.record_type, body.series)
            case Calibration():
                subject = (body.record_type, body.instrument)
            case _:
                return
        self._places.setdefault(subject, []).append(index)

    def _newest(self, subject: Subject, before: int) -> int | None:
        return max((at for at in self._places.get(subject, ()) if at < before), default=None)

    def _all(self, record_type: str, names: Iterable[bytes | str], below: int) -> list[int]:
        return [
            index
            for name in names
            for index in self._places.get((record_type, name), ())
            if index < below
        ]
