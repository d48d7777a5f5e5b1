"""
The request by which an enterprise names another operator of its log.

Two of its persons sign; the operator who is named accepts with a transaction of its own. It says
nothing that the operator who is left must agree to, and needs nothing from it but the chain.

Source: CONTRACTS section 2 (CheckpointRegistry); `contracts/interfaces/ICheckpointRegistry.sol`.
"""

from __future__ import annotations

from api.office.act_drafting import begin_acts
from api.office.desk import Desk
from api.office.drafting import People, draw_nonce
from api.office.errors import OperatorDiffers
from api.office.request import SigningRequest
from attestation.instants import Instant
from chain.acts import OperatorChange
from chain.addresses import format_address


def operator_request(
    desk: Desk, new_operator: bytes, people: People, *, now: Instant, days: int
) -> SigningRequest:
    """
    Draft that another account operates the log.

    Args:
        desk: The enterprise's office, with its log.
        new_operator: Account of the operator to come, 20 bytes.
        people: The enterprise's persons.
        now: Present time.
        days: How long it may be signed and handed in.

    Raises:
        OperatorDiffers: If nobody operates the log, or that account does already.
        NotInForce: If one of the persons has not that role at present.
        OnePerson: If the two are one.
    """
    current = desk.checkpoints.operator_of(desk.origin.log_id)
    if not any(current):
        raise OperatorDiffers(f"{desk.origin} is not open on the chain")
    if current == new_operator:
        raise OperatorDiffers(f"{format_address(current)} operates {desk.origin} already")
    drafting = begin_acts(desk, now=now, days=days)
    act = OperatorChange(
        origin=str(desk.origin),
        current_operator=current,
        new_operator=new_operator,
        initiator=people.initiator,
        approver=people.approver,
        nonce=draw_nonce(),
        deadline=drafting.deadline_s,
    )
    return drafting.request(f"Name another operator of {desk.origin}", [act])
