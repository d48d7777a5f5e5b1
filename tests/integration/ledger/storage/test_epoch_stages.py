"""Each stage of an epoch is found up to its own last message, also while its key keeps sending."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from attestation.enums import ReceiptStage
from ledger.log.epoch_stages import Covered, EpochStages, stages_of
from ledger.log.witnessing import UNWITNESSED
from ledger.repositories.anchors import StoredAnchor
from tests.support.enterprise import Device, Enterprise

ANCHORED, FINAL = ReceiptStage.ANCHORED, ReceiptStage.FINAL


@dataclass
class Sender:
    """A device that keeps sending, and a chain that lags behind it."""

    enterprise: Enterprise
    device: Device

    def send(self, count: int = 1) -> int:
        """Send messages, let them be integrated, and give the size of the tree."""
        self.enterprise.accept(*self.device.row(count))
        with self.enterprise.database.reading() as uow:
            return uow.heads.get(self.enterprise.log.number).size

    def anchor(self, size: int) -> None:
        """Let a checkpoint be included in a block, as anchoring reports it."""
        with self.enterprise.database.unit_of_work() as uow:
            checkpoint = uow.checkpoints.get(self.enterprise.log.number, size)
            assert checkpoint is not None
            anchor = StoredAnchor(
                self.enterprise.log.number, size, checkpoint.root, 70 + size, b"b" * 32, b"t" * 32
            )
            uow.anchors.add(anchor)
            self._report(uow, anchor, ANCHORED)
            uow.commit()

    def finalise(self, size: int) -> None:
        """Let that block become final."""
        with self.enterprise.database.unit_of_work() as uow:
            number = self.enterprise.log.number
            uow.anchors.finalise(number, size, final_at=self.enterprise.now, evidence=None)
            anchor = uow.anchors.get(number, size)
            assert anchor is not None
            self._report(uow, anchor, FINAL)
            uow.commit()

    def stages(self, epoch: int = 0) -> EpochStages:
        """Look how far the epoch has come."""
        with self.enterprise.database.reading() as uow:
            return stages_of(uow, self.enterprise.log, self.device.kid, epoch, policy=UNWITNESSED)

    def _report(self, uow: object, anchor: StoredAnchor, stage: ReceiptStage) -> None:
        self.enterprise.receipts.anchored(
            uow,  # type: ignore[arg-type]
            self.enterprise.log,
            anchor,
            stage,
            now=self.enterprise.now,
        )


@pytest.fixture
def sender(enterprise: Enterprise, device: Device) -> Sender:
    """A sender that has sent nothing."""
    return Sender(enterprise, device)


def newest(covered: Covered | None) -> int | None:
    """Give the last sequence that a stage has."""
    return None if covered is None else covered.progress.newest_sequence


def seen(stages: EpochStages) -> tuple[int | None, int | None, int | None]:
    """Give the last sequence of each stage."""
    return newest(stages.integrated), newest(stages.anchored), newest(stages.final)


def test_nothing_sent_is_nothing_reached(sender: Sender) -> None:
    """An epoch of which nothing came has no stages."""
    assert seen(sender.stages()) == (None, None, None)


def test_stages_follow_each_other_while_the_key_keeps_sending(sender: Sender) -> None:
    """What was final stays final, whatever is sent after it."""
    first = sender.send(2)
    assert seen(sender.stages()) == (1, None, None)
    sender.anchor(first)
    second = sender.send()
    assert seen(sender.stages()) == (2, 1, None)
    sender.finalise(first)
    sender.send()
    assert seen(sender.stages()) == (3, 1, 1)
    sender.anchor(second)
    sender.send()
    assert seen(sender.stages()) == (4, 2, 1)
    sender.finalise(second)
    sender.send()
    assert seen(sender.stages()) == (5, 2, 2)


def test_receipts_say_each_thing_once(sender: Sender) -> None:
    """The furthest stage last; where everything anchored is final, anchored is not said too."""
    size = sender.send()
    sender.anchor(size)
    sender.send()
    before = [stage for stage, _ in sender.stages().receipts()]
    sender.finalise(size)
    after = [stage for stage, _ in sender.stages().receipts()]

    assert before == [ReceiptStage.INTEGRATED, ANCHORED]
    assert after == [ReceiptStage.INTEGRATED, FINAL]


def test_stage_names_the_checkpoint_that_covers_it(sender: Sender) -> None:
    """Receipts are proved against the checkpoint that the chain holds, not against the newest."""
    size = sender.send()
    sender.anchor(size)
    sender.finalise(size)
    newest_size = sender.send()
    stages = sender.stages()

    assert stages.integrated is not None and stages.integrated.checkpoint.size == newest_size
    assert stages.final is not None and stages.final.checkpoint.size == size
    assert stages.final.anchor is not None and stages.final.anchor.block_number == 70 + size


def test_anchor_before_the_first_message_covers_nothing(sender: Sender) -> None:
    """An anchored tree without a message of the epoch is no stage of it."""
    with sender.enterprise.database.reading() as uow:
        size = uow.heads.get(sender.enterprise.log.number).size
    sender.anchor(size)
    sender.finalise(size)
    sender.send()

    assert seen(sender.stages()) == (0, None, None)


def test_epochs_are_kept_apart(sender: Sender) -> None:
    """What is final of one epoch says nothing of the next."""
    size = sender.send()
    sender.anchor(size)
    sender.finalise(size)

    assert seen(sender.stages(epoch=1)) == (None, None, None)
