"""
Versions of an inventory: lines, calculations and checks at one moment, and never changed again.

A version is one canonical document with its own SHA-256. A later one does not replace it: a draft
is followed by drafts, and what follows a final version says why it was restated, with both results
and their difference.

Source: DESIGN section 8; FORMATS sections 8 and 11.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from attestation.canonical import Json, canonical_json, parse_canonical
from attestation.enums import DataClass, VersionState
from attestation.errors import EncodingError
from ledger.inventory.amounts import Amount
from ledger.inventory.checks.results import CheckResult
from ledger.inventory.errors import InventoryError, InventoryUnknown
from ledger.inventory.identity import Scope
from ledger.inventory.line_tree import LineEvidence, LineTree
from ledger.inventory.lines import TOTAL, Line
from ledger.inventory.periods import Period
from ledger.inventory.sources import SourceKind
from ledger.inventory.stating import StatedValue

INVENTORY_TYPE: Final = "carbonseal/inventory"
EMISSIONS: Final = "emissions"
"""Quantity of the lines that hold emissions."""


@dataclass(frozen=True, slots=True)
class Restatement:
    """Why a final version has a successor, and what changed."""

    number: int
    """Of the final version before."""
    sha256: str
    """Its name."""
    reason: str
    before: str
    """Its total, with the unit."""
    after: str
    difference: str
    """After minus before."""

    def as_json(self) -> dict[str, Json]:
        """Give it as it stands in the inventory."""
        return {
            "number": self.number,
            "sha256": self.sha256,
            "reason": self.reason,
            "before": self.before,
            "after": self.after,
            "difference": self.difference,
        }


@dataclass(frozen=True, slots=True)
class InventoryVersion:
    """One version of an inventory."""

    scope: Scope
    number: int
    """From 1 on."""
    state: VersionState
    recipe: str
    """How its lines are worked out from the evidence, such as `power-unit/1`."""
    log_size: int
    """Entries of the enterprise's log that it was worked out from."""
    lines: tuple[Line, ...]
    calculations: tuple[str, ...]
    """SHA-256 of each calculation record, in the order of working out."""
    checks: tuple[CheckResult, ...]
    secret: bytes
    """What the lines are salted with, 32 random bytes."""
    evidence: tuple[LineEvidence, ...] = ()
    """The digests of the log that lines stand on, each once, by their entries."""
    stated: tuple[StatedValue, ...] = ()
    """Values that the enterprise states, each with its document."""
    restates: Restatement | None = None

    def __post_init__(self) -> None:
        names = [line.line_id for line in self.lines]
        if len(set(names)) != len(names):
            raise InventoryError("two lines of one name")
        if not {each.line_id for each in self.evidence} <= set(names):
            raise InventoryError("evidence of a line that is not there")
        indexes = [each.index for each in self.evidence]
        if indexes != sorted(set(indexes)):
            raise InventoryError("evidence twice, or out of order")

    @property
    def tree(self) -> LineTree:
        """The tree over the salted lines and their evidence."""
        return LineTree(self.scope.inventory_id, self.lines, self.evidence, self.secret)

    @property
    def root(self) -> bytes:
        """Root of that tree, 32 bytes."""
        return self.tree.root

    @property
    def content(self) -> bytes:
        """The version as canonical JSON."""
        return canonical_json(self.as_json())

    @property
    def sha256(self) -> str:
        """Its name: SHA-256 of its content, in hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def total(self) -> Amount | None:
        """The emissions of the whole period; None where a part is missing."""
        line = self.find(DataClass.EMISSIONS, TOTAL, EMISSIONS, self.scope.period)
        return None if line is None else line.amount

    @property
    def digests(self) -> tuple[int, ...]:
        """Entry indexes of the digests that its lines name, ascending."""
        found = {
            source.index
            for line in self.lines
            for source in line.sources
            if source.kind is SourceKind.DIGEST
        }
        return tuple(sorted(found))

    def find(self, data_class: DataClass, item: str, quantity: str, period: Period) -> Line | None:
        """Give a line by what it is of."""
        wanted = (data_class, period, item, quantity)
        for line in self.lines:
            if (line.data_class, line.period, line.item, line.quantity) == wanted:
                return line
        return None

    def line(self, line_id: str) -> Line:
        """
        Give a line by its name.

        Raises:
            InventoryUnknown: If there is none of that name.
        """
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise InventoryUnknown(f"no line {line_id}")

    def section(self, data_class: DataClass) -> tuple[Line, ...]:
        """Give the lines of a data class, in their order."""
        return tuple(line for line in self.lines if line.data_class is data_class)

    def as_json(self) -> dict[str, Json]:
        """Give the version as it is stored and handed to the parties of a case."""
        scope = self.scope
        return {
            "type": INVENTORY_TYPE,
            "version": 1,
            "inventory_id": f"0x{scope.inventory_id.hex()}",
            "usc": scope.usc,
            "unit": scope.unit,
            "from_s": scope.period.from_s,
            "to_s": scope.period.to_s,
            "report_year": scope.report_year,
            "number": self.number,
            "state": self.state.name,
            "recipe": self.recipe,
            "log_size": self.log_size,
            "lines": [line.as_json() for line in self.lines],
            "evidence": [each.as_json() for each in self.evidence],
            "lines_root": self.root.hex(),
            "calculations": list(self.calculations),
            "checks": [check.as_json() for check in self.checks],
            "secret": self.secret.hex(),
            "stated": [value.as_json() for value in self.stated],
            "restates": None if self.restates is None else self.restates.as_json(),
        }


def in_order(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Bring lines into their order: by class, period, item and quantity."""
    return tuple(
        sorted(
            lines,
            key=lambda line: (
                *(int(line.data_class), line.period.from_s, -line.period.to_s),
                *(line.item == TOTAL, line.item, line.quantity),
            ),
        )
    )


def read_version(content: bytes) -> InventoryVersion:
    """
    Read a version.

    Args:
        content: From outside.

    Raises:
        InventoryError: If it is not a version in its one form.
    """
    try:
        found = _read(parse_canonical(content))
    except (KeyError, TypeError, ValueError, AttributeError, EncodingError) as error:
        raise InventoryError("not a version of an inventory", code="inventory.version") from error
    if found.content != content:
        raise InventoryError("not the one form of a version", code="inventory.version")
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """What of a line differs between two versions."""

    line_id: str
    before: str
    after: str
    difference: str | None
    """After minus before, where both are numbers of one unit."""


def diff(before: InventoryVersion, after: InventoryVersion) -> Iterator[Change]:
    """
    Give each line whose number, evidence or obstacles differ, in the order of the later version.

    Calculation records are salted anew in every version: their names alone are no difference.
    """
    old = {line.line_id: line for line in before.lines}
    new = {line.line_id: line for line in after.lines}
    for line in in_order([*after.lines, *(old[name] for name in old.keys() - new.keys())]):
        earlier, later = old.get(line.line_id), new.get(line.line_id)
        if _substance(earlier) != _substance(later):
            yield _change(line.line_id, earlier, later)


def restating(before: InventoryVersion, after: Amount, reason: str) -> Restatement:
    """
    Say what a restatement of a final version changes.

    Raises:
        InventoryError: If no reason is given, or there are no two totals to compare.
    """
    total = before.total
    if not reason.strip():
        raise InventoryError("a restatement has a reason", code="inventory.restatement")
    if total is None:
        raise InventoryError("there is no total to restate", code="inventory.restatement")
    return Restatement(
        before.number, before.sha256, reason, str(total), str(after), str(after - total)
    )


def _substance(line: Line | None) -> object:
    if line is None:
        return None
    evidence = [each for each in line.sources if each.kind is not SourceKind.CALCULATION]
    return line.amount, evidence, line.obstacles


def _change(line_id: str, earlier: Line | None, later: Line | None) -> Change:
    difference = None
    if earlier and later and earlier.amount and later.amount:
        same_unit = earlier.amount.unit == later.amount.unit
        difference = str(later.amount - earlier.amount) if same_unit else None
    return Change(line_id, _shown(earlier), _shown(later), difference)


def _shown(line: Line | None) -> str:
    if line is None:
        return "no such line"
    return "missing" if line.amount is None else str(line.amount)


def _read(fields: Any) -> InventoryVersion:
    if fields["type"] != INVENTORY_TYPE or fields["version"] != 1:
        raise InventoryError("not an inventory of version 1", code="inventory.version")
    period = Period(fields["from_s"], fields["to_s"])
    restates = fields["restates"]
    return InventoryVersion(
        scope=Scope(fields["usc"], fields["unit"], period, fields["report_year"]),
        number=fields["number"],
        state=VersionState[fields["state"]],
        recipe=fields["recipe"],
        log_size=fields["log_size"],
        lines=tuple(Line.from_json(each) for each in fields["lines"]),
        calculations=tuple(fields["calculations"]),
        checks=tuple(CheckResult.from_json(each) for each in fields["checks"]),
        secret=bytes.fromhex(fields["secret"]),
        evidence=tuple(LineEvidence.from_json(each) for each in fields["evidence"]),
        stated=tuple(StatedValue.from_json(each) for each in fields["stated"]),
        restates=None if restates is None else Restatement(**restates),
    )
