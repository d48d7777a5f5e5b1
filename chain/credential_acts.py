"""
The acts of registrars that Credentials takes: who is entitled to what, and who may not verify whom.

Source: `contracts/interfaces/ICredentials.sol`; CONTRACTS section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chain.typed_data import (
    Act,
    Address,
    Text,
    Uint8,
    Uint8s,
    Uint16,
    Uint32,
    Uint32s,
    Uint64,
    Uint256,
    Word,
)

FromSecond = Annotated[int, "uint64", "from"]
ToSecond = Annotated[int, "uint64", "to"]


@dataclass(frozen=True, slots=True)
class CredentialGrant(Act):
    """A registrar grants a party what its kind needs; a later grant replaces it."""

    name: Text
    """Registered name of the party."""
    credit_code: Text
    cma: Text
    """Number of the certificate CMA (检验检测机构资质认定); empty for none."""
    cnas: Text
    """Number of the accreditation CNAS (实验室认可); empty for none."""
    sectors: Uint8s
    """`Sector` numbers; each once."""
    areas: Uint32s
    """Codes of GB/T 2260, 0 for the nation; at most 34."""
    tier: Uint8
    """A `RegulatorTier`."""
    document_hash: Word
    """SHA-256 of the document that grants it."""
    valid_from: Uint64
    valid_to: Uint64
    """First second no more valid."""
    current: Word
    """State of the party's credentials that is acted on; zero before the first."""
    registrar: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class CredentialChange(Act):
    """A registrar suspends a party's newest credential, lifts the suspension, or withdraws it."""

    credit_code: Text
    status: Uint8
    """A `CredentialStatus`: suspended, withdrawn, or valid to lift a suspension."""
    reason: Text
    current: Word
    registrar: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class AdviceRecord(Act):
    """A body advised an enterprise and may not verify it for a time."""

    body: Text
    enterprise: Text
    from_s: FromSecond
    to_s: ToSecond
    """First second at which it may again; `from_s` to clear."""
    reason: Text
    registrar: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class PreparationRecord(Act):
    """A body prepares reports in a province and may not verify there for a time."""

    body: Text
    province: Uint32
    """Code of GB/T 2260."""
    from_s: FromSecond
    to_s: ToSecond
    """First second at which it may again; `from_s` to clear."""
    reason: Text
    registrar: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class GroupMembership(Act):
    """A registrar puts a party into a group of related firms, or takes it out."""

    credit_code: Text
    current_group: Text
    """Name of the group it is in: the state acted on; empty for none."""
    group: Text
    """Name of the group from now on; empty for none."""
    registrar: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class EarlierVerification(Act):
    """A verifier verified an enterprise in a year before the chain recorded it."""

    verifier: Text
    enterprise: Text
    year: Uint16
    registrar: Address
    nonce: Uint256
    deadline: Uint64
