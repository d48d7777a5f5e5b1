"""The worker survives what can be survived and stops at what cannot."""

from __future__ import annotations

import threading

import pytest
from structlog.testing import capture_logs

from api.worker import Step, Worker
from attestation.errors import Error, Retry


class Later(Error):
    """An error that passes."""

    code = "test.later"
    retry = Retry.LATER


class Fatal(Error):
    """An error that does not."""

    code = "test.fatal"
    retry = Retry.FATAL


@pytest.mark.parametrize("error", [Later("busy"), RuntimeError("a bug")], ids=["later", "bug"])
def test_step_that_fails_is_run_again(error: Exception) -> None:
    """A step is run again after an error that may pass, and after one nobody thought of."""
    runs: list[int] = []
    done = threading.Event()

    def run() -> bool:
        runs.append(1)
        if len(runs) == 1:
            raise error
        done.set()
        return False

    worker = Worker([Step("step", run, idle_s=0.01)])
    with capture_logs() as logs:
        worker.start()
        assert done.wait(10)
        worker.stop()

    assert worker.failure is None
    assert logs[0]["event"] in {"step_failed", "step_broke"}


def test_fatal_error_stops_every_step() -> None:
    """A fatal error stops the worker, and the worker says which it was."""

    def run() -> bool:
        raise Fatal("fork")

    worker = Worker([Step("bad", run, idle_s=1), Step("good", lambda: False, idle_s=0.01)])
    with capture_logs():
        worker.start()
        assert worker.wait(10)
        worker.stop()

    assert isinstance(worker.failure, Fatal)
