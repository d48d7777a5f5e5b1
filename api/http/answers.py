"""
What the log says of a key's messages, for gateways that have no broker.

Answers are made when they are asked for: promises and receipts are cumulative, so the present
state of an epoch is all there is to say. A key that keeps sending gets a receipt for what is
final, one for what is anchored and one for what is integrated, each up to its own last sequence.
They hold numbers and hashes, no readings, and are given to whoever names the key; what they say is
signed by the log.

Source: FORMATS section 6; `docs/formats/answers.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Path, Query

from api.errors import NotFound
from api.http.limits import gated
from api.http.lookup import Here, LogName, find_log
from api.http.models import AnswerList, AnswerModel, EpochProgress, StageModel, base64_of
from api.services import Services
from attestation.answers import AnchorPlace, Promise
from attestation.canonical import MAX_INTEGER
from attestation.enums import LogState, ReceiptStage
from attestation.ids import Kid
from ledger.errors import Frozen
from ledger.log.epoch_stages import Covered, EpochStages, stages_of
from ledger.log.ranges import Ranges
from ledger.log.receipts import make_receipt
from ledger.log.tree import LogTiles
from ledger.log.voice import Voice, closed_ranges
from ledger.repositories.admissions import EpochAdmission
from ledger.repositories.logs import Log
from ledger.repositories.tree import TreeRepository
from ledger.unit_of_work import UnitOfWork

router = APIRouter(
    prefix="/v1/logs/{name}/answers/{kid}",
    tags=["answers"],
    dependencies=[Depends(gated(lambda limits: limits.proofs))],
)

KeyId = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="Key id, hexadecimal.")]
Epoch = Annotated[int, Query(ge=0, le=MAX_INTEGER, description="Epoch of the key.")]

_STAGES: Final[dict[ReceiptStage, Literal["integrated", "anchored", "final"]]] = {
    ReceiptStage.INTEGRATED: "integrated",
    ReceiptStage.ANCHORED: "anchored",
    ReceiptStage.FINAL: "final",
}


@router.get("", operation_id="listAnswers")
def list_answers(name: LogName, kid: KeyId, services: Here, epoch: Epoch = 0) -> AnswerList:
    """Give the newest promise and receipts of an epoch, and its newest hundred refusals."""
    with services.ledger.database.reading() as uow:
        speaker = Speaker(services, uow, find_log(uow, services, name))
        stages = speaker.stages(bytes.fromhex(kid), epoch)
        answers = list(speaker.answers(bytes.fromhex(kid), epoch, stages))
        progress = speaker.progress(bytes.fromhex(kid), epoch, stages)
    if not answers:
        raise NotFound(f"nothing came of epoch {epoch} of this key")
    return AnswerList(kid=kid, epoch=epoch, progress=progress, answers=answers)


@router.get("/progress", operation_id="getProgress")
def get_progress(name: LogName, kid: KeyId, services: Here, epoch: Epoch = 0) -> EpochProgress:
    """Say how far an epoch has come, without signing it; worth asking before the answers."""
    with services.ledger.database.reading() as uow:
        speaker = Speaker(services, uow, find_log(uow, services, name))
        stages = speaker.stages(bytes.fromhex(kid), epoch)
        progress = speaker.progress(bytes.fromhex(kid), epoch, stages)
    if progress.admitted is None:
        raise NotFound(f"nothing is admitted of epoch {epoch} of this key")
    return progress


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

    def answers(self, kid: bytes, epoch: int, stages: EpochStages) -> Iterator[AnswerModel]:
        """Give every answer about an epoch."""
        promise = self.promise(kid, epoch)
        if promise is not None:
            yield AnswerModel(kind="promise", answer=base64_of(promise))
        for stage, covered in stages.receipts():
            answer = base64_of(self._receipt(stage, covered))
            yield AnswerModel(kind="receipt", stage=_STAGES[stage], answer=answer)
        for refusal in self._uow.admissions.refusals_of(self._log.number, kid, epoch):
            yield AnswerModel(kind="refusal", answer=base64_of(refusal.answer))

    def stages(self, kid: bytes, epoch: int) -> EpochStages:
        """Find how far an epoch has come."""
        return stages_of(self._uow, self._log, kid, epoch, policy=self._ledger.policy)

    def progress(self, kid: bytes, epoch: int, stages: EpochStages) -> EpochProgress:
        """Describe how far an epoch has come."""
        found = self._admitted(kid, epoch)
        return EpochProgress(
            admitted=None if found is None else _stage(found.ranges),
            integrated=_covered(stages.integrated),
            anchored=_covered(stages.anchored),
            final=_covered(stages.final),
        )

    def promise(self, kid: bytes, epoch: int) -> bytes | None:
        """Sign the promise for what is admitted of an epoch; None where there is nothing."""
        found = self._admitted(kid, epoch)
        if found is None:
            return None
        ranges = closed_ranges(found.ranges)
        return self._voice.say(
            Promise(Kid(kid), epoch, ranges, found.integrate_by), self._log.origin
        )

    def _admitted(self, kid: bytes, epoch: int) -> EpochAdmission | None:
        name = kid, epoch
        found = self._uow.admissions.epochs(self._log.number, [name]).get(name)
        return found if found is not None and found.ranges.pairs else None

    def _receipt(self, stage: ReceiptStage, covered: Covered) -> bytes:
        tiles = LogTiles(
            TreeRepository(self._uow.connection), self._log.number, cache=self._ledger.tiles
        ).reader(covered.checkpoint.size)
        anchor = covered.anchor
        chain = self._ledger.chain.anchorer.chain_id
        place = None if anchor is None else AnchorPlace(chain, anchor.block_number)
        receipt = make_receipt(tiles, covered.progress, covered.checkpoint, stage, place)
        return self._voice.say(receipt, self._log.origin)


def _covered(covered: Covered | None) -> StageModel | None:
    if covered is None:
        return None
    block = None if covered.anchor is None else covered.anchor.block_number
    return _stage(covered.progress.ranges, tree_size=covered.checkpoint.size, block_number=block)


def _stage(
    ranges: Ranges, *, tree_size: int | None = None, block_number: int | None = None
) -> StageModel:
    closed = closed_ranges(ranges)
    return StageModel(
        newest_sequence=closed[-1][1],
        ranges=list(closed),
        tree_size=tree_size,
        block_number=block_number,
    )
