"""What commands that draft acts have in common: the desk, the persons, the version at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import typer

from api.bootstrap import open_database
from api.cli.at_hand import find_log
from api.cli.device_office import write_request
from api.cli.files import read_file
from api.cli.mirrored import open_mirror
from api.clock import SystemClock
from api.errors import BadRequest
from api.office.act_drafting import ActDrafting, begin_acts
from api.office.comparing import subjects_of
from api.office.desk import open_chain_desk, open_desk
from api.office.drafting import choose_people
from api.office.inventory_requests import InventoryDrafting, Pair
from api.office.request import SigningRequest
from api.office.settings import load_office_settings
from api.office.subjects import parse_subject
from api.settings import load_settings
from attestation.ids import ZERO_HASH
from ledger.database import Database
from ledger.inventory.agreeing import Submission, kept_calculations, kept_submission
from ledger.inventory.assembling import load
from ledger.inventory.calculation import Calculation
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period
from ledger.inventory.versions import InventoryVersion
from ledger.repositories.logs import Log

_MAX_DOCUMENT: Final = 256 << 20

Subject = Annotated[
    str, typer.Argument(metavar="CODE/UNIT/PERIOD", help="Such as 91350211M000100Y46/unit-1/2024.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why; readable by everybody.")]
Document = Annotated[
    Path | None,
    typer.Option("--document", exists=True, dir_okay=False, help="A file whose hash is signed."),
]
VersionNumber = Annotated[
    int | None, typer.Option("--number", min=1, help="Version kept at hand; the newest if absent.")
]
Kept = Annotated[
    Path | None,
    typer.Option(
        "--ledger", exists=True, dir_okay=False, help="Settings of the ledger that keeps it."
    ),
]

MakeRequest = Callable[[InventoryDrafting], SigningRequest]
MakeActs = Callable[[ActDrafting], SigningRequest]


@dataclass(frozen=True, slots=True)
class Paper:
    """What every command about an inventory is told of its request."""

    subject: str
    config: Path
    out: Path
    days: int
    initiator: str | None
    approver: str | None
    as_json: bool


def draft_case(paper: Paper, make: MakeRequest) -> None:
    """Draft a request about an inventory, write it to its file, and show it."""
    settings = load_office_settings(paper.config)
    scope = parse_subject(paper.subject)
    named = {"initiator": paper.initiator, "approver": paper.approver}
    people = choose_people(settings, named)
    with open_desk(settings, usc=scope.usc) as desk:
        drafting = begin_acts(desk, now=SystemClock().now(), days=paper.days)
        pair = Pair(people.initiator, people.approver)
        request = make(InventoryDrafting(drafting, scope, pair))
    write_request(request, paper.out, paper.as_json)


def draft_acts(config: Path, out: Path, make: MakeActs, *, days: int, as_json: bool) -> None:
    """Draft a request that no log has a part in, write it to its file, and show it."""
    settings = load_office_settings(config)
    with open_chain_desk(settings) as desk:
        request = make(begin_acts(desk, now=SystemClock().now(), days=days))
    write_request(request, out, as_json)


def submission_at_hand(
    subject: str, *, number: int | None, mirror: Path | None, ledger: Path | None
) -> Submission:
    """
    Give what the acts on a version carry, from a mirror or from the ledger that keeps it.

    Raises:
        BadRequest: If not exactly one of the two is named, or the mirror is of another log.
        InventoryError: If the version is not kept there, or is no final one.
    """
    return _submission(parse_subject(subject), number, mirror, ledger)


def calculations_at_hand(
    subject: str, *, number: int | None, mirror: Path | None, ledger: Path | None
) -> tuple[InventoryVersion, tuple[Calculation, ...]]:
    """
    Give a version and its calculation records, in their order. Errors as `submission_at_hand`.
    """
    scope = parse_subject(subject)
    with _kept(scope, mirror, ledger) as (database, log), database.reading() as uow:
        version = load(uow, log, scope, number)
        return version, kept_calculations(uow, log, version)


def submission_of_request(
    request: SigningRequest, *, number: int | None, mirror: Path | None, ledger: Path | None
) -> Submission:
    """
    Give what the acts on the version at hand carry, of the inventory that a request is about.

    Raises:
        BadRequest: If it is not about one inventory; else as `submission_at_hand`.
    """
    subjects = subjects_of(request)
    if len(subjects) != 1:
        raise BadRequest("the request is not about one inventory")
    (subject,) = subjects
    period = Period(subject.period_from, subject.period_to)
    scope = Scope.of(subject.credit_code, subject.unit_code, period)
    return _submission(scope, number, mirror, ledger)


def _submission(
    scope: Scope, number: int | None, mirror: Path | None, ledger: Path | None
) -> Submission:
    with _kept(scope, mirror, ledger) as (database, log), database.reading() as uow:
        return kept_submission(uow, log, load(uow, log, scope, number))


def document_hash(path: Path | None) -> bytes:
    """Give the SHA-256 of a document, or zero where there is none."""
    return ZERO_HASH if path is None else sha256(read_file(path, most=_MAX_DOCUMENT)).digest()


@contextmanager
def _kept(scope: Scope, mirror: Path | None, ledger: Path | None) -> Iterator[tuple[Database, Log]]:
    if (mirror is None) == (ledger is None):
        raise BadRequest("name the version at hand: --mirror DIR or --ledger SETTINGS")
    if mirror is not None:
        with open_mirror(mirror) as (database, log, _):
            if not log.name.startswith(scope.usc):
                raise BadRequest(f"{mirror} is a mirror of {log.name}")
            yield database, log
        return
    settings = load_settings(ledger)
    with open_database(settings) as database:
        with database.reading() as uow:
            log = find_log(uow, settings, scope.usc)
        yield database, log
