"""
What every command does alike: results as text or JSON, errors with the next step, exit codes.

Exit codes: 0 held, 1 did not hold, 2 usage, 3 could not check.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from api.catalogue import row_of
from api.errors import ApiError, BadRequest
from attestation.enums import Outcome
from attestation.errors import EncodingError, Error, Retry

HELD: Final = 0
DID_NOT_HOLD: Final = 1
USAGE: Final = 2
COULD_NOT_CHECK: Final = 3

EXIT_CODES: Final = {
    Outcome.HELD: HELD,
    Outcome.FAILED: DID_NOT_HOLD,
    Outcome.COULD_NOT_CHECK: COULD_NOT_CHECK,
}

_NEXT_STEPS: Final = {
    BadRequest.code: "Correct what the error names, and run the command again; --help says what it"
    " takes.",
}
"""Where the catalogue speaks of requests to a server."""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def show(document: dict[str, Any] | list[Any], as_json: bool, text: Callable[[], None]) -> None:
    """Print a result: the document where programs read, the text where people do."""
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        text()


def table(*headings: str) -> Table:
    """Give an empty table of our look."""
    made = Table(box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        # Folded, never cut: an address or a hash must be there whole.
        made.add_column(heading, overflow="fold")
    return made


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar while the block runs, on a terminal only; gives how far it has come."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        disable=not sys.stderr.isatty(),
        transient=True,
    ) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.update(task, completed=done)


def exit_code_of(error: Error) -> int:
    """Say with which code a command ends that met this error."""
    if error.retry is Retry.LATER:
        return COULD_NOT_CHECK
    if isinstance(error, EncodingError | ApiError):
        return USAGE
    return DID_NOT_HOLD


def fail(error: Error, *, as_json: bool) -> NoReturn:
    """Print an error with what to do next, and end."""
    next_step = _NEXT_STEPS.get(error.stable_code, row_of(error.stable_code).next_step)
    if as_json:
        document = {
            "code": error.stable_code,
            "detail": error.message,
            "next_step": next_step,
            "retryable": error.retry is Retry.LATER,
        }
        print(json.dumps(document, ensure_ascii=False))
    else:
        # A message may quote anything, square brackets included: it is text, never markup.
        errors.print(Text.assemble(("error", "red"), f" {error.message} ({error.stable_code})"))
        errors.print(f"next: {next_step}", style="dim", markup=False)
    raise SystemExit(exit_code_of(error))
