"""
Rechecking a version: everything it says, made again from the records, and compared.

1. The version is stored as it was made: its name, its form, the root of its lines.
2. The log under it holds together: entries, tree, checkpoints, signatures.
3. Each digest that it names still follows from the log.
4. Each calculation record is what its name says, and its rule gives the same again.
5. The lines, worked out anew from the evidence, are the same.
6. A final version rests on nothing that may stand in a draft only.

The first number that differs is named, in each step. What could not be checked is never taken for
what does not hold, nor for what does.

Source: DESIGN section 8; CONTRACTS section 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from attestation.enums import DataClass, Outcome, VersionState
from attestation.errors import Error, Retry
from ledger.inventory.activity import ActivityDatum
from ledger.inventory.assembling import Assembled, Wanted, assemble, load, obstacles
from ledger.inventory.calculation_reading import read_calculation, rework
from ledger.inventory.check_differences import check_differences
from ledger.inventory.digests import Subject
from ledger.inventory.documents import DocumentStore
from ledger.inventory.errors import DigestUnknown
from ledger.inventory.lines import Line
from ledger.inventory.rederiving import rederive
from ledger.inventory.versions import InventoryVersion
from ledger.inventory.workbench import Progress
from ledger.log.fsck import fsck
from ledger.log.fsck_report import Report
from ledger.log.fsck_signatures import SerialSignatures, Signatures
from ledger.ports import FactorSource, RuleEngine
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

STEPS: Final = ("version", "log", "digests", "calculations", "lines", "final")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a recheck."""

    name: str
    outcome: Outcome
    detail: str
    """The first thing that differs, or how much was looked at."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """What came of a recheck."""

    steps: tuple[Step, ...]
    again: Assembled | None = None
    """The version as it was worked out anew; None where that could not be done."""

    @property
    def outcome(self) -> Outcome:
        """The whole: what failed decides, then what could not be checked."""
        found = {step.outcome for step in self.steps}
        for outcome in (Outcome.FAILED, Outcome.COULD_NOT_CHECK):
            if outcome in found:
                return outcome
        return Outcome.HELD

    @property
    def first(self) -> Step | None:
        """The first step that did not hold."""
        for step in self.steps:
            if step.outcome is Outcome.FAILED:
                return step
        return None


@dataclass(slots=True)
class _Findings:
    """What one step found so far."""

    looked_at: int = 0
    failed: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)

    def note(self, error: Error, place: str) -> None:
        """Note an error: what may succeed later was not checked."""
        is_failed = error.retry is Retry.NEVER
        outcome = Outcome.FAILED if is_failed else Outcome.COULD_NOT_CHECK
        self.put(outcome, f"{place}: {error.message}")

    def put(self, outcome: Outcome, message: str) -> None:
        """Put down what did not hold, or could not be checked."""
        (self.failed if outcome is Outcome.FAILED else self.unchecked).append(message)

    def step(self, name: str, what: str) -> Step:
        """Close the step."""
        for outcome, row in (
            (Outcome.FAILED, self.failed),
            (Outcome.COULD_NOT_CHECK, self.unchecked),
        ):
            if row:
                more = f" (and {len(row) - 1} more)" if len(row) > 1 else ""
                return Step(name, outcome, f"{row[0]}{more}")
        return Step(name, Outcome.HELD, f"{self.looked_at} {what}")


def recheck(
    uow: UnitOfWork,
    log: Log,
    version: InventoryVersion,
    *,
    engine: RuleEngine,
    factors: FactorSource,
    signatures: Signatures | None = None,
    documents: DocumentStore | None = None,
    progress: Progress = lambda _: None,
) -> Recheck:
    """
    Check a stored version again from its records.

    Args:
        uow: A reading unit of work.
        log: The enterprise's log.
        version: As it was loaded, or as another party holds it.
        engine: Runs the rules; the verifier's own.
        factors: The factor book; the verifier's own.
        signatures: Checks signatures; in this process where it is None.
        documents: Decrypts the documents of the monthly evidence; None where that cannot be done.
        progress: Is told what is being looked at.
    """
    drawn: dict[Subject, ActivityDatum] = {}
    first = (
        _check_version(uow, log, version),
        _check_log(uow, log, signatures or SerialSignatures(log.origin), progress),
        _check_digests(uow, log, version, drawn, progress),
        _check_calculations(uow, log, version, engine, factors, progress),
    )
    lines, again = _check_lines(uow, log, version, engine, factors, drawn, documents, progress)
    return Recheck((*first, lines, _check_final(version)), again)


def _check_version(uow: UnitOfWork, log: Log, version: InventoryVersion) -> Step:
    findings = _Findings(looked_at=len(version.lines))
    scope = version.scope
    kept = uow.inventories.version(log.number, scope.inventory_id, version.number)
    if scope.usc != log.usc:
        findings.failed.append(f"is of {scope.usc}, the log of {log.usc}")
    if kept is None:
        findings.failed.append(f"no version {version.number} is kept here")
    else:
        if sha256(kept.content).digest() != kept.sha256:
            findings.failed.append("what is kept is not what was stored under its name")
        if kept.content != version.content:
            findings.failed.append("the version given is not the one that is kept")
        if kept.lines_root != version.root:
            said, found = kept.lines_root.hex(), version.root.hex()
            findings.failed.append(f"root of lines: stored {said}, found {found}")
        try:
            load(uow, log, scope, version.number)
        except Error as error:
            findings.note(error, "what is kept")
    return findings.step("version", "lines")


def _check_log(uow: UnitOfWork, log: Log, signatures: Signatures, progress: Progress) -> Step:
    progress("checking the log and its signatures")
    report: Report = fsck(uow, log, signatures=signatures)
    findings = _Findings(looked_at=report.size)
    for finding in report.findings:
        words = f"{finding.resource} is {finding.state.value}: {finding.detail}"
        is_unchecked = finding.state.value == "unchecked"
        findings.put(Outcome.COULD_NOT_CHECK if is_unchecked else Outcome.FAILED, words)
    return findings.step("log", "entries")


def _check_digests(
    uow: UnitOfWork,
    log: Log,
    version: InventoryVersion,
    drawn: dict[Subject, ActivityDatum],
    progress: Progress,
) -> Step:
    """Make each digest's datum again, and keep it in `drawn` for the lines."""
    findings = _Findings()
    for index in version.digests:
        progress(f"digest at entry {index}")
        findings.looked_at += 1
        try:
            again = rederive(uow, log, index)
        except DigestUnknown as error:
            findings.unchecked.append(error.message)
        except Error as error:
            findings.note(error, f"digest at entry {index}")
        else:
            drawn[again.stored.subject] = again.datum
            if not again.agrees:
                subject = again.stored.subject
                words = f"{subject.parameter} of {subject.unit} in {subject.period.label}"
                findings.failed.append(f"{words}: {'; '.join(again.explain())}")
    return findings.step("digests", "digests")


def _check_calculations(
    uow: UnitOfWork,
    log: Log,
    version: InventoryVersion,
    engine: RuleEngine,
    factors: FactorSource,
    progress: Progress,
) -> Step:
    findings = _Findings()
    for number, name in enumerate(version.calculations, start=1):
        progress(f"calculation {number} of {len(version.calculations)}")
        findings.looked_at += 1
        content = uow.inventories.calculation(log.number, bytes.fromhex(name))
        if content is None:
            findings.unchecked.append(f"calculation {name} is not kept here")
            continue
        if sha256(content).hexdigest() != name:
            findings.failed.append(f"calculation {name} is kept with another content")
            continue
        try:
            record = read_calculation(content)
            difference = rework(record, engine, factors)
        except Error as error:
            findings.note(error, f"calculation {name}")
            continue
        if difference is not None:
            findings.put(difference.outcome, f"{record.rule.name} in {name}: {difference}")
    return findings.step("calculations", "calculations")


def _check_lines(
    uow: UnitOfWork,
    log: Log,
    version: InventoryVersion,
    engine: RuleEngine,
    factors: FactorSource,
    drawn: Mapping[Subject, ActivityDatum],
    documents: DocumentStore | None,
    progress: Progress,
) -> tuple[Step, Assembled | None]:
    findings = _Findings(looked_at=len(version.lines))
    wanted = Wanted(version.scope, version.recipe, version.stated)
    try:
        again: Assembled = assemble(
            uow,
            log,
            wanted,
            engine=engine,
            factors=factors,
            secret=version.secret,
            progress=progress,
            known=drawn,
            documents=documents,
        )
    except Error as error:
        findings.note(error, "the lines cannot be worked out again")
        return findings.step("lines", "lines"), None
    findings.failed += _line_differences(version.lines, again.version.lines)
    if version.evidence != again.version.evidence:
        findings.failed.append("the version binds other digests to its lines than stand in the log")
    for each in check_differences(version.checks, again.version.checks):
        findings.put(each.outcome, each.message)
    return findings.step("lines", "lines"), again


def _check_final(version: InventoryVersion) -> Step:
    in_the_way = obstacles(version)
    findings = _Findings(looked_at=len(version.lines))
    if version.state is VersionState.FINAL:
        findings.failed += [f"{each.message} ({each.code})" for each in in_the_way]
        return findings.step("final", "lines without an obstacle")
    return Step("final", Outcome.HELD, f"a draft, with {len(in_the_way)} obstacles")


def _line_differences(before: tuple[Line, ...], now: tuple[Line, ...]) -> Iterator[str]:
    """Say of each line what differs: numbers first, since others follow from those."""
    old, new = ({line.line_id: line for line in lines} for lines in (before, now))
    # Raw numbers differ before what is worked out from them, and months before their sum.
    for line in sorted((old | new).values(), key=_rank):
        name = line.line_id
        earlier, later = old.get(name), new.get(name)
        if earlier is None or later is None:
            yield f"{name}: {'absent' if earlier is None else 'there'} before, otherwise now"
        elif earlier.amount != later.amount:
            yield f"{name}: the version says {_shown(earlier)}, found {_shown(later)}"
        elif earlier.sources != later.sources:
            yield f"{name}: comes from other sources now"
        elif earlier.obstacles != later.obstacles:
            now_says = "; ".join(each.message for each in later.obstacles) or "nothing in the way"
            yield f"{name}: now {now_says}"


def _rank(line: Line) -> tuple[bool, int, str]:
    return line.data_class is DataClass.EMISSIONS, line.period.length_s, line.line_id


def _shown(line: Line) -> str:
    return "missing" if line.amount is None else str(line.amount)
