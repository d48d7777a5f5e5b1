"""
A trust root from the settings: what this operator asks others to believe, gathered in one value.

Whoever takes it compares its name with one that came another way, and the platform roots and
validators with what their owners publish: the operator cannot vouch for these.

Source: FORMATS section 8; `docs/formats/trust-root.md`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from api.bootstrap import open_database, platform_roots
from api.errors import ConfigurationError
from api.settings import ChainSettings, Settings
from attestation.note_keys import parse_vkey
from attestation.trust_fields import (
    OPTIONAL_CONTRACTS,
    Consensus,
    Contract,
    Finality,
    FinalityRule,
    Registry,
    TrustedLog,
)
from attestation.trust_root import TrustedChain, TrustRoot, ValidatorSet, make_trust_root
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.credentials import Credentials
from chain.bindings.device_registry import DeviceRegistry
from chain.bindings.inventory_registry import InventoryRegistry
from chain.bindings.party_registry import PartyRegistry
from chain.bindings.sampling_draw import SamplingDraw
from chain.deployments import Deployment, load_deployment
from ledger.unit_of_work import UnitOfWork

_CONSENSUS: Final = {
    "node": Consensus.NONE,
    "clique": Consensus.CLIQUE,
    "qbft": Consensus.QBFT,
}
_REGISTRIES: Final = {
    Contract.CHECKPOINT_REGISTRY: CheckpointRegistry.NAME,
    Contract.DEVICE_REGISTRY: DeviceRegistry.NAME,
    Contract.INVENTORY_REGISTRY: InventoryRegistry.NAME,
    Contract.PARTY_REGISTRY: PartyRegistry.NAME,
    Contract.CREDENTIALS: Credentials.NAME,
    Contract.SAMPLING_DRAW: SamplingDraw.NAME,
}


def build_trust_root(settings: Settings, validators: tuple[bytes, ...] = ()) -> TrustRoot:
    """
    Gather the trust root of the logs kept here.

    Args:
        settings: The settings.
        validators: Addresses that may seal blocks, 20 bytes each; needed with Clique and QBFT.

    Raises:
        ConfigurationError: If no log is kept here, or validators do not go with the profile.
        ArtifactError: If there is no deployment on the chain.
    """
    with open_database(settings) as database, database.reading() as uow:
        return trust_root_of(uow, settings, validators)


def trust_root_of(
    uow: UnitOfWork, settings: Settings, validators: tuple[bytes, ...] = ()
) -> TrustRoot:
    """
    Gather the trust root of the logs in a database that is open.

    Raises:
        ConfigurationError: If no log is kept here, or validators do not go with the profile.
        ArtifactError: If there is no deployment on the chain.
    """
    logs = [TrustedLog(log.origin, parse_vkey(log.vkey), log.log_id) for log in uow.logs.all()]
    if not logs:
        raise ConfigurationError("no log is kept here yet; open one with `carbonseal log open`")
    roots = platform_roots(settings.log).values()
    deployment = load_deployment(settings.chain.deployments, settings.chain.chain_id)
    return make_trust_root(
        logs,
        [sha256(root).digest() for root in roots],
        chain=_chain(settings.chain, deployment, validators),
    )


def _chain(
    settings: ChainSettings, deployment: Deployment, validators: tuple[bytes, ...]
) -> TrustedChain:
    consensus = _CONSENSUS[settings.profile]
    if (consensus is Consensus.NONE) == bool(validators):
        wanted = "takes no" if validators else "needs each"
        raise ConfigurationError(f"the profile {settings.profile!r} {wanted} --validator")
    registries = []
    for contract, name in _REGISTRIES.items():
        deployed = deployment.contracts.get(name)
        if deployed is None and contract in OPTIONAL_CONTRACTS:
            continue
        if deployed is None:
            raise ConfigurationError(f"the deployment has no {name}")
        registries.append(
            Registry(contract, deployed.address, deployed.code_hash, deployed.block_number)
        )
    return TrustedChain(
        deployment.identity.caip2,
        deployment.genesis_hash,
        consensus,
        _finality(settings.finality),
        tuple(registries),
        (ValidatorSet(0, validators),) if validators else (),
    )


def _finality(text: str) -> Finality:
    rule, _, depth = text.partition(":")
    match rule:
        case "instant":
            return Finality(FinalityRule.INSTANT)
        case "depth":
            return Finality(FinalityRule.DEPTH, int(depth))
        case _:
            return Finality(FinalityRule.FINALIZED)
