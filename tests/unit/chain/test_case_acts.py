"""The acts of a case as attestation reads them, compared with the acts that are signed."""

from __future__ import annotations

import pytest

from attestation.case_acts import ACT_TYPES, ShownAct
from attestation.encodings import format_hex
from chain.acts import Act
from chain.case_evidence import shown_act
from chain.inventory_acts import (
    STEPS,
    InventoryDraft,
    InventorySubmission,
    ResultConfirmation,
    Subject,
    VerificationAssignment,
    VerificationStatement,
)
from chain.typed_data import ActDomain, act_digest

KINDS: tuple[type[Act], ...] = (
    InventoryDraft,
    InventorySubmission,
    VerificationAssignment,
    VerificationStatement,
    ResultConfirmation,
    *STEPS.values(),
)
DOMAIN = ActDomain(31337, b"\x1c" * 20)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_types_are_those_that_are_signed(kind: type[Act]) -> None:
    """Member by member, in their order: else a digest would be another."""
    assert ACT_TYPES[kind.__name__] == kind.members()


def test_no_type_is_left_out() -> None:
    """All acts on inventories can be shown."""
    assert ACT_TYPES.keys() == {kind.__name__ for kind in KINDS}


def test_digest_is_the_one_that_was_signed() -> None:
    """Nested subject, list of texts, numbers and addresses."""
    act = InventorySubmission(
        subject=Subject("某厂", "91350211M000100Y46", "unit-1", 1, 2),
        version=3,
        origin="log.example/log/91350211M000100Y46",
        log_size=5,
        inputs_hash=b"\x01" * 32,
        lines_root=b"\x02" * 32,
        line_count=7,
        total_t=8,
        document_hash=b"\x03" * 32,
        laboratories=("LAB.1", "LAB.2"),
        reason="因由",
        previous_state=b"\x04" * 32,
        initiator=bytes.fromhex("ab" * 20),
        approver=bytes.fromhex("cd" * 20),
        nonce=9,
        deadline=10,
    )
    shown = shown_act(act, DOMAIN, (bytes(65), bytes(65)))

    assert isinstance(shown, ShownAct)
    assert shown.digest(DOMAIN.chain_id, DOMAIN.contract) == act_digest(act, DOMAIN)
    assert shown.signers == (format_hex(act.initiator), format_hex(act.approver))
