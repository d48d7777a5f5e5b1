"""
The trust root of one place: what its users load, and compare by its name in print.

It is made from this place's own settings, so it proves nothing by itself; a verifier takes it from
somebody they trust, and compares its SHA-256 out of band.
"""

from __future__ import annotations

import hashlib

from api.bootstrap import Ledger, platform_roots
from attestation.ids import parse_origin
from attestation.note_keys import parse_vkey
from attestation.trust_fields import (
    Consensus,
    Contract,
    Finality,
    FinalityRule,
    Registry,
    TrustedLog,
)
from attestation.trust_root import TrustedChain, TrustRoot, make_trust_root

_RULES = {"instant": FinalityRule.INSTANT, "tag": FinalityRule.FINALIZED}
_REGISTRIES = {
    Contract.CHECKPOINT_REGISTRY: "CheckpointRegistry",
    Contract.DEVICE_REGISTRY: "DeviceRegistry",
}


def trust_root_of(ledger: Ledger) -> TrustRoot:
    """Make the trust root of the logs kept here, with the chain they are anchored on."""
    with ledger.database.reading() as uow:
        logs = [
            TrustedLog(log.origin, parse_vkey(log.vkey), parse_origin(log.origin).log_id)
            for log in uow.logs.all()
        ]
    roots = platform_roots(ledger.settings.log).values()
    return make_trust_root(
        logs, [hashlib.sha256(each).digest() for each in roots], chain=_chain(ledger)
    )


def _chain(ledger: Ledger) -> TrustedChain:
    deployment = ledger.chain.deployment
    return TrustedChain(
        chain_id=deployment.identity.caip2,
        genesis_hash=deployment.genesis_hash,
        # Validators are the network's to name; without them a block is checked by one's own node.
        consensus=Consensus.NONE,
        finality=_finality(ledger.settings.chain.finality),
        registries=tuple(
            Registry(
                contract,
                deployment.contracts[name].address,
                deployment.contracts[name].code_hash,
                deployment.contracts[name].block_number,
            )
            for contract, name in _REGISTRIES.items()
        ),
    )


def _finality(text: str) -> Finality:
    rule, _, depth = text.partition(":")
    if rule == "depth":
        return Finality(FinalityRule.DEPTH, int(depth))
    return Finality(_RULES[rule])
