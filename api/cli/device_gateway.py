"""Commands about a gateway as a process: run it, look at it, make it send again."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from api.cli.outcomes import leave, styled
from api.cli.output import AsJson, console, show, table
from api.cli.secrets import ask
from api.cli.signals import stop_on_signals
from api.clock import SystemClock
from api.errors import BadRequest
from api.gateway.live_state import live_file, read_live_state
from api.gateway.orders import Orders, SendAgain
from api.gateway.process import open_gateway
from api.gateway.settings import GatewaySettings, load_gateway_settings
from api.gateway.status import dead_letters, describe_letter, gateway_status
from api.logs import configure_logs
from devices.outbox import Outbox
from devices.store import GatewayStore, StoreView, is_held

GatewayConfig = Annotated[
    Path, typer.Option("--config", dir_okay=False, help="The gateway's settings file.")
]
_ORDER_TIMEOUT_S: Final = 60
_LEAST_PREFIX: Final = 6


def run(config: GatewayConfig) -> None:
    """Run the gateway until it is stopped: measure, sign and keep, send, hear the answers."""
    configure_logs()
    settings = load_gateway_settings(config)
    stopping = threading.Event()
    stop_on_signals(stopping)
    with open_gateway(settings, ask=ask, clock=SystemClock().now) as gateway:
        gateway.run(stopping)


def status(config: GatewayConfig, as_json: AsJson = False) -> None:
    """Show how a gateway stands. Exit 0: well; 1: needs a person; 3: it does not run."""
    found = gateway_status(load_gateway_settings(config), now=SystemClock().now())

    def text() -> None:
        _print_status(found.document)
        console.print(styled(found.outcome, _STATE_WORDS[found.outcome.name]))

    show(found.document, as_json, text)
    leave(found.outcome)


_STATE_WORDS: Final = {
    "HELD": "all is well",
    "FAILED": "somebody should look at this",
    "COULD_NOT_CHECK": "the gateway does not run, or does not say how it stands",
}


def _print_status(document: dict[str, Any]) -> None:
    state = "running" if document["running"] else "not running"
    console.print(f"{document['gateway']}  {document['origin']}  {state}", markup=False)
    connection, offset = document["connection"], document["clock_offset_ms"]
    if connection is not None:
        word = "connected" if connection["connected"] else f"away: {connection['last_failure']}"
        console.print(f"courier     {connection['protocol']}, {word}", markup=False)
    if offset is not None:
        console.print(f"clock       {offset['low']} to {offset['high']} ms ahead of the ledger's")
    outbox = dict(document["outbox"])
    oldest = outbox.pop("oldest_unanswered")
    used = f"{outbox.pop('used_bytes')} of {outbox.pop('max_bytes')} bytes"
    console.print("outbox      " + ", ".join(f"{count} {name}" for name, count in outbox.items()))
    console.print(f"            {used}, oldest unanswered {oldest or 'none'}")
    console.print(f"refused     {document['dead_letters']}, evidence {document['evidence']}")
    _print_keys(document["keys"])
    _print_meters(document["meters"], document["problems"])
    for sentence in document["attention"]:
        console.print(f"! {sentence}", style="yellow", markup=False)


def _print_keys(keys: list[dict[str, Any]]) -> None:
    for key in keys:
        receipts = dict(key["receipts"] or {})
        receipts.pop("epoch", None)
        said = ", ".join(f"{stage} to {number}" for stage, number in receipts.items())
        closed = f", closed: {key['closed']}" if key["closed"] else ""
        console.print(f"key         {key['name'] or ''} {key['kid']}", markup=False)
        console.print(
            f"            epoch {key['epoch']}, next {key['next_sequence']},"
            f" receipts: {said or 'none'}{closed}",
            markup=False,
        )


def _print_meters(meters: list[dict[str, Any]], problems: dict[str, str]) -> None:
    rows = table("meter", "kind", "newest reading", "state")
    for meter in meters:
        state = "silent" if meter["silent"] else problems.get(meter["name"], "ok")
        cells = (meter["name"], meter["kind"], meter["newest_reading"] or "none", state)
        rows.add_row(*(Text(cell) for cell in cells))
    console.print(rows)


def send_again(
    kid: Annotated[str, typer.Argument(help="Key id or its first characters, or the key's name.")],
    config: GatewayConfig,
    first: Annotated[int, typer.Option("--from", min=0, help="First message to send.")] = 0,
    epoch: Annotated[
        int | None, typer.Option(min=0, help="Epoch; the key's present one if not said.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send what is kept of an epoch again, as a ledger asks for that has to be restored."""
    settings = load_gateway_settings(config)
    found, present = _find_key(settings, kid)
    order = SendAgain(found.hex(), present if epoch is None else epoch, first)
    path = settings.gateway.store
    if is_held(path):
        count = Orders(path).place(order, timeout_s=_ORDER_TIMEOUT_S)
    else:
        with GatewayStore(path) as store:
            count = order.carry_out(Outbox(store), SystemClock().now())
    document = {"kid": order.kid, "epoch": order.epoch, "from": first, "messages": count}
    show(document, as_json, lambda: console.print(f"{count} messages are due again"))


def _find_key(settings: GatewaySettings, named: str) -> tuple[bytes, int]:
    """Give key id and present epoch of the one key of this gateway that is meant."""
    path = settings.gateway.store
    with StoreView(path) as store:
        known = dict(store.fetch("SELECT kid, epoch FROM signer"))
    live = read_live_state(live_file(path))
    names = {} if live is None else live.key_names
    meant = [
        kid
        for kid in known
        if names.get(kid.hex()) == named
        or (len(named) >= _LEAST_PREFIX and kid.hex().startswith(named.lower()))
    ]
    if len(meant) != 1:
        raise BadRequest(f"{len(meant)} keys of this gateway are meant by {named!r}")
    return meant[0], known[meant[0]]


def list_dead_letters(config: GatewayConfig, as_json: AsJson = False) -> None:
    """List the messages that the ledger refused for good, each with the reason."""
    settings = load_gateway_settings(config)
    letters = [describe_letter(each, settings) for each in dead_letters(settings)]

    def text() -> None:
        for each in letters:
            console.print(f"{each['refused_at']}  {each['code']}", markup=False)
            console.print(
                f"  key {each['kid']}, epoch {each['epoch']}, message {each['sequence']}",
                markup=False,
            )
            series = ", ".join(each["series"])
            console.print(f"  {each['from']} to {each['to']}: {series}", markup=False)
        if not letters:
            console.print("the ledger refused nothing")

    show(letters, as_json, text)
