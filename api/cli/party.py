"""Commands about parties and their persons: each drafts a request; nobody signs here."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from api.cli.case_office import draft_acts
from api.cli.device_office import DEFAULT_DAYS, Days, OfficeConfig, RequestOut, parse_hash
from api.cli.output import AsJson
from api.errors import BadRequest
from api.office import party_requests
from api.office.act_drafting import ActDrafting
from api.office.request import SigningRequest
from attestation.enums import PartyKind, RepresentativeRole
from attestation.errors import EncodingError
from chain.acts import Seat
from chain.addresses import ZERO_ADDRESS, parse_address

app = typer.Typer(
    help="Parties, their persons, and what they are entitled to.", no_args_is_help=True
)

Code = Annotated[str, typer.Argument(help="Unified social credit code, or the registry's code.")]
Registrar = Annotated[str, typer.Option("--registrar", help="Address of the registrar.")]
Seats = Annotated[
    list[str],
    typer.Option(
        "--seat",
        metavar="ROLE:ADDRESS:PERSON",
        help="A key: `initiator`, `approver` or `read-only`, its address, and the person's "
        "commitment (64 hexadecimal digits); several commitments, with commas, for a contract.",
    ),
]
_SEAT_PARTS: Final = 3
_RECOVERY_DAYS: Final = 30
"""Members sign, and five days pass."""
_ROLES: Final = {
    "initiator": RepresentativeRole.INITIATOR,
    "approver": RepresentativeRole.APPROVER,
    "read-only": RepresentativeRole.READ_ONLY,
}


class KindName(StrEnum):
    """Kinds of party by the names that commands take."""

    ENTERPRISE = "enterprise"
    VERIFIER = "verifier"
    LABORATORY = "laboratory"
    DEVICE_AUTHORITY = "device-authority"
    REGULATOR = "regulator"
    REGISTRY = "registry"
    EXCHANGE = "exchange"
    BANK = "bank"
    OPERATOR = "operator"


def parse_seat(text: str) -> Seat:
    """
    Read `ROLE:ADDRESS:PERSON[,PERSON…]`.

    Raises:
        BadRequest: If it has another form.
    """
    parts = text.split(":")
    if len(parts) != _SEAT_PARTS or parts[0] not in _ROLES:
        raise BadRequest(f"{text!r} is not ROLE:ADDRESS:PERSON")
    persons = tuple(parse_hash(each.removeprefix("0x"), "person") for each in parts[2].split(","))
    try:
        key = parse_address(parts[1])
    except EncodingError as error:
        raise BadRequest(f"{text!r}: {error.message}") from error
    return Seat(key, persons, int(_ROLES[parts[0]]), is_contract=len(persons) > 1)


@app.command()
def register(
    code: Code,
    name: Annotated[str, typer.Option(help="Registered name.")],
    kind: Annotated[KindName, typer.Option(help="What it is.")],
    seat: Seats,
    registrar: Registrar,
    config: OfficeConfig,
    out: RequestOut,
    days: Days = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Draft the registration of a party with its first keys; they and the registrar sign."""
    seats, by = [parse_seat(each) for each in seat], parse_address(registrar)

    def make(drafting: ActDrafting) -> SigningRequest:
        return party_requests.register(drafting, code, name, PartyKind[kind.name], seats, by)

    draft_acts(config, out, make, days=days, as_json=as_json)


@app.command()
def attest(
    code: Code,
    person: Annotated[str, typer.Option(help="The person's commitment, 64 hexadecimal digits.")],
    registrar: Registrar,
    config: OfficeConfig,
    out: RequestOut,
    days: Days = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Draft a registrar's word that a commitment stands for one living person."""
    meant, by = parse_hash(person.removeprefix("0x"), "person"), parse_address(registrar)

    def make(drafting: ActDrafting) -> SigningRequest:
        return party_requests.attest(drafting, code, meant, by)

    draft_acts(config, out, make, days=days, as_json=as_json)


@app.command()
def appoint(
    code: Code,
    seat: Annotated[str, typer.Option(metavar="ROLE:ADDRESS:PERSON", help="The new key.")],
    approver: Annotated[str, typer.Option(help="Address of an approver of the party.")],
    config: OfficeConfig,
    out: RequestOut,
    replaces: Annotated[str | None, typer.Option(help="Key that ends when this begins.")] = None,
    until: Annotated[
        Path | None,
        typer.Option(
            "--end-out",
            help="For a delegation during an absence: also draft the removal that ends it, to be "
            "signed now and handed in then.",
        ),
    ] = None,
    end_days: Annotated[
        int, typer.Option(min=1, max=365, help="How long that removal may be handed in.")
    ] = 90,
    days: Days = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Draft the appointment of a key; it counts after 4 working days."""
    new, by = parse_seat(seat), parse_address(approver)
    old = ZERO_ADDRESS if replaces is None else parse_address(replaces)

    def make(drafting: ActDrafting) -> SigningRequest:
        return party_requests.appoint(drafting, code, new, by, replaces=old)

    def end(drafting: ActDrafting) -> SigningRequest:
        return party_requests.end_of_delegation(drafting, code, new.key, by)

    draft_acts(config, out, make, days=days, as_json=as_json)
    if until is not None:
        draft_acts(config, until, end, days=end_days, as_json=as_json)


@app.command()
def remove(
    code: Code,
    key: Annotated[str, typer.Option(help="Address of the key.")],
    remover: Annotated[
        str, typer.Option("--by", help="Address of an approver of the party, or the key itself.")
    ],
    config: OfficeConfig,
    out: RequestOut,
    days: Days = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Draft the removal of a key, at once: a person left, or a key was lost."""
    meant, by = parse_address(key), parse_address(remover)

    def make(drafting: ActDrafting) -> SigningRequest:
        return party_requests.remove(drafting, code, meant, by)

    draft_acts(config, out, make, days=days, as_json=as_json)


@app.command()
def recover(
    code: Code,
    seat: Seats,
    config: OfficeConfig,
    out: RequestOut,
    days: Days = _RECOVERY_DAYS,
    as_json: AsJson = False,
) -> None:
    """Draft new keys for a party that lost all; they sign, and the Council decides."""
    seats = [parse_seat(each) for each in seat]

    def make(drafting: ActDrafting) -> SigningRequest:
        return party_requests.recover(drafting, code, seats)

    draft_acts(config, out, make, days=days, as_json=as_json)
