"""
Conflicts: two messages that speak of the same seconds of one series.

Both stay in the log and neither counts, equal values or not, whatever key, gateway or file they
came by, until a signed correction names the reading that counts.

Source: FORMATS section 2; DESIGN section 2 (P2: no interval counts twice).
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.log.spans import Span, overlaps
from ledger.repositories.spans import Conflict


def conflicts_of(span: Span, earlier: Iterable[Span]) -> list[Conflict]:
    """
    Give the conflicts of a span with spans that stand before it in the log.

    Args:
        span: The later one.
        earlier: Of the same series.
    """
    return [
        Conflict(span.series_index, start_s, end_s, other.index, span.index)
        for other in earlier
        for start_s, end_s in overlaps(other, span)
    ]
