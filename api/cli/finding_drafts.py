"""What commands that draft records of a case have in common: where it is read, who signs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from api.cli.case_places import open_cases
from api.cli.device_office import parse_hash, write_request
from api.cli.showing import Showing
from api.clock import SystemClock
from api.errors import BadRequest
from api.office.case_requests import VerifierBody, draft_verifier_record
from api.office.desk import open_desk
from api.office.settings import load_office_settings
from chain.addresses import parse_address

DUE_DAYS: Final = 10
"""Days in which an answer is asked for, unless a command says otherwise."""

Number = Annotated[int, typer.Option("--number", min=1, help="Number of the finding.")]
Words = Annotated[str, typer.Option("--text", help="What is to be said.")]
Signer = Annotated[
    str | None, typer.Option("--signer", help="Address that signs; else the settings' initiator.")
]
DueDays = Annotated[
    int, typer.Option("--due-days", min=1, max=366, help="Days until an answer is asked for.")
]


@dataclass(frozen=True, slots=True)
class CasePlace:
    """Where the case is read, for numbers and hashes."""

    ledger: Path | None
    mirror: Path | None
    url: str | None
    showing: Showing
    ca_file: Path | None

    def look(self, case: str) -> tuple[Any, Any]:
        """Give the case as it stands, and its findings."""
        with open_cases(self.ledger, self.mirror, self.url, self.showing, self.ca_file) as cases:
            return cases.look(case), cases.look(case, "findings")


def draft_for_verifier(
    config: Path,
    out: Path,
    shown: Any,
    body: VerifierBody,
    signer: str | None,
    days: int,
    as_json: bool,
) -> None:
    """Draft what a person of the verifier signs, and write the request to its file."""
    settings = load_office_settings(config)
    address = signer or (None if settings.people is None else settings.people.initiator)
    if address is None:
        raise BadRequest("the office's settings have no [people]: name the --signer")
    with open_desk(settings, usc=shown["enterprise"]["code"]) as desk:
        request = draft_verifier_record(
            desk,
            body,
            parse_address(address),
            verifier=settings.code,
            now=SystemClock().now(),
            days=days,
        )
    write_request(request, out, as_json)


def newest_version(shown: Any) -> int:
    """
    Give the number of the newest version of a case.

    Raises:
        BadRequest: If nothing was submitted yet.
    """
    if shown["version"] is None:
        raise BadRequest("nothing was submitted yet")
    return int(shown["version"])


def finding_of(findings: Any, number: int) -> Any:
    """
    Give a finding by its number.

    Raises:
        BadRequest: If the case has none of that number.
    """
    for each in findings["findings"]:
        if each["number"] == number:
            return each
    raise BadRequest(f"no finding {number} in this case")


def leaf_of(findings: Any, number: int) -> bytes:
    """
    Give the leaf hash of a finding.

    Raises:
        BadRequest: If the case has none of that number.
    """
    return parse_hash(finding_of(findings, number)["leaf_hash"], "leaf hash")
