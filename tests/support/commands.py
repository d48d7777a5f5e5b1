"""
Commands as processes of their own, from a server that has the program loaded already.

Loading it takes seconds of which a test with fifty commands would spend most of its time; the
process itself, its arguments, files and exit code are those of the installed program.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from api.cli.main import COMMANDS

_PROGRAM = ("api.cli.main", *sorted({place.path for place in COMMANDS}))
"""The program with every command, so that none of them is loaded again."""


@dataclass(frozen=True)
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Commands:
    """Runs commands to their end, each in a new process."""

    def __init__(self) -> None:
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(_PROGRAM))

    def run(self, *arguments: object, timeout_s: float = 240) -> Ran:
        """Run one command, without a terminal."""
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            process = self._context.Process(
                target=_command, args=([str(each) for each in arguments], str(out), str(err))
            )
            process.start()
            process.join(timeout_s)
            if process.exitcode is None:
                process.kill()
                process.join()
                raise TimeoutError(f"in {timeout_s} s: {arguments}")
            return Ran(process.exitcode, out.read_text("utf-8"), err.read_text("utf-8"))


def _command(arguments: list[str], out: str, err: str) -> None:
    """Be the installed program: its arguments, and files for what it says."""
    for path, descriptor in ((os.devnull, 0), (out, 1), (err, 2)):
        flags = os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  (the process ends with it)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["carbonseal", *arguments]
    from api.cli.main import main

    try:
        main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
