"""
Assembling: from the evidence to a version of an inventory, and from a draft to a final one.

A draft may miss anything and says what. A final version misses nothing: every datum is complete and
held fast by a digest, every rule and factor is in force, no part is missing; whatever stands in the
way is named, the first by its code. What follows a final version restates it, with the reason.

Source: DESIGN section 8; FORMATS section 11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP
from types import MappingProxyType
from typing import Final

from attestation.enums import FacilityKind, StreamKind, VersionState
from attestation.instants import Instant
from ledger.inventory.activity import ActivityDatum
from ledger.inventory.amounts import Amount, total
from ledger.inventory.binding import bound_evidence
from ledger.inventory.calculation import Calculation
from ledger.inventory.digests import Subject
from ledger.inventory.documents import DocumentStore
from ledger.inventory.errors import InventoryError, InventoryUnknown, NotFinal
from ledger.inventory.evidence import MISSING_PART
from ledger.inventory.identity import Scope
from ledger.inventory.lines import Obstacle
from ledger.inventory.log_evidence import LogEvidence
from ledger.inventory.recipes import power_unit, stated_factors, steel_works
from ledger.inventory.stating import StatedValue
from ledger.inventory.telling import tell_version
from ledger.inventory.versions import (
    InventoryVersion,
    Restatement,
    in_order,
    read_version,
    restating,
)
from ledger.inventory.workbench import Bench, Progress
from ledger.ports import FactorSource, RuleEngine
from ledger.repositories.inventories import StoredVersion
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

RECIPES: Final[Mapping[str, Callable[[Bench], None]]] = {
    "power-unit/1": power_unit.work,
    "stated-factors/1": stated_factors.work,
    "steel-works/1": steel_works.work,
}
"""How lines are worked out, by name and version; a recipe is never changed, only followed."""
SECRET_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be assembled."""

    scope: Scope
    recipe: str | None = None
    """One of `RECIPES`; None for the one that fits the unit."""
    stated: tuple[StatedValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Assembled:
    """A version with the calculation records it rests on."""

    version: InventoryVersion
    calculations: tuple[Calculation, ...]


def assemble(
    uow: UnitOfWork,
    log: Log,
    wanted: Wanted,
    *,
    engine: RuleEngine,
    factors: FactorSource,
    secret: bytes,
    progress: Progress = lambda _: None,
    known: Mapping[Subject, ActivityDatum] = MappingProxyType({}),
    documents: DocumentStore | None = None,
) -> Assembled:
    """
    Work a draft out from what the log says now.

    Args:
        uow: A reading unit of work.
        log: The enterprise's log.
        wanted: Scope and recipe.
        engine: Runs the rules.
        factors: The factor book.
        secret: 32 random bytes, from which the version's salts follow.
        progress: Is told what is being worked out.
        known: Activity data that were drawn from the same snapshot already.
        documents: Decrypts the documents of the monthly evidence; None where that cannot be done.

    Raises:
        InventoryError: If there is no such recipe.
        NotStated: If no structure is in force, or it has no such unit.
    """
    if len(secret) != SECRET_LENGTH:
        raise InventoryError(f"secret of {len(secret)} bytes, {SECRET_LENGTH} expected")
    evidence = LogEvidence(uow, log, wanted.stated, known, documents)
    name = wanted.recipe or recipe_for(evidence, wanted.scope)
    recipe = RECIPES.get(name)
    if recipe is None:
        raise InventoryError(f"no recipe {name}: {', '.join(RECIPES)}", code="inventory.recipe")
    bench = Bench(wanted.scope, evidence, engine, factors, secret, progress)
    recipe(bench)
    names = dict.fromkeys(each.sha256 for each in bench.calculations)
    lines = in_order(bench.lines)
    version = InventoryVersion(
        scope=wanted.scope,
        number=uow.inventories.newest_number(log.number, wanted.scope.inventory_id) + 1,
        state=VersionState.DRAFT,
        recipe=name,
        log_size=evidence.size,
        lines=lines,
        calculations=tuple(names),
        checks=tuple(bench.checks),
        secret=secret,
        evidence=bound_evidence(uow, log, lines),
        stated=wanted.stated,
    )
    return Assembled(version, tuple(bench.calculations))


def recipe_for(evidence: LogEvidence, scope: Scope) -> str:
    """Give the recipe that fits a unit, by what the structure says it is."""
    unit, streams = evidence.unit(scope.unit, scope.period)
    if unit.kind is FacilityKind.POWER_UNIT:
        return "power-unit/1"
    burns = any(each.kind in (StreamKind.FUEL, StreamKind.PROCESS) for each in streams)
    return "steel-works/1" if burns else "stated-factors/1"


def obstacles(version: InventoryVersion) -> tuple[Obstacle, ...]:
    """Say what stands between a version and a final one, each thing once: causes come first."""
    found = dict.fromkeys(obstacle for line in version.lines for obstacle in line.obstacles)
    return tuple(sorted(found, key=lambda each: each.code == MISSING_PART.code))


def finalise(
    version: InventoryVersion, before: InventoryVersion | None, *, reason: str | None = None
) -> InventoryVersion:
    """
    Make a draft final.

    Args:
        version: The draft.
        before: The newest final version of the inventory; None where there is none.
        reason: Why a final version is restated; only where there is one.

    Raises:
        NotFinal: If something may stand in a draft only; its code says what.
        InventoryError: If a final version is there and no reason given, or the other way round.
    """
    in_the_way = obstacles(version)
    if in_the_way:
        first = in_the_way[0]
        more = f" (and {len(in_the_way) - 1} more)" if len(in_the_way) > 1 else ""
        raise NotFinal(f"{first.message}{more}", code=first.code)
    if version.total is None:
        raise NotFinal("the inventory has no total", code="inventory.final_part")
    restates: Restatement | None = None
    if before is not None:
        if reason is None:
            raise InventoryError(
                f"version {before.number} is final; a restatement has a reason",
                code="inventory.restatement",
            )
        restates = restating(before, version.total, reason)
    elif reason is not None:
        raise InventoryError("there is no final version to restate", code="inventory.restatement")
    return replace(version, state=VersionState.FINAL, restates=restates)


def store(uow: UnitOfWork, log: Log, assembled: Assembled, *, now: Instant) -> None:
    """
    Store a version with its calculation records; the caller commits.

    Raises:
        StorageConflict: If another version of this number was stored first.
    """
    version = assembled.version
    for calculation in assembled.calculations:
        uow.inventories.add_calculation(log.number, calculation.content, now)
    uow.inventories.add_version(
        log.number,
        StoredVersion(
            inventory_id=version.scope.inventory_id,
            number=version.number,
            unit=version.scope.unit,
            from_s=version.scope.period.from_s,
            to_s=version.scope.period.to_s,
            state=version.state,
            sha256=bytes.fromhex(version.sha256),
            lines_root=version.root,
            content=version.content,
            created_at=now,
        ),
    )
    tell_version(uow, log, version, now)


def load(uow: UnitOfWork, log: Log, scope: Scope, number: int | None = None) -> InventoryVersion:
    """
    Load a version; the newest where no number is given.

    Raises:
        InventoryUnknown: If there is none.
        InventoryError: If what is kept is not a version in its one form.
    """
    kept = (
        uow.inventories.newest(log.number, scope.inventory_id)
        if number is None
        else uow.inventories.version(log.number, scope.inventory_id, number)
    )
    if kept is None:
        which = "no version" if number is None else f"no version {number}"
        raise InventoryUnknown(f"{which} of {scope.unit} in {scope.period.label}")
    return read_version(kept.content)


def newest_final(uow: UnitOfWork, log: Log, scope: Scope) -> InventoryVersion | None:
    """Load the newest final version of an inventory; None where there is none."""
    kept = uow.inventories.newest_final(log.number, scope.inventory_id)
    return None if kept is None else read_version(kept.content)


def firm_total(versions: tuple[InventoryVersion, ...]) -> Amount:
    """
    Add the totals of an enterprise's units up, and round once, to whole tonnes.

    Raises:
        NotFinal: If one is a draft, or two are of one unit.
        AmountError: If they are of different units of measurement.
    """
    units = [version.scope.unit for version in versions]
    if len(set(units)) != len(units):
        raise NotFinal("one unit twice", code="inventory.final_part")
    amounts: list[Amount] = []
    for version in versions:
        if version.state is not VersionState.FINAL or version.total is None:
            message = f"version {version.number} of {version.scope.unit} is a draft"
            raise NotFinal(message, code="inventory.final_part")
        amounts.append(version.total)
    if not amounts:
        raise NotFinal("no unit has a final version", code="inventory.final_part")
    return total(tuple(amounts), amounts[0].unit).rounded(0, ROUND_HALF_UP)
