"""
What the records of a log do to what is derived of it, applied in index order.

A record was judged when it was admitted; here it only takes effect. What a record cannot change
any more (a key enrolled twice, a series that is not there) has no effect, so that deriving
everything again never fails on an old record.

Source: FORMATS sections 1 to 4; `docs/formats/records.md`, section 4.
"""

from __future__ import annotations

from attestation.key_bodies import CertificateAuthority, KeyClosing, KeyEnrolment
from attestation.record_bodies import Body
from attestation.records import Record
from attestation.series_bodies import SeriesRegistration
from attestation.statements import Statement
from ledger.log.key_effects import KeyBody, apply_key_body
from ledger.log.series_effects import apply_series_body
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

REGISTERING = (CertificateAuthority, KeyEnrolment, KeyClosing, SeriesRegistration)
"""Bodies after which admission judges by something else."""


def apply_body(uow: UnitOfWork, log: Log, index: int, body: Body, record: Record) -> None:
    """
    Let what a record says take effect; the caller commits.

    Args:
        uow: A writing unit of work that holds the survey's cursor.
        log: The log.
        index: Of the record's entry; everything before it is surveyed.
        body: What it says.
        record: The record itself.
    """
    if isinstance(body, KeyBody):
        apply_key_body(uow, log, index, body)
    elif isinstance(body, Statement):
        uow.stated.add(log.number, index, record, body.about)
    else:
        apply_series_body(uow, log, index, body)
    if isinstance(body, REGISTERING):
        uow.devices.changed()
