"""
A child process that cannot be left behind.

Between this process and the child stands a shell that waits on a pipe: when this process ends, in
whatever way, the pipe closes and the shell ends the child.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from chain.errors import DevelopmentChainError

LOOPBACK: Final = "127.0.0.1"
_STOP_TIMEOUT_S: Final = 10

# "$@" is the child and its arguments. `read` returns when the writing end of our standard input is
# closed, by `stop` or by this process's death. Of the signals that make a node write its state,
# a shell lets a background child see only SIGTERM.
_GUARD: Final = """
exec 3<&0
"$@" </dev/null 3<&- &
node=$!
(read -r _ <&3; kill -TERM $node 2>/dev/null) &
watch=$!
exec 3<&-
trap 'kill -TERM $node 2>/dev/null' TERM INT HUP
while kill -0 $node 2>/dev/null; do wait $node; done
kill $watch 2>/dev/null
"""


class GuardedProcess:
    """
    A running child, started by its construction.

    Args:
        command: The program and its arguments.
        log: File for what it says; written anew.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        with log.open("wb") as output:
            self._guard = subprocess.Popen(
                ["/bin/sh", "-c", _GUARD, "guard", *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours to handle, in our order
            )

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return self._guard.poll() is None

    def stop(self) -> None:
        """Ask it to end, and end it if it does not; doing it again is harmless."""
        self._close_pipe()
        try:
            self._guard.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.is_running:
            os.killpg(self._guard.pid, signal.SIGKILL)
        self._close_pipe()
        self._guard.wait()

    def _close_pipe(self) -> None:
        if self._guard.stdin is not None:
            self._guard.stdin.close()


def free_port(wanted: int | None = None) -> int:
    """
    Give the wanted port if nothing listens there, else one the system chooses.

    Raises:
        DevelopmentChainError: If no port is free.
    """
    for port in (wanted, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DevelopmentChainError("no port is free on this machine")
