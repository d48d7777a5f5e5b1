"""
Whether a request is for the place that its reader trusts, and says one thing in all its parts.

The trust root names chain, contracts and log. An act and the record that goes with it name each
other by hashes; here they are compared, so that nobody signs a record about one key and an act
about another.

Source: FORMATS sections 8 and 10; CONTRACTS section 2 (DeviceRegistry).
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from api.office.errors import OnePerson, RequestEdited, RequestExpired, WrongPlace
from api.office.parts import ActPart, FollowingRecord, RecordPart, body_hash
from api.office.request import SigningRequest
from attestation.ids import Origin, parse_origin
from attestation.instants import Instant, format_instant
from attestation.key_bodies import KeyClosing, KeyEnrolment
from attestation.keys import PublicKey
from attestation.records import RecordDraft, body_of_record
from attestation.series_bodies import Calibration as CalibrationBody
from attestation.trust_root import Contract, TrustedChain, TrustedLog, TrustRoot
from chain.acts import Calibration, CloseKey, Enrolment, OpenLog
from chain.addresses import format_address
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.credentials import Credentials
from chain.bindings.device_registry import DeviceRegistry
from chain.bindings.inventory_registry import InventoryRegistry
from chain.bindings.party_registry import PartyRegistry
from chain.bindings.sampling_draw import SamplingDraw
from chain.inventory_acts import Subject
from chain.signed_acts import signers_of
from chain.typed_data import Act

_NEWEST: Final = 2**63
_REGISTRIES: Final = {
    CheckpointRegistry.NAME: Contract.CHECKPOINT_REGISTRY,
    Credentials.NAME: Contract.CREDENTIALS,
    DeviceRegistry.NAME: Contract.DEVICE_REGISTRY,
    InventoryRegistry.NAME: Contract.INVENTORY_REGISTRY,
    PartyRegistry.NAME: Contract.PARTY_REGISTRY,
    SamplingDraw.NAME: Contract.SAMPLING_DRAW,
}
_WITH_RECORD: Final = (Enrolment, CloseKey, Calibration)
"""Acts that a record of the same file must go with."""


def check_place(request: SigningRequest, root: TrustRoot, *, now: Instant) -> None:
    """
    Check that a request is for the chain, the contracts and the log of a trust root, and in time.

    Args:
        request: From outside.
        root: Trusted.
        now: The time that counts.

    Raises:
        WrongPlace: If it is for another place.
        RequestExpired: If its deadline has passed.
        RequestEdited: If its parts contradict each other.
        OnePerson: If one key stands for two persons.
    """
    log = None if request.origin is None else trusted_log(root, request.origin)
    chain = trusted_chain(root)
    if chain.chain_id != f"eip155:{request.chain_id}":
        raise WrongPlace(f"for chain eip155:{request.chain_id}, not for {chain.chain_id}")
    if now > request.deadline:
        raise RequestExpired(f"the deadline was {format_instant(request.deadline)}")
    if len(set(request.signers.values())) != len(request.signers):
        raise OnePerson("two roles of the request are one key's")
    for part in request.parts:
        if isinstance(part, ActPart):
            _check_act(part, request, chain, log)
        elif isinstance(part, RecordPart) and part.draft.origin != str(request.origin):
            raise WrongPlace(f"a record for {part.draft.origin}, not for {request.origin}")
        _check_signers(part, request)
    _check_links(request)


def trusted_log(root: TrustRoot, origin: Origin) -> TrustedLog:
    """
    Give the log of a trust root.

    Raises:
        WrongPlace: If the trust root does not name it.
    """
    log = root.log(str(origin))
    if log is None:
        raise WrongPlace(f"the trust root names no log {origin}")
    return log


def trusted_chain(root: TrustRoot) -> TrustedChain:
    """
    Give the chain of a trust root.

    Raises:
        WrongPlace: If the trust root names none.
    """
    if root.chain is None:
        raise WrongPlace("the trust root names no chain")
    return root.chain


def trusted_address(chain: TrustedChain, contract: str) -> bytes:
    """
    Give the address of a contract in force, 20 bytes.

    Raises:
        WrongPlace: If the trust root does not name it.
    """
    kind = _REGISTRIES.get(contract)
    registry = None if kind is None else chain.registry_at(kind, _NEWEST)
    if registry is None:
        raise WrongPlace(f"the trust root names no {contract}")
    return registry.address


def _check_act(
    part: ActPart, request: SigningRequest, chain: TrustedChain, log: TrustedLog | None
) -> None:
    address = trusted_address(chain, part.contract)
    if part.address != address:
        raise WrongPlace(
            f"for {part.contract} at {format_address(part.address)},"
            f" not at {format_address(address)}"
        )
    _check_log(part.act, request.origin)
    if any(request.signers.get(role) != each for role, each in signers_of(part.act).items()):
        raise RequestEdited(f"the act {type(part.act).__name__} names others than the request")
    if getattr(part.act, "deadline", None) != request.deadline_s:
        raise RequestEdited("an act has another deadline than the request")
    if isinstance(part.act, OpenLog) and log is not None:
        vkey_hash = sha256(log.vkey.vkey.encode()).digest()
        code = parse_origin(log.origin).usc
        if (part.act.vkey_hash, part.act.credit_code) != (vkey_hash, code):
            raise WrongPlace("the log is opened with another key or code than the trust root's")


def _check_log(act: Act, origin: Origin | None) -> None:
    """Check that an act is about the request's log, its enterprise, or no log at all."""
    named, subject = getattr(act, "origin", None), getattr(act, "subject", None)
    if origin is None:
        if named is not None or subject is not None:
            raise WrongPlace(f"an act {type(act).__name__} is for a log, and the request for none")
        return
    if named is None and not isinstance(subject, Subject):
        raise WrongPlace(f"an act {type(act).__name__} is not for a log")
    if named is not None and named != str(origin):
        raise WrongPlace(f"an act for {named}, not for {origin}")
    if isinstance(subject, Subject) and subject.credit_code != origin.usc:
        raise WrongPlace(f"an act about {subject.credit_code}, not for {origin}")


def _check_signers(part: ActPart | RecordPart | FollowingRecord, request: SigningRequest) -> None:
    strangers = part.signers - set(request.signers.values())
    if strangers:
        named = ", ".join(format_address(each) for each in sorted(strangers))
        raise RequestEdited(f"a part is to be signed by {named}, whom the request does not name")


def _check_links(request: SigningRequest) -> None:
    """Check that acts and records of one file speak of the same."""
    acts = {
        part.digest(request.chain_id): part.act
        for part in request.parts
        if isinstance(part, ActPart)
    }
    matched: set[bytes] = set()
    for part in request.parts:
        matched.update(_matched_by(part, acts))
    for digest, act in acts.items():
        if digest not in matched and isinstance(act, _WITH_RECORD):
            raise RequestEdited(f"no record of the request goes with the act {type(act).__name__}")


def _matched_by(
    part: ActPart | RecordPart | FollowingRecord, acts: dict[bytes, Act]
) -> Iterator[bytes]:
    """Give the acts that a part goes with; refuse one that it only seems to go with."""
    if isinstance(part, ActPart):
        return
    if isinstance(part, FollowingRecord):
        yield from (digest for digest, act in acts.items() if _is_left_open(act, part.body))
        return
    match body_of_record(part.draft):
        case KeyEnrolment(act=bytes() as digest) as body:
            act = acts.get(digest)
            if not isinstance(act, Enrolment) or not _enrols(act, body):
                raise RequestEdited("the record of a key and the act that enrols it differ")
            yield digest
        case KeyClosing(act=bytes() as digest) as body if acts:
            act = acts.get(digest)
            if not isinstance(act, CloseKey) or not _closes(act, body):
                raise RequestEdited("the record of a closing and the act that closes differ")
            yield digest
        case CalibrationBody() as body:
            yield from (
                digest for digest, act in acts.items() if _calibrates(act, body, part.draft)
            )
        case _:
            pass


def _enrols(act: Enrolment, body: KeyEnrolment) -> bool:
    return (act.kid, act.algorithm, act.record_hash, act.pop_hash) == (
        body.kid,
        -int(PublicKey.from_spki(body.spki).algorithm),
        body.enrolment_hash,
        sha256(body.possession).digest(),
    )


def _closes(act: CloseKey, body: KeyClosing) -> bool:
    return (act.kid, act.closed_index, act.reason, act.record_hash) == (
        body.kid,
        body.closed_index,
        int(body.reason),
        body_hash(body),
    )


def _is_left_open(act: Act, body: KeyClosing) -> bool:
    return isinstance(act, CloseKey) and act.closed_index == 0 and _closes(act, body)


def _calibrates(act: Act, body: CalibrationBody, draft: RecordDraft) -> bool:
    return isinstance(act, Calibration) and (
        act.instrument,
        act.valid_from,
        act.valid_to,
        act.record_hash,
    ) == (body.instrument, body.from_s, body.to_s, draft.content_hash)
