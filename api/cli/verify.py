"""
The verifier at a terminal: one bundle or report against one trust root.

It reads two files and nothing else: no settings, no database, and no network unless the user names
a node of his own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli import verify_case
from api.cli.files import Input, read_file
from api.cli.outcomes import WORDS, leave, next_step, styled
from api.cli.output import AsJson, console, show, table
from api.cli.verifying_node import verifying_node
from api.visible import visible
from attestation import bundle as bundles
from attestation import report_file
from attestation import trust_root as trust_roots
from attestation.enums import Outcome
from attestation.errors import EncodingError
from attestation.evidence import Report, Step, VerifiedReading
from attestation.instants import format_instant, from_seconds
from attestation.policy import Policy, RequireMetered, UnsafeAcceptAll
from attestation.trust_root import TrustRoot
from attestation.verifier import Verifier


def verify(
    file: Input,
    trust: Annotated[
        Path, typer.Option("--trust", exists=True, dir_okay=False, help="Your trust root.")
    ],
    rpc: Annotated[
        str | None, typer.Option("--rpc", help="JSON-RPC address of your own node.")
    ] = None,
    metered: Annotated[
        bool, typer.Option("--metered", help="Accept metered data (计量数据) only, no imports.")
    ] = False,
    redraw: Annotated[
        bool,
        typer.Option("--redraw", help="Draw a report's document again and compare the pages."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Verify a bundle or a report, step by step; exit 0 only if every step held."""
    root = trust_roots.parse_trust_root(read_file(trust, most=trust_roots.MAX_LENGTH))
    content = read_file(file, most=report_file.MAX_LENGTH)
    if verify_case.is_of_a_case(content):
        case = verify_case.verified(content, root, rpc, redraw=redraw)
        show(verify_case.document(case), as_json, lambda: verify_case.print_report(case))
        leave(case.outcome)
        return
    # UnsafeAcceptAll asks for nothing beyond the steps, all of which must hold anyhow.
    policy: Policy = RequireMetered() if metered else UnsafeAcceptAll()
    report = _report(content, root, policy, rpc)
    show(_document(report), as_json, lambda: _print(report))
    leave(report.outcome)


def _report(encoded: bytes, root: TrustRoot, policy: Policy, rpc: str | None) -> Report:
    try:
        bundle = bundles.parse_bundle(encoded)
    except EncodingError as error:
        # Evidence that has not its form is evidence that does not hold, not a wrong command.
        step = Step(0, "form", Outcome.FAILED, error.stable_code, error.message)
        return Report(root.name, (step,))
    with verifying_node(rpc) as node:
        return Verifier(root, policy, node).verify(bundle)


def _document(report: Report) -> dict[str, Any]:
    verified = report.verified
    return {
        "outcome": WORDS[report.outcome],
        "trust_root": report.trust_root,
        "steps": [
            {
                "number": step.number,
                "name": step.name,
                "outcome": WORDS[step.outcome],
                "code": step.code,
                "detail": step.detail,
            }
            for step in report.steps
        ],
        "message": _message(report) if verified else None,
        "readings": [_reading(each) for each in verified] if verified else [],
    }


def _message(report: Report) -> dict[str, Any] | None:
    facts = report.facts
    if facts is None:
        return None
    return {
        "origin": facts.origin,
        "index": facts.index,
        "signed_at": format_instant(facts.signed_at),
        "provenance": facts.provenance.name.lower(),
        "signer": facts.signer.name.lower(),
        "suspected": facts.suspected,
        "block": None if facts.block is None else facts.block.number,
    }


def _reading(verified: VerifiedReading) -> dict[str, Any]:
    reading = verified.reading
    return {
        "series": reading.series,
        "start": format_instant(from_seconds(reading.start_s)),
        "end": format_instant(from_seconds(reading.end_s)),
        # Text: an exact decimal, which a JSON number need not be for every reader.
        "value": exact(reading.value, reading.scale),
        "unit": reading.unit,
        "register": reading.register,
        "quality": reading.quality.name.lower(),
        "calibration": verified.calibration.name.lower(),
    }


def exact(value: int | None, scale: int) -> str | None:
    """Write `value / 10**scale` in decimal digits, without rounding; None for no value."""
    if value is None or scale == 0:
        return None if value is None else str(value)
    sign, digits = "-" if value < 0 else "", str(abs(value)).zfill(scale + 1)
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"


def _print(report: Report) -> None:
    console.print(f"trust root  SHA-256 {report.trust_root}")
    rows = table("", "step", "outcome", "detail")
    for step in report.steps:
        detail = f"{step.detail} ({step.code})" if step.code else step.detail
        rows.add_row(str(step.number), step.name, styled(step.outcome), _plain(visible(detail)))
    console.print(rows)
    if report.verified is not None:
        _print_readings(report)
    console.print(styled(report.outcome))
    if report.outcome is Outcome.COULD_NOT_CHECK:
        console.print(next_step(report.steps), markup=False)


def _print_readings(report: Report) -> None:
    facts = _message(report) or {}
    for name, value in facts.items():
        console.print(f"{name:<11} {visible(str(value))}", markup=False)
    rows = table("series", "from", "to", "value", "unit", "quality", "calibration")
    for verified in report.verified or ():
        each = _reading(verified)
        value = "none" if each["value"] is None else each["value"]
        cells = ("series", "start", "end", "value", "unit", "quality", "calibration")
        rows.add_row(*(_plain(value if name == "value" else each[name]) for name in cells))
    console.print(rows)


def _plain(text: str) -> Text:
    """Give text as it is: what evidence says must not be read as markup."""
    return Text(text)
