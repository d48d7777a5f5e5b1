"""No sequence of actions on a log breaks an invariant."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.log_machine import LogMachine

SETTINGS = settings(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


def test_no_day_breaks_the_log() -> None:
    """A few short runs of everything that may happen to a log."""
    run_state_machine_as_test(
        LogMachine, settings=settings(SETTINGS, max_examples=20, stateful_step_count=20)
    )


@pytest.mark.deep
@pytest.mark.timeout(0)
def test_no_year_breaks_the_log() -> None:
    """Many long runs."""
    run_state_machine_as_test(
        LogMachine, settings=settings(SETTINGS, max_examples=2000, stateful_step_count=50)
    )
