"""
Cold storage: sealed ranges of a log as Parquet files with the raw bytes, each with its proof.

A segment is written aside, synced, and only then named; its manifest says what is in it, the
SHA-256 of the file, and the range proof that leads its leaf hashes to a signed checkpoint. So a
segment proves itself without the database it came from.

Source: Apache Parquet; `docs/formats/log.md` for range proofs; RFC 8785 for manifests.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.checkpoints import open_checkpoint
from attestation.encodings import format_base64, parse_base64
from attestation.errors import EncodingError, Error, VerificationError
from attestation.ids import HASH_LENGTH
from attestation.merkle import hash_leaf, verify_range
from attestation.notes import NoteVerifier
from ledger.errors import ArchiveDamaged
from ledger.log.proving import LogProver
from ledger.repositories.audit import AuditedEntry

SEGMENT_ENTRIES: Final = 2**20
"""Entries of a full segment: about 300 MB before compression."""
ROW_GROUP: Final = 2**17
"""Rows read at once by whoever looks up a single entry."""
_FORMAT: Final = "carbonseal-segment"
_CHUNK: Final = 4096
_READ: Final = 1 << 20

SCHEMA: Final = pa.schema(
    [
        pa.field("index", pa.int64(), nullable=False),
        pa.field("kind", pa.int8(), nullable=False),
        pa.field("content", pa.binary(), nullable=False),
        pa.field("leaf_hash", pa.binary(HASH_LENGTH), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class Segment:
    """One sealed range, as its manifest describes it."""

    origin: str
    start: int
    end: int
    file: str
    """Name of the Parquet file, beside the manifest."""
    file_sha256: bytes
    checkpoint: str
    """Signed note that the proof leads to."""
    proof: tuple[bytes, ...]
    """Range proof of `[start, end)` in that checkpoint, 32 bytes each."""

    @property
    def name(self) -> str:
        """Name of both files without their endings."""
        return segment_name(self.start, self.end)

    @classmethod
    def load(cls, manifest: Path) -> Self:
        """
        Read a segment's manifest.

        Raises:
            ArchiveDamaged: If it is not one.
        """
        try:
            content = require_object(parse_canonical(manifest.read_bytes()), "manifest")
            return cls._parse(content)
        except (Error, OSError, KeyError, TypeError, ValueError) as error:
            raise ArchiveDamaged(f"{manifest.name} is not a manifest") from error

    @classmethod
    def _parse(cls, content: Mapping[str, Any]) -> Self:
        if (content["format"], content["version"]) != (_FORMAT, 1):
            raise ValueError("another format")
        return cls(
            origin=content["origin"],
            start=content["start"],
            end=content["end"],
            file=Path(content["file"]).name,
            file_sha256=bytes.fromhex(content["file_sha256"]),
            checkpoint=content["checkpoint"],
            proof=tuple(parse_base64(node, length=HASH_LENGTH) for node in content["proof"]),
        )

    def rows(self, folder: Path) -> Iterator[tuple[int, bytes]]:
        """
        Read (index, bytes) of its entries in order, unchecked.

        Raises:
            ArchiveDamaged: If the file cannot be read.
        """
        return _rows(folder / self.file)

    def to_json(self) -> dict[str, Json]:
        """Give the manifest."""
        return {
            "format": _FORMAT,
            "version": 1,
            "origin": self.origin,
            "start": self.start,
            "end": self.end,
            "file": self.file,
            "file_sha256": self.file_sha256.hex(),
            "checkpoint": self.checkpoint,
            "proof": [format_base64(node) for node in self.proof],
        }


def segment_name(start: int, end: int) -> str:
    """Give the name of a segment's files; names sort by index."""
    return f"entries-{start:015d}-{end:015d}"


def seal(prover: LogProver, folder: Path, start: int, end: int) -> Segment:
    """
    Write entries `[start, end)` to cold storage; a segment that is there already is replaced.

    Args:
        prover: Of the log; its newest checkpoint must cover the range.
        folder: Where the log's segments are kept.
        start: First entry.
        end: Above the last entry.

    Raises:
        NotIntegrated: If the newest checkpoint does not cover the range.
    """
    proved = prover.range(start, end)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{segment_name(start, end)}.parquet"
    aside = target.with_suffix(".part")
    with pq.ParquetWriter(aside, SCHEMA, compression="zstd") as writer:
        for rows in _row_groups(prover, start, end):
            writer.write_table(rows, row_group_size=ROW_GROUP)
    segment = Segment(
        origin=prover.log.origin,
        start=start,
        end=end,
        file=target.name,
        file_sha256=_sha256(aside),
        checkpoint=proved.checkpoint.note,
        proof=proved.proof,
    )
    _name(aside, target)
    manifest = target.with_suffix(".json")
    part = manifest.with_suffix(".json.part")
    part.write_bytes(canonical_json(segment.to_json()))
    # Commit point: a segment counts from the moment its manifest has its name.
    _name(part, manifest)
    return segment


def next_segment(segments: list[Segment], size: int) -> tuple[int, int] | None:
    """Give the next full range to seal in a log of `size` entries; None where there is none."""
    start = max((segment.end for segment in segments), default=0)
    end = (start // SEGMENT_ENTRIES + 1) * SEGMENT_ENTRIES
    return (start, end) if end <= size else None


class Archive:
    """
    The sealed segments of one log.

    Args:
        folder: Where they are kept.
        verifier: The log's key.
    """

    def __init__(self, folder: Path, verifier: NoteVerifier) -> None:
        self._folder = folder
        self._verifier = verifier

    def segments(self) -> list[Segment]:
        """
        List the segments by index.

        Raises:
            ArchiveDamaged: If a manifest is not one.
        """
        return [Segment.load(path) for path in sorted(self._folder.glob("entries-*.json"))]

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open DuckDB with a view `entries` over every segment, for questions in SQL."""
        connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
        files = [str(self._folder / segment.file) for segment in self.segments()]
        if files:
            connection.from_parquet(files).create_view("entries")
        return connection

    def entries(self, start: int, end: int) -> list[tuple[int, bytes]]:
        """Read (index, bytes) of entries `[start, end)` in order, as many as are sealed."""
        with self.connect() as connection:
            if not self.segments():
                return []
            rows = connection.execute(
                "SELECT index, content FROM entries WHERE index >= ? AND index < ? ORDER BY index",
                [start, end],
            ).fetchall()
        return [(index, content) for index, content in rows]

    def verify(self, segment: Segment) -> None:
        """
        Check a segment by itself: its file, its leaf hashes, its place in a signed checkpoint.

        Raises:
            ArchiveDamaged: If one of them does not hold.
        """
        path = self._folder / segment.file
        if not path.is_file() or _sha256(path) != segment.file_sha256:
            raise ArchiveDamaged(f"{segment.file} is not the file that was sealed")
        try:
            checkpoint = open_checkpoint(segment.checkpoint, self._verifier)
            verify_range(
                (hash_leaf(content) for _, content in _rows(path)),
                start=segment.start,
                end=segment.end,
                size=checkpoint.size,
                root=checkpoint.root,
                proof=segment.proof,
            )
        except (EncodingError, VerificationError) as error:
            raise ArchiveDamaged(f"{segment.name}: {error.message}") from error

    # --- for fsck --------------------------------------------------------------------------------

    def comparison(self) -> Callable[[list[AuditedEntry]], list[tuple[str, str]]]:
        """Give a function that compares pages of entries, in order, with what is sealed."""
        sealed = self._sealed()
        ahead = next(sealed, None)

        def compare(entries: list[AuditedEntry]) -> list[tuple[str, str]]:
            nonlocal ahead
            damages: list[tuple[str, str]] = []
            for entry in entries:
                while ahead is not None and ahead[0] < entry.number:
                    ahead = next(sealed, None)
                if ahead is not None and ahead[0] == entry.number and ahead[1] != entry.content:
                    damages.append((f"sealed entry {entry.number}", "its bytes are not the log's"))
            return damages

        return compare

    def damages(self) -> list[tuple[str, str]]:
        """Check every segment by itself; give (resource, detail) of those that do not hold."""
        found: list[tuple[str, str]] = []
        for segment in self.segments():
            try:
                self.verify(segment)
            except ArchiveDamaged as error:
                found.append((f"segment {segment.name}", error.message))
        return found

    def _sealed(self) -> Iterator[tuple[int, bytes]]:
        for segment in self.segments():
            path = self._folder / segment.file
            if path.is_file():
                yield from _rows(path)


def _row_groups(prover: LogProver, start: int, end: int) -> Iterator[Any]:
    for first in range(start, end, ROW_GROUP):
        columns: tuple[list[Any], ...] = ([], [], [], [])
        for entry in prover.entries(first, min(end, first + ROW_GROUP)):
            row = (entry.index, int(entry.kind), entry.content, hash_leaf(entry.content))
            for column, value in zip(columns, row, strict=True):
                column.append(value)
        arrays = [
            pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)
        ]
        yield pa.Table.from_arrays(arrays, schema=SCHEMA)


def _rows(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with pq.ParquetFile(path) as parquet:
            for batch in parquet.iter_batches(batch_size=_CHUNK, columns=["index", "content"]):
                yield from zip(
                    batch["index"].to_pylist(), batch["content"].to_pylist(), strict=True
                )
    except (pa.ArrowException, OSError) as error:
        raise ArchiveDamaged(f"{path.name} cannot be read: {error}") from error


def _sha256(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_READ):
            digest.update(chunk)
    return digest.digest()


def _name(aside: Path, target: Path) -> None:
    """Give a finished file its name, so that neither is lost when the power fails."""
    with aside.open("rb+") as file:
        os.fsync(file.fileno())
    aside.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
