"""
Raw export: a range of a log in files that any tool reads, with everything that proves it.

Entries lie as in cold storage, with their leaf hashes and the range proof that leads them to a
signed checkpoint. Beside them lie the bundle by which every signature is checked, and a table of
the readings, which says nothing that the entries do not say: whoever checks makes it again.

Source: `docs/formats/raw-export.md`; FORMATS section 8.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from attestation.bundle import Bundle, format_bundle
from attestation.entries import EntryKind, classify_entry
from attestation.errors import EncodingError
from attestation.messages import SignedMessage, parse_message
from attestation.notes import NoteVerifier
from ledger.errors import ArchiveDamaged
from ledger.log.cold_storage import Archive, Segment, seal
from ledger.log.proving import LogProver

BUNDLE_NAME: Final = "range.carbonseal.json"
READINGS_NAME: Final = "readings.parquet"
ROW_GROUP_ENTRIES: Final = 4096
"""Entries whose readings make one row group; those without a reading make none."""

READINGS_SCHEMA: Final = pa.schema(
    [
        pa.field("index", pa.int64(), nullable=False),
        pa.field("kid", pa.binary(32), nullable=False),
        pa.field("epoch", pa.int64(), nullable=False),
        pa.field("sequence", pa.int64(), nullable=False),
        pa.field("signed_at_ms", pa.int64(), nullable=False),
        pa.field("provenance", pa.string(), nullable=False),
        pa.field("signer", pa.string(), nullable=False),
        pa.field("series", pa.string(), nullable=False),
        pa.field("start_s", pa.int64(), nullable=False),
        pa.field("end_s", pa.int64(), nullable=False),
        pa.field("register", pa.bool_(), nullable=False),
        pa.field("value", pa.decimal128(38, 9)),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("quality", pa.string(), nullable=False),
        pa.field("multiplier", pa.string()),
        pa.field("source_file", pa.binary(32)),
        pa.field("source_row", pa.int64()),
    ]
)


def export_range(prover: LogProver, bundle: Bundle, folder: Path, start: int, end: int) -> Segment:
    """
    Write entries `[start, end)` with their proof, their bundle and their readings.

    Args:
        prover: Of the log; its newest checkpoint must cover the range.
        bundle: Of the same range, from `Bundler.range`.
        folder: Made where it is missing; what is there under the same names is replaced.
        start: First entry.
        end: Above the last entry.

    Raises:
        NotIntegrated: If the newest checkpoint does not cover the range.
    """
    segment = seal(prover, folder, start, end)
    (folder / BUNDLE_NAME).write_bytes(format_bundle(bundle))
    entries = ((entry.index, entry.content) for entry in prover.entries(start, end))
    with pq.ParquetWriter(folder / READINGS_NAME, READINGS_SCHEMA, compression="zstd") as writer:
        for table in _tables(entries, prover.log.origin):
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
    return segment


class RangeExport:
    """
    A raw export as somebody was given it; nothing of it is believed.

    Args:
        folder: Where its files are.

    Raises:
        ArchiveDamaged: If it is not the folder of one export.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        manifests = sorted(folder.glob("entries-*.json"))
        if len(manifests) != 1:
            raise ArchiveDamaged(f"{folder.name} holds {len(manifests)} manifests, not one")
        self.segment = Segment.load(manifests[0])

    def bundle(self) -> bytes:
        """
        Read the bundle, unchecked.

        Raises:
            ArchiveDamaged: If there is none.
        """
        try:
            return (self._folder / BUNDLE_NAME).read_bytes()
        except OSError as error:
            raise ArchiveDamaged(f"{BUNDLE_NAME} cannot be read") from error

    def entries(self) -> Iterator[bytes]:
        """Give the bytes of the entries in order, unchecked."""
        return (content for _, content in self.segment.rows(self._folder))

    def verify_entries(self, verifier: NoteVerifier) -> None:
        """
        Check file, leaf hashes and the proof that leads them to a checkpoint of the log's key.

        Raises:
            ArchiveDamaged: If one of them does not hold.
        """
        Archive(self._folder, verifier).verify(self.segment)

    def verify_readings(self) -> int:
        """
        Make the table of readings again from the entries, and give how many readings it has.

        Raises:
            ArchiveDamaged: If a reading is another, too many or missing.
        """
        found = 0
        try:
            with pq.ParquetFile(self._folder / READINGS_NAME) as file:
                groups = file.num_row_groups
                tables = _tables(self.segment.rows(self._folder), self.segment.origin)
                number = -1
                for number, table in enumerate(tables):
                    if number >= groups or not file.read_row_group(number).equals(table):
                        raise ArchiveDamaged(
                            f"{READINGS_NAME} does not follow from the entries: row group {number}"
                        )
                    found += table.num_rows
                if number + 1 != groups:
                    raise ArchiveDamaged(f"{READINGS_NAME} has readings that no entry says")
        except (pa.ArrowException, OSError) as error:
            raise ArchiveDamaged(f"{READINGS_NAME} cannot be read: {error}") from error
        except EncodingError as error:
            raise ArchiveDamaged(f"an entry is no message: {error.message}") from error
        return found


def _tables(entries: Iterator[tuple[int, bytes]], origin: str) -> Iterator[Any]:
    while part := list(islice(entries, ROW_GROUP_ENTRIES)):
        rows = [
            row
            for index, content in part
            if classify_entry(content) is EntryKind.MESSAGE
            for row in _rows(index, parse_message(content, origin=origin))
        ]
        if rows:
            columns = zip(*rows, strict=True)
            arrays = [
                pa.array(column, field.type)
                for column, field in zip(columns, READINGS_SCHEMA, strict=True)
            ]
            yield pa.Table.from_arrays(arrays, schema=READINGS_SCHEMA)


def _rows(index: int, message: SignedMessage) -> Iterator[tuple[Any, ...]]:
    header = message.header
    of_message = (
        index,
        bytes(header.kid),
        header.epoch,
        header.sequence,
        header.signed_at,
        header.provenance.name.lower(),
        header.signer.name.lower(),
    )
    for reading in message.readings:
        value = None if reading.value is None else Decimal(reading.value).scaleb(-reading.scale)
        yield (
            *of_message,
            reading.series,
            reading.start_s,
            reading.end_s,
            reading.register,
            value,
            reading.unit,
            reading.quality.name.lower(),
            reading.multiplier,
            reading.source_file,
            reading.source_row,
        )
