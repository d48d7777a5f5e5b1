"""Commands about decisions of the Council: written, signed by members, handed in, carried out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from api.cli.device_office import Days, OfficeConfig
from api.cli.device_submit import open_sender
from api.cli.files import Input, read_file, write_file
from api.cli.output import AsJson, console, show
from api.cli.secrets import SecretFile, password_from
from api.cli.sign import confirm_signing, read_request
from api.clock import SystemClock
from api.office.act_words import fields_in_words
from api.office.decisions import (
    DecisionPaper,
    check_paper,
    format_paper,
    parse_paper,
    recovery_decision,
    sign_paper,
)
from api.office.desk import open_chain_desk
from api.office.settings import load_office_settings
from attestation.instants import format_instant, from_seconds
from chain.addresses import format_address, parse_address
from chain.keys import load_keystore
from chain.typed_data import wallet_request

_MAX_BYTES: Final = 1 << 20
_DECISION_DAYS: Final = 30

Paper = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The decision's file.")]


def decide(
    file: Input,
    council: Annotated[str, typer.Option(help="Address of the Council.")],
    reason: Annotated[str, typer.Option(help="Why, for the members.")],
    config: OfficeConfig,
    out: Annotated[Path, typer.Option("--out", help="Decision to write.")],
    days: Days = _DECISION_DAYS,
    as_json: AsJson = False,
) -> None:
    """Write the Council's decision on a recovery that the new keys have signed."""
    request = read_request(file)
    with open_chain_desk(load_office_settings(config)) as desk:
        paper = recovery_decision(
            desk,
            parse_address(council),
            request,
            reason=reason,
            now=SystemClock().now(),
            days=days,
        )
    write_file(out, format_paper(paper))
    _show(paper, as_json, f"next: members run `carbonseal party endorse {out}`")


def endorse(
    file: Paper,
    keystore: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The member's keystore (version 3).")
    ],
    config: OfficeConfig,
    password_file: SecretFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a decision, ask, and add a member's signature to its file."""
    paper, now = parse_paper(read_file(file, most=_MAX_BYTES)), SystemClock().now()
    with open_chain_desk(load_office_settings(config)) as desk:
        check_paper(desk, paper, now=now)
        if not as_json:
            _print(paper)
        confirm_signing(yes)
        what = f"password of {keystore.name}"
        signer = load_keystore(keystore, password_from(password_file, what))
        signed = sign_paper(desk, paper, signer, now=now)
    write_file(file, format_paper(signed))
    _show(signed, as_json, f"signed by {format_address(signer.address)}")


def hand_in(file: Paper, config: OfficeConfig, as_json: AsJson = False) -> None:
    """Hand the members' signatures in; enough of them adopt the decision."""
    paper = parse_paper(read_file(file, most=_MAX_BYTES))
    with open_chain_desk(load_office_settings(config)) as desk:
        council = check_paper(desk, paper, now=SystemClock().now())
        open_sender(desk).execute(council.endorse(paper.decision, paper.signatures))
        ballot = council.ballot(paper.digest)
    document = {"state": ballot.state.name.lower(), "endorsements": ballot.endorsements}
    show(
        document,
        as_json,
        lambda: console.print(f"{document['state']}: {ballot.endorsements} signatures"),
    )


def execute(file: Paper, config: OfficeConfig, as_json: AsJson = False) -> None:
    """Carry out an adopted decision, once the time to veto is over."""
    paper = parse_paper(read_file(file, most=_MAX_BYTES))
    with open_chain_desk(load_office_settings(config)) as desk:
        council = check_paper(desk, paper, now=SystemClock().now())
        receipt = open_sender(desk).execute(council.execute(paper.decision))
    document = {"state": "executed", "block": receipt.block_number}
    show(document, as_json, lambda: console.print(f"carried out in block {receipt.block_number}"))


def _document(paper: DecisionPaper) -> dict[str, Any]:
    fields = wallet_request(paper.decision, paper.domain)["message"]
    return {
        "chain": f"eip155:{paper.chain_id}",
        "council": format_address(paper.council),
        "digest": f"0x{paper.digest.hex()}",
        "decision": dict(fields_in_words("Decision", fields)),
        "signed_by": [format_address(each) for each in paper.signatures],
    }


def _show(paper: DecisionPaper, as_json: bool, last: str) -> None:
    def text() -> None:
        _print(paper)
        console.print(last, markup=False)

    show(_document(paper), as_json, text)


def _print(paper: DecisionPaper) -> None:
    decision = paper.decision
    console.print(decision.title, markup=False)
    console.print(f"reason    {decision.reason}", markup=False)
    console.print(f"calls     {decision.function_signature} of {format_address(decision.target)}")
    console.print(f"deadline  {format_instant(from_seconds(decision.deadline))}")
    for member in paper.signatures:
        console.print(f"signed by {format_address(member)}")


def register(app: typer.Typer) -> None:
    """Add the commands to a group."""
    app.command()(decide)
    app.command()(endorse)
    app.command("hand-in-decision")(hand_in)
    app.command("execute-decision")(execute)
