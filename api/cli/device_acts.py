"""
Commands of the enterprise's office about keys: each drafts a request that persons sign.

Nothing here signs for anybody; the device authority's key certifies devices and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from api.cli.device_office import (
    DEFAULT_DAYS,
    ORDERLY_AFTER,
    After,
    Approver,
    Days,
    Initiator,
    OfficeConfig,
    RequestOut,
    authority_settings,
    draft,
    parse_kid,
)
from api.cli.files import read_file
from api.cli.output import AsJson
from api.cli.secrets import ask
from api.errors import BadRequest
from api.office import key_requests
from api.office.authority import DeviceAuthority, open_authority
from api.office.days import parse_second
from api.office.drafting import Drafting
from api.office.request import SigningRequest
from attestation.ids import parse_origin
from devices.closing_statements import ClosingStatement, parse_statement

_MAX_BYTES: Final = 1 << 20

Statement = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, help="What the plant wrote when the chain ended."),
]


def _authority(config: Path) -> DeviceAuthority:
    settings = authority_settings(config)
    if settings.authority is None:
        raise BadRequest("this office certifies no devices")
    return open_authority(settings.authority, ask)


def authority(
    config: OfficeConfig,
    out: RequestOut,
    days: Days = DEFAULT_DAYS,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the record by which the enterprise's device authority begins to count."""
    opened = _authority(config)

    def make(drafting: Drafting) -> SigningRequest:
        return key_requests.register_authority(drafting, opened)

    draft(config, out, make, days=days, initiator=None, approver=approver, as_json=as_json)


def enrol(
    requests: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, help="Requests that devices wrote."),
    ],
    config: OfficeConfig,
    out: RequestOut,
    after: After = 0,
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Check devices' requests, certify their keys, and draft their enrolment."""
    contents = [read_file(each, most=_MAX_BYTES) for each in requests]
    opened = _authority(config)

    def make(drafting: Drafting) -> SigningRequest:
        return key_requests.enrol(drafting, opened, contents, after=after)

    draft(config, out, make, days=days, initiator=initiator, approver=approver, as_json=as_json)


def rotate(
    statement: Statement,
    config: OfficeConfig,
    out: RequestOut,
    after: After = ORDERLY_AFTER,
    days: Days = DEFAULT_DAYS,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the end of a key whose chain a new, enrolled key goes on with."""

    def make(drafting: Drafting) -> SigningRequest:
        return key_requests.rotate(drafting, _read(statement, drafting), after=after)

    draft(config, out, make, days=days, initiator=None, approver=approver, as_json=as_json)


def decommission(
    statement: Statement,
    config: OfficeConfig,
    out: RequestOut,
    after: After = ORDERLY_AFTER,
    days: Days = DEFAULT_DAYS,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the end of a key that nothing follows, as when a device is taken out."""

    def make(drafting: Drafting) -> SigningRequest:
        return key_requests.decommission(drafting, _read(statement, drafting), after=after)

    draft(config, out, make, days=days, initiator=None, approver=approver, as_json=as_json)


def revoke(
    kid: Annotated[str, typer.Argument(help="Key id, hexadecimal.")],
    config: OfficeConfig,
    out: RequestOut,
    since: Annotated[
        str | None, typer.Option(help="From when on it is suspected: a day, or a time in UTC.")
    ] = None,
    suspect_from: Annotated[
        int | None, typer.Option(min=0, help="Index from which on its messages are suspected.")
    ] = None,
    days: Days = DEFAULT_DAYS,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the revocation of a key that must not be trusted any more; it takes effect at once."""
    meant = parse_kid(kid)
    since_s = None if since is None else parse_second(since)

    def make(drafting: Drafting) -> SigningRequest:
        return key_requests.revoke(
            drafting, meant, compromised_since_s=since_s, suspect_from=suspect_from
        )

    draft(config, out, make, days=days, initiator=None, approver=approver, as_json=as_json)


def epoch(
    statement: Statement,
    config: OfficeConfig,
    out: RequestOut,
    days: Days = DEFAULT_DAYS,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the record of an epoch that the same key follows with another."""

    def make(drafting: Drafting) -> SigningRequest:
        return key_requests.end_epoch(drafting, _read(statement, drafting))

    draft(config, out, make, days=days, initiator=None, approver=approver, as_json=as_json)


def _read(path: Path, drafting: Drafting) -> ClosingStatement:
    content = read_file(path, most=_MAX_BYTES)
    return parse_statement(content, origin=parse_origin(drafting.origin))
