"""
Nine months of a steel works, from the file to the anchored proof, on real parts.

26 208 rows of three energies; Mosquitto, a development chain, SQLite; the oracle reads the file by
`csv` and `Decimal` alone.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from api.demo.imported import Imported, import_file, sign_rows
from api.demo.story import Story
from api.demo.world import World, build_world
from api.logs import configure_logs
from api.trust import build_trust_root
from attestation.bundle import format_bundle, parse_bundle
from attestation.enums import Outcome, Provenance
from attestation.messages import parse_message
from attestation.policy import RequireMetered, require_final
from attestation.verifier import Verifier
from chain.verifier_node import VerifierNode
from devices.signer_state import SignerState
from devices.zones import parse_zone
from ledger.log.summing import sums

pytestmark = [pytest.mark.shared, pytest.mark.real, pytest.mark.xdist_group("steel")]

MAPPING = Path(__file__).parents[2] / "examples" / "mappings" / "steel-works-2018.toml"
ACTIVE = "steel-works/active-energy/import/"
COLUMNS = {
    ACTIVE: "Usage_kWh",
    "steel-works/reactive-energy/lagging/": "Lagging_Current_Reactive.Power_kVarh",
    "steel-works/reactive-energy/leading/": "Leading_Current_Reactive_Power_kVarh",
}
KOREA = parse_zone("UTC+09:00")
DAYS = 273


@dataclass
class Works:
    """The steel works in the log, and the file it came from."""

    world: World
    story: Story
    imported: Imported
    path: Path
    rows: list[dict[str, str]]


@pytest.fixture(scope="module")
def works(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Works]:
    """Import the file and bring every message to finality."""
    configure_logs(level="CRITICAL")
    path = shared / "data" / "steel-works-2018" / "readings.csv"
    with build_world(tmp_path_factory.mktemp("steel") / "place", keeps_chain=False) as world:
        story = Story(world, lambda *_: None)
        story.office.certify()
        imported = import_file(
            world,
            story.plant,
            story.office,
            readings=path,
            mapping=MAPPING,
            now=story.ledger.clock.now,
        )
        story.start_worker()
        story.publish()
        story.stop_worker()
        story.office.settle()
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        yield Works(world, story, imported, path, rows)
        story.close()


def _bounds(works: Works, rows_at_once: list[int]) -> list[int]:
    """Give the instants between groups of rows: a row is a quarter of an hour."""
    start = min(each.start_s for each in works.imported.content.readings)
    bounds = [start]
    for rows in rows_at_once:
        bounds.append(bounds[-1] + rows * 900)
    return bounds


def _of_file(works: Works, column: str, rows_at_once: list[int]) -> list[Decimal]:
    sums_kwh, at = [], 0
    for rows in rows_at_once:
        taken = works.rows[at : at + rows]
        sums_kwh.append(sum((Decimal(row[column]) for row in taken), Decimal(0)))
        at += rows
    return sums_kwh


def test_every_row_is_in_the_log_once_and_in_order(works: Works) -> None:
    """Each row of each series stands in one entry, and times only rise."""
    seen: dict[str, list[tuple[int, int]]] = {name: [] for name in COLUMNS}
    log = works.story.office.log
    with works.story.ledger.database.reading() as uow:
        size = uow.heads.get(log.number).size
        entries = [each for each in uow.entries.between(log.number, 0, size) if each.kind == 0]
    for entry in entries:
        message = parse_message(entry.content, origin=log.origin)
        assert message.header.provenance is Provenance.IMPORT
        for reading in message.readings:
            seen[reading.series].append((reading.end_s, reading.source_row or 0))

    for rows in seen.values():
        assert sorted(row for _, row in rows) == list(range(1, 26_209))
        assert all(before < after for before, after in pairwise(end for end, _ in rows))


@pytest.mark.parametrize("series", COLUMNS)
def test_days_and_months_add_up_to_the_last_digit(works: Works, series: str) -> None:
    """Sums of the log's counted readings are the file's, by day and by month."""
    months = [96 * days for days in (31, 28, 31, 30, 31, 30, 31, 31, 30)]
    for grouping in ([96] * DAYS, months):
        with works.story.ledger.database.reading() as uow:
            found = sums(uow, works.story.office.log, series, _bounds(works, grouping))
        expected = _of_file(works, COLUMNS[series], grouping)

        assert [Decimal(each.total).scaleb(-3 - each.scale) for each in found] == expected
        assert all(each.missing_s == 0 for each in found)


def test_total_is_the_file_s(works: Works) -> None:
    """729 316.67 kWh."""
    with works.story.ledger.database.reading() as uow:
        total = sums(uow, works.story.office.log, ACTIVE, _bounds(works, [26_208]))[0]

    assert Decimal(total.total).scaleb(-3 - total.scale) == Decimal("729316.67")


def test_random_sample_verifies_and_is_shown_as_imported(works: Works) -> None:
    """Messages drawn at random verify with the trust root, and a metered policy refuses them."""
    root = build_trust_root(works.world.settings)
    node = VerifierNode(works.world.stage.client)
    kid = works.imported.key.public_key.kid
    for sequence in random.Random(2018).sample(range(works.imported.messages), 5):
        bundle = works.story.ledger.bundler.message(works.story.office.log, kid, 0, sequence)
        read = parse_bundle(format_bundle(bundle))

        assert Verifier(root, require_final(), node).verify(read).outcome is Outcome.HELD
        assert Verifier(root, RequireMetered(), node).verify(read).outcome is Outcome.FAILED


def test_same_file_again_adds_nothing(works: Works) -> None:
    """The file imported again signs no message."""
    plant = works.story.plant
    state = SignerState(plant.store, plant.outbox, works.imported.key, works.world.origin)

    again = sign_rows(state, works.path, MAPPING, "again", works.story.ledger.clock.now)

    assert again == 0
