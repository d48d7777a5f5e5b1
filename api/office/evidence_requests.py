"""
Requests of records about samples and monthly evidence, drafted from a file that names them.

Such a file is made by a plant's own system, from a laboratory's sheet, or by the ledger from a
month's collected documents. What a laboratory says is signed by the laboratory alone; everything
else by the enterprise's approver; no request mixes the two.

Source: FORMATS section 4; `docs/formats/sample-records.md`, section 2.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.errors import BadRequest
from api.office.drafting import APPROVER, Drafting
from api.office.parts import RecordPart
from api.office.request import SigningRequest
from attestation.body_fields import read_body, write_body
from attestation.encodings import parse_hex
from attestation.enums import CustodyStep
from attestation.errors import EncodingError
from attestation.evidence_bodies import EvidenceQuestion, Manifest
from attestation.ids import HASH_LENGTH
from attestation.records import SALT_LENGTH, draft_record
from attestation.sample_bodies import Laboratory, LabReport, Sample, SampleStep

LABORATORY: Final = "laboratory"
"""Role of a laboratory's key in a request."""
MAX_RECORDS: Final = 1000
_BY_LABORATORY: Final = (CustodyStep.RECEIVED, CustodyStep.TESTED)
_HASH_PREFIX: Final = "0x"

EvidenceBody = Laboratory | Sample | SampleStep | LabReport | Manifest | EvidenceQuestion

_TYPES: Final[Mapping[str, type[EvidenceBody]]] = {
    each.record_type: each for each in (Laboratory, Sample, SampleStep, LabReport, Manifest)
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One record that is to be signed."""

    body: EvidenceBody
    supersedes: tuple[bytes, ...] = ()
    """Leaf hashes of the entries it takes the place of."""


def format_wanted(records: Sequence[Wanted]) -> bytes:
    """Write a file of records that are to be signed."""
    document = [
        {
            "type": each.body.record_type,
            "body": write_body(each.body),
            "supersedes": [leaf_hash.hex() for leaf_hash in each.supersedes],
        }
        for each in records
    ]
    return (json.dumps({"records": document}, ensure_ascii=False, indent=2) + "\n").encode()


def parse_wanted(content: bytes) -> tuple[Wanted, ...]:
    """
    Read a file of records that are to be signed.

    Args:
        content: From outside.

    Raises:
        BadRequest: If it is no such file, or a record of it is wrong; names it.
    """
    try:
        match json.loads(content):
            case {"records": list(records)} if 0 < len(records) <= MAX_RECORDS:
                return tuple(_wanted(number, each) for number, each in enumerate(records, start=1))
            case _:
                raise BadRequest(f"the file has no list of 1 to {MAX_RECORDS} records")
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the file is not JSON: {error}") from error


def draft_evidence(
    drafting: Drafting, records: Sequence[Wanted], *, laboratory: bytes | None
) -> SigningRequest:
    """
    Draft one request of all records of a file.

    Args:
        drafting: The request under way.
        records: What shall be said.
        laboratory: Address of the laboratory's key, where the laboratory is to sign.

    Raises:
        BadRequest: If the laboratory should sign what it may not say, or the other way round.
        EncodingError: If a record is too long.
    """
    for number, each in enumerate(records, start=1):
        _require_speaker(number, each.body, is_laboratory=laboratory is not None)
    title = f"{len(records)} records of evidence"
    if laboratory is None:
        parts = [
            drafting.record(each.body, subject_of(each.body), supersedes=each.supersedes)
            for each in records
        ]
        return drafting.request(title, parts, APPROVER)
    return SigningRequest(
        title=f"{title} of a laboratory",
        origin=drafting.desk.origin,
        chain_id=drafting.desk.chain_id,
        log_size=drafting.log_size,
        drafted_at=drafting.now,
        deadline=drafting.deadline,
        signers={LABORATORY: laboratory},
        parts=tuple(_laboratory_part(drafting, each, laboratory) for each in records),
    )


def subject_of(body: EvidenceBody) -> str:
    """Say what a record is about, in words a signer recognises."""
    match body:
        case Laboratory():
            return f"laboratory {body.laboratory}"[:200]
        case Sample():
            return f"sample {body.sample}"
        case SampleStep():
            return f"sample {body.sample} {body.step.name.lower()}"
        case LabReport():
            return f"test report {body.report}"
        case Manifest():
            return f"evidence of {body.month}, manifest {body.number}"
        case EvidenceQuestion():
            return f"question about the evidence of {body.month}"


def _wanted(number: int, content: Any) -> Wanted:
    match content:
        case {"type": str(name), "body": dict(body), **rest} if name in _TYPES:
            superseded = rest.pop("supersedes", [])
            if rest or not isinstance(superseded, list):
                raise BadRequest(f"record {number} has names that are not known")
        case _:
            raise BadRequest(f"record {number} is none of {', '.join(_TYPES)} with a body")
    try:
        hashes = (parse_hex(f"{_HASH_PREFIX}{each}", length=HASH_LENGTH) for each in superseded)
        return Wanted(read_body(_TYPES[name], body), tuple(hashes))
    except EncodingError as error:
        raise BadRequest(f"record {number}: {error.message}") from error


def _require_speaker(number: int, body: EvidenceBody, *, is_laboratory: bool) -> None:
    """Refuse what the ledger would refuse for its signer, before anybody has signed."""
    match body:
        case LabReport():
            fits = is_laboratory
        case SampleStep(step=step):
            either = step in (CustodyStep.KEPT, CustodyStep.DISCARDED)
            fits = either or (step in _BY_LABORATORY) == is_laboratory
        case _:
            fits = not is_laboratory
    if not fits:
        speaker = "the enterprise" if is_laboratory else "a laboratory"
        raise BadRequest(f"record {number}, {subject_of(body)}, is to be signed by {speaker}")


def _laboratory_part(drafting: Drafting, wanted: Wanted, laboratory: bytes) -> RecordPart:
    return RecordPart(
        draft_record(
            wanted.body,
            origin=drafting.origin,
            subject=subject_of(wanted.body),
            salt=secrets.token_bytes(SALT_LENGTH),
            signer="0x" + laboratory.hex(),
            supersedes=wanted.supersedes,
        )
    )
