"""
The folder that an enterprise leaves with: what lies where, and what every file's hash is.

    parcel.json         origin, key and predecessor of the log; the SHA-256 of every other file
    log/                checkpoint, hash tiles and entry bundles as C2SP tlog-tiles serves them
    holdings/KIND/NAME  versions, calculation records and what digests commit to, as they are kept
    documents/SHA256    documents as they are kept, encrypted
    rows/TABLE.jsonl    checkpoints, anchors, refusals and the work on cases
    actions/NUMBER.json who did what about the enterprise, proved in logs of operators

Keys lie beside it, never in it: `document.key`, and `log.pem` where the log is to be continued.

Source: `docs/formats/parcel.md`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.errors import EncodingError
from attestation.instants import Instant
from ledger.errors import ArchiveDamaged, StorageUnavailable
from ledger.inventory.holdings import Holding, HoldingKind

PARCEL_NAME: Final = "parcel.json"
LOG_FOLDER: Final = "log"
DOCUMENT_KEY_NAME: Final = "document.key"
LOG_KEY_NAME: Final = "log.pem"
KEYS: Final = frozenset((DOCUMENT_KEY_NAME, LOG_KEY_NAME))
_FORMAT: Final = "carbonseal-parcel"
_READ: Final = 1 << 20
_MOST_LIST_BYTES: Final = 256 << 20
"""The longest `parcel.json`: a file takes some two hundred bytes of it."""
_OWN_ONLY: Final = 0o600
_FOLDER_OWN_ONLY: Final = 0o700


@dataclass(frozen=True, slots=True)
class Parcel:
    """What `parcel.json` says."""

    origin: str
    vkey: str
    predecessor: str | None
    """Origin of the log that this one continues, where there is one."""
    opened_at: Instant
    size: int
    root: bytes
    """Of the newest checkpoint, 32 bytes."""
    holdings: tuple[Holding, ...]
    files: Mapping[str, str]
    """SHA-256 of each file by its path in the folder."""

    def as_json(self) -> dict[str, Json]:
        """Give it as it is written."""
        return {
            "format": _FORMAT,
            "version": 1,
            "origin": self.origin,
            "vkey": self.vkey,
            "predecessor": self.predecessor,
            "opened_at_ms": int(self.opened_at),
            "size": self.size,
            "root": self.root.hex(),
            "holdings": [
                {"kind": each.kind.value, "name": each.name, "kept_at_ms": int(each.kept_at)}
                for each in self.holdings
            ],
            "files": dict(self.files),
        }


class ParcelFolder:
    """
    The files of a parcel.

    Args:
        folder: Where they are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def log(self) -> Path:
        """Folder of the log's copy."""
        return self.folder / LOG_FOLDER

    def make(self) -> None:
        """Make the folder, for its owner only: entries lie in it in the clear."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(_FOLDER_OWN_ONLY)

    def write(self, path: str, content: bytes, *, is_secret: bool = False) -> None:
        """
        Write a file durably; a secret one for its owner only.

        Raises:
            StorageUnavailable: If it cannot be written, such as on a full disk.
        """
        file = self.folder / path
        mode = _OWN_ONLY if is_secret else 0o644
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "wb") as writer:
                writer.write(content)
                writer.flush()
                os.fsync(writer.fileno())
            _sync(file.parent)
        except OSError as error:
            raise StorageUnavailable(f"cannot write {path}: {error.strerror}") from error

    def read(self, path: str) -> bytes:
        """
        Read a file; never through a link, which would lead out of the parcel.

        Raises:
            ArchiveDamaged: If it is not there, or no plain file.
        """
        try:
            descriptor = os.open(self.folder / path, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(descriptor, "rb") as reader:
                return reader.read()
        except OSError as error:
            raise ArchiveDamaged(f"{path} cannot be read") from error

    def require_plain(self) -> None:
        """
        Check that there are folders and plain files, and nothing else.

        A link in a parcel would make this machine read its own files as the enterprise's.

        Raises:
            ArchiveDamaged: If there is a link, a device or a pipe.
        """
        for folder, folders, files in os.walk(self.folder):
            for name in (*folders, *files):
                path = Path(folder) / name
                mode = path.lstat().st_mode
                if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
                    place = path.relative_to(self.folder).as_posix()
                    raise ArchiveDamaged(f"{place} is no plain file")

    def files(self) -> Iterator[tuple[str, str]]:
        """Give path and SHA-256 of every file but `parcel.json` and the keys."""
        for file in sorted(self.folder.rglob("*")):
            name = file.relative_to(self.folder).as_posix()
            if file.is_file() and name != PARCEL_NAME and name not in KEYS:
                yield name, _sha256(file)

    def load(self) -> Parcel:
        """
        Read `parcel.json` and check every file against it.

        Raises:
            ArchiveDamaged: If it has no form, or a file is missing, too many or another.
        """
        self.require_plain()
        file = self.folder / PARCEL_NAME
        if file.is_file() and file.stat().st_size > _MOST_LIST_BYTES:
            raise ArchiveDamaged(f"{PARCEL_NAME} is longer than any parcel's")
        try:
            content = require_object(parse_canonical(self.read(PARCEL_NAME)), "parcel")
            parcel = _parse(content)
        except (EncodingError, KeyError, TypeError, ValueError) as error:
            raise ArchiveDamaged(f"{PARCEL_NAME} is not a parcel's") from error
        found = dict(self.files())
        for name in sorted(found.keys() | parcel.files.keys()):
            if found.get(name) != parcel.files.get(name):
                state = "missing" if name not in found else "not the one that was packed"
                raise ArchiveDamaged(f"{name} is {state}")
        return parcel


def _parse(fields: Mapping[str, Any]) -> Parcel:
    if (fields["format"], fields["version"]) != (_FORMAT, 1):
        raise ValueError("another format")
    before, files = fields["predecessor"], fields["files"]
    return Parcel(
        origin=_text(fields["origin"]),
        vkey=_text(fields["vkey"]),
        predecessor=None if before is None else _text(before),
        opened_at=Instant(_number(fields["opened_at_ms"])),
        size=_number(fields["size"]),
        root=bytes.fromhex(fields["root"]),
        holdings=tuple(
            Holding(
                HoldingKind(each["kind"]),
                _text(each["name"]),
                Instant(_number(each["kept_at_ms"])),
            )
            for each in fields["holdings"]
        ),
        files={name: _text(each) for name, each in dict(files).items()},
    )


def _text(content: object) -> str:
    if not isinstance(content, str):
        raise TypeError(f"{content!r} is no text")
    return content


def _number(content: object) -> int:
    if not isinstance(content, int) or isinstance(content, bool) or content < 0:
        raise TypeError(f"{content!r} is no number")
    return content


def holding_path(holding: Holding) -> str:
    """Give where a piece lies in a parcel."""
    return f"holdings/{holding.kind.value}/{holding.name}"


def rows_path(table: str) -> str:
    """Give where the rows of a table lie in a parcel."""
    return f"rows/{table}.jsonl"


def write_rows(rows: list[dict[str, Any]]) -> bytes:
    """Write rows, one canonical line each."""
    return b"".join(canonical_json(row) + b"\n" for row in rows)


def read_rows(content: bytes) -> list[Mapping[str, Any]]:
    """
    Read rows.

    Raises:
        EncodingError: If a line is no object.
    """
    return [require_object(parse_canonical(line), "row") for line in content.splitlines()]


def _sha256(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_READ):
            digest.update(chunk)
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
