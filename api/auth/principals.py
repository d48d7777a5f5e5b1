"""Whoever calls, after what they showed was checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.access import Grant
from api.auth.policy import Role
from attestation.enums import RepresentativeRole
from ledger.repositories.parties import Party

__all__ = ["NOBODY", "Principal", "Proof", "Role"]


class Proof(StrEnum):
    """By what somebody showed who they are."""

    NOBODY = "nobody"
    GRANT = "grant"
    WALLET = "wallet"
    """A session begun with a signed EIP-4361 message."""
    OIDC = "oidc"
    """A session begun at an identity provider, bound to a representative's key."""
    SIGNED_REQUEST = "signed-request"
    """A request signed by a machine's or a representative's key (RFC 9421)."""
    CLIENT_CERTIFICATE = "client-certificate"
    """A certificate shown to the proxy before this server (RFC 9440)."""
    WEBHOOK = "webhook"
    """Nothing: a party's endpoint is told what the party reaches."""


@dataclass(frozen=True, slots=True)
class Principal:
    """
    Whoever calls.

    A party's role and areas are those of this moment: they are read anew for each request, so a
    removal on the chain takes effect with the next one.
    """

    proof: Proof
    role: Role
    actor: str
    """Address with 0x, or `grant <name>`: no person's name."""
    asked: str = ""
    """Method and path of the request, for the audit."""
    address: bytes | None = None
    """Of the representative's key, 20 bytes."""
    party: Party | None = None
    """Whom they speak for."""
    right: RepresentativeRole = RepresentativeRole.NONE
    """As what: initiator, approver, read-only."""
    areas: tuple[int, ...] = ()
    """Codes of GB/T 2260 of an authority's credential; 0 is the nation."""
    grant: Grant | None = None
    session: str | None = None
    """Id of the session."""
    key: str | None = None
    """Id of the machine's key."""
    refused: str = ""
    """Why what was shown does not count, where the caller counts as nobody."""

    @property
    def code(self) -> str | None:
        """Credit code of the party spoken for."""
        return None if self.party is None else self.party.code

    @property
    def name(self) -> str:
        """Who calls, as the audit has it: with the machine's key, where it was one."""
        return self.actor if self.key is None else f"{self.actor} key {self.key}"

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing was shown."""
        return self.role is Role.NOBODY

    @property
    def may_write(self) -> bool:
        """Whether they may do more than read."""
        return self.right in (RepresentativeRole.INITIATOR, RepresentativeRole.APPROVER)


NOBODY: Final = Principal(Proof.NOBODY, Role.NOBODY, "nobody")
