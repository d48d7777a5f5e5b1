"""
The demonstration's year of accounting: structure, plan, coal samples, digests, a final inventory.

The made-up unit burns coal that a made-up laboratory tests each month, and a little gas; nothing
meters what it buys while it stands still, so the structure names no bought electricity.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from api.bootstrap import Ledger
from api.demo.office import EnterpriseOffice
from api.demo.unit_records import (
    GAS,
    UNIT,
    YEAR,
    laboratory,
    plan,
    reports,
    samples,
    steps,
    structure,
)
from api.demo.world import World
from api.rule_side import chain_rules, seeded_factors
from attestation.enums import CustodyStep, Outcome
from attestation.sample_bodies import SampleStep
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import (
    SECRET_LENGTH,
    Assembled,
    Wanted,
    assemble,
    finalise,
    newest_final,
    store,
)
from ledger.inventory.digesting import digest_period
from ledger.inventory.digests import DigestMaker
from ledger.inventory.identity import Scope
from ledger.inventory.periods import DAY_S
from ledger.inventory.recheck import recheck
from ledger.inventory.stating import StatedValue
from ledger.inventory.versions import InventoryVersion
from ledger.inventory.workbench import CORRECTED

_SALT_BYTES: Final = 16
_HOUR_S: Final = 3600
_AFTER_DAYS: Final = 30
"""Days after the year until its last report is in."""
_STATEMENT: Final = "stated-values.txt"
_VALUES: Final = (
    ("net-calorific-value", "389.310", "GJ/e4Nm3"),
    ("carbon-content-per-heat", "0.01532", "tC/GJ"),
    ("oxidation-rate", "0.99", "1"),
)
"""Of natural gas: the power guide's own table is not at hand, so the enterprise states them."""


@dataclass(frozen=True, slots=True)
class Accounted:
    """A year that is closed."""

    version: InventoryVersion
    digests: int
    outcome: Outcome
    """Of the recheck."""

    @property
    def corrections(self) -> Iterator[str]:
        """Say of each month's figure that was corrected what was measured and what counts."""
        for line in self.version.lines:
            measured_as = line.quantity.removesuffix(CORRECTED)
            if measured_as == line.quantity or line.period == self.version.scope.period:
                continue
            named = (line.data_class, line.item, measured_as, line.period)
            measured = self.version.find(*named)
            if measured is not None:
                yield (
                    f"{line.item} of {line.period.label}: {measured.amount} measured out of"
                    f" calibration, {line.amount} counts"
                )


class Accounts:
    """
    Closes the demonstration's year.

    Args:
        world: Where everything is.
        ledger: The ledger that keeps the log.
        office: Signs and submits for the enterprise.
    """

    def __init__(self, world: World, ledger: Ledger, office: EnterpriseOffice) -> None:
        self._world = world
        self._ledger = ledger
        self._office = office

    def plan_the_year(self) -> None:
        """
        File structure, plan and laboratory, then each month's sample on the day it is taken.

        A sample counts only if a block shows that it was filed by the day after, so the chain lives
        through the year, and is anchored after each sample. Where its clock is not ours, the
        samples come too late, and the prescribed factors stand in for them.
        """
        office, world = self._office, self._world
        office.record(structure(), "reporting structure")
        office.settle()
        office.record(plan(), "data quality control plan")
        office.record(laboratory(world.cast.laboratory), "laboratory")
        for sample in samples():
            is_ours = world.advance_to(sample.taken_s + _HOUR_S)
            office.record(sample, f"sample {sample.sample}")
            if is_ours:
                office.anchor()
        office.settle()

    def close_the_year(self) -> Accounted:
        """File what accounting rests on, digest the year, make the inventory final, recheck it."""
        self._file()
        return self._account(self._digest(), reason=None)

    def restate(self, reason: str) -> Accounted:
        """Make the year's inventory again from what the log says now; both versions stay."""
        return self._account(self._digest(), reason=reason)

    def _account(self, digests: int, *, reason: str | None) -> Accounted:
        database, log = self._ledger.database, self._office.log
        scope = Scope.of(self._world.origin.usc, UNIT, YEAR)
        factors = seeded_factors()
        with chain_rules() as engine:
            with database.reading() as uow:
                before = newest_final(uow, log, scope)
                made = assemble(
                    uow,
                    log,
                    Wanted(scope, stated=tuple(self._stated())),
                    engine=engine,
                    factors=factors,
                    secret=secrets.token_bytes(SECRET_LENGTH),
                )
            version = finalise(made.version, before, reason=reason)
            with database.unit_of_work() as uow:
                now = self._ledger.clock.now()
                store(uow, log, Assembled(version, made.calculations), now=now)
                uow.commit()
            with database.reading() as uow:
                found = recheck(uow, log, version, engine=engine, factors=factors)
        return Accounted(version, digests, found.outcome)

    def _file(self) -> None:
        """File what became of the samples, each step after the one before."""
        office, tester = self._office, self._world.cast.laboratory
        self._world.advance_to(YEAR.to_s + _AFTER_DAYS * DAY_S)
        for kind in (CustodyStep.SEALED, CustodyStep.RECEIVED, CustodyStep.TESTED):
            signer = None if kind is CustodyStep.SEALED else tester.approver
            for step in steps(kind):
                office.record(step, _subject(step), by=signer)
            office.settle()
        for report in reports(tester):
            office.record(report, f"test report {report.report}", by=tester.approver)
        office.settle()

    def _digest(self) -> int:
        ledger, log = self._ledger, self._office.log
        maker = DigestMaker(
            ledger.database.unit_of_work,
            ledger.database.reading,
            records=ledger.records,
            salt=lambda: secrets.token_bytes(_SALT_BYTES),
        )
        with ledger.database.reading() as uow:
            subjects = digest_period(uow, log, UNIT, YEAR)
        for subject in subjects:
            maker.make(log.number, subject, now=ledger.clock.now())
        self._office.settle()
        return len(subjects)

    def _stated(self) -> Iterator[StatedValue]:
        path = self._world.folder / _STATEMENT
        lines = [f"natural gas, {name}: {value} {unit}\n" for name, value, unit in _VALUES]
        path.write_text("".join(lines), encoding="utf-8")
        document = sha256(path.read_bytes()).hexdigest()
        for name, value, unit in _VALUES:
            yield StatedValue(f"{name}:{GAS}", Amount.parse(value, unit), document, _STATEMENT)


def _subject(step: SampleStep) -> str:
    return f"sample {step.sample} {step.step.name.lower()}"
