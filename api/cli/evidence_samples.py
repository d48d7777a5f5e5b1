"""The command that says of each sample whether its measured value may be used, and why not."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from api.bootstrap import open_database
from api.cli.at_hand import find_log
from api.cli.outcomes import leave, styled
from api.cli.output import AsJson, console, show
from api.cli.places import Config, Usc
from api.evidence import samples_document
from api.settings import load_settings
from attestation.enums import Outcome
from ledger.inventory.custody import SampleVerdict
from ledger.inventory.samples import SampleBook, open_samples


def samples(
    usc: Usc,
    sample: Annotated[
        str | None, typer.Option("--sample", help="Only the sample of this number.")
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Judge the chain of custody of samples, and look for signs of made-up reports."""
    settings = load_settings(config)
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
        book = open_samples(uow, log.number, size=uow.surveys.cursor(log.number))
        numbers = book.samples if sample is None else (sample,)
        verdicts = [book.verdict(number) for number in numbers]
    document = samples_document(verdicts, book)
    show(document, as_json, lambda: _print(verdicts, book))
    sound = all(each.usable for each in verdicts) and not book.alarms
    leave(Outcome.HELD if sound else Outcome.FAILED)


def _print(verdicts: list[SampleVerdict], book: SampleBook) -> None:
    for each in verdicts:
        outcome = Outcome.HELD if each.usable else Outcome.FAILED
        word = styled(outcome, "counts" if each.usable else "prescribed factor instead")
        report = "none" if each.report_index is None else str(each.report_index)
        entries = f"  sample in entry {each.sample_index}, report in entry {report}"
        console.print(Text.assemble(f"{each.sample}  ", word, entries))
        for fault in each.faults:
            console.print(Text(f"  {fault.text()} {fault.chinese}"))
        for note in each.notes:
            console.print(Text(f"  note: {note.text()} {note.chinese}", style="dim"))
    for alarm in book.alarms:
        named = ", ".join(map(str, alarm.reports))
        words = f"{alarm.remark.text()} {alarm.remark.chinese}; reports in entries {named}"
        console.print(Text.assemble(("alarm ", "bold red"), words))
