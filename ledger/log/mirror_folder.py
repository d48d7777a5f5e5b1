"""
A mirror's copy of a log: a folder of files at the paths of C2SP tlog-tiles.

A file is written aside, synced and then named; the checkpoint comes last, so the folder always
holds everything that its checkpoint covers. A web server can serve it as it is, and a log that
lost its database recovers from it.

Source: C2SP tlog-tiles.
"""

from __future__ import annotations

import os
from pathlib import Path

from attestation.errors import EncodingError
from attestation.tiles import parse_tile_path
from ledger.errors import StorageUnavailable
from ledger.log.sources import CHECKPOINT_PATH, LogSource


class MirrorFolder:
    """
    The files of one mirrored log.

    Args:
        folder: For this log alone; made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def fetch(self, path: str) -> bytes | None:
        """
        Read a file by its path below the log's prefix; None where there is none.

        Any other path than a checkpoint's or a tile's is one that there is not.
        """
        if path != CHECKPOINT_PATH:
            try:
                parse_tile_path(path)
            except EncodingError:
                return None
        file = self._folder / path
        return file.read_bytes() if file.is_file() else None

    def source(self) -> LogSource:
        """Give the mirror as a place that serves the log."""
        return LogSource(f"mirror {self._folder.name}", self.fetch)

    def store(self, path: str, content: bytes) -> None:
        """
        Write a file durably.

        Raises:
            StorageUnavailable: If it cannot be written, such as on a full disk.
        """
        file = self._folder / path
        aside = file.with_name(file.name + ".part")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with aside.open("wb") as writer:
                writer.write(content)
                writer.flush()
                os.fsync(writer.fileno())
            aside.replace(file)
            _sync(file.parent)
        except OSError as error:
            raise StorageUnavailable(f"cannot write {path}: {error.strerror}") from error

    def keep(self, name: str, content: bytes) -> None:
        """Keep evidence under `evidence/`, beside what is served and never served itself."""
        self.store(f"evidence/{name}", content)

    def load(self, name: str) -> bytes | None:
        """Read back what is kept beside the log."""
        file = self._folder / name
        return file.read_bytes() if file.is_file() else None

    def evidence(self) -> list[str]:
        """List the names of what is kept as evidence."""
        return sorted(path.name for path in (self._folder / "evidence").glob("*") if path.is_file())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
