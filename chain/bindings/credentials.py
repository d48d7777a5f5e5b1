"""
Credentials: what registered parties are entitled to, and who may not verify whom.

Source: `contracts/interfaces/ICredentials.sol`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.enums import CredentialStatus, PartyKind, RegulatorTier, Sector
from attestation.ids import ZERO_HASH
from chain.client import BlockName, ChainClient
from chain.contract import Contract
from chain.credential_acts import (
    AdviceRecord,
    CredentialChange,
    CredentialGrant,
    EarlierVerification,
    GroupMembership,
    PreparationRecord,
)
from chain.values import Call


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """A credential that counted at a time, by what was recorded then."""

    act_digest: bytes
    kind: PartyKind
    tier: RegulatorTier
    sectors: frozenset[Sector]
    areas: tuple[int, ...]
    """Codes of GB/T 2260."""
    status: CredentialStatus
    """At that time."""
    granted_at_s: int
    valid_from_s: int
    valid_to_s: int
    """First second no more valid."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open time during which something is forbidden; Unix seconds."""

    from_s: int
    to_s: int


class Credentials:
    """The registry at an address."""

    NAME: Final = "Credentials"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    # --- acts ------------------------------------------------------------------------------

    def grant(self, act: CredentialGrant, *, registrar_signature: bytes) -> Call:
        """Grant a credential."""
        return self.contract.call("grant", act.values(), registrar_signature)

    def change(self, act: CredentialChange, *, registrar_signature: bytes) -> Call:
        """Suspend a credential, lift the suspension, or withdraw it for ever."""
        return self.contract.call("change", act.values(), registrar_signature)

    def record_advice(self, act: AdviceRecord, *, registrar_signature: bytes) -> Call:
        """Record that a body advised an enterprise."""
        return self.contract.call("recordAdvice", act.values(), registrar_signature)

    def record_preparation(self, act: PreparationRecord, *, registrar_signature: bytes) -> Call:
        """Record that a body prepares reports in a province."""
        return self.contract.call("recordPreparation", act.values(), registrar_signature)

    def set_group(self, act: GroupMembership, *, registrar_signature: bytes) -> Call:
        """Put a party into a group of related firms."""
        return self.contract.call("setGroup", act.values(), registrar_signature)

    def record_earlier(self, act: EarlierVerification, *, registrar_signature: bytes) -> Call:
        """Record a year of verification from before the chain recorded them."""
        return self.contract.call("recordEarlier", act.values(), registrar_signature)

    # --- what the Council sets ----------------------------------------------------------------

    def set_rotation(self, max_years: int, source: str) -> Call:
        """Set the most years in a row in which one verifier may verify one enterprise."""
        return self.contract.call("setRotation", max_years, source)

    def set_desk(self, desk: bytes, *, active: bool) -> Call:
        """List a contract that reports verifications, or strike it off."""
        return self.contract.call("setDesk", desk, active)

    # --- reading ---------------------------------------------------------------------------

    def state_of(self, party: bytes) -> bytes:
        """Read what the next act about a party's credentials must name; zero before the first."""
        state: bytes = self.contract.read("stateOf", party)
        return state

    def credential_at(
        self, party: bytes, at_s: int, *, at: BlockName = "latest"
    ) -> HeldCredential | None:
        """Read the credential that counted at a time; None where there was none."""
        answer = self.contract.read("credentialAt", party, at_s, at=at)
        fields, status = answer.values()
        if fields["kind"] == PartyKind.NONE:
            return None
        return HeldCredential(
            act_digest=fields["actDigest"],
            kind=PartyKind(fields["kind"]),
            tier=RegulatorTier(fields["tier"]),
            sectors=frozenset(each for each in Sector if fields["sectors"] >> each & 1),
            areas=tuple(fields["areas"]),
            status=CredentialStatus(status),
            granted_at_s=fields["grantedAt"],
            valid_from_s=fields["validFrom"],
            valid_to_s=fields["validTo"],
        )

    def group_hash(self, party: bytes) -> bytes | None:
        """Read keccak256 of the name of a party's group; None where it has none."""
        group: bytes = self.contract.read("groupOf", party)
        return None if group == ZERO_HASH else group

    def are_related(self, one: bytes, other: bytes) -> bool:
        """Say whether two parties belong to one group."""
        answer: bool = self.contract.read("areRelated", one, other)
        return answer

    def check_may_verify(
        self, verifier: bytes, enterprise: bytes, sector: Sector, area: int, at_s: int
    ) -> None:
        """
        Check that a verifier may verify an enterprise.

        Raises:
            Reverted: With the reason, if it may not.
        """
        self.contract.check("mayVerify", verifier, enterprise, int(sector), area, at_s)

    def check_team(self, verifier: bytes, enterprise: bytes, lead: bytes, reviewer: bytes) -> None:
        """
        Check who verifies an enterprise for a verifier, now.

        Raises:
            Reverted: With the reason, if one of the two may not.
        """
        self.contract.check("checkTeam", verifier, enterprise, lead, reviewer)

    def advice(self, body: bytes, enterprise: bytes) -> Span:
        """Read when a body may not verify an enterprise that it advised."""
        fields = self.contract.read("adviceOf", body, enterprise)
        return Span(fields["from"], fields["to"])

    def preparation(self, body: bytes, province: int) -> Span:
        """Read when a body may not verify in a province because it prepares reports there."""
        fields = self.contract.read("preparationOf", body, province)
        return Span(fields["from"], fields["to"])

    def has_verified(self, verifier: bytes, enterprise: bytes, year: int) -> bool:
        """Say whether a verifier verified an enterprise in a calendar year."""
        answer: bool = self.contract.read("hasVerified", verifier, enterprise, year)
        return answer

    def rotation_years(self) -> int:
        """Read the most years in a row that are allowed; 0 for no limit."""
        return int(self.contract.read("rotationYears"))

    def is_desk(self, account: bytes) -> bool:
        """Say whether a contract may report verifications."""
        answer: bool = self.contract.read("isDesk", account)
        return answer
