"""
The read model of inventories: every event of InventoryRegistry adds a row at its place.

An act shows as an event that says what changed, and then as `InventoryAdvanced`, which says the
state it led to. Each row is made of the newest one before it, as the contract makes each state.

Source: `contracts/inventory/InventoryRegistry.sol`, `InventorySteps.sol`; DESIGN section 6.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, assert_never

from attestation.enums import InventoryState, InventoryStep, Sector, VerificationOpinion
from attestation.ids import ZERO_HASH
from ledger.errors import StorageConflict
from ledger.inventory.periods import day_of
from ledger.log.credential_events import place_of
from ledger.ports import (
    ChainPosition,
    EvidenceBound,
    InventoryAdvanced,
    InventoryDrafted,
    ResultAccepted,
    ResultRestated,
    ResultStated,
    StepTaken,
    VerifierAssigned,
    VersionSubmitted,
)
from ledger.repositories.chain_inventories import (
    ChainAct,
    ChainInventory,
    ChainVersion,
    EvidenceBinding,
)
from ledger.unit_of_work import UnitOfWork

InventoryEvent = (
    InventoryDrafted
    | VersionSubmitted
    | VerifierAssigned
    | ResultStated
    | ResultAccepted
    | ResultRestated
    | StepTaken
    | InventoryAdvanced
    | EvidenceBound
)

STEP_NAMES: Final = {
    InventoryStep.FINDINGS: "VerificationFindings",
    InventoryStep.RESPONSE: "FindingsResponse",
    InventoryStep.REVIEW: "CityReview",
    InventoryStep.WITHDRAWAL: "InventoryWithdrawal",
    InventoryStep.REJECTION: "InventoryRejection",
    InventoryStep.OBJECTION: "ResultObjection",
    InventoryStep.OBJECTION_UPHELD: "ObjectionUpheld",
    InventoryStep.OBJECTION_DISMISSED: "ObjectionDismissed",
    InventoryStep.REOPENING: "InventoryReopening",
}
"""The type that a step is signed under."""

_BY_ENTERPRISE: Final = 1
_BY_NATION: Final = 2
_ACCEPTABLE: Final = (VerificationOpinion.UNMODIFIED, VerificationOpinion.MODIFIED)
_DISMISSING: Final = (
    InventoryStep.WITHDRAWAL,
    InventoryStep.REJECTION,
    InventoryStep.REOPENING,
)
_NOBODY: Final[dict[str, Any]] = {
    "verifier": None,
    "regulator": None,
    "city_regulator": None,
    "lead_verifier": None,
    "technical_reviewer": None,
    "is_reviewed": False,
}
"""Who verifies, reviews and confirms is forgotten: another request fixes them anew."""


def apply_inventory_event(uow: UnitOfWork, event: InventoryEvent) -> None:
    """Apply one event; doing it twice has the effect of doing it once."""
    match event:
        case InventoryDrafted():
            _draft(uow, event)
        case VersionSubmitted():
            _submit(uow, event)
        case VerifierAssigned():
            _assign(uow, event)
        case ResultStated():
            _state(uow, event)
        case ResultRestated():
            _restate(uow, event)
        case ResultAccepted():
            _accept(uow, event)
        case StepTaken():
            _step(uow, event)
        case InventoryAdvanced():
            _advance(uow, event)
        case EvidenceBound():
            _bind(uow, event)
        case _:
            assert_never(event)


def _draft(uow: UnitOfWork, event: InventoryDrafted) -> None:
    enterprise = uow.parties.by_id(event.enterprise)
    if enterprise is None:
        raise StorageConflict(f"party {event.enterprise.hex()} drafts and was never registered")
    uow.chain_inventories.put(
        ChainInventory(
            inventory_id=event.inventory_id,
            enterprise=event.enterprise,
            usc=enterprise.code,
            name=enterprise.name,
            unit_code=event.unit_code,
            period_from_s=event.period_from_s,
            period_to_s=event.period_to_s,
            # The contract lets a period only be of whole months of the report year.
            report_year=day_of(event.period_from_s).year,
            sector=Sector(event.sector),
            area=event.area,
            state=InventoryState.NONE,
            version=0,
            state_hash=ZERO_HASH,
            **_NOBODY,
            accepted_version=0,
            objections=0,
            objectable_until_s=0,
            decision_due_s=0,
            act="InventoryDraft",
            reason="",
            document_hash=_given(event.document_hash),
            at=place_of(event.at),
            at_s=event.at.block_time_s,
        )
    )


def _submit(uow: UnitOfWork, event: VersionSubmitted) -> None:
    uow.chain_inventories.put_version(
        ChainVersion(
            inventory_id=event.inventory_id,
            number=event.version,
            submitted_at_s=event.at.block_time_s,
            inputs_hash=event.inputs_hash,
            lines_root=event.lines_root,
            line_count=event.line_count,
            log_id=event.log_id,
            log_size=event.log_size,
            log_root=event.log_root,
            total_t=event.total_t,
            document_hash=event.document_hash,
            laboratories=tuple(event.laboratories),
            reason=event.reason,
            restates=0,
            restated_by=0,
            opinion=VerificationOpinion.NONE,
            report_hash=None,
            at=place_of(event.at),
            at_s=event.at.block_time_s,
        )
    )
    _change(
        uow,
        event.inventory_id,
        event.at,
        version=event.version,
        is_reviewed=False,
        act="InventorySubmission",
        reason=event.reason,
        document_hash=event.document_hash,
    )


def _assign(uow: UnitOfWork, event: VerifierAssigned) -> None:
    _change(
        uow,
        event.inventory_id,
        event.at,
        verifier=event.verifier,
        regulator=event.regulator,
        city_regulator=_given(event.city_regulator),
        lead_verifier=event.lead_verifier,
        technical_reviewer=event.technical_reviewer,
        is_reviewed=False,
        act="VerificationAssignment",
        reason=event.reason,
        document_hash=None,
    )


def _state(uow: UnitOfWork, event: ResultStated) -> None:
    opinion = VerificationOpinion(event.opinion)
    stated = {"opinion": opinion, "report_hash": event.report_hash}
    _change_version(uow, event.inventory_id, event.version, event.at, **stated)
    _change(
        uow,
        event.inventory_id,
        event.at,
        **({} if opinion in _ACCEPTABLE else _NOBODY),
        act="VerificationStatement",
        reason="",
        document_hash=event.report_hash,
    )


def _restate(uow: UnitOfWork, event: ResultRestated) -> None:
    old, new = event.old_version, event.new_version
    _change_version(uow, event.inventory_id, old, event.at, restated_by=new)
    _change_version(uow, event.inventory_id, new, event.at, restates=old)


def _accept(uow: UnitOfWork, event: ResultAccepted) -> None:
    _change(
        uow,
        event.inventory_id,
        event.at,
        accepted_version=event.version,
        objections=0,
        objectable_until_s=event.objectable_until_s,
        act="ResultConfirmation",
        reason="",
        document_hash=None,
    )


def _step(uow: UnitOfWork, event: StepTaken) -> None:
    before = _newest(uow, event.inventory_id, event.at)
    kind = InventoryStep(event.kind)
    changes: dict[str, Any] = {}
    if kind is InventoryStep.REVIEW:
        changes = {"is_reviewed": True}
    elif kind is InventoryStep.OBJECTION:
        bit = _BY_ENTERPRISE if event.actor == before.enterprise else _BY_NATION
        objections = before.objections | bit
        changes = {"objections": objections, "decision_due_s": event.decision_due_s}
    elif kind is InventoryStep.OBJECTION_UPHELD:
        changes = _undo(uow, before, event.at)
    elif kind in _DISMISSING:
        changes = _NOBODY
    _change(
        uow,
        event.inventory_id,
        event.at,
        **changes,
        act=STEP_NAMES[kind],
        reason=event.reason,
        document_hash=_given(event.document_hash),
    )


def _undo(uow: UnitOfWork, before: ChainInventory, at: ChainPosition) -> dict[str, Any]:
    """Take back the acceptance of the newest version; what it restated is accepted again."""
    version = _version(uow, before.inventory_id, before.version, at)
    if version.restates:
        _change_version(uow, before.inventory_id, version.restates, at, restated_by=0)
        _change_version(uow, before.inventory_id, before.version, at, restates=0)
    return {
        "accepted_version": version.restates,
        "objectable_until_s": 0,
        "is_reviewed": False,
    }


def _advance(uow: UnitOfWork, event: InventoryAdvanced) -> None:
    before = _newest(uow, event.inventory_id, event.at)
    state = InventoryState(event.state)
    act = event.act
    uow.chain_inventories.put_act(
        ChainAct(
            inventory_id=event.inventory_id,
            tx_hash=event.tx_hash,
            name=before.act,
            digest=event.act_digest,
            signers={} if act is None else act.signers,
            state_before=before.state,
            state_after=state,
            state_hash=event.state_hash,
            version=event.version,
            reason=before.reason,
            document_hash=before.document_hash,
            fields=None if act is None else act.fields,
            at=place_of(event.at),
            at_s=event.at.block_time_s,
        )
    )
    changes = {"state": state, "version": event.version, "state_hash": event.state_hash}
    _change(uow, event.inventory_id, event.at, **changes)


def _bind(uow: UnitOfWork, event: EvidenceBound) -> None:
    uow.chain_inventories.put_binding(
        EvidenceBinding(
            inventory_id=event.inventory_id,
            line_id=event.line_id,
            version=event.version,
            use=event.use,
            entry_index=event.index,
            commitment=event.commitment,
            at=place_of(event.at),
        )
    )


def _newest(uow: UnitOfWork, inventory_id: bytes, at: ChainPosition) -> ChainInventory:
    """Load an inventory as it stood before an event, whatever was read of later ones."""
    found = uow.chain_inventories.before(inventory_id, place_of(at))
    if found is None:
        raise StorageConflict(f"inventory {inventory_id.hex()} moves and was never drafted")
    return found


def _change(uow: UnitOfWork, inventory_id: bytes, at: ChainPosition, **changes: Any) -> None:
    before = _newest(uow, inventory_id, at)
    changed = replace(before, **changes, at=place_of(at), at_s=at.block_time_s)
    uow.chain_inventories.put(changed)


def _version(uow: UnitOfWork, inventory_id: bytes, number: int, at: ChainPosition) -> ChainVersion:
    found = uow.chain_inventories.version_before(inventory_id, number, place_of(at))
    if found is None:
        raise StorageConflict(f"version {number} of {inventory_id.hex()} was never submitted")
    return found


def _change_version(
    uow: UnitOfWork, inventory_id: bytes, number: int, at: ChainPosition, **changes: Any
) -> None:
    before = _version(uow, inventory_id, number, at)
    changed = replace(before, **changes, at=place_of(at), at_s=at.block_time_s)
    uow.chain_inventories.put_version(changed)


def _given(content: bytes) -> bytes | None:
    return None if content == ZERO_HASH else content
