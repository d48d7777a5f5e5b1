"""The command that puts digests of a unit's activity data into the log."""

from __future__ import annotations

import secrets
from typing import Any, Final

from rich.text import Text

from api.bootstrap import open_database, open_log_keys
from api.cli.at_hand import find_log
from api.cli.inventory_words import PeriodText, UnitCode
from api.cli.output import AsJson, console, progress, show, table
from api.cli.places import Config, Usc
from api.clock import SystemClock
from api.settings import load_settings
from ledger.inventory.digesting import digest_period
from ledger.inventory.digests import DigestMaker
from ledger.inventory.periods import Period
from ledger.log.record_rules import RecordRules
from ledger.log.records import RecordAdmission
from ledger.log.voice import Voice

_SALT_BYTES: Final = 16
_NOBODY: Final = "0x" + 40 * "0"
"""Digests are signed by nobody: they follow from the log, and anybody can make them again."""


def digest(
    usc: Usc, unit: UnitCode, period: PeriodText, config: Config = None, as_json: AsJson = False
) -> None:
    """Put a digest of every planned series and month of a unit into the log."""
    settings = load_settings(config)
    made: list[dict[str, Any]] = []
    with open_database(settings) as database:
        with database.reading() as uow:
            log = find_log(uow, settings, usc)
            subjects = digest_period(uow, log, unit, Period.parse(period))
        maker = DigestMaker(
            database.unit_of_work,
            database.reading,
            records=RecordAdmission(
                database.unit_of_work,
                voice=Voice(open_log_keys(settings.log).key_of),
                rules=RecordRules({}, has_chain=True),
                operator=_NOBODY,
            ),
            salt=lambda: secrets.token_bytes(_SALT_BYTES),
        )
        with progress("digesting", len(subjects)) as done:
            for at, subject in enumerate(subjects, start=1):
                datum = maker.make(log.number, subject, now=SystemClock().now()).datum
                made.append(
                    {
                        "parameter": subject.parameter,
                        "series": subject.series,
                        "period": subject.period.label,
                        "complete": datum.is_complete,
                        "missing_s": datum.missing_s,
                    }
                )
                done(at)

    def text() -> None:
        rows = table("period", "parameter", "series", "missing")
        for each in made:
            missing = "nothing" if each["complete"] else f"{each['missing_s']} s"
            rows.add_row(
                *(Text(each[cell]) for cell in ("period", "parameter", "series")), Text(missing)
            )
        console.print(rows)
        console.print("next: once they are in the log, `carbonseal inventory assemble`")

    show(made, as_json, text)
