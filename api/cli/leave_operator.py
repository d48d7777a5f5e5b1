"""Commands that carry the change of operators out on the chain: named there, and accepted."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any

import typer

from api.bootstrap import Ledger, open_ledger
from api.cli.at_hand import find_log
from api.cli.device_office import (
    DEFAULT_DAYS,
    Approver,
    Days,
    Initiator,
    OfficeConfig,
    RequestOut,
    write_request,
)
from api.cli.output import AsJson, console, show
from api.cli.places import Config, Usc
from api.clock import SystemClock
from api.office.desk import open_desk
from api.office.drafting import choose_people
from api.office.errors import OperatorDiffers
from api.office.operator_requests import operator_request
from api.office.settings import load_office_settings
from api.settings import load_settings
from attestation.enums import LogState
from chain.addresses import format_address, parse_address
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.transactions import TransactionSender
from ledger.errors import Frozen, NotIntegrated
from ledger.log.anchor_targets import Standing, compare
from ledger.repositories.actions import Noted
from ledger.repositories.logs import Log


def request_operator(
    config: OfficeConfig,
    out: RequestOut,
    to: Annotated[str, typer.Option("--to", help="Address of the new operator's account.")],
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the act that names another operator of the log, for the enterprise's two persons."""
    settings = load_office_settings(config)
    people = choose_people(settings, {"initiator": initiator, "approver": approver})
    new_operator = parse_address(to)
    with open_desk(settings) as desk:
        request = operator_request(desk, new_operator, people, now=SystemClock().now(), days=days)
    write_request(request, out, as_json)


def accept(usc: Usc, config: Config = None, as_json: AsJson = False) -> None:
    """Accept to operate a log that arrived here, and have what is not anchored anchored."""
    settings = load_settings(config)
    with open_ledger(settings) as ledger:
        with ledger.database.reading() as uow:
            log = find_log(uow, settings, usc)
        place = _accept(ledger, log)
        ledger.anchoring.request(log.number, now=ledger.clock.now())
    document: dict[str, Any] = {
        "origin": log.origin,
        "operator": format_address(ledger.chain.operator.address),
        "place": place,
    }

    def text() -> None:
        console.print(f"{log.origin} is operated by {document['operator']}", markup=False)
        console.print("next: the worker anchors it; `carbonseal chain status` shows how far it is")

    show(document, as_json, text)


def _accept(ledger: Ledger, log: Log) -> str | None:
    """Send the acceptance, and give its block; None where it was accepted before."""
    chain, own = ledger.chain, ledger.chain.operator.address
    registry = CheckpointRegistry(chain.client, chain.deployment.address(CheckpointRegistry.NAME))
    record = registry.log_record(log.log_id)
    if record is None or record.vkey_hash != sha256(log.vkey.encode()).digest():
        raise OperatorDiffers(f"{log.origin} is not on the chain under this key")
    if registry.operator_of(log.log_id) == own:
        return None
    if record.pending_operator != own:
        raise OperatorDiffers(f"{format_address(own)} was not named to operate {log.origin}")
    _require_ready(ledger, log)
    sender = TransactionSender(
        chain.client, chain.operator, chain_id=ledger.settings.chain.chain_id
    )
    receipt = sender.execute(registry.accept_operator(log.log_id))
    _note(ledger, log)
    return f"block {receipt.block_number}"


def _require_ready(ledger: Ledger, log: Log) -> None:
    """Refuse what would leave the log with an operator that cannot go on with it."""
    if log.state is not LogState.ACTIVE:
        raise Frozen(f"{log.origin} is {log.state.name.lower()} here: its key is not at hand")
    ledger.keys.signer_of(log.origin)
    latest = ledger.chain.anchorer.latest(log.log_id)
    with ledger.database.reading() as uow:
        found = compare(uow, log, latest, policy=ledger.policy)
    if found.standing is Standing.BEHIND:
        raise NotIntegrated(f"{log.origin} has fewer entries here than the chain holds")


def _note(ledger: Ledger, log: Log) -> None:
    noted = Noted(
        actor="operator",
        role="operator",
        what="log.accept",
        subject=f"log {log.name}",
        usc=log.usc,
        at=ledger.clock.now(),
    )
    with ledger.database.unit_of_work() as uow:
        uow.actions.note(noted)
        uow.commit()


def register(app: typer.Typer) -> None:
    """Add these commands to a group."""
    app.command("request-operator")(request_operator)
    app.command()(accept)
