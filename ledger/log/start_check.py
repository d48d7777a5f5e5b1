"""
What a ledger does before it signs anything: compare every log with what others have of it.

Behind its anchor, or behind a checkpoint of its own that a mirror still holds (a backup was
restored), an active log is recovering and signs nothing; a frozen one stays frozen. If it is the
chain that has less than was final, a development chain lost its last blocks and gets them again;
anywhere else the ledger stops.

Source: DESIGN section 6, going back; section 11 (the development chain).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from attestation.enums import LogState
from attestation.errors import EncodingError, Error, Retry, VerificationError
from attestation.instants import Instant
from attestation.notes import parse_vkey
from ledger.errors import ChainWentBack, ForkDetected
from ledger.log.anchor_targets import Standing, compare
from ledger.log.proving import LogProver
from ledger.log.sources import LogSource, SignedCheckpoint
from ledger.log.witnessing import UNWITNESSED
from ledger.ports import Anchorer
from ledger.repositories.logs import Log
from ledger.repositories.reopening import ReopeningRepository
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory

SourcesOf = Callable[[Log], Sequence[LogSource]]
"""Gives the mirrors and caches that may hold checkpoints of a log."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How one log stood at start."""

    origin: str
    standing: Standing
    reopened: int = 0
    """Anchors that a development chain lost and that are sent again."""


def check_logs(
    units: UnitOfWorkFactory,
    anchorer: Anchorer,
    *,
    now: Instant,
    sources_of: SourcesOf = lambda _log: (),
    is_development: bool = False,
) -> list[Checked]:
    """
    Compare every open log with the chain and with mirrors; before anything is signed.

    Args:
        units: Makes writing units of work.
        anchorer: The chain.
        now: Present time.
        sources_of: Who else may hold checkpoints; one that does not answer is passed over.
        is_development: True where the chain may forget its last blocks.

    Raises:
        ChainWentBack: If the chain has lost an anchor that was final.
        ForkDetected: If the chain or a mirror holds another root for a size that we have.
    """
    with units() as uow:
        logs = [log for log in uow.logs.all() if log.state is not LogState.CLOSED]
    return [_check(units, anchorer, log, sources_of(log), now, is_development) for log in logs]


def _check(
    units: UnitOfWorkFactory,
    anchorer: Anchorer,
    log: Log,
    sources: Sequence[LogSource],
    now: Instant,
    is_development: bool,
) -> Checked:
    latest = anchorer.latest(log.log_id)
    elsewhere = [signed for source in sources if (signed := _ask(source, log)) is not None]
    with units() as uow:
        lost = ReopeningRepository(uow.connection).final_above(
            log.number, 0 if latest is None else latest.size
        )
        if lost and not is_development:
            raise ChainWentBack(
                f"the chain no longer holds the anchor of {log.origin} at size {lost[0][0]}"
            )
        _reopen(uow, log, lost, now)
        standing = compare(uow, log, latest, policy=UNWITNESSED).standing
        if _is_behind(uow, log, elsewhere):
            standing = Standing.BEHIND
        # A frozen log that is behind goes on elsewhere, and is not to be recovered here.
        if standing is Standing.BEHIND and log.state is LogState.ACTIVE:
            uow.logs.set_state(log.number, LogState.RECOVERING)
        # Commit point: who is behind signs nothing; what the chain lost is sent again.
        uow.commit()
    return Checked(log.origin, standing, len(lost))


def _ask(source: LogSource, log: Log) -> SignedCheckpoint | None:
    try:
        return source.checkpoint(parse_vkey(log.vkey))
    except (EncodingError, VerificationError):
        return None  # nothing that our key signed
    except Error as error:
        if error.retry is Retry.FATAL:
            raise
        return None


def _is_behind(uow: UnitOfWork, log: Log, elsewhere: Sequence[SignedCheckpoint]) -> bool:
    """
    Say whether our own key has signed more than is here.

    Raises:
        ForkDetected: If it has signed another root for a size that is here.
    """
    head = uow.heads.get(log.number)
    for signed in elsewhere:
        size, root = signed.checkpoint.size, signed.checkpoint.root
        if size <= head.size and LogProver(uow, log).root(size) != root:
            raise ForkDetected(f"a mirror holds another tree of {size} entries of {log.origin}")
    return any(signed.checkpoint.size > head.size for signed in elsewhere)


def _reopen(uow: UnitOfWork, log: Log, lost: list[tuple[int, int | None]], now: Instant) -> None:
    reopening = ReopeningRepository(uow.connection)
    for size, item_id in lost:
        reopening.reopen_anchor(log.number, size)
        uow.anchors.forget(log.number, size)
        if item_id is not None:
            reopening.rebroadcast(item_id, now=now)
