"""
The agreement's events whose arguments say all: each in the ledger's words.

Source: `contracts/interfaces/ICredentials.sol`, `IInventoryRegistry.sol`, `IEvidenceBinding.sol`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from chain.agreed_events import (
    AdviceRecorded,
    AgreedEvent,
    CredentialStatusSet,
    EvidenceBound,
    GroupSet,
    InventoryDrafted,
    PreparationRecorded,
    ResultAccepted,
    ResultRestated,
    ResultStated,
    RotationSet,
    VerificationYear,
    VerifierAssigned,
    VersionSubmitted,
)
from chain.positions import ChainPosition

Fields = Mapping[str, Any]


def _status_set(at: ChainPosition, found: Fields) -> CredentialStatusSet:
    """Read that a credential got another status."""
    return CredentialStatusSet(at, found["party"], found["status"], found["reason"], found["state"])


def _advice(at: ChainPosition, found: Fields) -> AdviceRecorded:
    """Read that a body advised an enterprise."""
    return AdviceRecorded(
        at=at,
        body=found["body"],
        enterprise=found["enterprise"],
        from_s=found["from"],
        to_s=found["to"],
        reason=found["reason"],
        act_digest=found["actDigest"],
    )


def _preparation(at: ChainPosition, found: Fields) -> PreparationRecorded:
    """Read that a body prepares reports in a province."""
    return PreparationRecorded(
        at=at,
        body=found["body"],
        province=found["province"],
        from_s=found["from"],
        to_s=found["to"],
        reason=found["reason"],
        act_digest=found["actDigest"],
    )


def _group(at: ChainPosition, found: Fields) -> GroupSet:
    """Read that a party belongs to a group."""
    return GroupSet(at, found["party"], found["group"], found["actDigest"])


def _year(at: ChainPosition, found: Fields) -> VerificationYear:
    """Read that a verifier verified an enterprise."""
    return VerificationYear(at, found["verifier"], found["enterprise"], found["year"])


def _rotation(at: ChainPosition, found: Fields) -> RotationSet:
    """Read the rule of rotation."""
    return RotationSet(at, found["maxYears"], found["source"])


def _drafted(at: ChainPosition, found: Fields) -> InventoryDrafted:
    """Read that an inventory was begun."""
    return InventoryDrafted(
        at=at,
        inventory_id=found["id"],
        enterprise=found["enterprise"],
        unit_code=found["unitCode"],
        period_from_s=found["periodFrom"],
        period_to_s=found["periodTo"],
        sector=found["sector"],
        area=found["area"],
        document_hash=found["documentHash"],
    )


def _submitted(at: ChainPosition, found: Fields) -> VersionSubmitted:
    """Read that a version was submitted."""
    content = found["content"]
    return VersionSubmitted(
        at=at,
        inventory_id=found["id"],
        version=found["version"],
        inputs_hash=content["inputsHash"],
        lines_root=content["linesRoot"],
        log_id=content["logId"],
        log_root=content["logRoot"],
        log_size=content["logSize"],
        line_count=content["lineCount"],
        total_t=content["total_tCO2e"],
        laboratories=tuple(content["laboratories"]),
        document_hash=found["documentHash"],
        reason=found["reason"],
    )


def _assigned(at: ChainPosition, found: Fields) -> VerifierAssigned:
    """Read who verifies, reviews and confirms."""
    return VerifierAssigned(
        at=at,
        inventory_id=found["id"],
        verifier=found["verifier"],
        regulator=found["regulator"],
        city_regulator=found["cityRegulator"],
        lead_verifier=found["leadVerifier"],
        technical_reviewer=found["technicalReviewer"],
        reason=found["reason"],
    )


def _stated(at: ChainPosition, found: Fields) -> ResultStated:
    """Read that the verifier stated its opinion."""
    return ResultStated(at, found["id"], found["version"], found["opinion"], found["reportHash"])


def _accepted(at: ChainPosition, found: Fields) -> ResultAccepted:
    """Read that a result is accepted."""
    return ResultAccepted(
        at, found["id"], found["version"], found["total_tCO2e"], found["objectableUntil"]
    )


def _restated(at: ChainPosition, found: Fields) -> ResultRestated:
    """Read that an accepted result was replaced."""
    return ResultRestated(
        at=at,
        inventory_id=found["id"],
        old_version=found["oldVersion"],
        new_version=found["newVersion"],
        old_total_t=found["oldTotal_tCO2e"],
        new_total_t=found["newTotal_tCO2e"],
    )


def _bound(at: ChainPosition, found: Fields) -> EvidenceBound:
    """Read that a line was bound to a digest."""
    return EvidenceBound(
        at=at,
        inventory_id=found["inventoryId"],
        line_id=found["lineId"],
        use=found["use"],
        version=found["version"],
        index=found["index"],
        commitment=found["commitment"],
    )


PLAIN_EVENTS: Final[Mapping[str, Callable[[ChainPosition, Fields], AgreedEvent]]] = {
    "CredentialStatusSet": _status_set,
    "AdviceRecorded": _advice,
    "PreparationRecorded": _preparation,
    "GroupSet": _group,
    "VerificationYear": _year,
    "RotationSet": _rotation,
    "InventoryDrafted": _drafted,
    "VersionSubmitted": _submitted,
    "VerifierAssigned": _assigned,
    "ResultStated": _stated,
    "ResultAccepted": _accepted,
    "ResultRestated": _restated,
    "EvidenceBound": _bound,
}
"""The reading of each, by the event's name."""
