"""
The development chain's state file, kept so that a power cut cannot spoil it.

anvil writes its state once a second over the file it has: killed in the middle, it leaves half a
file and refuses to start from it. So whole files are copied aside, and a start that finds half a
file goes on from the newest copy, at most a few seconds older.
"""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import Final

from chain.errors import DevelopmentChainError

STATE_FILE: Final = "state.json"
_COPY_FILE: Final = "state.copy.json"
_COPY_INTERVAL_S: Final = 2
_STILL_S: Final = 0.2
"""A file that did not change for this long is not being written; writing takes some 50 ms."""


class StateKeeper:
    """A thread that copies the state file aside whenever it is whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="state-keeper", daemon=True)

    def start(self) -> None:
        """Begin to copy."""
        self._thread.start()

    def stop(self) -> None:
        """Stop copying and wait for a copy under way."""
        self._stopping.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._stopping.wait(_COPY_INTERVAL_S):
            before = _version(self._folder / STATE_FILE)
            if before is None or self._stopping.wait(_STILL_S):
                continue
            keep_copy(self._folder, before)


def keep_copy(folder: Path, version: tuple[int, int]) -> bool:
    """
    Copy the state file aside if it is still of this version after copying.

    Returns:
        Whether the copy was taken.
    """
    state, copy = folder / STATE_FILE, folder / _COPY_FILE
    aside = copy.with_suffix(".new")
    if _version(state) != version:
        return False
    shutil.copyfile(state, aside)
    if _version(state) != version:
        return False
    aside.replace(copy)
    return True


def recover_state(folder: Path) -> None:
    """
    Make sure that a start finds a whole state file, or none where there never was one.

    Raises:
        DevelopmentChainError: If there is half a file and no copy.
    """
    state, copy = folder / STATE_FILE, folder / _COPY_FILE
    if not state.exists() or _is_whole(state):
        return
    if not copy.exists() or not _is_whole(copy):
        raise DevelopmentChainError(
            f"the development chain's state in {folder.name} is damaged: start anew without it"
        )
    copy.replace(state)


def _version(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size


def _is_whole(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except ValueError:
        return False
    return True
