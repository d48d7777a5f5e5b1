"""
The result side by side: reported, recomputed here, on chain, and the difference.

What is recomputed is worked out from the evidence by whoever asks, with their own rules and
factors; the chain's part is what the enterprise signed. A number that cannot be worked out is
missing, and never taken for equal.

Source: SCREENS section 2.1, item 5; CONTRACTS section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from attestation.enums import Outcome
from ledger.cases.case import Case
from ledger.cases.errors import ContentMissing
from ledger.inventory.agreeing import inputs_hash, kept_submission
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import Assembled
from ledger.inventory.documents import DocumentStore
from ledger.inventory.errors import InventoryError
from ledger.inventory.lines import Line
from ledger.inventory.recheck import Recheck, recheck
from ledger.inventory.versions import InventoryVersion
from ledger.inventory.workbench import Progress
from ledger.ports import FactorSource, RuleEngine
from ledger.unit_of_work import UnitOfWork

_TONNE: Final = "tCO2e"
"""Unit of the total as it is signed: whole tonnes."""


@dataclass(frozen=True, slots=True)
class LineBeside:
    """A line as it was reported, and as it comes out here."""

    line_id: str
    reported: Amount | None
    recomputed: Amount | None

    @property
    def difference(self) -> Amount | None:
        """Recomputed minus reported; None where one is missing, or of another unit."""
        return _difference(self.reported, self.recomputed)

    @property
    def agrees(self) -> bool:
        """Whether both are there and the same, or both are missing."""
        return self.reported == self.recomputed


@dataclass(frozen=True, slots=True)
class Agreement:
    """One thing that everybody signs: by whom it is said how."""

    name: str
    """`total`, `inputs_hash`, `lines_root` or `document`."""
    reported: str | None
    """By the version and its records, as they are kept; None where they are not."""
    recomputed: str | None
    """Here; None where it could not be worked out."""
    on_chain: str
    difference: str | None = None
    """Recomputed minus on chain, of the total."""

    @property
    def outcome(self) -> Outcome:
        """Whether all say the same; one who says nothing leaves it open."""
        said = {self.reported, self.recomputed} - {None}
        if said - {self.on_chain}:
            return Outcome.FAILED
        is_whole = self.reported is not None and self.recomputed is not None
        return Outcome.HELD if is_whole else Outcome.COULD_NOT_CHECK


@dataclass(frozen=True, slots=True)
class Recomputation:
    """What came of recomputing the newest version of a case."""

    checked: Recheck
    """Each step of the recheck."""
    agreements: tuple[Agreement, ...]
    lines: tuple[LineBeside, ...]

    @property
    def outcome(self) -> Outcome:
        """The whole: what failed decides, then what could not be checked."""
        found = {self.checked.outcome, *(each.outcome for each in self.agreements)}
        for outcome in (Outcome.FAILED, Outcome.COULD_NOT_CHECK):
            if outcome in found:
                return outcome
        return Outcome.HELD

    @property
    def differing(self) -> tuple[LineBeside, ...]:
        """The lines that come out otherwise."""
        return tuple(each for each in self.lines if not each.agrees)


def recompute(
    uow: UnitOfWork,
    case: Case,
    *,
    engine: RuleEngine,
    factors: FactorSource,
    documents: DocumentStore | None = None,
    progress: Progress = lambda _: None,
) -> Recomputation:
    """
    Work the newest version of a case out again, and hold everything side by side.

    Args:
        uow: A reading unit of work.
        case: The case.
        engine: Runs the rules; one's own.
        factors: The factor book; one's own.
        documents: Decrypts the documents of the monthly evidence; None where that cannot be done.
        progress: Is told what is being looked at.

    Raises:
        ContentMissing: If nothing was submitted, or the document is not kept here.
    """
    content = case.require_content()
    if case.log is None:
        raise ContentMissing("the log that the version stands on is not kept here")
    checked = recheck(
        uow,
        case.log,
        content,
        engine=engine,
        factors=factors,
        documents=documents,
        progress=progress,
    )
    return Recomputation(
        checked,
        _agreements(uow, case, content, checked.again),
        tuple(_beside(content, None if checked.again is None else checked.again.version)),
    )


def _agreements(
    uow: UnitOfWork, case: Case, content: InventoryVersion, again: Assembled | None
) -> tuple[Agreement, ...]:
    version = case.versions[-1]
    on_chain = Amount(Decimal(version.total_t), _TONNE)
    reported = _tonnes(content.total)
    total = root = hashed = None
    if again is not None:
        total, root = _tonnes(again.version.total), again.version.root.hex()
        # A record that was made twice is one record.
        records = {each.sha256: each for each in again.calculations}
        hashed = inputs_hash(content, tuple(records.values())).hex()
    off = _difference(on_chain, total)
    return (
        Agreement(
            "total",
            None if reported is None else str(reported),
            None if total is None else str(total),
            str(on_chain),
            None if off is None else str(off),
        ),
        Agreement("inputs_hash", _kept_hash(uow, case, content), hashed, version.inputs_hash.hex()),
        Agreement("lines_root", content.root.hex(), root, version.lines_root.hex()),
        Agreement("document", content.sha256, content.sha256, version.document_hash.hex()),
    )


def _kept_hash(uow: UnitOfWork, case: Case, content: InventoryVersion) -> str | None:
    """Give the inputs hash that the kept calculation records have."""
    if case.log is None:
        return None
    try:
        return kept_submission(uow, case.log, content).inputs_hash.hex()
    except InventoryError:
        return None


def _tonnes(total: Amount | None) -> Amount | None:
    """Give a total in whole tonnes, as it is signed."""
    return None if total is None else Amount(total.rounded(0, ROUND_HALF_UP).value, _TONNE)


def _beside(reported: InventoryVersion, again: InventoryVersion | None) -> list[LineBeside]:
    here = {} if again is None else {line.line_id: line for line in again.lines}
    said = {line.line_id: line for line in reported.lines}
    return [
        LineBeside(name, _amount(said.get(name)), _amount(here.get(name)))
        for name in dict.fromkeys((*said, *here))
    ]


def _amount(line: Line | None) -> Amount | None:
    return None if line is None else line.amount


def _difference(before: Amount | None, after: Amount | None) -> Amount | None:
    if before is None or after is None or before.unit != after.unit:
        return None
    return after - before
