"""What `doctor` looks at of the chain: that the node keeps up, and our keys can pay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from api.cli.doctor_checks import Line, could_not, ok, problem
from api.clock import SystemClock
from api.settings import Settings
from attestation.instants import MILLISECONDS_PER_SECOND
from chain.addresses import format_address
from chain.client import ChainClient
from chain.deployments import Deployment, load_deployment
from chain.identity import check_identity
from chain.keys import load_keystore

_TIMEOUT_S: Final = 5
_STALE_S: Final = 600
_LEAD_S: Final = 60
_ANCHOR_GAS: Final = 200_000
"""Above what anchoring one log takes."""
_ACT_GAS: Final = 800_000
"""Above what a submission takes, the dearest act on an inventory."""
_FEWEST: Final = 100


def chain(settings: Settings) -> Sequence[Line]:
    """Look whether the node serves the deployment's chain and keeps up with it."""
    with open_chain(settings) as (client, deployment):
        head = client.block("latest")
    name = deployment.identity.caip2
    if head is None:
        return [could_not("chain", f"{name}: the node names no head", "Look at the node's log.")]
    age_s = SystemClock().now() // MILLISECONDS_PER_SECOND - head.timestamp_s
    detail = f"{name}, block {head.number}, {age_s} s old"
    if age_s < -_LEAD_S:
        return [problem("chain", detail, "Set this machine's clock right, or the validators'.")]
    if age_s > _STALE_S and not settings.chain.development:
        return [problem("chain", detail, "See that the node has peers and the chain moves.")]
    return [ok("chain", detail)]


def operator(settings: Settings) -> Sequence[Line]:
    """Look whether the operator's key opens and can pay for anchors."""
    address = operator_address(settings)
    return [_can_pay(settings, "operator", address, _ANCHOR_GAS, "anchors")]


def relay(settings: Settings) -> Sequence[Line]:
    """Look whether the relay's key opens, is another than the operator's, and can pay for acts."""
    place = settings.chain
    if place.relay_keystore is None or place.relay_password_file is None:
        return [ok("relay", "acts handed in by HTTP are not relayed here")]
    password = place.relay_password_file.read_text(encoding="utf-8").strip()
    address = load_keystore(place.relay_keystore, password).address
    if address == operator_address(settings):
        fix = "Give the relay an account of its own: one nonce has one owner."
        return [problem("relay", f"{format_address(address)} is the operator's too", fix)]
    return [_can_pay(settings, "relay", address, _ACT_GAS, "acts")]


def _can_pay(settings: Settings, name: str, address: bytes, gas: int, what: str) -> Line:
    with open_chain(settings) as (client, _deployment):
        balance_wei = client.balance_wei(address)
        price_wei = client.gas_price_wei()
    shown = format_address(address)
    if price_wei == 0:
        return ok(name, f"{shown}; gas costs nothing here")
    count = balance_wei // (price_wei * gas)
    detail = f"{shown} can pay for {count} {what} at the present price"
    if count < _FEWEST:
        return problem(name, detail, "Send money for gas to this address.")
    return ok(name, detail)


def operator_address(settings: Settings) -> bytes:
    """Open the operator's keystore and give its address, 20 bytes."""
    path = settings.chain.operator_password_file
    password = path.read_text(encoding="utf-8").strip()
    return load_keystore(settings.chain.operator_keystore, password).address


@contextmanager
def open_chain(settings: Settings) -> Iterator[tuple[ChainClient, Deployment]]:
    """Connect to the node, which must serve the chain of the deployment."""
    deployment = load_deployment(settings.chain.deployments, settings.chain.chain_id)
    client = ChainClient(settings.chain.rpc_url.get_secret_value(), timeout_s=_TIMEOUT_S)
    try:
        check_identity(client, deployment.identity)
        yield client, deployment
    finally:
        client.close()
