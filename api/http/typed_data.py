"""
What a wallet is asked to sign for an act, byte for byte what the CLI signs.

Nothing is kept: whoever signs compares the fields with what they were shown.

Source: EIP-712; EIP-1193 (`eth_signTypedData_v4`).
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from api.http.acts import ActName, Fields
from api.http.bodies import BoundedRoute
from api.http.lookup import Here
from api.http.models import Model
from api.relaying import place_act
from chain.addresses import format_address

router = APIRouter(prefix="/v1/acts", tags=["acts"], route_class=BoundedRoute)


class ActRequest(Model):
    """An act that somebody is to sign."""

    type: ActName
    fields: Fields


class TypedData(Model):
    """What a wallet is asked to sign."""

    digest: str = Field(description="EIP-712 digest: what is signed.")
    contract: str = Field(description="Address of the contract that takes it.")
    typed_data: dict[str, Any] = Field(description="Argument of `eth_signTypedData_v4`.")


@router.post("/typed-data", operation_id="getTypedData", response_model=TypedData)
def get_typed_data(asked: ActRequest, services: Here) -> TypedData:
    """Give what a wallet is asked to sign for an act, on this place's chain."""
    placed = place_act(services.ledger.chain, asked.type, asked.fields)
    return TypedData(
        digest=f"0x{placed.digest.hex()}",
        contract=format_address(placed.domain.contract),
        typed_data=placed.wallet_request(),
    )
