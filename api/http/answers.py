"""
What the log says of a key's messages, for gateways that have no broker.

Answers are made when they are asked for: promises and receipts are cumulative, so the present
state of an epoch is all there is to say. They hold numbers and hashes, no readings, and are given
to whoever names the key; what they say is signed by the log.

Source: FORMATS section 6; `docs/formats/answers.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query

from api.errors import NotFound
from api.http.lookup import Here, Usc, find_log
from api.http.models import AnswerList, AnswerModel, base64_of
from api.services import Services
from attestation.answers import AnchorPlace, Newest, Promise, Receipt
from attestation.canonical import MAX_INTEGER
from attestation.enums import LogState, ReceiptStage
from attestation.ids import Kid, MessageId
from attestation.merkle import inclusion_proof
from ledger.errors import Frozen, WitnessesMissing
from ledger.log.tree import LogTiles
from ledger.log.voice import Voice, closed_ranges
from ledger.log.witnessing import published
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.deliveries import ReceiptProgress
from ledger.repositories.logs import Log
from ledger.repositories.tree import TreeRepository
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork

router = APIRouter(prefix="/v1/logs/{usc}/answers", tags=["answers"])

_STAGES: Final[dict[ReceiptStage, Literal["integrated", "anchored", "final"]]] = {
    ReceiptStage.INTEGRATED: "integrated",
    ReceiptStage.ANCHORED: "anchored",
    ReceiptStage.FINAL: "final",
}


@router.get("/{kid}", operation_id="listAnswers")
def list_answers(
    usc: Usc,
    kid: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="Key id, hexadecimal.")],
    services: Here,
    epoch: Annotated[int, Query(ge=0, le=MAX_INTEGER, description="Epoch of the key.")] = 0,
) -> AnswerList:
    """Give the newest promise and receipts of an epoch, and its refusals."""
    with services.ledger.database.reading() as uow:
        log = find_log(uow, services, usc)
        speaker = Speaker(services, uow, log)
        answers = list(speaker.answers(bytes.fromhex(kid), epoch))
    if not answers:
        raise NotFound(f"nothing came of epoch {epoch} of this key")
    return AnswerList(kid=kid, epoch=epoch, answers=answers)


class Speaker:
    """
    Signs what is true of one log in one snapshot.

    Raises:
        Frozen: If the log signs nothing at present.
    """

    def __init__(self, services: Services, uow: UnitOfWork, log: Log) -> None:
        if log.state is not LogState.ACTIVE:
            raise Frozen(f"the log is {log.state.name.lower()}")
        self._ledger = services.ledger
        self._uow = uow
        self._log = log
        self._voice = Voice(services.ledger.keys.key_of)

    def answers(self, kid: bytes, epoch: int) -> Iterator[AnswerModel]:
        """Give every answer about an epoch."""
        promise = self.promise(kid, epoch)
        if promise is not None:
            yield AnswerModel(kind="promise", answer=base64_of(promise))
        yield from self._receipts(kid, epoch)
        for refusal in self._uow.admissions.refusals_of(self._log.number, kid):
            if refusal.epoch == epoch:
                yield AnswerModel(kind="refusal", answer=base64_of(refusal.answer))

    def promise(self, kid: bytes, epoch: int) -> bytes | None:
        """Sign the promise for what is admitted of an epoch; None where there is nothing."""
        found = self._uow.admissions.epochs(self._log.number, [(kid, epoch)]).get((kid, epoch))
        if found is None or not found.ranges.pairs:
            return None
        ranges = closed_ranges(found.ranges)
        return self._voice.say(
            Promise(Kid(kid), epoch, ranges, found.integrate_by), self._log.origin
        )

    def _receipts(self, kid: bytes, epoch: int) -> Iterator[AnswerModel]:
        newest = self._uow.deliveries.newest_progress(self._log.number, [(kid, epoch)])
        progress = newest.get((kid, epoch))
        if progress is None:
            return
        try:
            checkpoint, _ = published(self._uow, self._log, self._ledger.policy)
        except WitnessesMissing:
            return
        if progress.size <= checkpoint.size:
            yield self._receipt(progress, checkpoint, ReceiptStage.INTEGRATED, None)
        for anchor in self._anchors():
            covered = self._covered(progress, anchor)
            anchored = self._uow.checkpoints.get(self._log.number, anchor.size)
            if covered is not None and anchored is not None:
                is_final = anchor.final_at is not None
                stage = ReceiptStage.FINAL if is_final else ReceiptStage.ANCHORED
                yield self._receipt(covered, anchored, stage, anchor)

    def _anchors(self) -> list[StoredAnchor]:
        """Give the newest anchor, and the newest final one where that is another."""
        anchors = self._uow.anchors
        both = (anchors.newest(self._log.number), anchors.newest(self._log.number, final=True))
        return list({each.size: each for each in both if each is not None}.values())

    def _covered(self, progress: ReceiptProgress, anchor: StoredAnchor) -> ReceiptProgress | None:
        """Give what an anchored tree has of an epoch."""
        if progress.size <= anchor.size:
            return progress
        earlier = self._uow.deliveries.progress_at(
            self._log.number, anchor.size, below=ReceiptStage.FINAL
        )
        name = progress.kid, progress.epoch
        return next((each for each in earlier if (each.kid, each.epoch) == name), None)

    def _receipt(
        self,
        progress: ReceiptProgress,
        checkpoint: StoredCheckpoint,
        stage: ReceiptStage,
        anchor: StoredAnchor | None,
    ) -> AnswerModel:
        tiles = LogTiles(
            TreeRepository(self._uow.connection), self._log.number, cache=self._ledger.tiles
        ).reader(checkpoint.size)
        index = progress.newest_index
        newest = Newest(
            progress.newest_sequence,
            MessageId(progress.newest_message_id),
            tiles.node(0, index),
            index,
            tuple(inclusion_proof(tiles, index, checkpoint.size)),
        )
        chain = self._ledger.chain.anchorer.chain_id
        place = None if anchor is None else AnchorPlace(chain, anchor.block_number)
        receipt = Receipt(
            Kid(progress.kid),
            progress.epoch,
            closed_ranges(progress.ranges),
            stage,
            newest,
            checkpoint.note,
            place,
        )
        answer = self._voice.say(receipt, self._log.origin)
        return AnswerModel(kind="receipt", stage=_STAGES[stage], answer=base64_of(answer))
