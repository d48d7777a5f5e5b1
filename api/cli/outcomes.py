"""Outcomes in words: held, did not hold, could not check; never two of them in one word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import typer
from rich.text import Text

from api.cli.output import EXIT_CODES
from attestation.enums import Outcome

WORDS: Final = {
    Outcome.HELD: "held",
    Outcome.FAILED: "did not hold",
    Outcome.COULD_NOT_CHECK: "could not check",
}
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


def leave(outcome: Outcome) -> None:
    """End the command with the exit code of an outcome."""
    if outcome is not Outcome.HELD:
        raise typer.Exit(EXIT_CODES[outcome])
