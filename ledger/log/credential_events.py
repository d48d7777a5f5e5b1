"""
The read model of credentials: every event of Credentials is a row at its place.

Source: `contracts/interfaces/ICredentials.sol`; DESIGN section 6 ("as of block N").
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from attestation.enums import CredentialStatus, PartyKind, RegulatorTier, Sector
from ledger.errors import StorageConflict
from ledger.ports import (
    AdviceRecorded,
    ChainPosition,
    CredentialGranted,
    CredentialStatusSet,
    GroupSet,
    PreparationRecorded,
    RotationSet,
    VerificationYear,
)
from ledger.repositories.credentials import ConflictOfInterest, Credential
from ledger.repositories.places import Place
from ledger.unit_of_work import UnitOfWork

CredentialEvent = (
    CredentialGranted
    | CredentialStatusSet
    | AdviceRecorded
    | PreparationRecorded
    | GroupSet
    | VerificationYear
    | RotationSet
)


def apply_credential_event(uow: UnitOfWork, event: CredentialEvent) -> None:
    """Apply one event; doing it twice has the effect of doing it once."""
    at = place_of(event.at)
    match event:
        case CredentialGranted():
            uow.credentials.put(_granted(event))
        case CredentialStatusSet():
            _set_status(uow, event)
        case AdviceRecorded():
            uow.credentials.put_conflict(_conflict(event, enterprise=event.enterprise))
        case PreparationRecorded():
            uow.credentials.put_conflict(_conflict(event, province=event.province))
        case GroupSet():
            uow.credentials.put_group(
                event.party_id, event.group, event.act_digest, at, event.at.block_time_s
            )
        case VerificationYear():
            uow.credentials.put_verified_year(event.verifier, event.enterprise, event.year, at)
        case RotationSet():
            uow.credentials.put_rotation(event.max_years, event.source, at)
        case _:
            assert_never(event)


def place_of(position: ChainPosition) -> Place:
    """Give the place of an event, as repositories have it."""
    return Place(position.block_number, position.log_index)


def _granted(event: CredentialGranted) -> Credential:
    return Credential(
        party_id=event.party_id,
        code="",
        name="",
        kind=PartyKind(event.kind),
        tier=RegulatorTier(event.tier),
        sectors=tuple(Sector(each) for each in event.sectors),
        areas=tuple(event.areas),
        valid_from_s=event.valid_from_s,
        valid_to_s=event.valid_to_s,
        cma=event.cma,
        cnas=event.cnas,
        document_hash=event.document_hash,
        act_digest=event.act_digest,
        status=CredentialStatus.VALID,
        reason="",
        state=event.state,
        at=place_of(event.at),
        at_s=event.at.block_time_s,
    )


def _set_status(uow: UnitOfWork, event: CredentialStatusSet) -> None:
    # As it stood before this event: read again, what came later is not mixed in.
    before = uow.credentials.before(event.party_id, place_of(event.at))
    if before is None:
        raise StorageConflict(f"party {event.party_id.hex()} has a status and no credential")
    uow.credentials.put(
        replace(
            before,
            status=CredentialStatus(event.status),
            reason=event.reason,
            state=event.state,
            at=place_of(event.at),
            at_s=event.at.block_time_s,
        )
    )


def _conflict(
    event: AdviceRecorded | PreparationRecorded,
    *,
    enterprise: bytes | None = None,
    province: int | None = None,
) -> ConflictOfInterest:
    return ConflictOfInterest(
        body=event.body,
        enterprise=enterprise,
        province=province,
        from_s=event.from_s,
        to_s=event.to_s,
        reason=event.reason,
        act_digest=event.act_digest,
        at=place_of(event.at),
        at_s=event.at.block_time_s,
    )
