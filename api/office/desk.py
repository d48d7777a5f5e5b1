"""
The office at work: its trust root, its node and its ledger, opened together.

Everything that is trusted comes from the trust root's file; the node is refused if it serves
another chain, or other code stands at an address.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.errors import ConfigurationError
from api.office.ledger_log import LedgerLog, open_ledger_client
from api.office.place import trusted_address, trusted_chain, trusted_log
from api.office.settings import OfficeSettings
from attestation.ids import Origin, parse_origin
from attestation.trust_fields import Finality, FinalityRule
from attestation.trust_root import TrustedChain, TrustRoot, parse_trust_root
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.device_registry import DeviceRegistry
from chain.bindings.party_registry import PartyRegistry
from chain.client import ChainClient
from chain.finality import Depth, FinalityPolicy, FinalizedTag, Instant
from chain.identity import ChainIdentity, check_identity

_NAMESPACE: Final = "eip155:"


@dataclass(frozen=True, slots=True)
class Desk:
    """An office with its parts at hand."""

    settings: OfficeSettings
    root: TrustRoot
    origin: Origin
    client: ChainClient
    log: LedgerLog
    checkpoints: CheckpointRegistry
    devices: DeviceRegistry
    parties: PartyRegistry
    finality: FinalityPolicy

    @property
    def chain_id(self) -> int:
        """The EIP-155 chain id."""
        return int(trusted_chain(self.root).chain_id.removeprefix(_NAMESPACE))

    def log_size(self) -> int:
        """Give how many entries the log has: published, or anchored where that is more."""
        anchored = self.checkpoints.latest(self.origin.log_id)
        return max(self.log.size(), 0 if anchored is None else anchored.size)

    def final_block(self) -> int:
        """Give the number of the newest final block; negative while there is none."""
        return self.finality.final_block(self.client)


@contextmanager
def open_desk(settings: OfficeSettings) -> Iterator[Desk]:
    """
    Open an office; closed when the block ends.

    Raises:
        ConfigurationError: If a file that the settings name cannot be used.
        WrongPlace: If the trust root does not name the log, a chain or a contract.
        WrongChain: If the node serves another chain, or other contracts.
        NodeUnavailable: If the node does not answer.
    """
    root = read_trust_root(settings.trust_root_file)
    origin = parse_origin(settings.origin)
    verifier = trusted_log(root, origin).vkey
    ledger = open_ledger_client(settings.ledger_url, ca_file=settings.ledger_ca_file)
    with (
        LedgerLog(ledger, origin, verifier) as log,
        ChainClient(settings.rpc_url.get_secret_value()) as client,
    ):
        yield make_desk(settings, root, client, log)


def make_desk(
    settings: OfficeSettings, root: TrustRoot, client: ChainClient, log: LedgerLog
) -> Desk:
    """
    Join an office's parts; errors of the chain as `open_desk`.

    Args:
        settings: Of the office.
        root: Trusted.
        client: The enterprise's own node.
        log: The log at its ledger's address.
    """
    chain = trusted_chain(root)
    check_identity(client, _identity(chain))
    devices = DeviceRegistry(client, trusted_address(chain, DeviceRegistry.NAME))
    return Desk(
        settings=settings,
        root=root,
        origin=parse_origin(settings.origin),
        client=client,
        log=log,
        checkpoints=CheckpointRegistry(client, trusted_address(chain, CheckpointRegistry.NAME)),
        devices=devices,
        # The device registry fixes which registry of parties it asks, in its own code.
        parties=PartyRegistry(client, devices.contract.read("partyRegistry")),
        finality=_finality(chain.finality),
    )


def read_trust_root(path: Path) -> TrustRoot:
    """
    Read a trust root's file.

    Raises:
        ConfigurationError: If it cannot be read.
        EncodingError: If it is none.
    """
    try:
        return parse_trust_root(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from error


def _identity(chain: TrustedChain) -> ChainIdentity:
    return ChainIdentity(
        int(chain.chain_id.removeprefix(_NAMESPACE)),
        chain.genesis_hash,
        {each.address: each.code_hash for each in chain.registries},
    )


def _finality(finality: Finality) -> FinalityPolicy:
    match finality.rule:
        case FinalityRule.INSTANT:
            return Instant()
        case FinalityRule.DEPTH:
            return Depth(finality.depth)
        case FinalityRule.FINALIZED:
            return FinalizedTag()
