"""
The command that makes an inventory again from its records, and names the first number that differs.

Rules run on this machine from their committed code, on a chain that lives as long as the command.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from rich.text import Text

from api.bootstrap import open_database
from api.cli.at_hand import find_log
from api.cli.evidence_place import documents_at_hand
from api.cli.inventory_words import Number, PeriodText, UnitCode, scope_of
from api.cli.outcomes import WORDS, leave, styled
from api.cli.output import AsJson, console, progress, show, table
from api.cli.places import Config, Usc
from api.rule_side import chain_rules, seeded_factors
from api.settings import load_settings
from ledger.inventory import recheck as rechecking
from ledger.inventory.assembling import load


def recheck(
    usc: Usc,
    unit: UnitCode,
    period: PeriodText,
    number: Number = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make an inventory again from its records; exit 0 only if every number is the same."""
    settings = load_settings(config)
    seen = count(1)
    with (
        open_database(settings) as database,
        progress("rechecking", None) as done,
        chain_rules() as engine,
        database.reading() as uow,
    ):
        log = find_log(uow, settings, usc)
        version = load(uow, log, scope_of(usc, unit, period), number)
        found = rechecking.recheck(
            uow,
            log,
            version,
            engine=engine,
            factors=seeded_factors(),
            documents=documents_at_hand(settings),
            progress=lambda _what: done(next(seen)),
        )
    document: dict[str, Any] = {
        "unit": version.scope.unit,
        "period": version.scope.period.label,
        "number": version.number,
        "sha256": version.sha256,
        "outcome": WORDS[found.outcome],
        "first": None if found.first is None else found.first.detail,
        "steps": [
            {"name": step.name, "outcome": WORDS[step.outcome], "detail": step.detail}
            for step in found.steps
        ],
    }

    def text() -> None:
        rows = table("step", "outcome", "detail")
        for step in found.steps:
            rows.add_row(Text(step.name), styled(step.outcome), Text(step.detail))
        console.print(rows)
        console.print(styled(found.outcome))

    show(document, as_json, text)
    leave(found.outcome)
