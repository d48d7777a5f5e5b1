"""
Who takes part in the demonstration: made-up parties, each with two persons and their own keys.

The keys exist in this process only; the server never sees them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from attestation.enums import PartyKind, RepresentativeRole
from chain.acts import Registration, Seat
from chain.keys import AccountSigner, generate_signer

_NO_DEADLINE = 2**63
OPERATOR_CODE: Final = "91310000300000004A"


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person, by a salted commitment, with a key of their own."""

    commitment: bytes
    """SHA-256 over a salt and the person's identity, 32 bytes."""
    signer: AccountSigner

    @property
    def address(self) -> bytes:
        """The key's address, 20 bytes."""
        return self.signer.address


@dataclass(frozen=True, slots=True)
class Party:
    """A made-up organisation and the two persons who act for it."""

    kind: PartyKind
    name: str
    code: str
    """Unified social credit code with a check character that holds, or a registry's code."""
    initiator: Person
    """发起代表."""
    approver: Person
    """确认代表."""

    def registration(self, registrar: bytes, *, nonce: int) -> Registration:
        """Give the act by which registrar and party register it."""
        return Registration(
            kind=int(self.kind),
            name=self.name,
            credit_code=self.code,
            seats=(
                _seat(self.initiator, RepresentativeRole.INITIATOR),
                _seat(self.approver, RepresentativeRole.APPROVER),
            ),
            registrar=registrar,
            nonce=nonce,
            deadline=_NO_DEADLINE,
        )


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody."""

    enterprise: Party
    verifier: Party
    """Its initiator leads the team, its approver reviews."""
    regulator: Party
    """The province: assigns and confirms."""
    city: Party
    """Reviews what was verified."""
    nation: Party
    """Reads, and may object."""
    registry: Party
    laboratory: Party
    """Tests the coal."""
    keeper: Party
    """Runs the ledger, and has a log of its own for what is done on it."""
    operator: AccountSigner
    """Pays for anchors, and nothing more."""
    registrar: AccountSigner
    council: tuple[AccountSigner, ...]
    """Enterprise association, verifiers, regulator, registry: three of the four decide."""

    @property
    def parties(self) -> tuple[Party, ...]:
        """Every party."""
        return (
            self.enterprise,
            self.verifier,
            self.regulator,
            self.city,
            self.nation,
            self.registry,
            self.laboratory,
            self.keeper,
        )


def make_cast() -> Cast:
    """Make the parties with new random keys."""
    return Cast(
        enterprise=_party(PartyKind.ENTERPRISE, "示例热电有限公司", "91350100M000100Y43"),
        verifier=_party(PartyKind.VERIFIER, "示例核查技术有限公司", "91110000100000008J"),
        regulator=_party(PartyKind.REGULATOR, "示例省生态环境厅", "REGULATOR.350000"),
        city=_party(PartyKind.REGULATOR, "示例市生态环境局", "REGULATOR.350100"),
        nation=_party(PartyKind.REGULATOR, "示例国家主管部门", "REGULATOR.CN"),
        registry=_party(PartyKind.REGISTRY, "示例注册登记机构", "REGISTRY.CN"),
        laboratory=_party(PartyKind.LABORATORY, "示例煤质检测有限公司", "91350200M0002000YH"),
        keeper=_party(PartyKind.OPERATOR, "示例账本运营有限公司", OPERATOR_CODE),
        operator=generate_signer(),
        registrar=generate_signer(),
        council=tuple(generate_signer() for _ in range(4)),
    )


def _party(kind: PartyKind, name: str, code: str) -> Party:
    return Party(kind, name, code, _person(code, "initiator"), _person(code, "approver"))


def _person(code: str, place: str) -> Person:
    signer = generate_signer()
    commitment = hashlib.sha256(signer.address + f"{code}/{place}".encode()).digest()
    return Person(commitment, signer)


def _seat(person: Person, role: RepresentativeRole) -> Seat:
    return Seat(key=person.address, persons=(person.commitment,), role=int(role), is_contract=False)
