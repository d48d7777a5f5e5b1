"""
The command that makes an inventory again from its records, and names the first number that differs.

Rules run on this machine from their committed code, on a chain that lives as long as the command.
With a mirror nothing of the operator takes part.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from rich.text import Text

from api.bootstrap import open_database
from api.cli.at_hand import find_log
from api.cli.evidence_place import documents_at_hand
from api.cli.inventory_words import Number, PeriodText, UnitCode, scope_of
from api.cli.mirrored import MirrorDir, open_mirror
from api.cli.outcomes import WORDS, leave, styled
from api.cli.output import AsJson, console, progress, show, table
from api.cli.places import Config, Usc
from api.errors import BadRequest
from api.rule_side import chain_rules, seeded_factors
from api.settings import load_settings
from ledger.database import Database
from ledger.inventory import recheck as rechecking
from ledger.inventory.assembling import load
from ledger.inventory.documents import DocumentStore
from ledger.repositories.logs import Log


def recheck(
    usc: Usc,
    unit: UnitCode,
    period: PeriodText,
    number: Number = None,
    mirror: MirrorDir = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make an inventory again from its records; exit 0 only if every number is the same."""
    seen = count(1)
    with (
        _kept(usc, mirror, config) as (database, log, documents),
        progress("rechecking", None) as done,
        chain_rules() as engine,
        database.reading() as uow,
    ):
        version = load(uow, log, scope_of(usc, unit, period), number)
        found = rechecking.recheck(
            uow,
            log,
            version,
            engine=engine,
            factors=seeded_factors(),
            documents=documents,
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


@contextmanager
def _kept(
    usc: str, mirror: Path | None, config: Path | None
) -> Iterator[tuple[Database, Log, DocumentStore | None]]:
    """Open what is kept of an enterprise: here, or in a mirror of it."""
    if mirror is not None:
        with open_mirror(mirror) as (database, log, documents):
            if usc != log.name:
                raise BadRequest(f"{mirror} is a mirror of {log.name}")
            yield database, log, documents
        return
    settings = load_settings(config)
    with open_database(settings) as database:
        with database.reading() as uow:
            log = find_log(uow, settings, usc)
        yield database, log, documents_at_hand(settings)
