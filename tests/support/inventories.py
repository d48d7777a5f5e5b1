"""An enterprise's accounting in tests: digests, versions, on the real log and the real rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count

from api.rule_side import seeded_factors
from ledger.inventory.assembling import (
    Assembled,
    Wanted,
    assemble,
    finalise,
    load,
    newest_final,
    store,
)
from ledger.inventory.digesting import digest_period
from ledger.inventory.digests import DigestMaker
from ledger.inventory.documents import DocumentStore
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period
from ledger.inventory.recheck import Recheck, recheck
from ledger.inventory.versions import InventoryVersion
from ledger.ports import FactorSource, RuleEngine
from ledger.repositories.inventories import StoredVersion
from tests.support.enterprise import Enterprise


@dataclass
class Accounting:
    """One enterprise's versions, made one after another."""

    enterprise: Enterprise
    engine: RuleEngine
    factors: FactorSource = field(default_factory=seeded_factors)
    salts: count[int] = field(default_factory=count)
    documents: DocumentStore | None = None

    def digest(self, unit: str, period: Period) -> list[int]:
        """Put digests of every planned datum of a unit into the log; give their admissions."""
        enterprise = self.enterprise
        maker = DigestMaker(
            enterprise.database.unit_of_work,
            enterprise.database.reading,
            records=enterprise.records,
            salt=lambda: next(self.salts).to_bytes(16, "big"),
        )
        with enterprise.database.reading() as uow:
            subjects = digest_period(uow, enterprise.log, unit, period)
        made = [
            maker.make(enterprise.log.number, each, now=enterprise.now).admission_id
            for each in subjects
        ]
        enterprise.integrate()
        return made

    def draft(self, wanted: Wanted, *, keep: bool = True) -> Assembled:
        """Assemble a draft, and store it."""
        with self.enterprise.database.reading() as uow:
            assembled = assemble(
                uow,
                self.enterprise.log,
                wanted,
                engine=self.engine,
                factors=self.factors,
                secret=sha256(b"secret %d" % next(self.salts)).digest(),
                documents=self.documents,
            )
        if keep:
            self.keep(assembled)
        return assembled

    def final(self, wanted: Wanted, *, reason: str | None = None) -> InventoryVersion:
        """Assemble a version, make it final and store it."""
        assembled = self.draft(wanted, keep=False)
        with self.enterprise.database.reading() as uow:
            before = newest_final(uow, self.enterprise.log, wanted.scope)
        version = finalise(assembled.version, before, reason=reason)
        self.keep(Assembled(version, assembled.calculations))
        return version

    def load(self, scope: Scope, number: int | None = None) -> InventoryVersion:
        """Load a version; the newest where no number is given."""
        with self.enterprise.database.reading() as uow:
            return load(uow, self.enterprise.log, scope, number)

    def versions(self) -> list[StoredVersion]:
        """List every version that is kept."""
        with self.enterprise.database.reading() as uow:
            return uow.inventories.listed(self.enterprise.log.number)

    def keep(self, assembled: Assembled) -> None:
        """Store a version."""
        with self.enterprise.database.unit_of_work() as uow:
            store(uow, self.enterprise.log, assembled, now=self.enterprise.now)
            uow.commit()

    def recheck(self, version: InventoryVersion) -> Recheck:
        """Check a stored version again from its records."""
        with self.enterprise.database.reading() as uow:
            return recheck(
                uow,
                self.enterprise.log,
                version,
                engine=self.engine,
                factors=self.factors,
                documents=self.documents,
            )


def codes(obstacles: Iterable[object]) -> list[str]:
    """Give the codes of obstacles, each once, in order."""
    return list(dict.fromkeys(str(getattr(each, "code", each)) for each in obstacles))
