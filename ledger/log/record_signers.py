"""
Who may say what in a log: which parties' representatives may sign which type of record.

The signer of a record is an address; whom it speaks for is read from the chain's registry of
parties. A type that is not in the table is refused: what a record says must have an owner.

Source: CONTRACTS section 1 (representatives); FORMATS section 4 (records in the enterprise's log).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from attestation.enums import PartyKind, RepresentativeRole
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.records import Record
from ledger.errors import RecordRefused, UnknownSigner
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SigningRule:
    """Whose representatives may sign a type of record."""

    kinds: frozenset[PartyKind]
    """Kinds of party; an enterprise only in its own log."""
    roles: frozenset[RepresentativeRole] = frozenset(
        {RepresentativeRole.INITIATOR, RepresentativeRole.APPROVER}
    )


_ENTERPRISE: Final = SigningRule(frozenset({PartyKind.ENTERPRISE}))
_ENTERPRISE_APPROVER: Final = SigningRule(
    frozenset({PartyKind.ENTERPRISE}), frozenset({RepresentativeRole.APPROVER})
)
_VERIFIER: Final = SigningRule(frozenset({PartyKind.VERIFIER}))
_OPERATOR: Final = SigningRule(frozenset({PartyKind.OPERATOR}))

SIGNING_RULES: Final[Mapping[str, SigningRule]] = {
    "ca": _ENTERPRISE_APPROVER,
    "key": _ENTERPRISE,
    # Removing a key takes one approver, and takes effect at once (CONTRACTS section 1).
    "key-close": _ENTERPRISE_APPROVER,
    "epoch": _ENTERPRISE,
    "series": _ENTERPRISE,
    "instrument": _ENTERPRISE,
    "multiplier": _ENTERPRISE,
    "calibration": SigningRule(frozenset({PartyKind.ENTERPRISE, PartyKind.LABORATORY})),
    "exchange": _ENTERPRISE,
    "gap": _ENTERPRISE,
    "correction": _ENTERPRISE_APPROVER,
    "structure": _ENTERPRISE_APPROVER,
    "control-plan": _ENTERPRISE_APPROVER,
    "laboratory": _ENTERPRISE_APPROVER,
    "sample": _ENTERPRISE,
    # Sealed by the plant, received and tested by the laboratory: see sample_rules.
    "sample-step": SigningRule(frozenset({PartyKind.ENTERPRISE, PartyKind.LABORATORY})),
    "lab-report": SigningRule(frozenset({PartyKind.LABORATORY})),
    "manifest": _ENTERPRISE_APPROVER,
    "evidence-question": SigningRule(frozenset({PartyKind.VERIFIER, PartyKind.REGULATOR})),
    # Only of the verifier that is assigned, or that raised the finding: see case_rules.
    "finding": _VERIFIER,
    "finding-response": _ENTERPRISE,
    "finding-closing": _VERIFIER,
    "finding-reopening": _VERIFIER,
    "site-visit": _VERIFIER,
    "equivocation": _OPERATOR,
    "successor": _OPERATOR,
    "action": _OPERATOR,
}
"""Rules for the foundation's types; further types are given to `RecordAdmission`."""


def require_signer(
    uow: UnitOfWork,
    log: Log,
    record: Record,
    *,
    rules: Mapping[str, SigningRule],
    operator: str,
    now: Instant,
) -> None:
    """
    Check that the signer of a record may say such a thing in this log.

    Args:
        uow: A unit of work.
        log: The log the record is for.
        record: Its signature holds.
        rules: By record type.
        operator: Address of the ledger's own operator.
        now: Present time.

    Raises:
        RecordRefused: If no rule knows the type.
        UnknownSigner: If the address speaks for nobody who may.
    """
    rule = rules.get(record.record_type)
    if rule is None:
        raise RecordRefused(f"nobody may sign a record of type {record.record_type!r}")
    if PartyKind.OPERATOR in rule.kinds and record.signer == operator:
        return
    address, now_s = bytes.fromhex(record.signer[2:]), now // MILLISECONDS_PER_SECOND
    for party, representative in uow.parties.speaking(address, at_s=now_s):
        is_own = party.kind is not PartyKind.ENTERPRISE or party.code == log.usc
        if (
            party.active
            and party.kind in rule.kinds
            and is_own
            and representative.role in rule.roles
        ):
            return
    raise UnknownSigner(
        f"{record.signer} may not sign a record of type {record.record_type!r} in {log.origin}"
    )
