"""Keys by which machines of a party sign requests or show certificates."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final

from fastapi import APIRouter, Path, Response, status
from pydantic import Field

from api.auth.machines import Machines, Registration
from api.auth.policy import Action
from api.errors import BadRequest
from api.http.bodies import BoundedRoute
from api.http.lookup import Caller, Here
from api.http.models import Model, base64_of
from api.http.sessions import NO_STORE, HexSignature, SignedText, logins_of
from api.services import Services
from attestation.instants import format_instant
from chain.addresses import format_address
from ledger.repositories.machine_keys import MachineKey

router = APIRouter(prefix="/v1/auth/machine-keys", tags=["access"], route_class=BoundedRoute)

_BASE64: Final = r"^[A-Za-z0-9+/]{1,200}={0,2}$"
KeyId = Annotated[
    str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the SubjectPublicKeyInfo.")
]


class MachineKeyRequest(Model):
    """A key, and who lets it in."""

    message: SignedText
    signature: HexSignature
    spki: str = Field(
        pattern=_BASE64,
        description="DER SubjectPublicKeyInfo of the key, P-256 or Ed25519, base64.",
    )
    possession: str = Field(
        pattern=_BASE64, description="The key's own signature over the text, 64 bytes, base64."
    )
    name: str = Field(max_length=100, pattern=r"^[^\x00-\x1f]+$", description="For people.")


class MachineKeyModel(Model):
    """A key by which a machine comes in."""

    id: str = Field(description="SHA-256 of the SubjectPublicKeyInfo: the `keyid` of signatures.")
    name: str
    spki: str
    registered_by: str = Field(description="Address of the approver; with them it ends.")
    registered_at: str
    expires_at: str
    revoked_at: str | None


class MachineKeyList(Model):
    """The keys of one party, oldest first."""

    keys: list[MachineKeyModel]


@router.post("", operation_id="registerMachineKey", status_code=status.HTTP_201_CREATED)
def register_key(services: Here, response: Response, asked: MachineKeyRequest) -> MachineKeyModel:
    """Register a key with a text that an approver and the key have signed."""
    key = _machines(services).register(
        Registration(
            text=asked.message,
            signature=bytes.fromhex(asked.signature[2:]),
            spki=_bytes(asked.spki),
            possession=_bytes(asked.possession),
            name=asked.name,
        )
    )
    response.headers["cache-control"] = NO_STORE
    return _describe(key)


@router.get("", operation_id="listMachineKeys")
def list_keys(services: Here, caller: Caller, response: Response) -> MachineKeyList:
    """List the keys of the caller's party, those that have ended too."""
    services.authorise(caller, Action.MANAGE_ACCESS)
    response.headers["cache-control"] = NO_STORE
    return MachineKeyList(keys=[_describe(each) for each in _machines(services).listed(caller)])


@router.delete(
    "/{key}",
    operation_id="revokeMachineKey",
    status_code=status.HTTP_204_NO_CONTENT,
    responses={204: {"description": "The key has ended"}},
)
def revoke_key(key: KeyId, services: Here, caller: Caller) -> None:
    """End a key of the caller's party, at once."""
    services.authorise(caller, Action.MANAGE_ACCESS)
    _machines(services).revoke(caller, key)


def _machines(services: Services) -> Machines:
    ledger = services.ledger
    oversight = services.place.oversight
    return Machines(ledger.database, ledger.clock, logins_of(services), oversight)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("this is not base64") from error


def _describe(key: MachineKey) -> MachineKeyModel:
    return MachineKeyModel(
        id=key.id,
        name=key.name,
        spki=base64_of(key.spki),
        registered_by=format_address(key.address),
        registered_at=format_instant(key.registered_at),
        expires_at=format_instant(key.expires_at),
        revoked_at=None if key.revoked_at is None else format_instant(key.revoked_at),
    )
