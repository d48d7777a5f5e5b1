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
from typing import Any, Final

from api.errors import ConfigurationError
from api.office.errors import WrongPlace
from api.office.ledger_log import LedgerLog, open_ledger_client
from api.office.place import trusted_address, trusted_chain, trusted_log
from api.office.settings import OfficeSettings
from attestation.ids import Origin, parse_origin
from attestation.trust_fields import Finality, FinalityRule
from attestation.trust_root import TrustedChain, TrustRoot, parse_trust_root
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.credentials import Credentials
from chain.bindings.device_registry import DeviceRegistry
from chain.bindings.inventory_registry import InventoryRegistry
from chain.bindings.party_registry import PartyRegistry
from chain.bindings.sampling_draw import SamplingDraw
from chain.client import ChainClient
from chain.finality import Depth, FinalityPolicy, FinalizedTag, Instant
from chain.identity import ChainIdentity, check_identity

_NAMESPACE: Final = "eip155:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainDesk:
    """An office with its chain at hand: enough for acts that no log has a part in."""

    settings: OfficeSettings
    root: TrustRoot
    client: ChainClient
    checkpoints: CheckpointRegistry
    devices: DeviceRegistry
    parties: PartyRegistry
    finality: FinalityPolicy

    @property
    def chain_id(self) -> int:
        """The EIP-155 chain id."""
        return int(trusted_chain(self.root).chain_id.removeprefix(_NAMESPACE))

    @property
    def inventories(self) -> InventoryRegistry:
        """
        The registry of inventories.

        Raises:
            WrongPlace: If the trust root does not name it.
        """
        return InventoryRegistry(self.client, self._address(InventoryRegistry.NAME))

    @property
    def credentials(self) -> Credentials:
        """
        The registry of credentials.

        Raises:
            WrongPlace: If the trust root does not name it.
        """
        return Credentials(self.client, self._address(Credentials.NAME))

    @property
    def sampling(self) -> SamplingDraw:
        """
        The contract that draws samples.

        Raises:
            WrongPlace: If the trust root does not name it.
        """
        return SamplingDraw(self.client, self._address(SamplingDraw.NAME))

    def final_block(self) -> int:
        """Give the number of the newest final block; negative while there is none."""
        return self.finality.final_block(self.client)

    def _address(self, name: str) -> bytes:
        return trusted_address(trusted_chain(self.root), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(ChainDesk):
    """An office with its chain and one log at hand."""

    origin: Origin
    log: LedgerLog

    def log_size(self) -> int:
        """Give how many entries the log has: published, or anchored where that is more."""
        anchored = self.checkpoints.latest(self.origin.log_id)
        return max(self.log.size(), 0 if anchored is None else anchored.size)


@contextmanager
def open_chain_desk(settings: OfficeSettings) -> Iterator[ChainDesk]:
    """Open an office's chain alone; closed when the block ends. Errors as `open_desk`."""
    root = read_trust_root(settings.trust_root_file)
    with ChainClient(settings.rpc_url.get_secret_value()) as client:
        yield ChainDesk(**_chain_parts(settings, root, client))


@contextmanager
def open_desk(settings: OfficeSettings, *, usc: str | None = None) -> Iterator[Desk]:
    """
    Open an office; closed when the block ends.

    Args:
        settings: Of the office.
        usc: Enterprise whose log is worked on; that of the settings where it is None.

    Raises:
        ConfigurationError: If a file that the settings name cannot be used.
        WrongPlace: If the trust root does not name the log, a chain or a contract.
        WrongChain: If the node serves another chain, or other contracts.
        NodeUnavailable: If the node does not answer.
    """
    root = read_trust_root(settings.trust_root_file)
    origin = log_worked_on(settings, root, usc)
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
        client: The party's own node.
        log: The log at its ledger's address.
    """
    return Desk(**_chain_parts(settings, root, client), origin=log.origin, log=log)


def _chain_parts(settings: OfficeSettings, root: TrustRoot, client: ChainClient) -> dict[str, Any]:
    chain = trusted_chain(root)
    check_identity(client, _identity(chain))
    devices = DeviceRegistry(client, trusted_address(chain, DeviceRegistry.NAME))
    return {
        "settings": settings,
        "root": root,
        "client": client,
        "checkpoints": CheckpointRegistry(client, trusted_address(chain, CheckpointRegistry.NAME)),
        "devices": devices,
        # The device registry fixes which registry of parties it asks, in its own code.
        "parties": PartyRegistry(client, devices.contract.read("partyRegistry")),
        "finality": _finality(chain.finality),
    }


def log_worked_on(settings: OfficeSettings, root: TrustRoot, usc: str | None) -> Origin:
    """
    Give the log that an office works on: its own, or the newest of an enterprise.

    Raises:
        WrongPlace: If the trust root names no log of the enterprise.
        ConfigurationError: If no enterprise is named and the office has no log.
    """
    own = None if settings.origin is None else parse_origin(settings.origin)
    if own is not None and usc in (None, own.usc):
        return own
    if usc is None:
        raise ConfigurationError("the office's settings name no log: it is of no enterprise")
    origins = [parse_origin(log.origin) for log in root.logs]
    newest = max(
        (each for each in origins if each.usc == usc),
        key=lambda each: each.generation,
        default=None,
    )
    if newest is None:
        raise WrongPlace(f"the trust root names no log of {usc}")
    return newest


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
