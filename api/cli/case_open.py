"""
The command that opens a version: its calculations are sent to the chain, which works them out.

What is sent is public for ever, so it is said before, and asked.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.case_office import Kept, Subject, VersionNumber, calculations_at_hand
from api.cli.device_office import OfficeConfig
from api.cli.device_submit import open_sender
from api.cli.mirrored import MirrorDir
from api.cli.output import AsJson, console, show
from api.errors import BadRequest
from api.office.desk import ChainDesk, open_chain_desk
from api.office.errors import WrongPlace
from api.office.settings import load_office_settings
from api.office.version_opening import Opening, opening_of
from chain.bindings.open_calculations import OpenCalculations
from chain.deployments import load_deployment


def open_version(
    subject: Subject,
    config: OfficeConfig,
    deployments: Annotated[
        Path,
        typer.Option("--deployments", exists=True, dir_okay=False, help="The contracts' record."),
    ],
    mirror: MirrorDir = None,
    ledger: Kept = None,
    number: VersionNumber = None,
    yes: Annotated[bool, typer.Option("--yes", help="Send without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Publish a submitted version's calculations: inputs and results become public for ever."""
    version, records = calculations_at_hand(subject, number=number, mirror=mirror, ledger=ledger)
    with open_chain_desk(load_office_settings(config)) as desk:
        contract = _contract(desk, deployments)
        opening = opening_of(desk.inventories, version, records)
        sent = 0
        if not contract.is_open(opening.inventory_id, opening.number):
            _confirm(yes, opening)
            sender = open_sender(desk)
            for call in opening.next_calls(contract):
                sender.execute(call)
                sent += 1
    document: dict[str, Any] = {
        "inventory": f"0x{opening.inventory_id.hex()}",
        "version": opening.number,
        "recipe": opening.recipe,
        "calculations": len(opening.listed),
        "sent": sent,
        "open": True,
    }

    def text() -> None:
        told = f"{len(opening.listed)} calculations, {sent} transactions sent"
        console.print(f"version {opening.number} is open: {told}", markup=False)

    show(document, as_json, text)


def _contract(desk: ChainDesk, deployments: Path) -> OpenCalculations:
    """Find the contract, which must open versions of the registry that the trust root names."""
    address = load_deployment(deployments, desk.chain_id).address(OpenCalculations.NAME)
    contract = OpenCalculations(desk.client, address)
    if contract.inventory_registry() != desk.inventories.contract.address:
        raise WrongPlace("the contract opens versions of another registry than the trust root's")
    return contract


def _confirm(yes: bool, opening: Opening) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadRequest("there is no terminal to ask at; say --yes to send without being asked")
    count = len(opening.listed)
    question = f"Make the inputs of {count} calculations of version {opening.number} public?"
    if not typer.confirm(f"{question} This cannot be undone.", err=True):
        raise BadRequest("nothing was sent")
