"""Raw exports by the command line: written, checked by their files alone, and damaged."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attestation.canonical import canonical_json, parse_canonical
from attestation.ids import parse_origin
from attestation.notes import NoteSigner
from attestation.trust_fields import TrustedLog
from attestation.trust_root import format_trust_root, make_trust_root
from tests.support.enterprise import USC
from tests.unit.api.cli.conftest import Place, Ran, Run


def write(place: Place, run: Run, out: Path, *options: object) -> Ran:
    """Write an export."""
    return run("export", "range", USC, *options, "--out", out, "--config", place.config)


def trust_file(place: Place, signer: NoteSigner | None = None) -> Path:
    """Write the trust root of somebody who trusts this log's key, or another's."""
    origin = parse_origin(place.enterprise.origin)
    verifier = (signer or place.enterprise.note_signer).verifier
    root = make_trust_root(
        [TrustedLog(str(origin), verifier, origin.log_id)],
        [sha256(place.enterprise.root.certificate).digest()],
    )
    path = place.folder / "trust.json"
    path.write_bytes(format_trust_root(root))
    return path


@pytest.fixture
def export(place: Place, run: Run) -> Path:
    """Entries 2 to 6: four messages behind a record."""
    out = place.folder / "export"
    ran = run(
        "export", "range", USC, "--from", 2, "--to", 7, "--out", out, "--config", place.config
    )
    assert ran.code == 0, ran.err
    return out


def steps(place: Place, run: Run, export: Path) -> dict[str, str]:
    """Check an export and give the outcome of each step."""
    ran = run("export", "verify", export, "--trust", trust_file(place), "--json")
    return {each["name"]: each["outcome"] for each in ran.document["steps"]}


def test_export_holds_by_its_files_alone(place: Place, run: Run, export: Path) -> None:
    """All that needs no chain holds with the database gone; the chain could not be checked."""
    trust = trust_file(place)
    place.enterprise.database.close()
    (place.folder / "ledger.sqlite").unlink()
    ran = run("export", "verify", export, "--trust", trust, "--json")

    outcomes = {each["name"]: each["outcome"] for each in ran.document["steps"]}
    assert ran.code == 3
    assert "did not hold" not in outcomes.values()
    held = {name for name, outcome in outcomes.items() if outcome == "held"}
    assert {"files", "readings", "log", "checkpoint", "inclusion", "records"} <= held


def test_readings_are_numbers_for_any_tool(export: Path) -> None:
    """DuckDB adds up what the meters said, as exact decimals."""
    with duckdb.connect() as connection:
        row = connection.execute(
            f"SELECT count(*), sum(value), min(index) FROM '{export / 'readings.parquet'}'"
        ).fetchone()

    assert row == (4, Decimal(20), 3)


def test_reading_changed_in_the_table_is_found(place: Place, run: Run, export: Path) -> None:
    """The table is nobody's statement: it must follow from the signed entries."""
    path = export / "readings.parquet"
    table = pq.read_table(path)
    values = table["value"].to_pylist()
    values[0] += 1
    at = table.schema.get_field_index("value")
    column = pa.array(values, table.schema.field("value").type)
    changed = table.set_column(at, table.schema.field("value"), column)
    pq.write_table(changed, path)

    assert steps(place, run, export)["contents"] == "did not hold"


def test_reading_left_out_of_the_table_is_found(place: Place, run: Run, export: Path) -> None:
    """One row less than the entries say."""
    path = export / "readings.parquet"
    pq.write_table(pq.read_table(path).slice(0, 3), path)

    assert steps(place, run, export)["contents"] == "did not hold"


def test_manifest_of_fewer_entries_is_found(place: Place, run: Run, export: Path) -> None:
    """A manifest that ends one entry earlier does not lead to the checkpoint."""
    (manifest,) = export.glob("entries-*.json")
    content = dict(parse_canonical(manifest.read_bytes()))  # type: ignore[arg-type]
    manifest.write_bytes(canonical_json(content | {"end": 6}))

    assert steps(place, run, export) == {"files": "did not hold"}


def test_bundle_of_another_range_is_found(place: Place, run: Run, export: Path) -> None:
    """A sound bundle, of one entry more."""
    other = place.folder / "other"
    write(place, run, other, "--from", 1, "--to", 7)
    name = "range.carbonseal.json"
    (export / name).write_bytes((other / name).read_bytes())

    assert steps(place, run, export)["contents"] == "did not hold"


def test_key_of_another_log_is_not_believed(place: Place, run: Run, export: Path) -> None:
    """The export's own checkpoint says nothing; the trust root's key does."""
    stranger = NoteSigner.from_seed(place.enterprise.origin, bytes(32))
    ran = run("export", "verify", export, "--trust", trust_file(place, stranger), "--json")

    assert ran.code == 1


def test_log_that_the_trust_root_does_not_name_could_not_be_checked(
    place: Place, run: Run, export: Path
) -> None:
    """Nothing is wrong with the export; there is nothing to hold it against."""
    origin = parse_origin(place.enterprise.origin.replace("log.example", "other.example"))
    signer = NoteSigner.from_seed(str(origin), bytes(32))
    trusted = TrustedLog(str(origin), signer.verifier, origin.log_id)
    path = place.folder / "trust.json"
    path.write_bytes(format_trust_root(make_trust_root([trusted], [bytes(32)])))
    ran = run("export", "verify", export, "--trust", path, "--json")

    assert (ran.code, ran.document["outcome"]) == (3, "could not check")


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--from", 1),
        ("--unit", "u1"),
        ("--from", 0, "--to", 2, "--unit", "u1"),
        ("--from", 2, "--to", 2),
    ],
)
def test_range_is_named_one_way(place: Place, run: Run, options: tuple[object, ...]) -> None:
    """By indexes or by an inventory, whole, and not by both."""
    out = place.folder / "none"
    ran = write(place, run, out, *options)

    assert ran.code == 2
    assert not out.exists()


def test_range_beyond_the_log_is_refused(place: Place, run: Run) -> None:
    """Only what is published can be proved."""
    out = place.folder / "none"
    ran = run(
        "export", "range", USC, "--from", 0, "--to", 8, "--out", out, "--config", place.config
    )

    assert ran.code == 3
