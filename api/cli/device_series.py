"""Commands of the enterprise's office about instruments and series: each drafts a request."""

from __future__ import annotations

import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from api.cli.device_office import (
    DEFAULT_DAYS,
    Approver,
    Days,
    Initiator,
    OfficeConfig,
    RequestOut,
    Supersedes,
    draft,
    parse_hash,
    parse_kid,
)
from api.cli.files import Input, read_file
from api.cli.outcomes import leave
from api.cli.output import AsJson, console, show, table
from api.errors import BadRequest
from api.office import series_requests
from api.office.days import parse_second
from api.office.drafting import Drafting
from api.office.request import SigningRequest
from attestation.body_fields import read_body
from attestation.enums import Outcome, Quality
from attestation.errors import EncodingError
from attestation.series_bodies import (
    Calibration,
    Correction,
    Gap,
    Instrument,
    Multiplier,
    ReadingReference,
    RegisterStanding,
    Replacement,
)
from devices.bulk import SheetPlan, plan_sheet
from devices.exchange import Exchange, exchange_meter

_MAX_BYTES: Final = 64 << 20
_REPLACEMENTS: Final = {"estimated": Quality.ESTIMATED, "substituted": Quality.SUBSTITUTED}

InstrumentName = Annotated[str, typer.Option("--instrument", help="Id of the instrument.")]


def calibrate(
    config: OfficeConfig,
    out: RequestOut,
    instrument: InstrumentName,
    number: Annotated[str, typer.Option(help="Number of the certificate (检定证书编号).")],
    laboratory: Annotated[str, typer.Option(help="Who calibrated (检定机构).")],
    first: Annotated[str, typer.Option("--from", help="First day of validity, or a time.")],
    last: Annotated[
        str, typer.Option("--to", help="Last day of validity, or the first second after it.")
    ],
    accuracy: Annotated[str, typer.Option("--class", help="Accuracy class (准确度等级).")],
    certificate: Annotated[
        Path | None, typer.Option("--file", exists=True, dir_okay=False, help="The certificate.")
    ] = None,
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the calibration of an instrument: an act of two persons, and its record."""
    digest = None
    if certificate is not None:
        digest = sha256(read_file(certificate, most=_MAX_BYTES)).digest()
    body = _made(
        Calibration,
        instrument=instrument,
        certificate_number=number,
        laboratory=laboratory,
        from_s=parse_second(first),
        to_s=parse_second(last, end=True),
        accuracy_class=accuracy,
        file=digest,
    )

    def make(drafting: Drafting) -> SigningRequest:
        return series_requests.calibrate(drafting, body)

    draft(config, out, make, days=days, initiator=initiator, approver=approver, as_json=as_json)


def multiplier(
    name: Annotated[str, typer.Argument(help="Id that readings name it by.")],
    config: OfficeConfig,
    out: RequestOut,
    instrument: InstrumentName,
    kind: Annotated[str, typer.Option(help="Such as CT (电流互感器), PT, pulse constant.")],
    numerator: Annotated[int, typer.Option(min=1, help="Numerator (倍率分子).")],
    first: Annotated[str, typer.Option("--from", help="First day it is in force, or a time.")],
    denominator: Annotated[int, typer.Option(min=1, help="Denominator (倍率分母).")] = 1,
    days: Days = DEFAULT_DAYS,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the record of a multiplier between what an instrument says and what it means."""
    body = _made(
        Multiplier,
        multiplier=name,
        instrument=instrument,
        kind=kind,
        numerator=numerator,
        denominator=denominator,
        valid_from_s=parse_second(first),
    )

    def make(drafting: Drafting) -> SigningRequest:
        return series_requests.record_one(drafting, body, f"multiplier {name}")

    draft(config, out, make, days=days, initiator=None, approver=approver, as_json=as_json)


def exchange(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="TOML: `at`, [old] and [new] instrument, [[register]] standings.",
        ),
    ],
    config: OfficeConfig,
    out: RequestOut,
    supersedes: Supersedes = None,
    days: Days = DEFAULT_DAYS,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the records of a meter's exchange; the series go on."""
    made = _read_exchange(file)
    superseded = [parse_hash(each, "leaf hash") for each in supersedes or ()]

    def make(drafting: Drafting) -> SigningRequest:
        return series_requests.exchange(drafting, made, supersedes=superseded)

    draft(config, out, make, days=days, initiator=None, approver=approver, as_json=as_json)


def gap(
    config: OfficeConfig,
    out: RequestOut,
    cause: Annotated[str, typer.Option(help="Why they are missing.")],
    series: Annotated[str | None, typer.Option(help="Series whose readings are missing.")] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="From when: a day, or a time.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Until when: a day, or a time.")] = None,
    kid: Annotated[str | None, typer.Option(help="Key whose messages are missing.")] = None,
    epoch: Annotated[int | None, typer.Option(min=0, help="Its epoch.")] = None,
    messages: Annotated[
        tuple[int, int] | None, typer.Option(help="First and last number that is missing.")
    ] = None,
    days: Days = DEFAULT_DAYS,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the declaration of a gap: readings of a time, or messages of an epoch."""
    first_sequence, last_sequence = messages if messages is not None else (None, None)
    body = _made(
        Gap,
        cause=cause,
        series=series,
        from_s=None if first is None else parse_second(first),
        to_s=None if last is None else parse_second(last, end=True),
        kid=None if kid is None else parse_kid(kid),
        epoch=epoch,
        first_sequence=first_sequence,
        last_sequence=last_sequence,
    )
    subject = (
        f"gap in {series}" if series is not None else f"missing messages of {(kid or '')[:16]}"
    )

    def make(drafting: Drafting) -> SigningRequest:
        return series_requests.record_one(drafting, body, subject)

    draft(config, out, make, days=days, initiator=None, approver=approver, as_json=as_json)


def correct(
    config: OfficeConfig,
    out: RequestOut,
    series: Annotated[str, typer.Option(help="Series that is corrected.")],
    first: Annotated[str, typer.Option("--from", help="Begin of the interval: a time in UTC.")],
    last: Annotated[str, typer.Option("--to", help="End of the interval: a time in UTC.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    counts: Annotated[
        tuple[str, int] | None,
        typer.Option(help="Leaf hash of the entry, and number of its reading, that counts."),
    ] = None,
    value: Annotated[int | None, typer.Option(help="Value in the place of what was read.")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of the value.")] = None,
    scale: Annotated[int, typer.Option(min=0, max=9, help="Decimal places of the value.")] = 0,
    quality: Annotated[str, typer.Option(help="estimated or substituted.")] = "substituted",
    supersedes: Supersedes = None,
    days: Days = DEFAULT_DAYS,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft a correction: which reading of an interval counts, or what replaces it."""
    if quality not in _REPLACEMENTS:
        raise BadRequest("--quality is estimated or substituted")
    replacement = None
    if value is not None:
        replacement = _made(
            Replacement, value=value, unit=unit or "", scale=scale, quality=_REPLACEMENTS[quality]
        )
    reference = None
    if counts is not None:
        entry = parse_hash(counts[0], "leaf hash")
        reference = ReadingReference(entry=entry, reading=counts[1])
    body = _made(
        Correction,
        series=series,
        from_s=parse_second(first),
        to_s=parse_second(last, end=True),
        reason=reason,
        counts=reference,
        replacement=replacement,
    )
    superseded = [parse_hash(each, "leaf hash") for each in supersedes or ()]

    def make(drafting: Drafting) -> SigningRequest:
        return series_requests.record_one(
            drafting, body, f"correction of {series}", supersedes=superseded
        )

    draft(config, out, make, days=days, initiator=None, approver=approver, as_json=as_json)


def sheet(
    file: Input,
    config: Annotated[
        Path | None, typer.Option("--config", dir_okay=False, help="The office's settings file.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Signing request to write, of all rows.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would register, and write nothing.")
    ] = False,
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Read a sheet of instruments; draft one request of all its rows, or none if one is wrong."""
    if not dry_run and (config is None) != (out is None):
        raise BadRequest("--config and --out go together; without them nothing is written")
    plan = plan_sheet(file)
    if dry_run or plan.errors or config is None or out is None:
        document = _plan_document(plan)
        show(document, as_json, lambda: _print_plan(plan, document))
        leave(Outcome.FAILED if plan.errors else Outcome.HELD)
        return
    bodies = plan.require()

    def make(drafting: Drafting) -> SigningRequest:
        return series_requests.sheet(drafting, bodies, name=file.name)

    draft(config, out, make, days=days, initiator=initiator, approver=approver, as_json=as_json)


def _plan_document(plan: SheetPlan) -> dict[str, Any]:
    kinds: dict[str, int] = {}
    for body in plan.bodies:
        kinds[type(body).__name__] = kinds.get(type(body).__name__, 0) + 1
    return {
        "rows": plan.rows,
        "records": kinds,
        "errors": [
            {"row": each.row, "column": each.column, "message": each.message}
            for each in plan.errors
        ],
    }


def _print_plan(plan: SheetPlan, document: dict[str, Any]) -> None:
    console.print(f"{plan.rows} rows")
    for kind, count in document["records"].items():
        console.print(f"  {count} {kind}")
    rows = table("row", "column", "what is wrong")
    for each in plan.errors:
        rows.add_row(str(each.row), each.column or "", Text(each.message))
    if plan.errors:
        console.print(rows)
        console.print("next: correct these rows; nothing of the sheet is taken until all hold")


def _made(body_type: type[Any], **fields: Any) -> Any:
    """Make a body; what is wrong with it is wrong with the command."""
    try:
        return body_type(**fields)
    except EncodingError as error:
        raise BadRequest(error.message) from error


def _read_exchange(path: Path) -> Exchange:
    try:
        document = tomllib.loads(read_file(path, most=_MAX_BYTES).decode())
        old = read_body(Instrument, document["old"])
        new = read_body(Instrument, document["new"])
        registers = [read_body(RegisterStanding, each) for each in document["register"]]
        return exchange_meter(old, new, registers, at_s=parse_second(document["at"]))
    except EncodingError as error:
        raise BadRequest(f"{path.name}: {error.message}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadRequest(f"{path.name} has no at, [old], [new] or [[register]]: {error}") from error
