"""
The acts of parties that our contracts take: each a struct of EIP-712, field by field.

Anybody may send an act; the contract judges who signed it.
Names and order are the contracts' own; a test compares the texts of the types.

Those of Credentials and of InventoryRegistry stand in `credential_acts` and `inventory_acts`.

Source: `contracts/interfaces/`; CONTRACTS section 1; FORMATS section 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chain.typed_data import (
    Act,
    Address,
    Data,
    Flag,
    Struct,
    Text,
    Uint8,
    Uint32,
    Uint64,
    Uint256,
    Word,
    Words,
)


@dataclass(frozen=True, slots=True)
class Cancellation(Act):
    """A signer withdraws from an act."""

    signer: Address
    act_digest: Word


# --- CheckpointRegistry ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenLog(Act):
    """The enterprise opens its log; signed by initiator, approver and operator."""

    credit_code: Text
    origin: Text
    predecessor: Text
    """Origin of the closed log that this one continues; empty for the first."""
    vkey_hash: Word
    """SHA-256 of the log's verification key in signed-note text form."""
    operator: Address
    initiator: Address
    approver: Address
    nonce: Uint256
    deadline: Uint64
    """Last second at which the act may take effect."""


@dataclass(frozen=True, slots=True)
class OperatorChange(Act):
    """The enterprise names another operator, who must accept; by initiator and approver."""

    origin: Text
    current_operator: Address
    new_operator: Address
    initiator: Address
    approver: Address
    nonce: Uint256
    deadline: Uint64


# --- DeviceRegistry --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Enrolment(Act):
    """The enterprise enrols a device key; by initiator and approver."""

    origin: Text
    kid: Word
    algorithm: Uint8
    """COSE algorithm with the sign dropped: 9 is ESP256, 19 is Ed25519."""
    enrolled_index: Uint64
    record_hash: Word
    """Content hash of the `key` record."""
    pop_hash: Word
    """SHA-256 of the proof of possession."""
    initiator: Address
    approver: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class CloseKey(Act):
    """The enterprise closes a key at once; by one approver."""

    origin: Text
    kid: Word
    closed_index: Uint64
    """0 for the size that is anchored when the act takes effect."""
    reason: Uint8
    """A `CloseReason`."""
    record_hash: Word
    approver: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class Compromise(Act):
    """The enterprise casts suspicion on what a key signed; by one approver."""

    origin: Text
    kid: Word
    since_index: Uint64
    record_hash: Word
    approver: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class Calibration(Act):
    """The enterprise records an instrument's calibration; by initiator and approver."""

    origin: Text
    instrument: Text
    valid_from: Uint64
    valid_to: Uint64
    """First second after the window."""
    record_hash: Word
    initiator: Address
    approver: Address
    nonce: Uint256
    deadline: Uint64


# --- PartyRegistry ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seat(Struct):
    """A key that shall represent a party."""

    key: Address
    persons: Words
    """Salted identity commitments: exactly one, or 1 to 8 behind a contract."""
    role: Uint8
    """A `RepresentativeRole`."""
    is_contract: Flag
    """Whether the key is a contract that answers ERC-1271."""


@dataclass(frozen=True, slots=True)
class Registration(Act):
    """Registrar and party register the party; signed by the registrar and by every seat's key."""

    kind: Uint8
    """A `PartyKind`."""
    name: Text
    credit_code: Text
    seats: Annotated[tuple[Seat, ...], "Seat[]"]
    registrar: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class Attestation(Act):
    """A registrar attests, for one party, that a commitment stands for one living person."""

    credit_code: Text
    person: Word
    registrar: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class Appointment(Act):
    """A party adds a key, or replaces one; by its approver and the new key."""

    credit_code: Text
    seat: Annotated[Seat, "Seat"]
    replaces: Address
    """Key that ends when this one begins; zero for none."""
    approver: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class Removal(Act):
    """A key ends at once; by an approver of the party, or by the key itself."""

    credit_code: Text
    key: Address
    remover: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class Recovery(Act):
    """New keys for a party that lost all; by each key, decided by the Council."""

    credit_code: Text
    era: Uint32
    """Number of recoveries before this one."""
    seats: Annotated[tuple[Seat, ...], "Seat[]"]
    nonce: Uint256
    deadline: Uint64


# --- Council ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision(Act):
    """What members of the Council sign: one call of one contract, in readable form."""

    title: Text
    reason: Text
    target: Address
    function_signature: Text
    """Such as `closeLog(bytes32,uint64,string)`."""
    arguments: Data
    """ABI encoding of the arguments, without a selector."""
    term: Uint32
    """The membership it is signed under."""
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class Veto(Act):
    """A member of the Council stops a decision for ever."""

    decision_digest: Word
    member: Address
    reason: Text
    deadline: Uint64
