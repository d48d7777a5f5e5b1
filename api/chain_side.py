"""
The chain as the ledger sees it: `chain/` fitted to the ports of `ledger/`.

The two packages do not know each other, so the same values have two classes; this is the one
place that turns one into the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self, cast

from api.errors import ConfigurationError
from api.settings import ChainSettings
from attestation.bundle import Profile
from chain.agreements import AgreementContracts
from chain.anchorer import ChainAnchorer
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.device_registry import DeviceRegistry
from chain.bindings.party_registry import PartyRegistry
from chain.client import ChainClient
from chain.deployments import Deployment, load_deployment
from chain.final_events import FinalEvents
from chain.finality import FinalityPolicy, parse_finality
from chain.identity import check_identity
from chain.kept_signer import KeptSigner
from chain.keys import AccountSigner, load_keystore
from chain.relay import ChainRelay
from chain.transactions import TransactionSender
from chain.values import TransactionStatus
from ledger import ports


@dataclass(frozen=True, slots=True)
class ChainSide:
    """One chain, one operator key."""

    client: ChainClient
    deployment: Deployment
    operator: AccountSigner
    anchorer: ports.Anchorer
    events: ports.ChainEvents
    relay: ports.Relay | None = None
    """Carries acts handed in by HTTP; None where no account pays for them."""

    @classmethod
    def open(cls, settings: ChainSettings) -> Self:
        """
        Connect to the node and check that it serves the chain of the deployment.

        Raises:
            WrongChain: If it serves another one.
            NodeUnavailable: If it does not answer.
            KeyUnreadable: If the operator's keystore does not open.
            ConfigurationError: If its password file cannot be read.
        """
        deployment = load_deployment(settings.deployments, settings.chain_id)
        client = ChainClient(settings.rpc_url.get_secret_value())
        check_identity(client, deployment.identity)
        password = _read_password(settings.operator_password_file)
        operator = load_keystore(settings.operator_keystore, password)
        finality = parse_finality(settings.finality)
        checkpoints = CheckpointRegistry(client, deployment.address(CheckpointRegistry.NAME))
        devices = DeviceRegistry(client, deployment.address(DeviceRegistry.NAME))
        anchorer = ChainAnchorer(
            client,
            TransactionSender(client, operator, chain_id=settings.chain_id),
            registry=checkpoints,
            device_registry=devices.contract.address,
            finality=finality,
            profile=Profile[settings.profile.upper()],
            first_block=deployment.first_block,
        )
        # Same names and fields on both sides, compared by a test; the classes differ.
        ours = cast(ports.Anchorer, _LedgerAnchorer(anchorer))
        events = final_events(client, deployment, finality)
        relay = _relay(settings, client, finality, operator=operator.address)
        return cls(client, deployment, operator, ours, events, relay)


def _relay(
    settings: ChainSettings, client: ChainClient, finality: FinalityPolicy, *, operator: bytes
) -> ports.Relay | None:
    if settings.relay_keystore is None:
        return None
    password_file = settings.relay_password_file
    if password_file is None:
        raise ConfigurationError("the relay's keystore needs chain.relay_password_file")
    # Only the worker opens it: who takes acts in needs no more than the address.
    signer = KeptSigner(settings.relay_keystore, lambda: _read_password(password_file))
    if signer.address == operator:
        raise ConfigurationError("relay and operator are two accounts: one nonce has one owner")
    sender = TransactionSender(client, signer, chain_id=settings.chain_id)
    return cast(ports.Relay, LedgerRelay(ChainRelay(client, sender, finality)))


def final_events(
    client: ChainClient, deployment: Deployment, finality: FinalityPolicy
) -> ports.ChainEvents:
    """Give the final events of a deployment, in the ledger's own classes."""
    events = FinalEvents(
        client,
        finality,
        checkpoints=CheckpointRegistry(client, deployment.address(CheckpointRegistry.NAME)),
        devices=DeviceRegistry(client, deployment.address(DeviceRegistry.NAME)),
        parties=PartyRegistry(client, deployment.address(PartyRegistry.NAME)),
        agreements=AgreementContracts.of(client, deployment),
        first_block=deployment.first_block,
    )
    return _LedgerEvents(events)


def _read_password(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"cannot read the password file {path}: {error}") from error


class _LedgerAnchorer:
    """The chain's anchorer, whose answers are of the ledger's own classes."""

    def __init__(self, anchorer: ChainAnchorer) -> None:
        self._anchorer = anchorer

    def __getattr__(self, name: str) -> Any:
        # What gives bytes, numbers and plain values is the chain's own.
        return getattr(self._anchorer, name)

    def status(self, tx_hash: bytes) -> ports.TransactionStatus:
        """Say where a transaction stands; states are compared by identity, so they are ours."""
        return _status(self._anchorer.status(tx_hash))


class LedgerRelay:
    """The chain's relay, whose answers are of the ledger's own classes."""

    def __init__(self, relay: ChainRelay) -> None:
        self._relay = relay

    def __getattr__(self, name: str) -> Any:
        # What gives bytes, numbers and plain values is the chain's own.
        return getattr(self._relay, name)

    def status(self, tx_hash: bytes, *, nonce: int) -> ports.TransactionStatus:
        """Say where a transaction stands; states are compared by identity, so they are ours."""
        return _status(self._relay.status(tx_hash, nonce=nonce))


def _status(found: TransactionStatus) -> ports.TransactionStatus:
    values = {each.name: getattr(found, each.name) for each in fields(found)}
    values["state"] = ports.TransactionState(int(found.state))
    return ports.TransactionStatus(**values)


class _LedgerEvents:
    """Final events in the ledger's own classes."""

    def __init__(self, events: FinalEvents) -> None:
        self._events = events

    def final_block(self) -> tuple[int, bytes]:
        """Give number and hash of the newest final block."""
        return self._events.final_block()

    def block_hash(self, number: int) -> bytes | None:
        """Give the hash of a canonical block, or None."""
        return self._events.block_hash(number)

    def events(self, from_block: int, to_block: int) -> Sequence[ports.ChainEvent]:
        """Give the events of a closed range of blocks, in order."""
        return [_translated(event) for event in self._events.events(from_block, to_block)]


def _translated(event: Any) -> ports.ChainEvent:
    values = {each.name: getattr(event, each.name) for each in fields(event)}
    at = values.pop("at")
    position = ports.ChainPosition(**{each.name: getattr(at, each.name) for each in fields(at)})
    if (act := values.get("act")) is not None:
        values["act"] = ports.InventoryAct(act.name, act.fields, act.signers)
    translated: ports.ChainEvent = getattr(ports, type(event).__name__)(at=position, **values)
    return translated
