"""
The worker: runs the ledger's steps, each in a loop of its own, until told to stop.

A step does what there is to do and says whether there may be more. An error is read only for
`retry`: LATER backs off and goes on, FATAL stops the whole worker, NEVER and errors nobody thought
of are logged with their stack and backed off from, since one bad entry must not stop a log.
Every step can be repeated without harm: each has its commit point inside.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from attestation.errors import Error, Retry

_log = structlog.get_logger(__name__)

LONGEST_BACKOFF_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the worker does over and over."""

    name: str
    run: Callable[[], bool]
    """Do what there is to do; True if there may be more at once."""
    idle_s: float
    """How long to wait when there was nothing."""


class Worker:
    """
    Threads that run steps.

    A fatal error of one step stops them all; `failure` then says which it was.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = tuple(steps)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.failure: Error | None = None

    def start(self) -> None:
        """Start every step."""
        for step in self._steps:
            thread = threading.Thread(target=self._loop, args=(step,), name=step.name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, timeout_s: float = 30) -> None:
        """Ask every step to end after what it is doing, and wait for it."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout_s)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the worker is stopping; True if it is."""
        return self._stopping.wait(timeout_s)

    def _loop(self, step: Step) -> None:
        backoff_s = 0.0
        while not self._stopping.is_set():
            try:
                busy = step.run()
            except Error as error:
                if error.retry is Retry.FATAL:
                    self._fail(step, error)
                    return
                backoff_s = _next_backoff(backoff_s)
                _log.warning(
                    "step_failed",
                    step=step.name,
                    code=error.stable_code,
                    error=error.message,
                    retry=error.retry.value,
                    backoff_s=backoff_s,
                    **error.context,
                )
                self._stopping.wait(backoff_s)
            except Exception:
                # The loop must survive what nobody thought of; the stack says what to mend.
                backoff_s = _next_backoff(backoff_s)
                _log.exception("step_broke", step=step.name, backoff_s=backoff_s)
                self._stopping.wait(backoff_s)
            else:
                backoff_s = 0.0
                if not busy:
                    self._stopping.wait(step.idle_s)

    def _fail(self, step: Step, error: Error) -> None:
        self.failure = error
        _log.error(
            "worker_stopped",
            step=step.name,
            code=error.stable_code,
            error=error.message,
            **error.context,
        )
        self._stopping.set()


def _next_backoff(backoff_s: float) -> float:
    return min(LONGEST_BACKOFF_S, max(0.25, backoff_s * 2))
