"""
The demonstration's chain: contracts deployed and handed over, parties registered, a log opened.

Every act is signed by the persons it needs and sent by an account that is nobody to the contracts,
as any party could send it.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from typing import Final, Protocol

from api.clock import SystemClock
from api.demo.cast import Cast, Party
from api.demo.entitlements import Entitlement, entitlements
from attestation.ids import Kid, Origin
from attestation.instants import format_instant
from attestation.keys import Algorithm
from chain.acts import CloseKey, Enrolment, OpenLog
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.council import Member
from chain.bindings.device_registry import DeviceRegistry
from chain.bindings.party_registry import PartyRegistry
from chain.client import ChainClient
from chain.deployment import CalendarYear, DeploymentPlan, deploy, seeded, weekends
from chain.deployments import Deployment
from chain.keys import AccountSigner, generate_signer
from chain.signed_acts import signed_act_of
from chain.transactions import TransactionSender
from chain.typed_data import Act, ActDomain, act_digest, sign_act
from chain.values import Call

ETHER: Final = 10**18
_NO_DEADLINE: Final = 2**63
_FIRST_YEAR: Final = 2024
_ORGANISATIONS: Final = ("enterprise association", "verifiers", "regulator", "registry")


class Faucet(Protocol):
    """A chain of our own that gives away money for gas."""

    def fund(self, address: bytes, amount_wei: int) -> None:
        """Send an account money, and wait for the block."""


@dataclass
class ChainStage:
    """The contracts on the demonstration's chain, and acts upon them."""

    chain: Faucet
    client: ChainClient
    cast: Cast
    deployment: Deployment
    courier: TransactionSender
    """Sends everybody's acts; holds no power."""
    newest: bytes | None = None
    """Transaction of the newest act, 32 bytes."""
    nonces: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def build(cls, chain: Faucet, client: ChainClient, cast: Cast) -> ChainStage:
        """Deploy, hand over to the Council, and register the parties."""
        deployer, courier = generate_signer(), generate_signer()
        for account in (deployer, courier, cast.operator):
            chain.fund(account.address, 10 * ETHER)
        members = tuple(
            Member(signer.address, organisation)
            for signer, organisation in zip(cast.council, _ORGANISATIONS, strict=True)
        )
        present = int(format_instant(SystemClock().now())[:4])
        plan = DeploymentPlan(
            members=members,
            threshold=3,
            registrars=(cast.registrar.address,),
            calendars=tuple(
                CalendarYear(year, weekends(year), "weekends only; demonstration")
                for year in range(_FIRST_YEAR, present + 2)
            ),
        )
        deployment = deploy(client, _sender(client, deployer), seeded(plan))
        stage = cls(chain, client, cast, deployment, _sender(client, courier))
        for party in cast.parties:
            stage.register(party)
        for entitlement in entitlements(cast):
            stage.entitle(entitlement)
        return stage

    def register(self, party: Party) -> None:
        """Register a party, signed by the registrar and both its persons."""
        registry = PartyRegistry(self.client, self._address(PartyRegistry.NAME))
        act = party.registration(self.cast.registrar.address, nonce=next(self.nonces))
        persons = (party.initiator.signer, party.approver.signer)
        self.send(
            registry.register(
                act,
                registrar_signature=self._sign(PartyRegistry.NAME, act, self.cast.registrar),
                seat_signatures=[self._sign(PartyRegistry.NAME, act, each) for each in persons],
            )
        )

    def entitle(self, granted: Entitlement) -> None:
        """Grant a party what its kind needs, signed by the registrar."""
        registrar = self.cast.registrar
        self.act(granted.act(registrar.address, nonce=next(self.nonces)), registrar=registrar)

    def act(self, act: Act, **signers: AccountSigner) -> bytes:
        """
        Let the persons of an act sign it, and send it; gives its digest.

        Args:
            act: Of any kind that is signed.
            signers: Key of each role.

        Raises:
            Reverted: If the contract refuses it.
        """
        kind = signed_act_of(act)
        address = self._address(kind.contract)
        signatures = {
            role: self._sign(kind.contract, act, signer) for role, signer in signers.items()
        }
        self.send(kind.make_call(self.client, address, act, signatures))
        return act_digest(act, self._domain(kind.contract))

    def open_log(self, origin: Origin, vkey: str, party: Party) -> None:
        """Open a party's log on chain, signed by two of its persons and the operator."""
        registry = CheckpointRegistry(self.client, self._address(CheckpointRegistry.NAME))
        act = OpenLog(
            credit_code=party.code,
            origin=str(origin),
            predecessor="",
            vkey_hash=hashlib.sha256(vkey.encode()).digest(),
            operator=self.cast.operator.address,
            initiator=party.initiator.address,
            approver=party.approver.address,
            nonce=next(self.nonces),
            deadline=_NO_DEADLINE,
        )
        name = CheckpointRegistry.NAME
        self.send(
            registry.open_log(
                act,
                initiator_signature=self._sign(name, act, party.initiator.signer),
                approver_signature=self._sign(name, act, party.approver.signer),
                operator_signature=self._sign(name, act, self.cast.operator),
            )
        )

    def enrol(
        self,
        origin: Origin,
        kid: Kid,
        algorithm: Algorithm,
        *,
        enrolled_index: int,
        record_hash: bytes,
        possession: bytes,
    ) -> bytes:
        """Enrol a device key, signed by two persons of the enterprise; gives the act's digest."""
        registry = DeviceRegistry(self.client, self._address(DeviceRegistry.NAME))
        enterprise = self.cast.enterprise
        act = Enrolment(
            origin=str(origin),
            kid=kid,
            algorithm=-int(algorithm),
            enrolled_index=enrolled_index,
            record_hash=record_hash,
            pop_hash=hashlib.sha256(possession).digest(),
            initiator=enterprise.initiator.address,
            approver=enterprise.approver.address,
            nonce=next(self.nonces),
            deadline=_NO_DEADLINE,
        )
        name = DeviceRegistry.NAME
        self.send(
            registry.enrol(
                act,
                initiator_signature=self._sign(name, act, enterprise.initiator.signer),
                approver_signature=self._sign(name, act, enterprise.approver.signer),
            )
        )
        return act_digest(act, self._domain(name))

    def close_key(
        self, origin: Origin, kid: Kid, *, closed_index: int, reason: int, record_hash: bytes
    ) -> bytes:
        """Close a device key, signed by the enterprise's approver; gives the act's digest."""
        registry = DeviceRegistry(self.client, self._address(DeviceRegistry.NAME))
        approver = self.cast.enterprise.approver
        act = CloseKey(
            origin=str(origin),
            kid=kid,
            closed_index=closed_index,
            reason=reason,
            record_hash=record_hash,
            approver=approver.address,
            nonce=next(self.nonces),
            deadline=_NO_DEADLINE,
        )
        signature = self._sign(DeviceRegistry.NAME, act, approver.signer)
        self.send(registry.close(act, approver_signature=signature))
        return act_digest(act, self._domain(DeviceRegistry.NAME))

    def block_of_newest_act(self) -> int | None:
        """Give the block that holds the newest act now; a reorganisation may have moved it."""
        receipt = None if self.newest is None else self.client.receipt(self.newest)
        return None if receipt is None else receipt.block_number

    def send(self, call: Call) -> None:
        """Send a call, whoever signed what is in it, and wait for its block."""
        self.newest = self.courier.execute(call).transaction_hash

    def _address(self, name: str) -> bytes:
        return self.deployment.address(name)

    def _domain(self, contract: str) -> ActDomain:
        return ActDomain(self.deployment.chain_id, self._address(contract))

    def _sign(self, contract: str, act: Act, signer: AccountSigner) -> bytes:
        return sign_act(act, self._domain(contract), signer)


def _sender(client: ChainClient, signer: AccountSigner) -> TransactionSender:
    return TransactionSender(client, signer, chain_id=client.chain_id())
