"""What the steel works states about itself, so that its nine months become an inventory."""

from __future__ import annotations

from hashlib import sha256

from attestation.enums import (
    DataSide,
    FacilityKind,
    MissingDataRule,
    RevisionReason,
    StreamKind,
    WayOfGetting,
)
from attestation.plan_bodies import ControlPlan, PlannedParameter
from attestation.structure_bodies import MeteringPoint, Site, Stream, Structure, Unit
from ledger.inventory.amounts import Amount
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period
from ledger.inventory.stating import StatedValue
from tests.support.enterprise import USC
from tests.support.steel_works import ACTIVE

WORKS = "works"
GRID = "grid"
NINE_MONTHS = Period(Period.month(2018, 1).from_s, Period.month(2018, 9).to_s)
SEPTEMBER = Period.month(2018, 9)
SCOPE = Scope.of(USC, WORKS, NINE_MONTHS)
BOUGHT = f"purchased-electricity:{GRID}"
FACTOR = f"emission-factor:{GRID}"
DOCUMENT = sha256(b"a statement of the electricity supplier").hexdigest()


def structure() -> Structure:
    """Give the works: one site, one facility that buys electricity, one meter."""
    return Structure(
        from_s=NINE_MONTHS.from_s,
        sites=(
            Site(
                code="gwangyang",
                name="Gwangyang",
                region="350211",
                latitude_udeg=34_940_000,
                longitude_udeg=127_690_000,
            ),
        ),
        units=(
            Unit(
                code=WORKS,
                name="steel works",
                site="gwangyang",
                kind=FacilityKind.FACILITY,
                capacity=1,
                capacity_unit="works",
                commissioned_s=NINE_MONTHS.from_s,
            ),
        ),
        streams=(
            Stream(code=GRID, unit=WORKS, kind=StreamKind.ELECTRICITY, subject="electricity"),
        ),
        instruments=(
            MeteringPoint(
                instrument="steel-works", series=(ACTIVE,), level=1, unit=WORKS, stream=GRID
            ),
        ),
    )


def plan(
    edition: int = 1,
    *,
    missing: MissingDataRule = MissingDataRule.MEAN,
    imports: bool = True,
) -> ControlPlan:
    """
    Give an edition of the control plan: the meter's series, imports allowed, a stated factor.

    The second edition begins in September.
    """
    return ControlPlan(
        plan="quality",
        edition=edition,
        from_s=(NINE_MONTHS if edition == 1 else SEPTEMBER).from_s,
        reason=RevisionReason.FIRST if edition == 1 else RevisionReason.MORE_ACCURATE,
        explanation="as the guide asks for",
        parameters=(
            PlannedParameter(
                unit=WORKS,
                parameter=BOUGHT,
                measured_in="MWh",
                way=WayOfGetting.MEASURED,
                side=DataSide.EMISSION,
                series=(ACTIVE,),
                stream=GRID,
                missing=missing,
                imports=imports,
                department="energy office",
            ),
            PlannedParameter(
                unit=WORKS,
                parameter=FACTOR,
                measured_in="kgCO2e",
                way=WayOfGetting.DEFAULT,
                side=DataSide.EMISSION,
                stream=GRID,
                department="energy office",
            ),
        ),
    )


def factor(value: str = "459.4") -> StatedValue:
    """Give the factor that the works states, per MWh."""
    return StatedValue(FACTOR, Amount.parse(value, "kgCO2e"), DOCUMENT, "page 1")
