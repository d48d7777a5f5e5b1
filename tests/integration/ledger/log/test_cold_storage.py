"""Sealing ranges to Parquet, reading them with DuckDB, and finding damage."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from attestation.enums import Outcome
from ledger.errors import ArchiveDamaged, NotIntegrated
from ledger.log.cold_storage import SEGMENT_ENTRIES, Archive, Segment, next_segment, seal
from ledger.log.fsck import fsck
from ledger.log.fsck_report import Check, Report, State
from ledger.log.proving import LogProver
from tests.fakes.plant import Meter, Plant
from tests.fakes.vandal import Vandal


@pytest.fixture
def entries(plant: Plant) -> list[bytes]:
    """The 500 entries of the plant's log."""
    signed = Meter().sign(500)
    plant.admit(signed)
    plant.integrate_all()
    return signed


@pytest.fixture
def archive(plant: Plant, entries: list[bytes], tmp_path: Path) -> Archive:
    """Two segments: entries 0 to 255 and 256 to 399."""
    assert len(entries) == 500
    folder = tmp_path / "cold"
    for start, end in ((0, 256), (256, 400)):
        sealed(plant, folder, start, end)
    return Archive(folder, plant.signer.verifier)


def sealed(plant: Plant, folder: Path, start: int, end: int) -> Segment:
    """Seal a range."""
    with plant.database.reading() as uow:
        return seal(LogProver(uow, plant.log), folder, start, end)


def check(plant: Plant, archive: Archive) -> Report:
    """Check the log with its cold storage."""
    with plant.database.reading() as uow:
        return fsck(uow, plant.log, archive=archive)


def test_what_was_sealed_is_read_back(archive: Archive, entries: list[bytes]) -> None:
    """DuckDB gives the raw bytes in order, across segments."""
    assert archive.entries(200, 450) == list(enumerate(entries))[200:400]


def test_segments_prove_themselves(archive: Archive) -> None:
    """Each segment leads to a signed checkpoint without the database."""
    for segment in archive.segments():
        archive.verify(segment)

    assert [(segment.start, segment.end) for segment in archive.segments()] == [
        (0, 256),
        (256, 400),
    ]


def test_a_segment_answers_questions(archive: Archive) -> None:
    """The view can be asked in SQL."""
    with archive.connect() as connection:
        (row,) = connection.execute(
            "SELECT count(*), min(index), max(index), sum(kind) FROM entries"
        ).fetchall()

    assert row == (400, 0, 399, 0)


def test_a_sealed_log_is_held(plant: Plant, archive: Archive) -> None:
    """Cold storage that agrees with the log is no finding."""
    report = check(plant, archive)

    assert report.findings == []
    assert report.outcome() is Outcome.HELD


def test_sealing_again_is_the_same(plant: Plant, archive: Archive, tmp_path: Path) -> None:
    """A segment that is sealed twice is one segment."""
    again = sealed(plant, tmp_path / "cold", 0, 256)

    assert again in archive.segments()
    assert len(archive.segments()) == 2


def test_a_range_that_is_not_signed_is_not_sealed(plant: Plant, tmp_path: Path) -> None:
    """Only what the newest checkpoint covers can be sealed."""
    with pytest.raises(NotIntegrated):
        sealed(plant, tmp_path / "cold", 0, 501)


def test_a_changed_file_is_found(plant: Plant, archive: Archive, tmp_path: Path) -> None:
    """A segment whose file was changed is not the one that was sealed."""
    file = tmp_path / "cold" / archive.segments()[0].file
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)

    with pytest.raises(ArchiveDamaged, match="not the file that was sealed"):
        archive.verify(archive.segments()[0])


def test_a_segment_made_anew_with_other_bytes_is_found(
    plant: Plant, archive: Archive, tmp_path: Path
) -> None:
    """A file and manifest that agree with each other still do not lead to the checkpoint."""
    forged = _forge(archive, tmp_path / "cold")

    with pytest.raises(ArchiveDamaged, match="does not lead to the root"):
        archive.verify(forged)


def test_a_missing_file_is_found(plant: Plant, archive: Archive, tmp_path: Path) -> None:
    """A manifest without its file is a damage of the whole check."""
    (tmp_path / "cold" / archive.segments()[1].file).unlink()

    report = check(plant, archive)

    assert [(finding.check, finding.state) for finding in report.findings] == [
        (Check.COLD_STORAGE, State.CHANGED)
    ]


def test_a_broken_manifest_is_found(archive: Archive, tmp_path: Path) -> None:
    """A manifest that is none is not passed over."""
    manifest = next((tmp_path / "cold").glob("*.json"))
    manifest.write_text("{}")

    with pytest.raises(ArchiveDamaged, match="is not a manifest"):
        archive.segments()


def test_an_entry_edited_in_the_database_differs_from_cold_storage(
    plant: Plant, archive: Archive
) -> None:
    """The sealed bytes bear witness against the database."""
    Vandal(plant.database).execute(
        "UPDATE message SET content = :junk WHERE admission_id ="
        ' (SELECT admission_id FROM entry WHERE "index" = 300)',
        junk=b"junk",
    )

    found = {(finding.check, finding.resource) for finding in check(plant, archive).findings}

    assert (Check.COLD_STORAGE, "sealed entry 300") in found
    assert (Check.ENTRIES, "entry 300") in found


def test_an_empty_archive_has_nothing(plant: Plant, tmp_path: Path) -> None:
    """A log without sealed ranges can be asked all the same."""
    assert Archive(tmp_path / "none", plant.signer.verifier).entries(0, 10) == []


def test_the_next_segment_begins_where_the_last_ended() -> None:
    """Full segments follow each other; a part is not sealed."""
    first = Segment("log", 0, SEGMENT_ENTRIES, "file", bytes(32), "", ())

    assert next_segment([], SEGMENT_ENTRIES - 1) is None
    assert next_segment([], SEGMENT_ENTRIES) == (0, SEGMENT_ENTRIES)
    assert next_segment([first], 3 * SEGMENT_ENTRIES) == (SEGMENT_ENTRIES, 2 * SEGMENT_ENTRIES)


def _forge(archive: Archive, folder: Path) -> Segment:
    segment = archive.segments()[0]
    path = folder / segment.file
    table = pq.read_table(path)
    contents = table["content"].to_pylist()
    contents[17] = b"another"
    forged = table.set_column(2, table.schema.field("content"), [contents])
    pq.write_table(forged, path)
    manifest = folder / f"{segment.name}.json"
    old, new = segment.file_sha256.hex(), _sha256(path)
    manifest.write_text(manifest.read_text().replace(old, new))
    return archive.segments()[0]


def _sha256(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
