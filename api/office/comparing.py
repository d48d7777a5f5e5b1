"""
Whether what is to be signed is what is at hand and what stands on the chain.

Whoever signs second, or carries the file for somebody else, asks the own node again: the state may
have moved on since the request was drafted.

Source: FORMATS section 10 (the exact state an act acts on).
"""

from __future__ import annotations

from collections.abc import Iterator

from api.office.desk import ChainDesk
from api.office.errors import Contradicted
from api.office.parts import ActPart
from api.office.request import SigningRequest
from chain.bindings.inventory_registry import RegisteredVersion, inventory_id_of
from chain.inventory_acts import (
    InventoryDraft,
    InventorySubmission,
    ResultConfirmation,
    Step,
    Subject,
    VerificationAssignment,
    VerificationStatement,
)
from ledger.inventory.agreeing import Submission

_OnState = (
    InventorySubmission | VerificationAssignment | VerificationStatement | ResultConfirmation | Step
)


def compare_version(carried: Submission, submitted: RegisteredVersion | None) -> None:
    """
    Compare the version at hand with what the chain says was submitted.

    Raises:
        Contradicted: If a number or a hash differs; names the first.
    """
    if submitted is None:
        raise Contradicted("nothing was submitted")
    _compare(
        ("inputs hash", carried.inputs_hash, submitted.inputs_hash),
        ("total", carried.total_t, submitted.total_t),
        ("root of the lines", carried.lines_root, submitted.lines_root),
        ("number of the lines", carried.line_count, submitted.line_count),
    )


def compare_with_chain(
    desk: ChainDesk, request: SigningRequest, carried: Submission | None = None
) -> None:
    """
    Compare every act of a request with the chain as it is now, and with the version at hand.

    Args:
        desk: The office.
        request: From outside.
        carried: The version at hand, if there is one.

    Raises:
        Contradicted: If an act is for another state, version or result.
    """
    for act in _acts(request):
        found = desk.inventories.inventory(inventory_id_of(act.subject))
        if found is None:
            raise Contradicted("the inventory was never begun on the chain")
        version = found.version + 1 if isinstance(act, InventorySubmission) else found.version
        _compare(
            ("state that the act names", act.previous_state, found.state_hash),
            ("version", act.version, version),
        )
        if carried is not None:
            _compare_with_version(act, carried)


def subjects_of(request: SigningRequest) -> frozenset[Subject]:
    """Give the inventories that the acts of a request are about."""
    begun = {
        part.act.subject
        for part in request.parts
        if isinstance(part, ActPart) and isinstance(part.act, InventoryDraft)
    }
    return frozenset(begun | {act.subject for act in _acts(request)})


def _compare_with_version(act: _OnState, carried: Submission) -> None:
    _compare(("inventory", inventory_id_of(act.subject), carried.inventory_id))
    if isinstance(act, InventorySubmission | VerificationStatement | ResultConfirmation):
        _compare(
            ("inputs hash", act.inputs_hash, carried.inputs_hash),
            ("total", act.total_t, carried.total_t),
        )
    if isinstance(act, InventorySubmission):
        _compare(
            ("root of the lines", act.lines_root, carried.lines_root),
            ("document", act.document_hash, carried.document_sha256),
        )


def _acts(request: SigningRequest) -> Iterator[_OnState]:
    for part in request.parts:
        if isinstance(part, ActPart) and isinstance(part.act, _OnState):
            yield part.act


def _compare(*pairs: tuple[str, bytes | int, bytes | int]) -> None:
    for what, one, other in pairs:
        if one != other:
            raise Contradicted(f"the {what} is {_word(one)}, and {_word(other)} is expected")


def _word(value: bytes | int) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
