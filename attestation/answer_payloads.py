"""
What the ledger's answers say: the values, and the CBOR maps that carry them.

A map is closed: each kind of answer has its labels, and no other. Ranges have one spelling.

Source: FORMATS section 6; `docs/formats/answers.md`, section 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from attestation import cbor
from attestation.enums import ReceiptStage
from attestation.errors import EncodingError
from attestation.headers import MAX_COUNTER
from attestation.ids import HASH_LENGTH, Kid, MessageId
from attestation.instants import Instant

MAX_RANGES: Final = 1024

_CODE = re.compile(r"[a-z_]{1,40}(?:\.[a-z0-9_]{1,60}){1,3}")
_CHAIN = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}")
_PROOF_LIMIT: Final = 64  # a tree of 2**63 leaves is 63 levels high

_KIND, _OF_KID, _OF_EPOCH, _RANGES, _INTEGRATE_BY = 1, 2, 3, 4, 5
_SEQUENCE, _MESSAGE_ID, _REASON = 6, 7, 8
_STAGE, _NEWEST, _CHECKPOINT, _ANCHOR = 9, 10, 11, 12
_PROMISE, _REFUSAL, _RECEIPT = 1, 2, 3

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Sequences as (first, last), both included: ascending, at least one number apart."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Admitted; will be integrated by a time."""

    kid: Kid
    epoch: int
    ranges: Ranges
    integrate_by: Instant


@dataclass(frozen=True, slots=True)
class Refusal:
    """Will never be integrated; final."""

    kid: Kid | None
    """None, with epoch and sequence, where the bytes have no readable header."""
    epoch: int | None
    sequence: int | None
    message_id: MessageId
    """SHA-256 of the bytes that were refused, 32 bytes."""
    code: str
    """Stable code of the reason, such as `admission.backdated`."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The last message a receipt speaks of, with the proof that it is in the tree."""

    sequence: int
    message_id: MessageId
    leaf_hash: bytes
    """Leaf hash of the message, 32 bytes: the gateway compares it with its own."""
    index: int
    proof: tuple[bytes, ...]
    """Inclusion proof under the receipt's checkpoint, from the leaf up."""


@dataclass(frozen=True, slots=True)
class AnchorPlace:
    """Where the checkpoint, or a later one, is anchored."""

    chain: str
    """CAIP-2 id."""
    block_number: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """Is integrated, anchored or final."""

    kid: Kid
    epoch: int
    ranges: Ranges
    stage: ReceiptStage
    newest: Newest
    """The last message of the last range."""
    checkpoint: str
    """Signed note of the checkpoint the proof leads to."""
    anchor: AnchorPlace | None = None
    """Absent at stage integrated, and only there."""


Answer: TypeAlias = Promise | Refusal | Receipt


def payload_of(answer: Answer) -> dict[cbor.Key, cbor.Item]:
    """
    Give the map of an answer, unchecked.

    Source: `docs/formats/answers.md`, section 2.
    """
    match answer:
        case Promise():
            return {
                _KIND: _PROMISE,
                **_place(answer),
                _INTEGRATE_BY: int(answer.integrate_by),
            }
        case Refusal():
            place = {_OF_KID: answer.kid, _OF_EPOCH: answer.epoch, _SEQUENCE: answer.sequence}
            return {
                _KIND: _REFUSAL,
                **{label: part for label, part in place.items() if part is not None},
                _MESSAGE_ID: answer.message_id,
                _REASON: answer.code,
            }
        case Receipt():
            return _receipt_payload(answer)


def _receipt_payload(receipt: Receipt) -> dict[cbor.Key, cbor.Item]:
    newest = receipt.newest
    payload: dict[cbor.Key, cbor.Item] = {
        _KIND: _RECEIPT,
        **_place(receipt),
        _STAGE: int(receipt.stage),
        _NEWEST: [
            newest.sequence,
            newest.message_id,
            newest.leaf_hash,
            newest.index,
            list(newest.proof),
        ],
        _CHECKPOINT: receipt.checkpoint,
    }
    if receipt.anchor is not None:
        payload[_ANCHOR] = [receipt.anchor.chain, receipt.anchor.block_number]
    return payload


def _place(answer: Promise | Receipt) -> dict[cbor.Key, cbor.Item]:
    ranges: list[cbor.Item] = [[first, last] for first, last in answer.ranges]
    return {_OF_KID: answer.kid, _OF_EPOCH: answer.epoch, _RANGES: ranges}


def answer_of(payload: cbor.Item) -> Answer:
    """
    Read the map of an answer.

    Raises:
        EncodingError: If it is no answer, or a part of it has another form.

    Source: `docs/formats/answers.md`, section 2.
    """
    match payload:
        case {1: 1, 2: kid, 3: epoch, 4: ranges, 5: integrate_by, **rest} if not rest:
            return Promise(_kid(kid), _counter(epoch), _ranges(ranges), _instant(integrate_by))
        case {1: 2, 2: kid, 3: epoch, 6: sequence, 7: message_id, 8: code, **rest} if not rest:
            place = _kid(kid), _counter(epoch), _counter(sequence)
            return Refusal(*place, MessageId(_hash(message_id)), _matching(_CODE, code))
        case {1: 2, 7: message_id, 8: code, **rest} if not rest:
            anything = MessageId(_hash(message_id))
            return Refusal(None, None, None, anything, _matching(_CODE, code))
        case {1: 3, 2: kid, 3: epoch, 4: ranges, 9: stage, 10: newest, 11: str(note), **rest}:
            receipt = Receipt(
                _kid(kid),
                _counter(epoch),
                _ranges(ranges),
                _stage(stage),
                _newest(newest),
                note,
                _anchor(rest),
            )
            _check_receipt(receipt)
            return receipt
        case _:
            raise EncodingError("not a promise, refusal or receipt", code="encoding.answer")


def _check_receipt(receipt: Receipt) -> None:
    _require(
        receipt.newest.sequence == receipt.ranges[-1][1], "newest is not the last of the ranges"
    )
    _require(
        (receipt.anchor is None) == (receipt.stage is ReceiptStage.INTEGRATED),
        "an anchor stands in every receipt but at stage integrated",
    )


def _newest(item: object) -> Newest:
    match item:
        case [sequence, message_id, leaf_hash, index, list(proof)] if len(proof) <= _PROOF_LIMIT:
            return Newest(
                _counter(sequence),
                MessageId(_hash(message_id)),
                _hash(leaf_hash),
                _counter(index),
                tuple(_hash(each) for each in proof),
            )
    raise EncodingError("newest is malformed", code="encoding.answer")


def _anchor(rest: dict[object, object]) -> AnchorPlace | None:
    match rest:
        case {12: [chain, block_number]} if len(rest) == 1:
            return AnchorPlace(_matching(_CHAIN, chain), _counter(block_number))
    _require(not rest, "unknown labels or a malformed anchor")
    return None


def _ranges(item: object) -> Ranges:
    _require(isinstance(item, list) and 0 < len(item) <= MAX_RANGES, "no ranges, or too many")
    ranges: list[tuple[int, int]] = []
    for each in item if isinstance(item, list) else ():
        match each:
            case [int(first), int(last)] if first <= last <= MAX_COUNTER:
                least = ranges[-1][1] + 2 if ranges else 0
                _require(first >= least, "ranges are not ascending and apart")
                ranges.append((first, last))
            case _:
                raise EncodingError("a range is malformed", code="encoding.answer")
    return tuple(ranges)


def _stage(item: object) -> ReceiptStage:
    _require(item in tuple(ReceiptStage), "no such stage")
    return ReceiptStage(_counter(item))


def _matching(form: re.Pattern[str], item: object) -> str:
    if not isinstance(item, str) or not form.fullmatch(item):
        raise EncodingError(f"{item!r} has another form", code="encoding.answer")
    return item


def _kid(item: object) -> Kid:
    return Kid(_hash(item))


def _instant(item: object) -> Instant:
    return Instant(_counter(item))


def _hash(item: object) -> bytes:
    if not isinstance(item, bytes) or len(item) != HASH_LENGTH:
        raise EncodingError("a hash is not 32 bytes", code="encoding.answer")
    return item


def _counter(item: object) -> int:
    if not isinstance(item, int) or not 0 <= item <= MAX_COUNTER:
        raise EncodingError(f"{item!r} is not in 0 to 2**53 - 1", code="encoding.answer")
    return item


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise EncodingError(message, code="encoding.answer")
