"""
A folder into which somebody puts files of readings: each is imported once, in the order of names.

A file is known by its bytes, so that a copy under another name adds nothing, and a restart goes on
where it was. A file that cannot be imported is passed over, and shown until it is mended or gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from attestation.errors import EncodingError
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from devices.errors import ImportRefused, MappingError, MeterUnreadable
from devices.measuring import READINGS_PER_MESSAGE, FileImport, Measured
from devices.meters.protocol import ReadingFile
from devices.signer_state import SignerState

LOOK_EVERY_MS: Final = 10 * MILLISECONDS_PER_SECOND
SETTLED_MS: Final = 5 * MILLISECONDS_PER_SECOND
"""A file changed more recently than this may still be being written."""
_NANOSECONDS_PER_MS: Final = 1_000_000

OpenFile = Callable[[Path], ReadingFile]
"""Gives the readings of a file, as its mapping says."""


class _Stamp(NamedTuple):
    """A file as it is now; after a change it is another."""

    path: Path
    changed_ns: int
    size: int


class FolderImport:
    """
    A folder of files with the key that signs for them (`Line`).

    Args:
        name: Names the line on screens.
        folder: Where the files appear.
        pattern: Which files are meant, such as `*.csv`.
        open_file: How a file is understood.
        state: The gateway's key; an import is signed by a gateway.
        readings_per_message: How many rows share a signature.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        pattern: str,
        open_file: OpenFile,
        state: SignerState,
        *,
        readings_per_message: int = READINGS_PER_MESSAGE,
    ) -> None:
        self.name = name
        self.state = state
        self._folder = folder
        self._pattern = pattern
        self._open_file = open_file
        self._readings_per_message = readings_per_message
        self._waiting: list[_Stamp] = []
        self._current: tuple[_Stamp, FileImport] | None = None
        self._done: set[_Stamp] = set()
        self._refused: dict[_Stamp, ImportRefused] = {}
        self._looked_at: Instant | None = None

    def measure(self, now: Instant) -> Measured:
        """
        Sign and keep the next readings of the files there are.

        Raises:
            ImportRefused: If a file cannot be imported; the others were looked at before.
            MeterUnreadable: If the folder or a file cannot be read.
            OutboxFull: If there is no room; the next call tries the same readings again.
            SignerStateError: If the key may not sign.
        """
        if self._current is None:
            self._current = self._next(now)
        if self._current is None:
            for refusal in self._refused.values():
                raise refusal
            return Measured(0, 0, 0)
        stamp, file = self._current
        try:
            measured = file.measure(now)
        except (ImportRefused, MappingError, EncodingError) as error:
            refusal = ImportRefused(f"{stamp.path.name}: {error.message}")
            self._refused[stamp] = refusal
            self._current = None
            raise refusal from error
        except OSError as error:
            self._current = None
            raise MeterUnreadable(f"cannot read {stamp.path.name}: {error.strerror}") from error
        if file.is_done:
            self._done.add(stamp)
            self._current = None
        return measured

    def _next(self, now: Instant) -> tuple[_Stamp, FileImport] | None:
        if not self._waiting:
            self._look(now)
        if not self._waiting:
            return None
        stamp = self._waiting.pop(0)
        try:
            name = hashlib.sha256(stamp.path.read_bytes()).hexdigest()
        except OSError as error:
            raise MeterUnreadable(f"cannot read {stamp.path.name}: {error.strerror}") from error
        file = FileImport(name, self._open_file(stamp.path), self.state, self._readings_per_message)
        return stamp, file

    def _look(self, now: Instant) -> None:
        """List the files that are new or changed, and have been left alone for a while."""
        if self._looked_at is not None and 0 <= now - self._looked_at < LOOK_EVERY_MS:
            return
        self._looked_at = now
        try:
            found = [_stamp(path) for path in self._folder.glob(self._pattern) if path.is_file()]
        except OSError as error:
            raise MeterUnreadable(f"cannot read {self._folder}: {error.strerror}") from error
        self._refused = {each: self._refused[each] for each in found if each in self._refused}
        self._waiting = sorted(
            each
            for each in found
            if each not in self._done and each not in self._refused and _is_settled(each, now)
        )


def _stamp(path: Path) -> _Stamp:
    status = path.stat()
    return _Stamp(path, status.st_mtime_ns, status.st_size)


def _is_settled(stamp: _Stamp, now: Instant) -> bool:
    return now - stamp.changed_ns // _NANOSECONDS_PER_MS >= SETTLED_MS
