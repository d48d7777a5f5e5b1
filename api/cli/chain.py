"""Commands about the chain: where it stands, what is on its way, who may do what."""

from __future__ import annotations

from typing import Any

import typer
from rich.text import Text

from api.bootstrap import Ledger, open_ledger
from api.cli.at_hand import find_log
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config, Usc
from api.settings import load_settings
from attestation.enums import OutboxState
from attestation.instants import format_instant, from_seconds
from chain.addresses import format_address
from chain.client import ChainClient
from chain.deployments import load_deployment
from chain.identity import check_identity
from chain.powers import group_by_holder, list_powers
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

app = typer.Typer(help="The chain.", no_args_is_help=True)

_UNDER_WAY = tuple(state for state in OutboxState if state is not OutboxState.FINAL)


@app.command()
def status(config: Config = None, as_json: AsJson = False) -> None:
    """Show the deployment, the chain's head, and how far each log is anchored."""
    with open_ledger(load_settings(config)) as ledger:
        document = _status(ledger)
    show(document, as_json, lambda: _print_status(document))


def _status(ledger: Ledger) -> dict[str, Any]:
    chain = ledger.chain
    head = chain.client.block("latest")
    with ledger.database.reading() as uow:
        operator = chain.operator.address
        items = uow.outbox.in_states(_UNDER_WAY, operator=operator)
        logs = [_log_status(ledger, uow, log) for log in uow.logs.all()]
    return {
        "chain": chain.deployment.identity.caip2,
        "head": None if head is None else head.number,
        "head_at": None if head is None else format_instant(from_seconds(head.timestamp_s)),
        "operator": format_address(operator),
        "contracts": {
            name: format_address(each.address)
            for name, each in sorted(chain.deployment.contracts.items())
        },
        "logs": logs,
        "outbox": [
            {
                "id": item.id,
                "kind": item.kind,
                "state": item.state.name.lower(),
                "attempts": item.attempts,
                "transaction": None if item.tx_hash is None else item.tx_hash.hex(),
                "error": item.error,
            }
            for item in items
        ],
    }


def _log_status(ledger: Ledger, uow: UnitOfWork, log: Log) -> dict[str, Any]:
    size = uow.heads.get(log.number).size
    newest = ledger.chain.anchorer.latest(log.log_id)
    final = uow.anchors.newest(log.number, final=True)
    anchored = 0 if newest is None else newest.size
    return {
        "origin": log.origin,
        "size": size,
        "anchored": anchored,
        "final": 0 if final is None else final.size,
        "waiting": size - anchored,
    }


def _print_status(document: dict[str, Any]) -> None:
    console.print(f"chain     {document['chain']}, head {document['head']} {document['head_at']}")
    console.print(f"operator  {document['operator']}")
    for name, address in document["contracts"].items():
        console.print(f"{name}  {address}", markup=False)
    rows = table("log", "entries", "anchored", "final", "waiting")
    for each in document["logs"]:
        counts = (str(each[name]) for name in ("size", "anchored", "final", "waiting"))
        rows.add_row(Text(each["origin"]), *counts)
    console.print(rows)
    for item in document["outbox"]:
        error = f": {item['error']}" if item["error"] else ""
        console.print(f"outbox {item['id']} {item['kind']} {item['state']}{error}", markup=False)


@app.command()
def anchor(usc: Usc, config: Config = None, as_json: AsJson = False) -> None:
    """Ask for a log to be anchored with the worker's next transaction, whatever its interval."""
    settings = load_settings(config)
    with open_ledger(settings) as ledger:
        with ledger.database.reading() as uow:
            log = find_log(uow, settings, usc)
        ledger.anchoring.request(log.number, now=ledger.clock.now())

    def text() -> None:
        console.print(f"asked for: {log.origin}", markup=False)
        console.print("next: the worker sends it; `carbonseal chain status` shows how far it is")

    show({"requested": log.origin}, as_json, text)


@app.command()
def powers(config: Config = None, as_json: AsJson = False) -> None:
    """List, from the live chain, every power that every address has."""
    settings = load_settings(config).chain
    deployment = load_deployment(settings.deployments, settings.chain_id)
    client = ChainClient(settings.rpc_url.get_secret_value())
    try:
        check_identity(client, deployment.identity)
        held = group_by_holder(list_powers(client, deployment))
    finally:
        client.close()
    document = [
        {
            "holder": format_address(holder),
            "powers": [
                {
                    "contract": each.contract,
                    "right": each.right,
                    "role": each.role,
                    "delay_s": each.delay_s,
                }
                for each in rights
            ],
        }
        for holder, rights in held.items()
    ]

    def text() -> None:
        rows = table("holder", "contract", "right", "by", "delay s")
        for holder, rights in held.items():
            for at, each in enumerate(rights):
                name = "" if at else format_address(holder)
                cells = (name, each.contract, each.right, each.role, str(each.delay_s))
                rows.add_row(*(Text(cell) for cell in cells))
        console.print(rows)

    show(document, as_json, text)
