"""The report of a full check keeps held, failed and could-not-check apart."""

from __future__ import annotations

import json

from attestation.enums import Outcome
from ledger.log.fsck_report import MAX_FINDINGS, Check, Report, State


def report(*states: State) -> Report:
    """Make a report with one finding of each state."""
    made = Report("log", 5, bytes(32))
    made.looked_at[Check.ENTRIES] = 5
    for number, state in enumerate(states):
        made.add(Check.ENTRIES, f"entry {number}", state, "detail")
    return made


def test_nothing_found_is_held() -> None:
    """A report without findings holds."""
    assert report().outcome() is Outcome.HELD


def test_unchecked_alone_is_could_not_check() -> None:
    """What could not be reached is no failure."""
    assert report(State.UNCHECKED).outcome() is Outcome.COULD_NOT_CHECK


def test_one_failure_outweighs_what_was_unchecked() -> None:
    """A failure stays a failure beside something unchecked."""
    assert report(State.UNCHECKED, State.MISSING).outcome() is Outcome.FAILED


def test_a_check_that_was_not_done_could_not_be_checked() -> None:
    """Leaving signatures out is not the same as finding them good."""
    assert report().outcome(Check.SIGNATURES) is Outcome.COULD_NOT_CHECK
    assert report().outcome(Check.ENTRIES) is Outcome.HELD


def test_findings_are_counted_beyond_their_list() -> None:
    """A log damaged from end to end has a short list and the true number."""
    made = report(*[State.CHANGED] * (MAX_FINDINGS + 7))

    assert len(made.findings) == MAX_FINDINGS
    assert made.found[Check.ENTRIES] == MAX_FINDINGS + 7


def test_failures_beyond_the_list_still_fail() -> None:
    """A failure that no longer fits the list decides the outcome all the same."""
    made = report(*[State.UNCHECKED] * MAX_FINDINGS, State.CHANGED)

    assert made.outcome() is Outcome.FAILED


def test_the_report_is_json_for_machines() -> None:
    """Everything in it can be written as JSON, with stable words."""
    made = report(State.CHANGED)
    made.notes["sequence gaps"] = 2
    content = json.loads(json.dumps(made.to_json()))

    assert content["outcome"] == "failed"
    assert content["checks"] == [
        {"name": "entries", "outcome": "failed", "resources": 5, "findings": 1}
    ]
    assert content["findings"][0]["state"] == "changed"
    assert content["notes"] == {"sequence gaps": 2}
