"""
The full check: everything about a log derived again from its entries and compared.

1. Entries are contiguous, and each has the leaf hash that stands in the tree.
2. Every tile and every node above follows from them; there is none too many.
3. Each checkpoint has the root of the entries before it and the log's signature; since all roots
   are of one growing sequence, each checkpoint is consistent with the one before.
4. The head is the newest checkpoint.
5. Messages have the kind, numbers and admission that are kept for them; no place is taken twice.
6. Signatures of messages and records hold, under keys that the log's own records enrol.
7. Anchors are roots of this tree, and the chain holds them.
8. Cold storage has the same bytes.

It reads one snapshot, writes nothing, and needs memory for keys and ranges only.

Source: DESIGN section 6; Tessera's fsck.
"""

from __future__ import annotations

from collections.abc import Callable

from attestation.merkle import EMPTY_ROOT
from ledger.log.cold_storage import Archive
from ledger.log.fsck_chain import ChainCheck, load_anchored
from ledger.log.fsck_messages import MessageCheck
from ledger.log.fsck_report import Check, Report, State
from ledger.log.fsck_signatures import Signatures
from ledger.log.fsck_tree import TreeCheck
from ledger.ports import Anchorer
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

Progress = Callable[[int, int], None]
"""`progress(done, size)` is told how many entries are done."""


def fsck(
    uow: UnitOfWork,
    log: Log,
    *,
    signatures: Signatures | None = None,
    anchorer: Anchorer | None = None,
    archive: Archive | None = None,
    progress: Progress | None = None,
) -> Report:
    """
    Check a log from end to end.

    Args:
        uow: A reading unit of work.
        log: The log.
        signatures: Checks signatures; they are left out where it is None.
        anchorer: The chain; anchors are compared with the stored roots only where it is None.
        archive: Cold storage of the log, if there is any.
        progress: Told after each page.

    Returns:
        The report; damage is reported, not raised.
    """
    head = uow.heads.get(log.number)
    report = Report(log.origin, head.size, EMPTY_ROOT)
    anchored = load_anchored(uow, log, anchorer, report)
    tree = TreeCheck(uow, log, head, report, sizes=anchored.sizes)
    messages = MessageCheck(uow, log, report, signatures)
    cold = archive.comparison() if archive is not None else None
    for entries in tree.run():
        messages.page(entries)
        if cold is not None:
            _report_cold(report, cold(entries))
        if progress is not None:
            progress(min(report.looked_at[Check.ENTRIES], head.size), head.size)
    messages.finish()
    ChainCheck(uow, log, report, anchorer).run(anchored, tree.roots)
    if archive is not None:
        _report_cold(report, archive.damages())
    return report


def _report_cold(report: Report, damages: list[tuple[str, str]]) -> None:
    for resource, detail in damages:
        report.add(Check.COLD_STORAGE, resource, State.CHANGED, detail)
