"""
Records about laboratory samples: taken, handed on, tested, reported; and the laboratories.

Figures are integers of fine units named in the field: parts per million of mass, joules per gram.
People stand as salted commitments, never by name.

Source: DESIGN section 8; DOMAIN section 5 (coal sample chain); `docs/formats/sample-records.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Final

from attestation.body_fields import (
    HASH,
    NAME,
    SECOND,
    TRUE,
    Kind,
    integer,
    list_of,
    optional,
    require,
    stated,
    text,
    word_of,
)
from attestation.canonical import Json
from attestation.eip712 import parse_address
from attestation.enums import CarbonBasis, CustodyStep, LaboratoryMark, SampleKind
from attestation.errors import EncodingError
from attestation.ids import parse_usc
from attestation.statements import About, Statement
from attestation.structure_bodies import CODE

MILLION: Final = 1_000_000
"""Parts of the whole that shares of mass are written in."""
_MAX_MASS_G: Final = 10_000_000
_MAX_PARTS: Final = 366
_MAX_HEAT_J_PER_G: Final = 1_000_000
_MAX_GAS: Final = 1_000_000_000_000


def _parse_signer(content: Json) -> str:
    if not isinstance(content, str):
        raise EncodingError(f"{content!r} is no address", code="encoding.record_body")
    return parse_address(content)


def _parse_code(content: Json) -> str:
    if not isinstance(content, str):
        raise EncodingError(f"{content!r} is no credit code", code="encoding.record_body")
    return parse_usc(content)


ADDRESS: Final = Kind(_parse_signer, str)
"""`0x` and 40 lower-case hexadecimal digits."""
CREDIT_CODE: Final = Kind(_parse_code, str)
"""A unified social credit code (统一社会信用代码)."""
SHARE: Final = integer(0, MILLION)
"""Share of mass in parts per million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory(Statement):
    """A laboratory tests for the enterprise, and this key speaks for it."""

    record_type: ClassVar[str] = "laboratory"

    code: str = stated(CREDIT_CODE)
    """Its unified social credit code."""
    laboratory: str = stated(text(200))
    """Its name."""
    key: str = stated(ADDRESS)
    """Address that signs its reports and steps."""
    mark: LaboratoryMark = stated(word_of(LaboratoryMark))  # noqa: RUF009 - a field
    accreditation: str = stated(text(100))
    """Number of its accreditation (资质认定 or 认可 certificate)."""
    from_s: int = stated(SECOND)
    to_s: int = stated(SECOND)
    """End of the accreditation, excluded."""
    file: bytes | None = optional(HASH)
    """SHA-256 of the accreditation certificate's file."""

    def __post_init__(self) -> None:
        require(self.from_s < self.to_s, "ends before it begins")

    @property
    def about(self) -> About:
        """It is about the laboratory, while its accreditation lasts."""
        return About(self.code, self.from_s, self.to_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Statement):
    """A sample was taken; filed on that day, so that none is made up afterwards."""

    record_type: ClassVar[str] = "sample"

    sample: str = stated(NAME)
    """Its number."""
    unit: str = stated(CODE)
    """Code of the emission unit (机组, 设施) it is of."""
    fuel: str = stated(text(100))
    """The fuel or material."""
    kind: SampleKind = stated(word_of(SampleKind))  # noqa: RUF009 - a field
    taken_s: int = stated(SECOND)
    """When it was taken; of a composite sample, when it was put together."""
    from_s: int = stated(SECOND)
    """Begin of the time for which it stands."""
    to_s: int = stated(SECOND)
    mass_g: int = stated(integer(1, _MAX_MASS_G))
    sampler: bytes = stated(HASH)
    """Salted commitment to the person who took it."""
    seal: str = stated(text(100))
    """Number of the seal it was closed with."""
    standard: str = stated(text(200))
    """Standard of sampling and preparation."""
    parts: tuple[str, ...] = optional(list_of(NAME, least=1, most=_MAX_PARTS), default=())
    """Numbers of the samples that a composite one is made of."""

    def __post_init__(self) -> None:
        require(self.from_s < self.to_s, "ends before it begins")
        require(self.from_s <= self.taken_s, "taken before the time it stands for")
        composite = self.kind is SampleKind.COMPOSITE
        require(composite == bool(self.parts), "a composite sample, and no other, has parts")
        require(len(set(self.parts)) == len(self.parts), "one part twice")
        require(self.sample not in self.parts, "a sample is no part of itself")

    @property
    def about(self) -> About:
        """It is about the sample, for the time it stands for."""
        return About(self.sample, self.from_s, self.to_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleStep(Statement):
    """Something was done with a sample: sealed, received, tested, kept, discarded."""

    record_type: ClassVar[str] = "sample-step"

    sample: str = stated(NAME)
    step: CustodyStep = stated(word_of(CustodyStep))  # noqa: RUF009 - a field
    at_s: int = stated(SECOND)
    holder: str = stated(text(200))
    """Organisation that holds it from then on."""
    seal: str | None = optional(text(100))
    """Number of the seal that was set or found; with `sealed` and `received`."""
    broken: bool = optional(TRUE, default=False)
    """The seal was found broken."""
    mass_g: int | None = optional(integer(1, _MAX_MASS_G))
    """Mass that was received or kept."""
    particle_um: int | None = optional(integer(1, MILLION))
    """Largest particle of what is kept, in micrometres."""
    person: bytes | None = optional(HASH)
    """Salted commitment to the person who did it."""
    note: str | None = optional(text(500))

    def __post_init__(self) -> None:
        has_seal = self.step in (CustodyStep.SEALED, CustodyStep.RECEIVED)
        require(has_seal == (self.seal is not None), "sealed and received, alone, name the seal")
        received = self.step is CustodyStep.RECEIVED
        require(received or not self.broken, "a broken seal is found by who receives")
        kept = self.step is CustodyStep.KEPT
        require(kept or self.particle_um is None, "the size of particles goes with what is kept")

    @property
    def about(self) -> About:
        """It is about the sample, from the second it was done."""
        return About(self.sample, self.at_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabReport(Statement):
    """A test report, signed by the laboratory's own key."""

    record_type: ClassVar[str] = "lab-report"

    report: str = stated(text(100))
    """Its number."""
    laboratory: str = stated(CREDIT_CODE)
    """The laboratory's unified social credit code."""
    mark: LaboratoryMark = stated(word_of(LaboratoryMark))  # noqa: RUF009 - a field
    standards: tuple[str, ...] = stated(list_of(text(200), least=1, most=20))
    """Standards of the tests, such as GB/T 476."""
    basis: CarbonBasis = stated(word_of(CarbonBasis))  # noqa: RUF009 - a field
    """Basis of the figures: as received, air-dry or dry."""
    unit: str = stated(CODE)
    """Code of the emission unit."""
    fuel: str = stated(text(100))
    from_s: int = stated(SECOND)
    """Begin of the time for which the figures stand: of the month (检测报告对应的月份)."""
    to_s: int = stated(SECOND)
    samples: tuple[str, ...] = stated(list_of(NAME, least=1, most=_MAX_PARTS))
    """Numbers of the samples tested."""
    received_s: int = stated(SECOND)
    tested_s: int = stated(SECOND)
    """When the last test was done."""
    reported_s: int = stated(SECOND)
    mass_g: int = stated(integer(1, _MAX_MASS_G))
    """Mass of the sample as received."""
    instrument: str = stated(text(200))
    """What the tests were made with."""
    staff: tuple[bytes, ...] = stated(list_of(HASH, least=1, most=20))
    """Salted commitments to the persons who tested and checked."""
    file: bytes = stated(HASH)
    """SHA-256 of the report's file."""
    carbon_ppm: int | None = optional(SHARE)
    """Carbon (元素碳)."""
    ncv_j_per_g: int | None = optional(integer(0, _MAX_HEAT_J_PER_G))
    """Net calorific value (低位发热量); 1 J/g is 0.001 GJ/t."""
    hydrogen_ppm: int | None = optional(SHARE)
    sulphur_ppm: int | None = optional(SHARE)
    moisture_ppm: int | None = optional(SHARE)
    """Moisture at the basis of the figures: air-dry moisture Mad with `air-dry`."""
    ash_ppm: int | None = optional(SHARE)
    gas_carbon_mg_per_m3: int | None = optional(integer(0, _MAX_GAS))
    """Carbon of a gas at normal conditions; 1 mg/m3 is 0.00001 tC/e4Nm3."""
    gas_ncv_j_per_m3: int | None = optional(integer(0, _MAX_GAS))
    """Net calorific value of a gas; 1 J/m3 is 0.00001 GJ/e4Nm3."""

    def __post_init__(self) -> None:
        require(self.from_s < self.to_s, "ends before it begins")
        require(self.basis in _TESTED_BASES, "a test is made as received, air-dry or dry")
        require(len(set(self.samples)) == len(self.samples), "one sample twice")
        solid, gas = self.solid_figures, self.gas_figures
        require(bool(solid) != bool(gas), "figures of a solid or liquid, or of a gas")

    @property
    def about(self) -> About:
        """
        It is about what the laboratory tested, for the time the figures stand for.

        Not about its number: a corrected report has a new one, and takes the old one's place.
        """
        return About(self.laboratory, self.from_s, self.to_s)

    @property
    def solid_figures(self) -> dict[str, int]:
        """The figures of a solid or liquid that the report has, by field."""
        return self._figures(SOLID_FIGURES)

    @property
    def gas_figures(self) -> dict[str, int]:
        """The figures of a gas that the report has, by field."""
        return self._figures(GAS_FIGURES)

    @property
    def is_moisture_alone(self) -> bool:
        """Whether it states the moisture as received (全水分) and nothing else."""
        return self.basis is CarbonBasis.AS_RECEIVED and list(self.solid_figures) == [
            "moisture_ppm"
        ]

    def _figures(self, names: tuple[str, ...]) -> dict[str, int]:
        return {
            each.name: value
            for each in fields(self)
            if each.name in names and (value := getattr(self, each.name)) is not None
        }


FIVE_FIGURES: Final = (
    "carbon_ppm",
    "ncv_j_per_g",
    "hydrogen_ppm",
    "sulphur_ppm",
    "moisture_ppm",
)
"""What one report of a coal sample states together (DOMAIN section 5)."""
SOLID_FIGURES: Final = (*FIVE_FIGURES, "ash_ppm")
GAS_FIGURES: Final = ("gas_carbon_mg_per_m3", "gas_ncv_j_per_m3")
_TESTED_BASES: Final = (CarbonBasis.AS_RECEIVED, CarbonBasis.AIR_DRY, CarbonBasis.DRY)
