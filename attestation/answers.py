"""
The ledger's signed answers to a device: promise, refusal and receipt.

Each is a COSE_Sign1 by the log's key over a closed CBOR map. Promises and receipts are
cumulative for one (kid, epoch): ranges of sequences, so that one answers thousands.
A receipt carries a checkpoint and an inclusion proof; reading one checks both.

Source: FORMATS section 6; RFC 9052; `docs/formats/answers.md`.
"""

from __future__ import annotations

from typing import Final

from attestation import cbor, cose
from attestation.answer_payloads import (
    AnchorPlace,
    Answer,
    Newest,
    Promise,
    Ranges,
    Receipt,
    Refusal,
    answer_of,
    payload_of,
)
from attestation.checkpoints import Checkpoint, open_checkpoint
from attestation.errors import AnswerError, EncodingError
from attestation.headers import ALG, CONTENT_TYPE, KID
from attestation.ids import Kid
from attestation.keys import Algorithm, PublicKey, Signer
from attestation.merkle import verify_inclusion
from attestation.notes import NoteAlgorithm, NoteVerifier

__all__ = [
    "AnchorPlace",
    "Answer",
    "Newest",
    "Promise",
    "Ranges",
    "Receipt",
    "Refusal",
    "encode_answer",
    "parse_answer",
    "verify_receipt",
]

CONTENT_TYPE_ANSWER: Final = "application/carbonseal-answer+cbor"
MAX_ANSWER_LENGTH: Final = 65_535
_AAD_CONTEXT: Final = "carbonseal/answer/v1\n"


def encode_answer(answer: Answer, signer: Signer, origin: str) -> bytes:
    """
    Sign an answer; gives complete tagged bytes.

    Args:
        answer: Checked as when it is read.
        signer: The log's key.
        origin: Of the log.

    Raises:
        EncodingError: If a part is malformed, or the whole is longer than 65 535 bytes.

    Source: FORMATS section 6.
    """
    payload = payload_of(answer)
    answer_of(payload)
    encoded = cose.sign_sign1(
        protected=_protected(signer.public_key.kid),
        payload=cbor.encode(payload),
        external_aad=_aad(origin),
        signer=signer,
    )
    _check_length(encoded)
    return encoded


def parse_answer(encoded: bytes, *, origin: str, key: PublicKey) -> Answer:
    """
    Read an answer and check everything in it that can be checked.

    Args:
        encoded: From outside.
        origin: Of the log.
        key: The log's key, pinned.

    Raises:
        EncodingError: If it is not an answer in its one form.
        AnswerError: If it names another key.
        SignatureError: If its signature, or that of a receipt's checkpoint, does not hold.
        CheckpointError: If a receipt's checkpoint is of another log.
        InclusionError: If a receipt's proof does not lead to its checkpoint.

    Source: FORMATS section 6; `docs/formats/answers.md`.
    """
    _check_length(encoded)
    parts = cose.parse_sign1(encoded, external_aad=_aad(origin))
    if parts.protected != _protected(key.kid):
        raise AnswerError(
            "header of another key, algorithm or content type", code="verification.answer_key"
        )
    key.verify(parts.signature, parts.to_be_signed)
    answer = answer_of(cbor.decode(parts.payload))
    if isinstance(answer, Receipt):
        verify_receipt(answer, origin=origin, key=key)
    return answer


def verify_receipt(receipt: Receipt, *, origin: str, key: PublicKey) -> Checkpoint:
    """
    Check a receipt's checkpoint and the proof that leads to it; give the checkpoint.

    Raises:
        EncodingError: If the note is malformed.
        SignatureError: If the log's signature on the checkpoint does not hold.
        CheckpointError: If the checkpoint is of another log.
        InclusionError: If the proof does not lead to it.
    """
    verifier = NoteVerifier(origin, NoteAlgorithm.ED25519, key)
    checkpoint = open_checkpoint(receipt.checkpoint, verifier)
    newest = receipt.newest
    verify_inclusion(
        newest.leaf_hash,
        index=newest.index,
        size=checkpoint.size,
        root=checkpoint.root,
        proof=newest.proof,
    )
    return checkpoint


def _protected(kid: Kid) -> bytes:
    return cbor.encode(
        {ALG: int(Algorithm.ED25519), CONTENT_TYPE: CONTENT_TYPE_ANSWER, KID: bytes(kid)}
    )


def _check_length(encoded: bytes) -> None:
    if len(encoded) > MAX_ANSWER_LENGTH:
        raise EncodingError(
            f"answer of {len(encoded)} bytes, at most {MAX_ANSWER_LENGTH} allowed",
            code="encoding.answer",
        )


def _aad(origin: str) -> bytes:
    return (_AAD_CONTEXT + origin).encode()
