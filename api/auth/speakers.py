"""
For whom a key speaks at this moment, and as what: by the representatives the chain has in force.

Read anew for each request. Whoever is removed there speaks for nobody here from then on, whatever
session, binding or machine's key they have left behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from api.auth.policy import Role
from api.errors import Forbidden, Unauthenticated
from attestation.enums import PartyKind, RegulatorTier, RepresentativeRole
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from ledger.repositories.parties import Party
from ledger.unit_of_work import UnitOfWork

_ROLES: Final[Mapping[PartyKind, Role]] = MappingProxyType(
    {
        PartyKind.ENTERPRISE: Role.ENTERPRISE,
        PartyKind.VERIFIER: Role.VERIFIER,
        PartyKind.LABORATORY: Role.LABORATORY,
        PartyKind.DEVICE_AUTHORITY: Role.DEVICE_AUTHORITY,
        PartyKind.REGISTRY: Role.REGISTRY,
        PartyKind.EXCHANGE: Role.EXCHANGE,
        PartyKind.BANK: Role.BANK,
        PartyKind.OPERATOR: Role.OPERATOR,
    }
)
_TIERS: Final[Mapping[RegulatorTier, Role]] = MappingProxyType(
    {
        RegulatorTier.NATION: Role.NATION,
        RegulatorTier.PROVINCE: Role.PROVINCE,
        RegulatorTier.CITY: Role.CITY,
    }
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """A key, the party it speaks for, and what it may say."""

    address: bytes
    party: Party
    right: RepresentativeRole


def speakers_of(uow: UnitOfWork, address: bytes, now: Instant) -> list[Speaker]:
    """Find every party that a key speaks for, by party id."""
    at_s = now // MILLISECONDS_PER_SECOND
    found: dict[bytes, Speaker] = {}
    for party, representative in uow.parties.speaking(address, at_s=at_s):
        if party.active and representative.role is not RepresentativeRole.NONE:
            found[party.party_id] = Speaker(address, party, representative.role)
    return list(found.values())


def speaker_for(uow: UnitOfWork, address: bytes, party_id: bytes, now: Instant) -> Speaker:
    """
    Find what a key may say for one party.

    Raises:
        Unauthenticated: If it speaks for it no more, or never did.
    """
    for each in speakers_of(uow, address, now):
        if each.party.party_id == party_id:
            return each
    raise Unauthenticated("this key does not speak for the party, or no longer")


def choose_speaker(uow: UnitOfWork, address: bytes, code: str | None, now: Instant) -> Speaker:
    """
    Find the party that a key is to speak for: the one named, or the only one.

    Raises:
        Unauthenticated: If the key speaks for no party.
        Forbidden: If it does not speak for the one named, or none is named of several.
    """
    found = speakers_of(uow, address, now)
    if not found:
        raise Unauthenticated("this key is no representative's key in force on the chain")
    named = [each for each in found if code in (None, each.party.code)]
    if not named:
        raise Forbidden(f"this key does not speak for {code}")
    if len(named) > 1:
        raise Forbidden("this key speaks for several parties: name one")
    return named[0]


def role_of(
    uow: UnitOfWork, party: Party, now: Instant, *, oversight: frozenset[str]
) -> tuple[Role, tuple[int, ...]]:
    """Give the role in which a party calls, and of an authority the areas of its credential."""
    if party.kind is not PartyKind.REGULATOR:
        return _ROLES.get(party.kind, Role.NOBODY), ()
    if party.code in oversight:
        return Role.OVERSIGHT, ()
    credential = uow.credentials.of(party.party_id)
    if credential is None or not credential.is_valid(now // MILLISECONDS_PER_SECOND):
        return Role.REGULATOR, ()
    return _TIERS.get(credential.tier, Role.REGULATOR), credential.areas
