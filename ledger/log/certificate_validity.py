"""
When certificates that were verified at admission are valid.

Read from the certificates alone, so that deriving a log's keys again needs no present time.

Source: RFC 5280, section 4.1.2.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509

from attestation.instants import MILLISECONDS_PER_SECOND, Instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def common_validity(certificates: Sequence[bytes]) -> tuple[Instant, Instant]:
    """
    Give the first and the last millisecond at which all of some certificates are valid.

    Args:
        certificates: DER, verified before.
    """
    loaded = [x509.load_der_x509_certificate(certificate) for certificate in certificates]
    begins = [_seconds(certificate.not_valid_before_utc) for certificate in loaded]
    ends = [_seconds(certificate.not_valid_after_utc) for certificate in loaded]
    first = max(begins) * MILLISECONDS_PER_SECOND
    last = (min(ends) + 1) * MILLISECONDS_PER_SECOND - 1  # a certificate counts whole seconds
    return Instant(first), Instant(last)


def _seconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)
