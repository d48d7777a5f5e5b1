"""
The records of the log that a message's evidence rests on, by what they are about.

Where several are about one thing, the newest before the message counts. A record of a type not
known here says nothing here.

Source: FORMATS sections 3, 4 and 7; `docs/formats/bundle.md`, records.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from attestation.bundle import ProvenEntry
from attestation.errors import EncodingError
from attestation.evidence import Unchecked
from attestation.key_bodies import CertificateAuthority, KeyClosing, KeyEnrolment
from attestation.record_bodies import Body
from attestation.records import Record, body_of_record, is_known, parse_record
from attestation.series_bodies import Calibration, SeriesRegistration

_BodyType = TypeVar("_BodyType")
_Subject = TypeVar("_Subject", bound=Hashable)


@dataclass(frozen=True, slots=True)
class PlacedRecord:
    """A record, what it says, and the index at which the log is said to have it."""

    index: int
    record: Record
    body: Body | None
    """None for a type that is not known here."""


@dataclass(frozen=True)
class LogRecords:
    """Records of one log, as parsed: inclusion and signatures are checked elsewhere."""

    placed: tuple[PlacedRecord, ...]
    """Ascending by index."""

    def enrolment(self, kid: bytes, before: int) -> tuple[int, KeyEnrolment]:
        """
        Give the newest enrolment of a key before an index, with its own index.

        Raises:
            Unchecked: If there is none.
        """
        return _newest(self._enrolments.get(kid, []), before, "the key's enrolment")

    def authority(self, certificate: bytes, before: int) -> tuple[int, CertificateAuthority]:
        """
        Give the record by which a device authority began to count, with its own index.

        Raises:
            Unchecked: If there is none with this certificate before that index.
        """
        return _newest(self._authorities.get(certificate, []), before, "the device authority")

    def series(self, series: str, before: int) -> SeriesRegistration:
        """
        Give the newest registration of a series before an index.

        Raises:
            Unchecked: If there is none.
        """
        return _newest(self._series.get(series, []), before, f"series {series}")[1]

    def closings(self, kid: bytes) -> list[KeyClosing]:
        """Give the records that close a key, oldest first, wherever they stand."""
        return [closing for _, closing in self._closings.get(kid, [])]

    def calibrations(self, instrument: str) -> list[Calibration]:
        """Give the calibrations of an instrument; a certificate may be filed after the reading."""
        return [calibration for _, calibration in self._calibrations.get(instrument, [])]

    @property
    def kids(self) -> tuple[bytes, ...]:
        """Keys whose enrolment is here, ascending."""
        return tuple(sorted(self._enrolments))

    @cached_property
    def _enrolments(self) -> dict[bytes, list[tuple[int, KeyEnrolment]]]:
        return self._by(KeyEnrolment, lambda body: body.kid)

    @cached_property
    def _authorities(self) -> dict[bytes, list[tuple[int, CertificateAuthority]]]:
        return self._by(CertificateAuthority, lambda body: body.certificate)

    @cached_property
    def _closings(self) -> dict[bytes, list[tuple[int, KeyClosing]]]:
        return self._by(KeyClosing, lambda body: body.kid)

    @cached_property
    def _series(self) -> dict[str, list[tuple[int, SeriesRegistration]]]:
        return self._by(SeriesRegistration, lambda body: body.series)

    @cached_property
    def _calibrations(self) -> dict[str, list[tuple[int, Calibration]]]:
        return self._by(Calibration, lambda body: body.instrument)

    def _by(
        self, kind: type[_BodyType], about: Callable[[_BodyType], _Subject]
    ) -> dict[_Subject, list[tuple[int, _BodyType]]]:
        found: dict[_Subject, list[tuple[int, _BodyType]]] = {}
        for each in self.placed:
            if isinstance(each.body, kind):
                found.setdefault(about(each.body), []).append((each.index, each.body))
        return found


def _newest(
    placed: Sequence[tuple[int, _BodyType]], before: int, what: str
) -> tuple[int, _BodyType]:
    for index, body in reversed(placed):
        if index < before:
            return index, body
    raise Unchecked(f"no record of {what} before entry {before}", code="unchecked.record")


def read_records(entries: Iterable[ProvenEntry], *, origin: str) -> LogRecords:
    """
    Read the records of a bundle; their signatures and inclusion are not checked.

    Args:
        entries: From outside.
        origin: Of the log they must be of.

    Raises:
        EncodingError: If an entry is not a record in its one form, or of another log.

    Source: `docs/formats/bundle.md`, records.
    """
    placed = [_place(each.index, parse_record(each.entry), origin) for each in entries]
    return LogRecords(tuple(sorted(placed, key=lambda each: each.index)))


def _place(index: int, record: Record, origin: str) -> PlacedRecord:
    if record.origin != origin:
        raise EncodingError(
            f"a record of {record.origin} among those of {origin}", code="encoding.entry_origin"
        )
    return PlacedRecord(index, record, body_of_record(record) if is_known(record) else None)
