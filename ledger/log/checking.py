"""
Checking one message by itself: its form, its key, its signature, its times and its readings.

What needs only the bytes and the registered keys is done here, so that it can be done in worker
processes; what needs the database is done by `ledger.log.admission`. The order of the checks is
fixed, and the first that fails gives the code. From the signature on, a refusal is of something
the key's holder really said, and is kept.

Source: FORMATS sections 1 to 3; `docs/errors.md` (codes).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final, NamedTuple

from attestation.cose import parse_sign1
from attestation.enums import Provenance
from attestation.errors import EncodingError, SignatureError
from attestation.headers import Header, decode_header
from attestation.instants import Instant, from_seconds
from attestation.messages import (
    MAX_ENTRY_LENGTH,
    SignedMessage,
    parse_header,
    parse_message,
    verify_message,
)
from attestation.runs import Run
from ledger.errors import (
    AdmissionError,
    Backdated,
    Implausible,
    Malformed,
    OutsideCertificate,
    SignatureRefused,
    SignedInFuture,
    TooLarge,
    UnknownDevice,
    UnknownSeries,
    WrongLog,
)
from ledger.log.key_table import EnrolledKey, KeyTable, SeriesRule
from ledger.repositories.logs import LogNumber

CLOCK_TOLERANCE_MS: Final = 5 * 60_000
"""FORMATS section 3: signed at most five minutes after receipt."""

_AAD_CONTEXT: Final = "carbonseal/v1\n"
"""FORMATS section 1: what stands before the origin in what is signed."""
_KID: Final = slice(13, 45)
"""Where the key id stands in the one form of the header; only a hint, the parser decides."""


class Checked(NamedTuple):
    """A message whose signature holds; compact, because it comes from another process."""

    log: LogNumber
    kid: bytes
    epoch: int
    sequence: int
    signed_at: Instant
    message_id: bytes
    statement_hash: bytes
    """SHA-256 of the Sig_structure, 32 bytes."""
    code: str | None
    """Why it is refused; None where these checks found nothing."""
    detail: str


class Garbage(NamedTuple):
    """Bytes that no enrolled key has signed; they are counted and not kept."""

    code: str
    detail: str


CheckResult = Checked | Garbage


class Candidate(NamedTuple):
    """Bytes to check."""

    content: bytes
    log: LogNumber | None = None
    """The log they were sent to, where the way they came names one."""


def check_message(candidate: Candidate, table: KeyTable, *, now: Instant) -> CheckResult:
    """
    Check one message in the fixed order.

    1. length; 2. frame and header; 3. an enrolled key, of the log it was sent to; 4. signature;
    5. payload; 6. validity of the certificate; 7. not from the future; 8. kind of signer and first
    epoch; 9. registered series, unit and kind; 10. times of its intervals; 11. plausible values.

    Args:
        candidate: From outside.
        table: Trusted.
        now: When it was received.
    """
    content = candidate.content
    try:
        if len(content) > MAX_ENTRY_LENGTH:
            raise TooLarge(f"{len(content)} bytes, at most {MAX_ENTRY_LENGTH} allowed")
        enrolled = _enrolled(candidate, table)
        message, key = _parse_signed(content, enrolled)
    except _GenuineButMalformed as refusal:
        return _checked(refusal.key, refusal.header, content, refusal.to_be_signed, refusal.error)
    except AdmissionError as error:
        return Garbage(error.stable_code, error.message)
    try:
        _check_statement(message, key, now)
    except AdmissionError as error:
        return _checked(key, message.header, content, message.to_be_signed, error)
    return _checked(key, message.header, content, message.to_be_signed, None)


class _GenuineButMalformed(Exception):
    """The signature holds, but what it is over is not a pack."""

    def __init__(
        self, key: EnrolledKey, header: Header, to_be_signed: bytes, error: Malformed
    ) -> None:
        super().__init__(error.message)
        self.key = key
        self.header = header
        self.to_be_signed = to_be_signed
        self.error = error


def _enrolled(candidate: Candidate, table: KeyTable) -> tuple[EnrolledKey, ...]:
    enrolled = table.keys.get(candidate.content[_KID])
    if enrolled is None:
        try:
            header = parse_header(candidate.content)
        except EncodingError as error:
            raise Malformed(error.message) from error
        enrolled = table.keys.get(header.kid)
        if enrolled is None:
            raise UnknownDevice(f"no key {header.kid.hex()} is enrolled")
    if candidate.log is not None:
        enrolled = tuple(key for key in enrolled if key.log == candidate.log)
        if not enrolled:
            raise WrongLog("the key is enrolled in another log")
    return enrolled


def _parse_signed(
    content: bytes, enrolled: tuple[EnrolledKey, ...]
) -> tuple[SignedMessage, EnrolledKey]:
    """Give the message and the key whose log it is signed for."""
    refused: SignatureError | None = None
    for key in enrolled:
        try:
            message = parse_message(content, origin=key.origin)
        except EncodingError as error:
            _refuse_genuine(content, key, error)
            raise Malformed(error.message) from error
        try:
            verify_message(message, key.key)
        except SignatureError as error:
            refused = error
            continue
        return message, key
    raise SignatureRefused("the signature does not hold") from refused


def _refuse_genuine(content: bytes, key: EnrolledKey, cause: EncodingError) -> None:
    """Raise `_GenuineButMalformed` if the frame is sound and the key has signed it."""
    try:
        parts = parse_sign1(content, external_aad=f"{_AAD_CONTEXT}{key.origin}".encode())
        header = decode_header(parts.protected)
        if header.kid != key.key.kid or header.algorithm is not key.key.algorithm:
            return
        key.key.verify(parts.signature, parts.to_be_signed)
    except (EncodingError, SignatureError):
        return
    error = Malformed(cause.message)
    raise _GenuineButMalformed(key, header, parts.to_be_signed, error) from cause


def _check_statement(message: SignedMessage, key: EnrolledKey, now: Instant) -> None:
    header = message.header
    if not key.not_before <= header.signed_at <= key.not_after:
        raise OutsideCertificate("signed outside the validity of the certificate")
    if header.signed_at > now + CLOCK_TOLERANCE_MS:
        raise SignedInFuture(f"signed {header.signed_at - now} ms after receipt")
    if header.signer is not key.signer or header.epoch < key.first_epoch:
        raise Implausible("another kind of signer, or an epoch before the key's first")
    rules = [_rule(run, key) for run in message.runs]
    for run, rule in zip(message.runs, rules, strict=True):
        _check_times(run, rule, header)
    for run, rule in zip(message.runs, rules, strict=True):
        _check_values(run, rule)


def _rule(run: Run, key: EnrolledKey) -> SeriesRule:
    rule = key.series.get(run.common.series)
    if rule is None:
        raise UnknownSeries(f"series {run.common.series} is not registered for this key")
    if run.common.unit != rule.unit:
        raise Implausible(f"unit {run.common.unit!r}, {rule.unit!r} is registered")
    if run.common.register is not rule.register:
        raise Implausible("a register's standing is no interval's amount, nor the other way")
    return rule


def _check_times(run: Run, rule: SeriesRule, header: Header) -> None:
    latest_s, earliest_s = max(run.ends_s), min(run.ends_s)
    if from_seconds(latest_s) > header.signed_at:
        raise Implausible(f"an interval ends at second {latest_s}, after it was signed")
    if earliest_s - run.common.interval_s < rule.since_s:
        raise Implausible(f"an interval begins before second {rule.since_s}, when the series does")
    is_live = header.provenance is Provenance.LIVE
    if is_live and header.signed_at - from_seconds(earliest_s) > rule.max_lateness_ms:
        raise Backdated(f"a live reading of second {earliest_s} is too old, send it as back-fill")


def _check_values(run: Run, rule: SeriesRule) -> None:
    if run.values is None:
        return
    # Values and bounds are compared at one scale, in integers.
    to_values = 10 ** max(rule.bound_scale - run.common.scale, 0)
    to_bounds = 10 ** max(run.common.scale - rule.bound_scale, 0)
    least, greatest = min(run.values), max(run.values)
    if least * to_values < rule.minimum * to_bounds:
        raise Implausible(f"value {least} is below the series' plausible minimum")
    if greatest * to_values > rule.maximum * to_bounds:
        raise Implausible(f"value {greatest} is above the series' plausible maximum")


def _checked(
    key: EnrolledKey,
    header: Header,
    content: bytes,
    to_be_signed: bytes,
    error: AdmissionError | None,
) -> Checked:
    return Checked(
        key.log,
        key.key.kid,  # the same object for all its messages: it is pickled once a chunk
        header.epoch,
        header.sequence,
        header.signed_at,
        sha256(content).digest(),
        sha256(to_be_signed).digest(),
        None if error is None else error.stable_code,
        "" if error is None else error.message,
    )
