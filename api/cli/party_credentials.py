"""Commands about credentials: each drafts a registrar's act; nobody signs here."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from api.cli.case_acts import SectorName
from api.cli.case_office import document_hash, draft_acts
from api.cli.device_office import DEFAULT_DAYS, Days, OfficeConfig, RequestOut
from api.cli.output import AsJson
from api.cli.party import Code, Registrar
from api.office import party_requests
from api.office.act_drafting import ActDrafting
from api.office.days import parse_second
from api.office.party_requests import Granted
from api.office.request import SigningRequest
from attestation.enums import CredentialStatus, RegulatorTier, Sector
from chain.addresses import parse_address


class TierName(StrEnum):
    """Levels of an authority by the names that commands take."""

    NONE = "none"
    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"


Day = Annotated[str, typer.Option("--from", help="First day of validity, or a time in UTC.")]
LastDay = Annotated[str, typer.Option("--to", help="Last day of validity, or a time in UTC.")]
Why = Annotated[str, typer.Option("--reason", help="Why; readable by everybody.")]
Enterprise = Annotated[str, typer.Option(help="Code of the enterprise.")]

_STATUSES: Final = {
    "suspend": (CredentialStatus.SUSPENDED, "suspends a credential"),
    "restore": (CredentialStatus.VALID, "lifts the suspension of a credential"),
    "withdraw": (CredentialStatus.WITHDRAWN, "withdraws a credential for ever"),
}


def grant(
    code: Code,
    registrar: Registrar,
    config: OfficeConfig,
    out: RequestOut,
    valid_from: Day,
    valid_to: LastDay,
    document: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The document that grants it.")
    ],
    sector: Annotated[list[SectorName] | None, typer.Option(help="A sector.")] = None,
    area: Annotated[
        list[int] | None, typer.Option(min=0, max=999_999, help="A code of GB/T 2260.")
    ] = None,
    tier: Annotated[TierName, typer.Option(help="Level of an authority.")] = TierName.NONE,
    cma: Annotated[str, typer.Option(help="Number of the certificate CMA.")] = "",
    cnas: Annotated[str, typer.Option(help="Number of the accreditation CNAS.")] = "",
    days: Days = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Draft the act that grants a party what its kind needs."""
    by = parse_address(registrar)
    granted = Granted(
        sectors=tuple(Sector[each.name] for each in sector or ()),
        areas=tuple(area or ()),
        tier=RegulatorTier[tier.name],
        valid_from_s=parse_second(valid_from),
        valid_to_s=parse_second(valid_to, end=True),
        document_hash=document_hash(document),
        cma=cma,
        cnas=cnas,
    )

    def make(drafting: ActDrafting) -> SigningRequest:
        return party_requests.grant(drafting, code, granted, by)

    draft_acts(config, out, make, days=days, as_json=as_json)


def _status_command(status: CredentialStatus, what: str) -> Callable[..., None]:
    def change(
        code: Code,
        reason: Why,
        registrar: Registrar,
        config: OfficeConfig,
        out: RequestOut,
        days: Days = DEFAULT_DAYS,
        as_json: AsJson = False,
    ) -> None:
        by = parse_address(registrar)

        def make(drafting: ActDrafting) -> SigningRequest:
            return party_requests.change(drafting, code, status, reason, by)

        draft_acts(config, out, make, days=days, as_json=as_json)

    change.__doc__ = f"Draft the act that {what}."
    return change


def advice(
    body: Code,
    enterprise: Enterprise,
    begin: Day,
    end: LastDay,
    reason: Why,
    registrar: Registrar,
    config: OfficeConfig,
    out: RequestOut,
    days: Days = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Draft the act by which a body may not verify an enterprise that it advised."""
    span, by = (parse_second(begin), parse_second(end, end=True)), parse_address(registrar)

    def make(drafting: ActDrafting) -> SigningRequest:
        return party_requests.record_advice(drafting, body, enterprise, span, reason, by)

    draft_acts(config, out, make, days=days, as_json=as_json)


def preparation(
    body: Code,
    province: Annotated[int, typer.Option(min=110_000, max=999_999, help="Code of GB/T 2260.")],
    begin: Day,
    end: LastDay,
    reason: Why,
    registrar: Registrar,
    config: OfficeConfig,
    out: RequestOut,
    days: Days = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Draft the act by which a body may not verify where it prepares reports."""
    span, by = (parse_second(begin), parse_second(end, end=True)), parse_address(registrar)

    def make(drafting: ActDrafting) -> SigningRequest:
        return party_requests.record_preparation(drafting, body, province, span, reason, by)

    draft_acts(config, out, make, days=days, as_json=as_json)


def group(
    code: Code,
    name: Annotated[str, typer.Option("--name", help="Group from now on; empty for none.")],
    registrar: Registrar,
    config: OfficeConfig,
    out: RequestOut,
    current: Annotated[str, typer.Option(help="Group it is in; empty for none.")] = "",
    days: Days = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Draft the act that puts a party into a group of related firms, or takes it out."""
    by = parse_address(registrar)

    def make(drafting: ActDrafting) -> SigningRequest:
        return party_requests.set_group(drafting, code, current, name, by)

    draft_acts(config, out, make, days=days, as_json=as_json)


def earlier(
    verifier: Code,
    enterprise: Enterprise,
    year: Annotated[int, typer.Option(min=2001, max=2100, help="Calendar year.")],
    registrar: Registrar,
    config: OfficeConfig,
    out: RequestOut,
    days: Days = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Draft the act that records a verification of before the chain recorded them."""
    by = parse_address(registrar)

    def make(drafting: ActDrafting) -> SigningRequest:
        return party_requests.record_earlier(drafting, verifier, enterprise, year, by)

    draft_acts(config, out, make, days=days, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the commands to a group."""
    app.command()(grant)
    for name, (status, what) in _STATUSES.items():
        app.command(name)(_status_command(status, what))
    for command in (advice, preparation, group, earlier):
        app.command()(command)
