"""
Requests about keys: enrolled, handed over, taken out, revoked, an epoch begun anew.

An orderly closing names an index in the log's future, so that messages of the old key which are
still under way are not refused before the record says up to which they count. A revocation leaves
the index to the chain: it takes effect at the size that is anchored then, and its record follows.

Source: FORMATS sections 1, 3 and 7; `contracts/interfaces/IDeviceRegistry.sol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from api.office.authority import DeviceAuthority
from api.office.drafting import APPROVER, TWO_PERSONS, Drafting, draw_nonce
from api.office.errors import WrongPlace
from api.office.parts import ActPart, FollowingRecord, Part, RecordPart, body_hash
from api.office.request import SigningRequest
from attestation.certificate_issuing import issue_device
from attestation.enums import CloseReason
from attestation.ids import Kid
from attestation.key_bodies import KeyClosing
from chain.acts import CloseKey, Compromise, Enrolment
from devices.closing_statements import ClosingStatement
from devices.enrolment import (
    EnrolmentRequest,
    authority_body,
    epoch_body,
    key_body,
    orderly_closing_body,
    revocation_body,
    verify_request,
)
from devices.errors import EnrolmentError


def register_authority(drafting: Drafting, authority: DeviceAuthority) -> SigningRequest:
    """
    Draft the record by which the device authority begins to count in the log.

    Raises:
        CertificateError: If the root did not make it an authority.
        WrongPlace: If the root is none of the trust root's.
    """
    _require_root(drafting, authority)
    body = authority_body(authority.issuer.certificate, authority.root, at=drafting.now)
    part = drafting.record(body, "device authority")
    return drafting.request("Register the device authority", [part], APPROVER)


def enrol(
    drafting: Drafting, authority: DeviceAuthority, requests: Sequence[bytes], *, after: int = 0
) -> SigningRequest:
    """
    Check devices' requests, certify their keys, and draft acts and records.

    Args:
        drafting: The request under way.
        authority: Certifies the keys.
        requests: As the devices wrote them, from outside.
        after: How many entries the log may still grow by before the keys count; the act must be
            on the chain before the log is anchored beyond that.

    Raises:
        EnrolmentError: If a request is not for this log, twice there, or its key enrolled.
        EncodingError, SignatureError: If a request is malformed, or possession is not proved.
        CertificateError: If the authority cannot certify it.
    """
    _require_root(drafting, authority)
    checked = [verify_request(each, origin=drafting.desk.origin) for each in requests]
    kids = {each.key.kid for each in checked}
    if len(kids) != len(checked):
        raise EnrolmentError("a key stands in two of the requests")
    parts: list[Part] = []
    for request in checked:
        parts += _enrolment(drafting, authority, request, drafting.log_size + after)
    names = ", ".join(each.device for each in checked)
    title = f"Enrol the key of {names}" if len(checked) == 1 else f"Enrol {len(checked)} keys"
    return drafting.request(title, parts, TWO_PERSONS)


def _enrolment(
    drafting: Drafting, authority: DeviceAuthority, request: EnrolmentRequest, index: int
) -> tuple[ActPart, RecordPart]:
    if drafting.desk.devices.key_slot(request.origin.log_id, request.key.kid) is not None:
        raise EnrolmentError(f"the key of {request.device} is enrolled already")
    leaf = issue_device(
        request.key,
        usc=request.origin.usc,
        device=request.device,
        validity=authority.validity(drafting.now),
        issuer=authority.issuer,
    )
    body = key_body(
        request,
        leaf=leaf,
        authority=authority.issuer.certificate,
        root=authority.root,
        at=drafting.now,
    )
    act = drafting.act(
        Enrolment(
            origin=drafting.origin,
            kid=request.key.kid,
            algorithm=-int(request.key.algorithm),
            enrolled_index=index,
            record_hash=body.enrolment_hash,
            pop_hash=sha256(request.possession).digest(),
            initiator=drafting.people.initiator,
            approver=drafting.people.approver,
            nonce=draw_nonce(),
            deadline=drafting.deadline_s,
        )
    )
    named = replace(body, act=drafting.digest(act))
    return act, drafting.record(named, f"key of {request.device}")


def _require_root(drafting: Drafting, authority: DeviceAuthority) -> None:
    if sha256(authority.root).digest() not in drafting.desk.root.platform_roots:
        raise WrongPlace("the platform root is none of those that the trust root names")


def rotate(drafting: Drafting, statement: ClosingStatement, *, after: int) -> SigningRequest:
    """
    Draft the end of a key whose chain another goes on with: rotation record, act and closing.

    Args:
        drafting: The request under way.
        statement: What the plant said of the chain.
        after: How many entries the log may still grow by before the old key is closed.

    Raises:
        EnrolmentError: If the plant named no other key, or the old one is not open.
    """
    if statement.next_kid is None:
        raise EnrolmentError("the statement names no key that goes on")
    _require_open(drafting, statement.next_kid)
    parts: list[Part] = []
    if statement.closed is not None:
        body = epoch_body(statement.closed, next_kid=statement.next_kid)
        parts.append(drafting.record(body, "end of an epoch"))
    parts += _orderly(drafting, statement, CloseReason.ROTATED, after)
    return drafting.request(f"Rotate key {_short(statement.kid)}", parts, APPROVER)


def decommission(drafting: Drafting, statement: ClosingStatement, *, after: int) -> SigningRequest:
    """
    Draft the end of a key that nothing follows; arguments and errors as `rotate`.

    Raises:
        EnrolmentError: If the plant named another key, or this one is not open.
    """
    if statement.next_kid is not None:
        raise EnrolmentError("the statement names a key that goes on: this is a rotation")
    parts = _orderly(drafting, statement, CloseReason.DECOMMISSIONED, after)
    return drafting.request(f"Decommission key {_short(statement.kid)}", parts, APPROVER)


def _orderly(
    drafting: Drafting, statement: ClosingStatement, reason: CloseReason, after: int
) -> list[Part]:
    _require_open(drafting, statement.kid)
    if statement.closed is None:
        raise EnrolmentError(
            "the key never signed: an orderly closing names its last message, a revocation none"
        )
    index = drafting.log_size + after
    body = orderly_closing_body(statement.closed, reason, closed_index=index)
    act = drafting.act(_closing(drafting, body))
    named = replace(body, act=drafting.digest(act))
    return [act, drafting.record(named, f"key {reason.name.lower()}")]


def revoke(
    drafting: Drafting,
    kid: Kid,
    *,
    compromised_since_s: int | None = None,
    suspect_from: int | None = None,
) -> SigningRequest:
    """
    Draft the revocation of a key, at once.

    Args:
        drafting: The request under way.
        kid: The key.
        compromised_since_s: From when on it is suspected; marks readings, removes none.
        suspect_from: Index from which on its messages are under suspicion, on the chain too.

    Raises:
        EnrolmentError: If the key is not open.
    """
    _require_open(drafting, kid)
    body = revocation_body(kid, closed_index=0, compromised_since_s=compromised_since_s)
    parts: list[Part] = []
    if suspect_from is not None:
        parts.append(
            drafting.act(
                Compromise(
                    origin=drafting.origin,
                    kid=kid,
                    since_index=suspect_from,
                    record_hash=body_hash(body),
                    approver=drafting.people.approver,
                    nonce=draw_nonce(),
                    deadline=drafting.deadline_s,
                )
            )
        )
    parts += [drafting.act(_closing(drafting, body)), FollowingRecord("key revoked", body)]
    return drafting.request(f"Revoke key {_short(kid)}", parts, APPROVER)


def closing_record(drafting: Drafting, following: FollowingRecord, act: bytes) -> SigningRequest:
    """
    Draft the record of a closing whose index the chain gave.

    Args:
        drafting: The request under way.
        following: What the closing's own request said of it.
        act: EIP-712 digest of the closing, 32 bytes.

    Raises:
        EnrolmentError: If the chain has not closed the key.
    """
    kid = following.body.kid
    slot = drafting.desk.devices.key_slot(drafting.desk.origin.log_id, kid)
    if slot is None or slot.reason is CloseReason.NONE:
        raise EnrolmentError(f"key {_short(kid)} is not closed on chain")
    body = replace(following.body, closed_index=slot.closed_index, act=act)
    part = drafting.record(body, following.subject)
    return drafting.request(f"Record the closing of key {_short(kid)}", [part], APPROVER)


def end_epoch(drafting: Drafting, statement: ClosingStatement) -> SigningRequest:
    """
    Draft the record of an epoch that the same key follows with another.

    Raises:
        EnrolmentError: If nothing was signed in it, or another key goes on.
    """
    if statement.closed is None or statement.next_kid is not None:
        raise EnrolmentError("the statement is not of an epoch that the same key goes on from")
    part = drafting.record(epoch_body(statement.closed), "end of an epoch")
    title = f"End epoch {statement.closed.epoch} of key {_short(statement.kid)}"
    return drafting.request(title, [part], APPROVER)


def _closing(drafting: Drafting, body: KeyClosing) -> CloseKey:
    return CloseKey(
        origin=drafting.origin,
        kid=body.kid,
        closed_index=body.closed_index,
        reason=int(body.reason),
        record_hash=body_hash(body),
        approver=drafting.people.approver,
        nonce=draw_nonce(),
        deadline=drafting.deadline_s,
    )


def _require_open(drafting: Drafting, kid: Kid) -> None:
    slot = drafting.desk.devices.key_slot(drafting.desk.origin.log_id, kid)
    if slot is None:
        raise EnrolmentError(f"key {_short(kid)} is not enrolled on chain")
    if slot.reason is not CloseReason.NONE:
        raise EnrolmentError(f"key {_short(kid)} is closed: {slot.reason.name.lower()}")


def _short(kid: bytes) -> str:
    return kid.hex()[:16]
