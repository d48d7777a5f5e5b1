"""What `doctor` looks at on this machine: database, clock, keys, certificates, disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

from api.bootstrap import open_database, open_log_keys
from api.clock import SystemClock
from api.errors import PartMissing
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
from ledger.database import sqlite_file
from ledger.repositories.devices import DeviceKey
from ledger.unit_of_work import UnitOfWork

_EXPIRES_WITHIN_DAYS: Final = 30
_EARLIEST: Final = parse_instant("2025-01-01T00:00:00Z")
"""Before this program was written: no clock that is right shows it."""
_CLOCK_LEAD_MS: Final = 60_000
_FEWEST_FREE_BYTES: Final = 2 * 2**30
"""What a busy plant writes in weeks, and a rebuild of a large log's tiles needs at once."""
_NAMED: Final = 5
"""Keys named by their ids; the rest are counted."""


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


@contextmanager
def reading(settings: Settings) -> Iterator[UnitOfWork]:
    """Open a reading unit of work; a database that is not there is not made by looking for it."""
    missing = _missing(settings)
    if missing is not None:
        raise PartMissing(missing)
    with open_database(settings) as opened, opened.reading() as uow:
        yield uow


def _missing(settings: Settings) -> str | None:
    file = sqlite_file(settings.database.url.get_secret_value())
    return None if file is None or file.exists() else f"there is no {file}"


def database(settings: Settings) -> Sequence[Line]:
    """Look whether the database answers and has the schema of this version."""
    missing = _missing(settings)
    if missing is not None:
        return [problem("database", missing, "Run `carbonseal db upgrade`.")]
    with reading(settings) as uow:
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
    with reading(settings) as uow:
        signed = [uow.heads.get(log.number).checkpoint_at for log in uow.logs.all()]
    newest = max(signed, default=Instant(0))
    if now + _CLOCK_LEAD_MS < newest:
        detail = f"it shows {shown}, and a checkpoint was signed at {format_instant(newest)}"
        return [problem("clock", detail, fix)]
    return [ok("clock", shown)]


def log_keys(settings: Settings) -> Sequence[Line]:
    """Look whether each log's key is at hand, and is the log's."""
    keys = open_log_keys(settings.log)
    with reading(settings) as uow:
        logs = uow.logs.all()
    lines = []
    for log in logs:
        name = f"key of {log.name}"
        try:
            is_own = keys.signer_of(log.origin).verifier.vkey == log.vkey
        except Error as error:
            fix = f"Restore the key file of {log.name} to {settings.log.keys}."
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


def device_certificates(settings: Settings) -> Sequence[Line]:
    """Look whether the certificates of keys in use stay valid for a month."""
    now = SystemClock().now()
    lines: list[Line] = []
    with reading(settings) as uow:
        for log in uow.logs.all():
            keys = [key for key in uow.devices.keys(log.number) if key.closing_index is None]
            lines += _device_certificates(f"devices of {log.name}", keys, now)
    return lines or [ok("device certificates", "no key is enrolled yet")]


def _device_certificates(name: str, keys: Sequence[DeviceKey], now: Instant) -> Sequence[Line]:
    soon = now + _EXPIRES_WITHIN_DAYS * MILLISECONDS_PER_DAY
    ending = sorted((key for key in keys if key.not_after < soon), key=lambda key: key.not_after)
    if not keys:
        return []
    if not ending:
        first = min(key.not_after for key in keys)
        return [ok(name, f"{len(keys)} keys, valid until {format_instant(first)}")]
    shown = ", ".join(f"{key.kid.hex()[:16]}…" for key in ending[:_NAMED])
    more = "" if len(ending) <= _NAMED else f" and {len(ending) - _NAMED} more"
    detail = f"{len(ending)} of {len(keys)} keys end, first {format_instant(ending[0].not_after)}"
    fix = f"Have the enterprise rotate these keys, or close those out of use: {shown}{more}."
    return [problem(name, detail, fix)]


def disk(settings: Settings) -> Sequence[Line]:
    """Look whether there is room where the database and the keys are."""
    places = {"log keys": settings.log.keys}
    lines = []
    with open_database(settings) as opened:
        folder = opened.data_folder()
    if folder is None:
        fix = "Look at the free space on the database's server."
        detail = "where its data is cannot be seen from here"
        lines.append(could_not("disk of the database", detail, fix))
    else:
        places["database"] = folder
    return lines + [_disk(f"disk of the {name}", path) for name, path in places.items()]


def _disk(name: str, path: Path) -> Line:
    there = next((each for each in (path, *path.parents) if each.exists()), Path("/"))
    try:
        usage = shutil.disk_usage(there)
    except OSError as error:
        fix = "Look at the free space as a user that may."
        return could_not(name, f"{error.strerror} {there}", fix)
    detail = f"{usage.free // 2**20:,} MiB of {usage.total // 2**20:,} free at {there}"
    if usage.free < _FEWEST_FREE_BYTES:
        fix = "Free space or enlarge the disk, soon: nothing is admitted on a full one."
        return problem(name, detail, fix)
    return ok(name, detail)


def _certificate(name: str, path: Path, now: Instant) -> Line:
    try:
        found = certificates_from_pem(path.read_bytes())
    except OSError as error:
        return problem(name, f"{error.strerror} {path}", "Put the file in its place.")
    except Error as error:
        return problem(name, f"{path}: {error.message}", "Put a PEM file of certificates there.")
    return expiry(name, found, now)


def expiry(name: str, certificates: Sequence[bytes], now: Instant) -> Line:
    """Say of certificates, DER, whether all of them are valid now and for a month."""
    ends = min(_ends(each) for each in certificates)
    begins = max(_begins(each) for each in certificates)
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
