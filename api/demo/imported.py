"""
A real meter's file on its way into the demonstration's log: signed by the gateway, as imported.

The bounds of each series are those of the file, because nobody registered any before it was read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.demo.office import EnterpriseOffice
from api.demo.plant import Plant
from api.demo.world import World
from attestation.enums import SignerKind
from attestation.ids import parse_series_id
from attestation.instants import Instant
from attestation.keys import SoftwareKey
from attestation.series_bodies import Instrument, SeriesRegistration
from devices.errors import ImportRefused
from devices.measuring import FileImport
from devices.meters.csv_file import CsvFile, read_csv
from devices.meters.csv_mapping import parse_csv_mapping
from devices.meters.csv_report import CsvImport
from devices.rotation import begin_chain
from devices.signer_state import SignerState

_DAY_S: Final = 86_400
_GREATEST: Final = 10**15


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file came to."""

    content: CsvImport
    key: SoftwareKey
    """The gateway's key that signed it."""
    series: tuple[str, ...]
    messages: int


def import_file(
    world: World,
    plant: Plant,
    office: EnterpriseOffice,
    *,
    readings: Path,
    mapping: Path,
    now: Callable[[], Instant],
) -> Imported:
    """
    Register what a file speaks of, enrol a key, and sign and keep every row.

    Raises:
        ImportRefused: If a cell cannot be imported; nothing is signed then.
        MappingError: If the mapping is not one, or not of this file.
    """
    rules = parse_csv_mapping(mapping.read_text(encoding="utf-8"), name=mapping.name)
    content = read_csv(readings.read_bytes(), rules)
    if not content.is_sound or not content.readings:
        raise ImportRefused(content.summary(), problems=len(content.problems))
    first = min(each.start_s for each in content.readings)
    cadences = {each.series: max(each.interval_s, 1) for each in content.readings}
    units = {each.series: each.unit for each in content.readings}
    for instrument in sorted({parse_series_id(name).instrument for name in units}):
        office.record(_instrument(instrument, first), f"instrument {instrument}")
    for name, unit in units.items():
        office.record(_series(name, unit, cadences[name], first), f"series {name}")
    office.settle()
    key = SoftwareKey.generate()
    office.enrol(key, "importer", tuple(units), SignerKind.GATEWAY)
    office.settle()
    begin_chain(plant.store, key.public_key.kid, world.origin)
    state = SignerState(plant.store, plant.outbox, key, world.origin)
    messages = sign_rows(state, readings, mapping, content.file_sha256.hex(), now)
    return Imported(content, key, tuple(units), messages)


def sign_rows(
    state: SignerState, readings: Path, mapping: Path, name: str, now: Callable[[], Instant]
) -> int:
    """Sign and keep the rows of a file that are not kept yet; gives the number of messages."""
    rules = parse_csv_mapping(mapping.read_text(encoding="utf-8"), name=mapping.name)
    line = FileImport(name, CsvFile(readings, rules), state)
    messages = 0
    while not line.is_done:
        messages += line.measure(now()).messages
    return messages


def _instrument(name: str, since_s: int) -> Instrument:
    return Instrument(
        instrument=name,
        kind="imported file (导入文件)",
        maker="not known",
        model="not known",
        serial_number="not known",
        accuracy_class="not known",
        place="not known",
        installer="not known",
        installed_s=since_s,
    )


def _series(name: str, unit: str, cadence_s: int, since_s: int) -> SeriesRegistration:
    return SeriesRegistration(
        series=name,
        unit=unit,
        cadence_s=cadence_s,
        heartbeat_s=min(max(cadence_s, 1), _DAY_S),
        since_s=since_s,
        minimum=-_GREATEST,
        maximum=_GREATEST,
    )
