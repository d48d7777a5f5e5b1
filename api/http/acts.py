"""
Signed acts handed in to be sent to the chain, and how far each has come.

The server pays for sending and can do nothing else: every act names its signers, and a contract
asks who signed. The same act handed in twice is one operation.

Source: DESIGN section 9; EIP-712.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Response
from pydantic import Field

from api.auth.policy import Action
from api.errors import NotFound
from api.http.idempotency import Idempotent, IdempotentRoute
from api.http.lookup import Caller, Here
from api.http.models import Model
from api.http.waiting import Patient
from api.relaying import place_act, take_in
from api.services import Services
from attestation.encodings import parse_hex
from attestation.enums import OperationState, label
from attestation.instants import format_instant, from_seconds
from chain.addresses import format_address
from ledger.repositories.actions import Noted
from ledger.repositories.operations import Operation

router = APIRouter(prefix="/v1", tags=["acts"], route_class=IdempotentRoute)

_ENDS: Final = (OperationState.FINAL, OperationState.FAILED)
_LAST_INSTANT_S: Final = 253_402_300_799
"""9999-12-31T23:59:59Z; a deadline after it is no instant that text can hold."""

ActName = Annotated[
    str, Field(pattern="^[A-Z][A-Za-z]{2,63}$", description="Name of the act's type.")
]
Fields = Annotated[
    dict[str, Any],
    Field(description="The act as a wallet shows it; numbers and bytes as text."),
]
OperationId = Annotated[
    str, Path(pattern="^0x[0-9a-f]{64}$", description="Digest of the act (EIP-712).")
]


class SignedActRequest(Model):
    """A signed act."""

    type: ActName
    chain: str = Field(
        pattern="^eip155:[1-9][0-9]{0,19}$", description="CAIP-2 name of the chain it is for."
    )
    address: str = Field(
        pattern="^0x[0-9a-fA-F]{40}$", description="Contract that it was signed for."
    )
    fields: Fields
    signatures: dict[str, Annotated[str, Field(pattern="^0x([0-9a-f]{2}){1,1024}$")]] = Field(
        max_length=20, description="Signature by role, such as `initiator` and `approver`."
    )


class OperationFault(Model):
    """Why an operation failed."""

    code: str
    detail: str


class OperationModel(Model):
    """An act on its way to the chain."""

    id: str
    state: str = Field(description="queued, sent, included, final or failed.")
    act: str
    contract: str
    address: str
    deadline: str | None = Field(description="Null where it is beyond the year 9999.")
    transaction: str | None
    block_number: int | None
    fault: OperationFault | None
    created_at: str
    updated_at: str


@router.post("/acts", status_code=202, operation_id="handInAct", response_model=OperationModel)
def hand_in_act(
    handed: SignedActRequest,
    services: Here,
    caller: Caller,
    once: Idempotent,
    patience: Patient,
    response: Response,
) -> OperationModel:
    """Hand a signed act in to be sent to the chain."""
    services.authorise(caller, Action.RELAY_ACT)
    ledger = services.ledger
    now = ledger.clock.now()
    placed = place_act(ledger.chain, handed.type, handed.fields)
    new = take_in(
        ledger.chain,
        placed,
        {role: parse_hex(each) for role, each in handed.signatures.items()},
        chain_id=handed.chain,
        address=handed.address,
        now=now,
    )
    with ledger.database.unit_of_work() as uow:
        queued = uow.operations.queue(new, now=now)
        uow.actions.note(
            Noted(
                actor=caller.actor,
                role=caller.role.value,
                on_behalf_of=caller.code,
                what="act.submit",
                subject=f"operation 0x{new.digest.hex()}",
                after={"act": new.act, "state": label(queued.state)},
                at=now,
            )
        )
        once.carried_out(uow)
        # Commit point: the act is queued, and will be sent whatever becomes of this process.
        uow.commit()
    response.headers["location"] = f"/v1/operations/0x{new.digest.hex()}"
    return patience.wait(lambda: _look(services, new.digest), _is_over)


@router.get("/operations/{operation}", operation_id="getOperation", response_model=OperationModel)
def get_operation(
    operation: OperationId, services: Here, caller: Caller, patience: Patient
) -> OperationModel:
    """Say how far an act has come."""
    services.authorise(caller, Action.READ_OPERATION)
    digest = bytes.fromhex(operation[2:])
    return patience.wait(lambda: _look(services, digest), _is_over)


def _look(services: Services, digest: bytes) -> OperationModel:
    with services.ledger.database.reading() as uow:
        found = uow.operations.by_digest(digest)
    if found is None:
        raise NotFound(f"no act 0x{digest.hex()} was handed in here")
    return _model(found)


def _is_over(operation: OperationModel) -> bool:
    return operation.state in {label(state) for state in _ENDS}


def _model(found: Operation) -> OperationModel:
    fault = None
    if found.error_code is not None:
        fault = OperationFault(code=found.error_code, detail=found.error or "")
    deadline = None
    if found.deadline_s <= _LAST_INSTANT_S:
        deadline = format_instant(from_seconds(found.deadline_s))
    return OperationModel(
        id=f"0x{found.digest.hex()}",
        state=label(found.state),
        act=found.act,
        contract=found.contract,
        address=format_address(found.address),
        deadline=deadline,
        transaction=None if found.tx_hash is None else f"0x{found.tx_hash.hex()}",
        block_number=found.block_number,
        fault=fault,
        created_at=format_instant(found.created_at),
        updated_at=format_instant(found.updated_at),
    )
