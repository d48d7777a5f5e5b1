"""The steel works' nine months in a log, by the real parser and the real admission."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from attestation.enums import Provenance, SignerKind
from devices.meters.csv_file import read_csv
from devices.meters.csv_mapping import parse_csv_mapping
from ledger.database import Database
from tests.support.enterprise import Device, Enterprise

MAPPING = Path(__file__).parents[2] / "examples" / "mappings" / "steel-works-2018.toml"
ACTIVE = "steel-works/active-energy/import/"
LAGGING = "steel-works/reactive-energy/lagging/"
LEADING = "steel-works/reactive-energy/leading/"
COLUMNS = {
    ACTIVE: "Usage_kWh",
    LAGGING: "Lagging_Current_Reactive.Power_kVarh",
    LEADING: "Leading_Current_Reactive_Power_kVarh",
}
KOREA_S = 9 * 3600
BEGIN_S = 1_514_732_400
"""2018-01-01 00:00 in Korea."""
END_S = BEGIN_S + 273 * 86_400
_AT_ONCE = 960
_STRETCH_S = 320 * 900


@dataclass(frozen=True)
class SteelWorks:
    """The enterprise with the works' readings, and the file's rows as text."""

    enterprise: Enterprise
    rows: list[dict[str, str]]


def import_steel_works(database: Database, shared: Path) -> SteelWorks:
    """Register the three series and admit every row of the file, signed as imported."""
    path = shared / "data" / "steel-works-2018" / "readings.csv"
    rules = parse_csv_mapping(MAPPING.read_text(encoding="utf-8"), name=MAPPING.name)
    content = read_csv(path.read_bytes(), rules)
    assert content.is_sound
    enterprise = Enterprise(database)
    units = {each.series: each.unit for each in content.readings}
    enterprise.register_authority()
    for name, unit in units.items():
        enterprise.file(enterprise.registration(name, unit=unit, since_s=BEGIN_S, maximum=10**9))
    importer = Device(name="importer", series=tuple(units))
    enterprise.file(enterprise.enrolment(importer, signer=SignerKind.GATEWAY))
    # As a gateway packs them: some days of one series after the same days of another.
    readings = sorted(
        content.readings, key=lambda each: ((each.end_s - BEGIN_S - 1) // _STRETCH_S, each.series)
    )
    enterprise.accept(
        *(
            importer.sign(
                *readings[at : at + _AT_ONCE],
                at=enterprise.now,
                provenance=Provenance.IMPORT,
                kind=SignerKind.GATEWAY,
            )
            for at in range(0, len(readings), _AT_ONCE)
        )
    )
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    return SteelWorks(enterprise, rows)
