"""Answers: what a gateway is told is signed, true, cumulative and told again when asked."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from attestation.answers import Answer, Promise, Receipt, parse_answer
from attestation.enums import ReceiptStage
from attestation.instants import MILLISECONDS_PER_HOUR, Instant
from attestation.messages import SignedMessage
from ledger.errors import NotIntegrated
from ledger.log.ranges import Ranges
from ledger.log.voice import MAX_RANGES, closed_ranges
from ledger.repositories.anchors import StoredAnchor
from tests.support.enterprise import CHAIN, USC, Device, Enterprise, reading


@dataclass
class RecordingCourier:
    """Remembers what was handed over; fails after so many where told to."""

    sent: list[tuple[str, str, bytes]] = field(default_factory=list)
    fails_after: int | None = None

    def publish_down(self, gateway: str, usc: str, payload: bytes) -> None:
        """Take one answer."""
        if self.fails_after is not None and len(self.sent) >= self.fails_after:
            raise ConnectionError("the broker is gone")
        self.sent.append((gateway, usc, payload))


def told(enterprise: Enterprise, gateway: str = "gw-1") -> list[Answer]:
    """Deliver what is queued, and read it as the gateway does."""
    courier = RecordingCourier()
    enterprise.answering.deliver(courier, now=enterprise.now)
    return [
        parse_answer(body, origin=enterprise.origin, key=enterprise.answer_key)
        for to, _, body in courier.sent
        if to == gateway
    ]


def promise(enterprise: Enterprise) -> list[Answer]:
    """Let the promise fall due, and read it."""
    enterprise.pass_time(1000)
    enterprise.answering.promise(enterprise.log, now=enterprise.now)
    return told(enterprise)


def anchor(enterprise: Enterprise, stage: ReceiptStage, *, size: int | None = None) -> None:
    """Anchor the newest checkpoint, or that of a size, as anchoring reports it."""
    with enterprise.database.unit_of_work() as uow:
        checkpoint = uow.checkpoints.newest(enterprise.log.number)
        assert checkpoint is not None
        anchored = StoredAnchor(
            enterprise.log.number, size or checkpoint.size, b"r" * 32, 77, b"b" * 32, b"t" * 32
        )
        enterprise.receipts.anchored(uow, enterprise.log, anchored, stage, now=enterprise.now)
        uow.commit()


def test_promise_covers_what_is_admitted(enterprise: Enterprise, device: Device) -> None:
    """One promise answers the whole batch, and names the time."""
    admitted_at = enterprise.now
    enterprise.admit(*device.row(3))
    answers = promise(enterprise)

    assert answers == [
        Promise(device.kid, 0, ((0, 2),), Instant(admitted_at + MILLISECONDS_PER_HOUR))
    ]


def test_promise_is_cumulative(enterprise: Enterprise, device: Device) -> None:
    """Later ones repeat what was promised, with the holes that are still open."""
    first, second, third, fourth = device.row(4)
    enterprise.admit(first, fourth)
    promise(enterprise)
    enterprise.admit(second)
    (answer,) = promise(enterprise)

    assert isinstance(answer, Promise)
    assert answer.ranges == ((0, 1), (3, 3))
    assert third.header.sequence == 2


def test_promise_waits_for_company(enterprise: Enterprise, device: Device) -> None:
    """Nothing is signed for each message: what comes within a second is answered together."""
    enterprise.admit(device.sign())
    enterprise.answering.promise(enterprise.log, now=enterprise.now)

    assert told(enterprise) == []


def test_promise_is_given_once(enterprise: Enterprise, device: Device) -> None:
    """Without news nothing is said again."""
    enterprise.admit(device.sign())
    promise(enterprise)

    assert promise(enterprise) == []


def test_redelivery_is_promised_again(enterprise: Enterprise, device: Device) -> None:
    """A gateway that lost its answer gets it by sending again, with the first time."""
    message = device.sign()
    enterprise.admit(message)
    first = promise(enterprise)
    enterprise.admit(message)

    assert promise(enterprise) == first


def test_answer_goes_to_the_gateway_that_spoke_last(enterprise: Enterprise, device: Device) -> None:
    """A device may change its gateway."""
    enterprise.admit(device.sign(), gateway="gw-1")
    enterprise.admit(device.sign(), gateway="gw-2")
    enterprise.pass_time(1000)
    enterprise.answering.promise(enterprise.log, now=enterprise.now)

    assert len(told(enterprise, "gw-2")) == 1


def test_message_without_a_gateway_is_not_answered_by_one(
    enterprise: Enterprise, device: Device
) -> None:
    """What came another way is asked for that way."""
    enterprise.admit(device.sign(), gateway=None)

    assert promise(enterprise) == []


def test_refusal_is_delivered(enterprise: Enterprise, device: Device) -> None:
    """Each refused message has its own answer."""
    messages = [device.sign(reading(at, value=-1)) for at in range(2)]
    enterprise.admit(*messages)
    refused = [each.message_id for each in told(enterprise)]  # type: ignore[union-attr]

    assert refused == [each.message_id for each in messages]


def test_refusal_is_delivered_again_when_the_message_comes_again(
    enterprise: Enterprise, device: Device
) -> None:
    """A gateway that lost the refusal gets the same words."""
    message = device.sign(reading(0, value=-1))
    enterprise.admit(message)
    first = told(enterprise)
    enterprise.admit(message)

    assert told(enterprise) == first


def test_integrated_receipt_proves_the_newest_message(
    enterprise: Enterprise, device: Device
) -> None:
    """Reading the answer checks checkpoint and proof; the leaf is the device's own."""
    messages = device.row(3)
    enterprise.accept(*messages)
    enterprise.answering.confirm(enterprise.log, now=enterprise.now)
    (receipt,) = _receipts(enterprise)

    assert receipt.ranges == ((0, 2),)
    assert receipt.stage is ReceiptStage.INTEGRATED
    assert receipt.newest.message_id == messages[-1].message_id
    assert receipt.newest.leaf_hash == messages[-1].leaf_hash


def _receipts(enterprise: Enterprise) -> list[Receipt]:
    return [each for each in told(enterprise) if isinstance(each, Receipt)]


def test_receipt_speaks_only_of_what_is_in_the_tree(enterprise: Enterprise, device: Device) -> None:
    """What is admitted and not integrated is not receipted."""
    enterprise.accept(*device.row(2))
    enterprise.admit(*device.row(2, start=2))
    enterprise.answering.confirm(enterprise.log, now=enterprise.now)
    (receipt,) = _receipts(enterprise)

    assert receipt.ranges == ((0, 1),)


def test_late_message_extends_the_ranges(enterprise: Enterprise, device: Device) -> None:
    """The newest message stays the one with the highest number."""
    first, second, third = device.row(3)
    enterprise.accept(first, third)
    enterprise.accept(second)
    enterprise.answering.confirm(enterprise.log, now=enterprise.now)
    (receipt,) = _receipts(enterprise)

    assert receipt.ranges == ((0, 2),)
    assert receipt.newest.sequence == 2


@pytest.mark.parametrize("stage", [ReceiptStage.ANCHORED, ReceiptStage.FINAL], ids=lambda s: s.name)
def test_anchored_receipt_names_the_block(
    enterprise: Enterprise, device: Device, stage: ReceiptStage
) -> None:
    """The gateway learns chain and block."""
    enterprise.accept(*device.row(2))
    anchor(enterprise, stage)
    (receipt,) = _receipts(enterprise)

    assert receipt.stage is stage
    assert receipt.anchor is not None
    assert (receipt.anchor.chain, receipt.anchor.block_number) == (CHAIN, 77)


def test_anchored_receipt_speaks_only_of_the_anchored_tree(
    enterprise: Enterprise, device: Device
) -> None:
    """What came after the anchored checkpoint waits for the next anchor."""
    enterprise.accept(*device.row(2))
    size = _size(enterprise)
    enterprise.accept(*device.row(2, start=2))
    anchor(enterprise, ReceiptStage.FINAL, size=size)
    (receipt,) = _receipts(enterprise)

    assert receipt.ranges == ((0, 1),)


def _size(enterprise: Enterprise) -> int:
    with enterprise.database.reading() as uow:
        return uow.heads.get(enterprise.log.number).size


def test_stage_is_told_once(enterprise: Enterprise, device: Device) -> None:
    """An anchor that is reported twice makes no second receipt."""
    enterprise.accept(*device.row(2))
    anchor(enterprise, ReceiptStage.FINAL)
    told(enterprise)
    anchor(enterprise, ReceiptStage.FINAL)

    assert told(enterprise) == []


def test_epochs_without_news_are_not_told_again(enterprise: Enterprise, device: Device) -> None:
    """The next anchor speaks only of those that have something new."""
    enterprise.accept(*device.row(2))
    anchor(enterprise, ReceiptStage.FINAL)
    told(enterprise)
    other = Device(name="em-02", series=("em-02/energy/total/",))
    enterprise.file(enterprise.registration("em-02/energy/total/"))
    enterprise.file(enterprise.enrolment(other))
    enterprise.accept(other.sign())
    anchor(enterprise, ReceiptStage.FINAL)
    (receipt,) = _receipts(enterprise)

    assert receipt.kid == other.kid


def test_final_receipt_leaves_one_row_an_epoch(enterprise: Enterprise, device: Device) -> None:
    """What was said at older checkpoints is forgotten; the table does not grow for ever."""
    for _ in range(4):
        enterprise.accept(*device.row(1))
    anchor(enterprise, ReceiptStage.FINAL)
    with enterprise.database.reading() as uow:
        before = uow.deliveries.progress_at(
            enterprise.log.number, _size(enterprise) - 1, below=ReceiptStage.FINAL
        )

    assert before == []


def test_anchor_of_an_unknown_size_is_an_error(enterprise: Enterprise, device: Device) -> None:
    """There is no checkpoint to give with the receipt."""
    enterprise.accept(*device.row(1))
    with pytest.raises(NotIntegrated, match="no checkpoint of size 99"):
        anchor(enterprise, ReceiptStage.FINAL, size=99)


def test_later_answer_takes_the_place_of_an_earlier(enterprise: Enterprise, device: Device) -> None:
    """A gateway that was away gets the newest state, not its history."""
    enterprise.accept(*device.row(2))
    enterprise.answering.confirm(enterprise.log, now=enterprise.now)
    anchor(enterprise, ReceiptStage.ANCHORED)
    anchor(enterprise, ReceiptStage.FINAL)
    stages = [each.stage for each in _receipts(enterprise)]

    assert stages == [ReceiptStage.FINAL]


def test_answers_are_sent_to_the_enterprises_gateway(
    enterprise: Enterprise, device: Device
) -> None:
    """The courier is told gateway and credit code, which make the topic."""
    enterprise.admit(device.sign())
    enterprise.pass_time(1000)
    enterprise.answering.promise(enterprise.log, now=enterprise.now)
    courier = RecordingCourier()
    enterprise.answering.deliver(courier, now=enterprise.now)

    assert [(gateway, usc) for gateway, usc, _ in courier.sent] == [("gw-1", USC)]


def test_what_the_courier_did_not_take_is_sent_again(
    enterprise: Enterprise, device: Device
) -> None:
    """A broker that fails in the middle loses nothing."""
    enterprise.admit(*[device.sign(reading(at, value=-1)) for at in range(3)])
    courier = RecordingCourier(fails_after=1)
    with pytest.raises(ConnectionError, match="gone"):
        enterprise.answering.deliver(courier, now=enterprise.now)

    assert len(told(enterprise)) == 3


def test_sent_answers_are_forgotten(enterprise: Enterprise, device: Device) -> None:
    """The queue keeps what is still to be sent, whatever its age."""
    enterprise.admit(device.sign(reading(0, value=-1)))
    told(enterprise)
    enterprise.admit(device.sign(reading(1, value=-1)))
    with enterprise.database.unit_of_work() as uow:
        removed = uow.deliveries.forget_sent(before=Instant(enterprise.now + 1))
        uow.commit()

    assert removed == 1
    assert len(told(enterprise)) == 1


def test_more_ranges_than_fit_leave_out_the_lowest() -> None:
    """An answer stays an answer; what is left out was answered long ago."""
    ranges = Ranges(tuple((number, number + 1) for number in range(0, 4 * MAX_RANGES, 2)))

    assert closed_ranges(ranges) == tuple(
        (number, number) for number in range(2 * MAX_RANGES, 4 * MAX_RANGES, 2)
    )


def test_receipt_of_every_batch_is_kept_until_it_is_anchored(
    enterprise: Enterprise, device: Device
) -> None:
    """An anchor of an older size finds what was integrated then."""
    sizes = []
    messages: list[SignedMessage] = []
    for _ in range(3):
        messages += device.row(1)
        enterprise.accept(messages[-1])
        sizes.append(_size(enterprise))
    anchor(enterprise, ReceiptStage.ANCHORED, size=sizes[1])
    (receipt,) = _receipts(enterprise)

    assert receipt.newest.message_id == messages[1].message_id
