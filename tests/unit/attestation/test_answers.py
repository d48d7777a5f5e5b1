"""Answers: made, read, and never signed where they would be refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from attestation.answers import (
    MAX_ANSWER_LENGTH,
    AnchorPlace,
    Answer,
    Newest,
    Promise,
    Receipt,
    Refusal,
    encode_answer,
    parse_answer,
    verify_receipt,
)
from attestation.checkpoints import Checkpoint, sign_checkpoint
from attestation.enums import ReceiptStage
from attestation.errors import EncodingError, InclusionError
from attestation.ids import MessageId
from attestation.instants import Instant
from attestation.merkle import hash_children, hash_leaf
from attestation.notes import NoteSigner
from tests.support.attested import ED25519_KEY, LOG_KEY, ORIGIN, message

KID = ED25519_KEY.public_key.kid
MESSAGE = message()
FIRST = hash_leaf(b"first")
CHECKPOINT = Checkpoint(ORIGIN, 2, hash_children(FIRST, MESSAGE.leaf_hash))
PROMISE = Promise(KID, 0, ((0, 6), (9, 12)), Instant(1_735_690_260_000))
REFUSAL = Refusal(KID, 0, 7, MESSAGE.message_id, "admission.backdated")
RECEIPT = Receipt(
    kid=KID,
    epoch=0,
    ranges=((7, 7),),
    stage=ReceiptStage.INTEGRATED,
    newest=Newest(7, MESSAGE.message_id, MESSAGE.leaf_hash, 1, (FIRST,)),
    checkpoint=sign_checkpoint(CHECKPOINT, NoteSigner(ORIGIN, LOG_KEY)),
)
ANCHORED = replace(
    RECEIPT, stage=ReceiptStage.ANCHORED, anchor=AnchorPlace("eip155:1337", 2**53 - 1)
)


@pytest.mark.parametrize(
    "answer",
    [
        PROMISE,
        REFUSAL,
        replace(REFUSAL, kid=None, epoch=None, sequence=None),
        RECEIPT,
        ANCHORED,
        replace(ANCHORED, stage=ReceiptStage.FINAL),
    ],
    ids=["promise", "refusal", "refusal of no header", "integrated", "anchored", "final"],
)
def test_answer_is_read_back(answer: Answer) -> None:
    """What the log signs, the gateway reads with the pinned key."""
    encoded = encode_answer(answer, LOG_KEY, ORIGIN)

    assert parse_answer(encoded, origin=ORIGIN, key=LOG_KEY.public_key) == answer


def test_receipt_gives_its_checkpoint() -> None:
    """Checking a receipt gives what was checked."""
    assert verify_receipt(RECEIPT, origin=ORIGIN, key=LOG_KEY.public_key) == CHECKPOINT


def test_receipt_of_another_message_is_refused() -> None:
    """A proof of the entry beside it does not do."""
    forged = replace(RECEIPT, newest=replace(RECEIPT.newest, leaf_hash=FIRST))
    encoded = encode_answer(forged, LOG_KEY, ORIGIN)

    with pytest.raises(InclusionError, match="does not lead"):
        parse_answer(encoded, origin=ORIGIN, key=LOG_KEY.public_key)


@pytest.mark.parametrize(
    "answer",
    [
        replace(PROMISE, ranges=()),
        replace(PROMISE, ranges=((6, 0),)),
        replace(PROMISE, ranges=((0, 6), (7, 12))),
        replace(PROMISE, epoch=-1),
        replace(PROMISE, integrate_by=Instant(2**53)),
        replace(REFUSAL, kid=None),
        replace(REFUSAL, sequence=None),
        replace(REFUSAL, message_id=MessageId(bytes(31))),
        replace(REFUSAL, code="Backdated"),
        replace(RECEIPT, ranges=((0, 8),)),
        replace(RECEIPT, stage=ReceiptStage.FINAL),
        replace(ANCHORED, stage=ReceiptStage.INTEGRATED),
        replace(ANCHORED, anchor=AnchorPlace("1337", 1)),
        replace(ANCHORED, anchor=AnchorPlace("eip155:1337", -1)),
    ],
    ids=lambda answer: repr(answer)[:60],
)
def test_answer_that_would_be_refused_is_not_signed(answer: Answer) -> None:
    """The rules of arriving answers hold for those the log makes."""
    with pytest.raises(EncodingError, match=r"."):
        encode_answer(answer, LOG_KEY, ORIGIN)


def test_answers_have_a_limit() -> None:
    """Neither too long an answer is signed, nor too long bytes are looked at."""
    endless: Any = replace(RECEIPT, checkpoint="x" * MAX_ANSWER_LENGTH)

    with pytest.raises(EncodingError, match="at most 65535"):
        encode_answer(endless, LOG_KEY, ORIGIN)
    with pytest.raises(EncodingError, match="at most 65535"):
        parse_answer(bytes(65_536), origin=ORIGIN, key=LOG_KEY.public_key)
