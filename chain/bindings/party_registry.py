"""
PartyRegistry: who the parties are, and which persons act for them with which keys.

Source: `contracts/interfaces/IPartyRegistry.sol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attestation.enums import PartyKind, RepresentativeRole
from attestation.ids import keccak256
from chain.abi import encode_arguments
from chain.acts import Appointment, Attestation, Recovery, Registration, Removal
from chain.client import ChainClient
from chain.contract import Contract
from chain.values import Call

_ID_FIELDS: Final = ({"name": "", "type": "string"}, {"name": "", "type": "string"})


@dataclass(frozen=True, slots=True)
class Party:
    """A party."""

    name_hash: bytes
    """Keccak-256 of the registered name."""
    kind: PartyKind
    era: int
    """Number of recoveries."""
    registered_at_s: int


@dataclass(frozen=True, slots=True)
class Representative:
    """A key of a party."""

    role: RepresentativeRole
    is_contract: bool
    era: int
    """In force only in this era of the party."""
    active_from_s: int
    active_until_s: int
    """First second no more in force; 2**64 - 1 while no end is known."""
    replaces: bytes
    persons: tuple[bytes, ...]
    """Salted identity commitments, 32 bytes each."""


class PartyRegistry:
    """The registry at an address."""

    NAME: Final = "PartyRegistry"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    def register(
        self,
        act: Registration,
        *,
        registrar_signature: bytes,
        seat_signatures: Sequence[bytes],
    ) -> Call:
        """Register a party with its first keys; one signature a seat, in their order."""
        return self.contract.call(
            "register", act.values(), registrar_signature, list(seat_signatures)
        )

    def attest(self, act: Attestation, *, registrar_signature: bytes) -> Call:
        """Attest a person, for later appointments."""
        return self.contract.call("attest", act.values(), registrar_signature)

    def appoint(
        self, act: Appointment, *, approver_signature: bytes, seat_signature: bytes
    ) -> Call:
        """Add a key to a party."""
        return self.contract.call("appoint", act.values(), approver_signature, seat_signature)

    def remove(self, act: Removal, *, remover_signature: bytes) -> Call:
        """Remove a key at once."""
        return self.contract.call("remove", act.values(), remover_signature)

    def recover(self, act: Recovery, *, seat_signatures: Sequence[bytes]) -> Call:
        """Give a party new keys for all it had; for the Council to decide and execute."""
        return self.contract.call("recover", act.values(), list(seat_signatures))

    def party(self, party_id: bytes) -> Party | None:
        """Read a party; None if it was never registered."""
        fields = self.contract.read("partyRecord", party_id)
        if fields["kind"] == PartyKind.NONE:
            return None
        return Party(
            name_hash=fields["nameHash"],
            kind=PartyKind(fields["kind"]),
            era=fields["era"],
            registered_at_s=fields["registeredAt"],
        )

    def representative(self, party_id: bytes, key: bytes) -> Representative | None:
        """Read a key of a party; None if it never was one."""
        fields = self.contract.read("representative", party_id, key)
        if fields["role"] == RepresentativeRole.NONE:
            return None
        return Representative(
            role=RepresentativeRole(fields["role"]),
            is_contract=fields["isContract"],
            era=fields["era"],
            active_from_s=fields["activeFrom"],
            active_until_s=fields["activeUntil"],
            replaces=fields["replaces"],
            persons=fields["persons"],
        )

    def is_in_force(self, party_id: bytes, key: bytes, role: RepresentativeRole) -> bool:
        """Say whether a key is in force for a party now, with a role."""
        answer: bool = self.contract.read("isInForce", party_id, key, int(role))
        return answer

    def is_registrar(self, account: bytes) -> bool:
        """Say whether an account may register parties and attest persons."""
        answer: bool = self.contract.read("isRegistrar", account)
        return answer


def party_id_of(credit_code: str) -> bytes:
    """
    Give a party's id, 32 bytes.

    Source: FORMATS section 11; `contracts/types/Ids.sol`.
    """
    return keccak256(encode_arguments(_ID_FIELDS, ("party", credit_code)))
