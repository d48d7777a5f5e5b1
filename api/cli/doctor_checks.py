"""What `doctor` looks at on this machine: database, clock, keys, certificates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

from api.bootstrap import open_database, open_log_keys
from api.clock import SystemClock
from api.settings import Settings
from attestation.certificate_issuing import certificates_from_pem
from attestation.enums import Outcome
from attestation.errors import Error
from attestation.instants import (
    MILLISECONDS_PER_DAY,
    Instant,
    format_instant,
    from_seconds,
    parse_instant,
)
from ledger import migrations

_EXPIRES_WITHIN_DAYS: Final = 30
_EARLIEST: Final = parse_instant("2025-01-01T00:00:00Z")
"""Before this program was written: no clock that is right shows it."""
_CLOCK_LEAD_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Line:
    """What was found about one part."""

    name: str
    outcome: Outcome
    detail: str
    fix: str | None = None


def ok(name: str, detail: str) -> Line:
    """Give the line of a part that is as it must be."""
    return Line(name, Outcome.HELD, detail)


def problem(name: str, detail: str, fix: str) -> Line:
    """Give the line of a part that is not as it must be."""
    return Line(name, Outcome.FAILED, detail, fix)


def could_not(name: str, detail: str, fix: str) -> Line:
    """Give the line of a part that could not be looked at."""
    return Line(name, Outcome.COULD_NOT_CHECK, detail, fix)


def database(settings: Settings) -> Sequence[Line]:
    """Look whether the database answers and has the schema of this version."""
    with open_database(settings) as opened, opened.reading() as uow:
        try:
            migrations.require_newest(uow.connection)
        except Error as error:
            return [problem("database", error.message, "Run `carbonseal db upgrade`.")]
        count = len(uow.logs.all())
    return [ok("database", f"schema {migrations.newest_revision()}, {count} logs")]


def clock(settings: Settings) -> Sequence[Line]:
    """Look whether the clock shows a time that can be, and none before what was signed here."""
    now = SystemClock().now()
    shown = format_instant(now)
    fix = "Set the machine's clock right and keep it synchronised."
    if now < _EARLIEST:
        return [problem("clock", f"it shows {shown}", fix)]
    with open_database(settings) as opened, opened.reading() as uow:
        signed = [uow.heads.get(log.number).checkpoint_at for log in uow.logs.all()]
    newest = max(signed, default=Instant(0))
    if now + _CLOCK_LEAD_MS < newest:
        detail = f"it shows {shown}, and a checkpoint was signed at {format_instant(newest)}"
        return [problem("clock", detail, fix)]
    return [ok("clock", shown)]


def log_keys(settings: Settings) -> Sequence[Line]:
    """Look whether each log's key is at hand, and is the log's."""
    keys = open_log_keys(settings.log)
    with open_database(settings) as opened, opened.reading() as uow:
        logs = uow.logs.all()
    lines = []
    for log in logs:
        name = f"key of {log.usc}"
        try:
            is_own = keys.signer_of(log.origin).verifier.vkey == log.vkey
        except Error as error:
            fix = f"Restore the key file of {log.usc} to {settings.log.keys}."
            lines.append(problem(name, error.message, fix))
            continue
        if is_own:
            lines.append(ok(name, "there, and the log's"))
        else:
            fix = "Restore the right file; never sign a log with another key."
            lines.append(problem(name, f"it is not the key of {log.origin}", fix))
    return lines or [ok("log keys", "no log is kept here yet")]


def certificates(settings: Settings) -> Sequence[Line]:
    """Look whether certificates can be read and stay valid for a month."""
    files = {"platform roots": settings.log.platform_roots}
    if settings.mqtt is not None:
        files |= {
            "broker's authorities": settings.mqtt.ca_file,
            "ledger's certificate": settings.mqtt.cert_file,
        }
    now = SystemClock().now()
    return [_certificate(name, path, now) for name, path in files.items()]


def _certificate(name: str, path: Path, now: Instant) -> Line:
    try:
        found = certificates_from_pem(path.read_bytes())
    except OSError as error:
        return problem(name, f"{error.strerror} {path}", "Put the file in its place.")
    except Error as error:
        return problem(name, f"{path}: {error.message}", "Put a PEM file of certificates there.")
    ends = min(_ends(each) for each in found)
    begins = max(_begins(each) for each in found)
    until = f"valid until {format_instant(ends)}"
    if ends < now:
        return problem(name, f"expired: {until}", "Have it issued again, at once.")
    if begins > now:
        return problem(name, f"not valid before {format_instant(begins)}", "Look at the clock.")
    if ends - now < _EXPIRES_WITHIN_DAYS * MILLISECONDS_PER_DAY:
        return problem(name, until, "Have it issued again before then.")
    return ok(name, until)


def _ends(certificate: bytes) -> Instant:
    return from_seconds(
        int(x509.load_der_x509_certificate(certificate).not_valid_after_utc.timestamp())
    )


def _begins(certificate: bytes) -> Instant:
    return from_seconds(
        int(x509.load_der_x509_certificate(certificate).not_valid_before_utc.timestamp())
    )
