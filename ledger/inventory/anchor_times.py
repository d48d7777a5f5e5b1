"""
When an entry was on the chain at the latest, as the header says that was captured with its anchor.

The ledger's own clock proves nothing; a block's time does, as far as the chain is trusted. Where
the header is of a later block than the anchor's, its time is only a bound from above.

Source: FORMATS section 3 (admitted); DESIGN section 6.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.encodings import parse_hex
from attestation.evm.header import parse_header
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.logs import LogNumber
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class BlockTime:
    """What a captured header says of the time of an anchor."""

    at_s: int
    """Time of the block, Unix seconds."""
    is_exact: bool
    """Whether it is the anchor's own block; else a later one, whose time is only a bound."""

    def was_before(self, limit_s: int) -> bool | None:
        """Say whether the anchor's block is before a second; None where that cannot be said."""
        if self.at_s < limit_s:
            return True
        return False if self.is_exact else None


def anchor_time(uow: UnitOfWork, log: LogNumber, index: int) -> BlockTime | None:
    """Give the time of the first final anchor that covers an entry; None where not known."""
    anchor = uow.anchors.covering(log, index, final=True)
    return None if anchor is None else _captured(anchor)


def _captured(anchor: StoredAnchor) -> BlockTime | None:
    match anchor.evidence:
        case {"header": str(encoded)}:
            header = parse_header(parse_hex(encoded))
            return BlockTime(header.timestamp_s, header.number == anchor.block_number)
        case _:
            return None
