"""Offices of a case on a real chain: they draft, their two persons sign, and a nobody hands in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

from pydantic import SecretStr

from api.office.act_drafting import ActDrafting, begin_acts
from api.office.desk import ChainDesk, Desk
from api.office.handing_in import HandingIn
from api.office.inventory_requests import InventoryDrafting, Pair
from api.office.request import SigningRequest
from api.office.settings import OfficeSettings
from api.office.signing import sign_request
from attestation.enums import RegulatorTier, Sector
from attestation.ids import parse_origin
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.keys import Algorithm, SoftwareKey
from attestation.note_keys import NoteAlgorithm, NoteVerifier
from attestation.trust_fields import Consensus, Contract, Finality, FinalityRule, Registry
from attestation.trust_root import TrustedChain, TrustedLog, TrustRoot, make_trust_root
from chain.finality import Instant as InstantFinality
from chain.keys import AccountSigner
from ledger.inventory.agreeing import Submission
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period
from tests.support.agreements import AREA, Agreement, word
from tests.support.chain import ChainWorld, TestLog

USC: Final = "91350211M000100Y46"
"""Of an enterprise whose code has a check character that holds."""
NAME: Final = "示例电厂"
SCOPE: Final = Scope.of(USC, "unit-1", Period.year(2024))
TOTAL_T: Final = 1_234_567
_LOG_KEY: Final = SoftwareKey.from_seed(b"L" * 32, Algorithm.ED25519)
_NAMED: Final = {
    Contract.CHECKPOINT_REGISTRY: "CheckpointRegistry",
    Contract.DEVICE_REGISTRY: "DeviceRegistry",
    Contract.INVENTORY_REGISTRY: "InventoryRegistry",
    Contract.PARTY_REGISTRY: "PartyRegistry",
    Contract.CREDENTIALS: "Credentials",
    Contract.SAMPLING_DRAW: "SamplingDraw",
}


@dataclass(frozen=True)
class MadeUpLog:
    """A ledger of which only the size is asked."""

    origin: Any
    entries: int

    def size(self) -> int:
        """Give how many entries it has published."""
        return self.entries


@dataclass
class CaseOffices:
    """The offices of everybody in a case."""

    agreement: Agreement
    log: TestLog
    root: TrustRoot

    @classmethod
    def begin(cls, agreement: Agreement) -> CaseOffices:
        """Register and list an enterprise beside the case's parties, and anchor its log."""
        world = agreement.world
        agreement.parties[USC] = keys = world.register(USC, name=NAME)
        log = world.open_log(keys, agreement.operator)
        world.anchor(agreement.operator, log, 7)
        grant = agreement.grant(USC, (Sector.POWER,), (AREA,), RegulatorTier.NONE)
        agreement.perform(replace(grant, name=NAME))
        return cls(agreement, log, trust_root(world, log))

    @property
    def world(self) -> ChainWorld:
        """The chain."""
        return self.agreement.world

    @property
    def now(self) -> Instant:
        """The chain's present."""
        return Instant(self.world.now_s() * MILLISECONDS_PER_SECOND)

    def desk(self, code: str = USC) -> Desk:
        """Give a party's desk with the enterprise's log."""
        log = MadeUpLog(parse_origin(self.log.origin), len(self.log.entries))
        parts = {name: getattr(self.chain_desk(code), name) for name in _PARTS}
        return Desk(**parts, origin=log.origin, log=cast(Any, log))

    def chain_desk(self, code: str = USC) -> ChainDesk:
        """Give a party's desk without a log."""
        settings = OfficeSettings(
            party=code,
            ledger_url="http://testserver",
            rpc_url=SecretStr("http://127.0.0.1:1"),
            trust_root_file=Path("trust-root.json"),
        )
        world = self.world
        return ChainDesk(
            settings=settings,
            root=self.root,
            client=world.client,
            checkpoints=world.checkpoints,
            devices=world.devices,
            parties=world.parties,
            finality=InstantFinality(),
        )

    def acts(self, code: str = USC) -> ActDrafting:
        """Begin a request that no log has a part in."""
        return begin_acts(self.chain_desk(code), now=self.now, days=7)

    def drafting(self, code: str = USC, scope: Scope = SCOPE) -> InventoryDrafting:
        """Begin a request of a party about the inventory."""
        drafting = begin_acts(self.desk(code), now=self.now, days=7)
        return InventoryDrafting(drafting, scope, self.pair(code))

    def pair(self, code: str) -> Pair:
        """Give a party's two persons."""
        keys = self.agreement.parties[code]
        return Pair(keys.initiator.address, keys.approver.address)

    def signed(self, request: SigningRequest, *more: AccountSigner) -> SigningRequest:
        """Let everybody sign whom a request names."""
        keys = [self.world.registrar, *more]
        for party in self.agreement.parties.values():
            keys += [party.initiator, party.approver]
        by_address = {key.address: key for key in keys}
        for address in request.signers.values():
            request = sign_request(request, by_address[address], self.root, now=self.now)
        return request

    def hand_in(self, request: SigningRequest, code: str = USC) -> HandingIn:
        """Hand a signed request in, and wait until it is final."""
        desk = self.chain_desk(code) if request.origin is None else self.desk(code)
        under_way = HandingIn(
            desk,
            request,
            open_sender=self.world.sender,
            tell=lambda _state: None,
            timeout_s=30,
        )
        under_way.run(now=self.now)
        return under_way

    def perform(self, request: SigningRequest, code: str = USC) -> HandingIn:
        """Let everybody sign, and hand in."""
        return self.hand_in(self.signed(request), code)

    def carried(self, version: int = 1, total_t: int = TOTAL_T, scope: Scope = SCOPE) -> Submission:
        """Give a version at hand."""
        return Submission(
            inventory_id=scope.inventory_id,
            inputs_hash=word("inputs", version),
            lines_root=word("lines", version),
            line_count=7,
            total_t=total_t,
            document_sha256=word("document", version),
            log_size=len(self.log.entries),
        )


_PARTS: Final = (
    "settings",
    "root",
    "client",
    "checkpoints",
    "devices",
    "parties",
    "finality",
)


def trust_root(world: ChainWorld, log: TestLog) -> TrustRoot:
    """Give a trust root that names the log, the chain and every registry."""
    verifier = NoteVerifier(log.origin, NoteAlgorithm.ED25519, _LOG_KEY.public_key)
    genesis = world.client.block(0)
    assert genesis is not None
    registries = tuple(
        Registry(kind, deployed.address, deployed.code_hash, deployed.block_number)
        for kind, name in _NAMED.items()
        for deployed in (world.deployment.contracts[name],)
    )
    chain = TrustedChain(
        f"eip155:{world.chain_id}",
        genesis.hash,
        Consensus.NONE,
        Finality(FinalityRule.INSTANT),
        registries,
    )
    trusted = TrustedLog(log.origin, verifier, log.log_id)
    roots = [hashlib.sha256(b"platform root").digest()]
    return make_trust_root([trusted], roots, chain=chain)
