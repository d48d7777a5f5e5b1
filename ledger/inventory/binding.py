"""
Which line of a version stands on which digest: one line for each, so that a contract can tell.

Of the lines that name a digest, the one of the shortest period is its own: the month's amount, not
the year's sum. Of several such it is the first in their order.

Source: CONTRACTS section 2 (EvidenceBinding); `docs/formats/inventories.md`, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence

from attestation.digests import decode_digest
from ledger.inventory.line_tree import LineEvidence
from ledger.inventory.lines import Line
from ledger.inventory.sources import SourceKind
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


def bound_evidence(uow: UnitOfWork, log: Log, lines: Sequence[Line]) -> tuple[LineEvidence, ...]:
    """
    Bind the digests that lines name, in the order of their entries.

    Raises:
        NotIntegrated: If a line names an entry that is not there.
        EncodingError: If the entry is no digest.
    """
    return tuple(
        LineEvidence(
            line_id, index, decode_digest(uow.entries.get(log.number, index).content).commitment
        )
        for index, line_id in sorted(owners(lines).items())
    )


def owners(lines: Sequence[Line]) -> dict[int, str]:
    """Give the line that each digest is bound to, by the digest's entry."""
    found: dict[int, Line] = {}
    for line in lines:
        for source in line.sources:
            if source.kind is not SourceKind.DIGEST:
                continue
            present = found.get(source.index)
            if present is None or line.period.length_s < present.period.length_s:
                found[source.index] = line
    return {index: line.line_id for index, line in found.items()}
