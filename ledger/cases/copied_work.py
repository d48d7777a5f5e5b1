"""
What a mirror copied of the work on cases, into the database that it reckons with.

The database then gives the same documents of a case as the server did: ticks fall and approvals
fall by what the replica itself has of lines and findings. Rows are only added. A word that was said
and is another now, or is gone, is told: nothing that was said goes away.

Source: SCREENS section 2.1, items 2 and 7; `docs/own-means.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attestation.ids import ZERO_HASH
from attestation.instants import Instant
from ledger.cases.case import Case, read_case
from ledger.cases.errors import CaseUnknown
from ledger.cases.progress import substance
from ledger.cases.work_copy import (
    SeenApproval,
    SeenComment,
    SeenTick,
    SeenWork,
    WorkCopy,
)
from ledger.database import Database
from ledger.errors import StorageConflict
from ledger.repositories.cases import Approval, Comment, Tick
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_UNKNOWN: Final = ZERO_HASH
"""Stands for what something was before, where no copy has it."""


def apply_copied_work(database: Database, log: Log, copy: WorkCopy, now: Instant) -> list[str]:
    """
    Bring the work on cases up to what was shown last; may be repeated.

    Args:
        database: Of the replica.
        log: The enterprise's.
        copy: What was shown.
        now: Present time.

    Returns:
        What was shown otherwise before, in words.
    """
    told: list[str] = []
    for inventory_id in copy.cases():
        try:
            told += _apply_case(database, log, inventory_id, copy, now)
        except CaseUnknown:
            continue  # the chain's events have not come so far
        except StorageConflict:
            told.append(f"words of case 0x{inventory_id.hex()} have numbers of another case's")
    return told


def _apply_case(
    database: Database, log: Log, inventory_id: bytes, copy: WorkCopy, now: Instant
) -> list[str]:
    with database.unit_of_work() as uow:
        case = read_case(uow, inventory_id, now=now)
        if case.inventory.usc != log.usc:
            return [f"0x{inventory_id.hex()} is a case of another enterprise"]
        told = _apply(uow, case, copy.read(inventory_id))
        # Commit point: the case as it was shown last.
        uow.commit()
    return told


def _apply(uow: UnitOfWork, case: Case, shown: list[SeenWork]) -> list[str]:
    # A new database gets the whole course of it, one that has it what came last.
    for work in shown[-1:] if _has_work(uow, case) else shown:
        _tick(uow, case, work)
        _approve(uow, case, work)
        _say(uow, case, work)
    return list(_differing(uow, case, shown[-1])) if shown else []


def _has_work(uow: UnitOfWork, case: Case) -> bool:
    cases, name = uow.cases, case.inventory_id
    verifier = None if case.verifier is None else case.verifier.code
    ticks = [] if verifier is None else cases.ticks(name, verifier)
    return bool(ticks or cases.comments(name) or cases.approvals(name))


# --- ticks ---------------------------------------------------------------------------------------


def _tick(uow: UnitOfWork, case: Case, work: SeenWork) -> None:
    if work.verifier is None or work.version is None:
        return
    newest = {each.line: each for each in uow.cases.ticks(case.inventory_id, work.verifier)}
    for seen in work.ticks:
        before = newest.get(seen.line)
        was_seen = before is not None and before.is_seen
        is_same = before is not None and (before.at, before.actor) == (seen.at, seen.actor)
        if seen.at is None and was_seen:
            uow.cases.add_tick(_row(case, work.verifier, work.version, seen, at=work.at))
        elif seen.at is not None and not (was_seen and is_same):
            uow.cases.add_tick(_row(case, work.verifier, work.version, seen, at=seen.at))


def _row(case: Case, party: str, version: int, seen: SeenTick, *, at: Instant) -> Tick:
    return Tick(
        inventory_id=case.inventory_id,
        party=party,
        actor=seen.actor,
        line=seen.line,
        version=version,
        substance=_seen_substance(case, version, seen),
        is_seen=seen.at is not None,
        at=at,
    )


def _seen_substance(case: Case, version: int, seen: SeenTick) -> bytes:
    """Give the hash of the line as it was seen: as it stood, or as it stood before it changed."""
    found = [
        substance(line)
        for submitted, content in zip(case.versions, case.contents, strict=True)
        if content is not None and submitted.number <= version
        for line in content.lines
        if line.line_id == seen.line
    ]
    if not found:
        return _UNKNOWN
    if not seen.has_changed:
        return found[-1]
    earlier = [each for each in found if each != found[-1]]
    return earlier[-1] if earlier else _UNKNOWN


# --- approvals -----------------------------------------------------------------------------------


def _approve(uow: UnitOfWork, case: Case, work: SeenWork) -> None:
    if work.basis is None or work.verifier is None:
        return
    newest = {each.address: each for each in uow.cases.approvals(case.inventory_id)}
    for seen in work.approvals:
        before = newest.get(seen.address)
        given = None if before is None or not before.is_given else before.basis
        basis = _approved(seen, work.basis, given)
        if basis != given:
            uow.cases.add_approval(
                Approval(
                    inventory_id=case.inventory_id,
                    party=work.verifier,
                    address=seen.address,
                    basis=basis or work.basis,
                    is_given=basis is not None,
                    at=work.at,
                )
            )


def _approved(seen: SeenApproval, basis: bytes, given: bytes | None) -> bytes | None:
    """Give what a person was shown to approve; None where nothing."""
    if seen.stands:
        return basis
    if seen.has_fallen:
        return _UNKNOWN if given in (None, basis) else given
    return None


# --- words ---------------------------------------------------------------------------------------


def _say(uow: UnitOfWork, case: Case, work: SeenWork) -> None:
    known = {each.number for each in uow.cases.comments(case.inventory_id)}
    for each in work.comments:
        if each.number not in known and (each.root is None or each.root in known):
            uow.cases.add_comment(_comment(case, each))
            known.add(each.number)


def _differing(uow: UnitOfWork, case: Case, work: SeenWork) -> Iterator[str]:
    """Name the words that are others now than were kept, or are not shown any more."""
    shown = {each.number: _comment(case, each) for each in work.comments}
    for each in uow.cases.comments(case.inventory_id):
        if each.number not in shown:
            yield f"word {each.number} of a case is not shown any more"
        elif shown[each.number] != each:
            yield f"word {each.number} of a case was another before"


def _comment(case: Case, seen: SeenComment) -> Comment:
    return Comment(
        inventory_id=case.inventory_id,
        kind=seen.kind,
        root=seen.root,
        anchor=seen.anchor,
        version=seen.version,
        party=seen.party,
        actor=seen.actor,
        text=seen.text,
        at=seen.at,
        number=seen.number,
    )
