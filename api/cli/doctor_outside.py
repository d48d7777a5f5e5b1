"""What `doctor` looks at beyond this machine: the broker, the chain, who has power over it."""

from __future__ import annotations

import socket
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
from chain.powers import group_by_holder, list_powers
from devices.session import BrokerAddress
from devices.tls import client_context

_TIMEOUT_S: Final = 5
_STALE_S: Final = 600
_LEAD_S: Final = 60
_ANCHOR_GAS: Final = 200_000
"""Above what anchoring one log takes."""
_FEWEST_ANCHORS: Final = 100


def broker(settings: Settings) -> Sequence[Line]:
    """Look whether the broker answers and its certificate is of the host we know."""
    mqtt = settings.mqtt
    if mqtt is None:
        return [ok("broker", "none is set; messages come by HTTP")]
    place = f"{mqtt.host}:{mqtt.port}"
    address = BrokerAddress(mqtt.host, mqtt.port, mqtt.ca_file, mqtt.cert_file, mqtt.key_file)
    context = client_context(address)
    try:
        with (
            socket.create_connection((mqtt.host, mqtt.port), timeout=_TIMEOUT_S) as plain,
            context.wrap_socket(plain, server_hostname=mqtt.host) as secured,
        ):
            return [ok("broker", f"{place} speaks {secured.version()}")]
    except OSError as error:
        fix = "Start the broker, and see that its certificate names this host."
        return [could_not("broker", f"{place}: {error.strerror or error}", fix)]


def chain(settings: Settings) -> Sequence[Line]:
    """Look whether the node serves the deployment's chain and keeps up with it."""
    with _chain(settings) as (client, deployment):
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
    path = settings.chain.operator_password_file
    password = path.read_text(encoding="utf-8").strip()
    address = load_keystore(settings.chain.operator_keystore, password).address
    with _chain(settings) as (client, _deployment):
        balance_wei = client.balance_wei(address)
        price_wei = client.gas_price_wei()
    shown = format_address(address)
    if price_wei == 0:
        return [ok("operator", f"{shown}; gas costs nothing here")]
    anchors = balance_wei // (price_wei * _ANCHOR_GAS)
    detail = f"{shown} can pay for {anchors} anchors at the present price"
    if anchors < _FEWEST_ANCHORS:
        return [problem("operator", detail, "Send money for gas to this address.")]
    return [ok("operator", detail)]


def powers(settings: Settings) -> Sequence[Line]:
    """Say who has power over the contracts; whether it is right is for people to judge."""
    with _chain(settings) as (client, deployment):
        held = group_by_holder(list_powers(client, deployment))
    return [
        ok(
            f"power of {format_address(holder)}",
            "; ".join(sorted({f"{each.contract}: {each.right}" for each in rights})),
        )
        for holder, rights in held.items()
    ]


@contextmanager
def _chain(settings: Settings) -> Iterator[tuple[ChainClient, Deployment]]:
    deployment = load_deployment(settings.chain.deployments, settings.chain.chain_id)
    client = ChainClient(settings.chain.rpc_url.get_secret_value(), timeout_s=_TIMEOUT_S)
    try:
        check_identity(client, deployment.identity)
        yield client, deployment
    finally:
        client.close()
