"""
What a record that accounting rests on may say, judged by what is in the log before it.

Form is checked before; here stands what needs the log. A statement may come before what it names
is integrated: it is refused for now, not for good.

Source: `docs/formats/inventory-records.md`.
"""

from __future__ import annotations

from collections.abc import Iterable

from attestation.plan_bodies import ControlPlan
from attestation.statements import Statement
from attestation.structure_bodies import STRUCTURE_KEY, Structure
from attestation.units import convert
from ledger.errors import NotRegistered, RecordRefused
from ledger.repositories.logs import Log
from ledger.repositories.series import Series
from ledger.unit_of_work import UnitOfWork


def check_statement(uow: UnitOfWork, log: Log, body: Statement) -> None:
    """
    Check a statement against the log.

    Raises:
        RecordRefused: If it contradicts what is stated before.
        NotRegistered: If it names what is not in the log, or not yet.
        EncodingError: If it sets units beside each other that measure different things.
    """
    match body:
        case Structure():
            _require_series(uow, log, (name for each in body.instruments for name in each.series))
        case ControlPlan():
            _check_plan(uow, log, body)
        case _:
            pass  # its type has no rule beyond its form


def _check_plan(uow: UnitOfWork, log: Log, body: ControlPlan) -> None:
    structure = uow.stated.at(log.number, Structure, STRUCTURE_KEY, body.from_s)
    if structure is None:
        raise NotRegistered("no structure of the enterprise is in force when the plan begins")
    units = {unit.code for unit in structure.body.units}
    for each in body.parameters:
        if each.unit not in units:
            raise NotRegistered(f"no unit {each.unit} in the structure in force")
    named = {name for each in body.parameters for name in each.series}
    backups = {each.backup_series for each in body.parameters if each.backup_series is not None}
    known = _require_series(uow, log, named | backups)
    for each in body.parameters:
        if each.backup_series is not None:
            for name in each.series:
                # A back-up of another quantity could stand in for nothing.
                convert(1, 0, unit=known[each.backup_series].unit, into=known[name].unit)
    _check_edition(uow, log, body)


def _check_edition(uow: UnitOfWork, log: Log, body: ControlPlan) -> None:
    earlier = uow.stated.newest(log.number, ControlPlan, body.plan)
    expected = 1 if earlier is None else earlier.body.edition + 1
    if body.edition != expected:
        raise RecordRefused(f"edition {body.edition} of plan {body.plan}, {expected} is the next")
    if earlier is not None and body.from_s <= earlier.body.from_s:
        raise RecordRefused(f"edition {body.edition} begins no later than the one before")


def _require_series(uow: UnitOfWork, log: Log, names: Iterable[str]) -> dict[str, Series]:
    known = uow.series.all(log.number)
    for name in sorted(set(names)):
        if name not in known:
            raise NotRegistered(f"series {name} is not registered")
    return known
