"""
What the demonstration's parties are entitled to, as a registrar grants it.

The plant reports in a city of a province; the verifier is accredited for power plants of that
province; the laboratory has both marks; the authorities are those of the three tiers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from api.demo.cast import Cast, Party
from attestation.enums import RegulatorTier, Sector
from attestation.ids import ZERO_HASH
from chain.credential_acts import CredentialGrant
from ledger.inventory.periods import Period

NATION: Final = 0
PROVINCE: Final = 350_000
CITY: Final = 350_100
_FROM_S: Final = Period.year(2023).from_s
_TO_S: Final = Period.year(2028).to_s
_NO_DEADLINE: Final = 2**63


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What one party may do, and where."""

    party: Party
    sectors: tuple[Sector, ...] = ()
    areas: tuple[int, ...] = ()
    """Codes of GB/T 2260, 0 for the nation."""
    tier: RegulatorTier = RegulatorTier.NONE
    cma: str = ""
    cnas: str = ""

    def act(self, registrar: bytes, *, nonce: int) -> CredentialGrant:
        """Give the act by which a registrar grants it for the first time."""
        return CredentialGrant(
            name=self.party.name,
            credit_code=self.party.code,
            cma=self.cma,
            cnas=self.cnas,
            sectors=tuple(int(each) for each in self.sectors),
            areas=self.areas,
            tier=int(self.tier),
            document_hash=sha256(f"made-up document of {self.party.code}".encode()).digest(),
            valid_from=_FROM_S,
            valid_to=_TO_S,
            current=ZERO_HASH,
            registrar=registrar,
            nonce=nonce,
            deadline=_NO_DEADLINE,
        )


def entitlements(cast: Cast) -> Iterator[Entitlement]:
    """Give what the parties of the case need."""
    yield Entitlement(cast.enterprise, sectors=(Sector.POWER,), areas=(CITY,))
    yield Entitlement(cast.verifier, sectors=(Sector.POWER,), areas=(PROVINCE,))
    yield Entitlement(cast.regulator, areas=(PROVINCE,), tier=RegulatorTier.PROVINCE)
    yield Entitlement(cast.city, areas=(CITY,), tier=RegulatorTier.CITY)
    yield Entitlement(cast.nation, areas=(NATION,), tier=RegulatorTier.NATION)
    yield Entitlement(cast.laboratory, cma="SIM-CMA-2024", cnas="SIM-CNAS-2024")
