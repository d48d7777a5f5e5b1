"""Outcomes in words: held, did not hold, could not check; never two of them in one word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import typer
from rich.text import Text

from api.catalogue import row_of
from api.cli.output import EXIT_CODES
from attestation.enums import Outcome
from attestation.evidence import Step

WORDS: Final = {
    Outcome.HELD: "held",
    Outcome.FAILED: "did not hold",
    Outcome.COULD_NOT_CHECK: "could not check",
}
_EARLIER: Final = "unchecked.earlier"
_BY_A_NODE: Final = ("unchecked.node", "unchecked.no_chain_evidence", "unchecked.revocation")
_STYLES: Final = {
    Outcome.HELD: "green",
    Outcome.FAILED: "bold red",
    Outcome.COULD_NOT_CHECK: "yellow",
}


def styled(outcome: Outcome, word: str | None = None) -> Text:
    """Give an outcome's word in its colour; the word alone says it too."""
    return Text(word or WORDS[outcome], style=_STYLES[outcome])


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Give the outcome of the whole: what failed decides, then what could not be checked."""
    found = set(outcomes)
    for outcome in (Outcome.FAILED, Outcome.COULD_NOT_CHECK):
        if outcome in found:
            return outcome
    return Outcome.HELD


def next_step(steps: Iterable[Step]) -> str:
    """Say what to do about what could not be checked, by the first step that says why."""
    codes = [
        each.code
        for each in steps
        if each.outcome is Outcome.COULD_NOT_CHECK and each.code not in (None, _EARLIER)
    ]
    first = codes[0] if codes else None
    if first is None or first in _BY_A_NODE:
        return "next: name a node of your own with --rpc, or ask for a fuller bundle"
    return f"next: {row_of(first).next_step}"


def leave(outcome: Outcome) -> None:
    """End the command with the exit code of an outcome."""
    if outcome is not Outcome.HELD:
        raise typer.Exit(EXIT_CODES[outcome])
