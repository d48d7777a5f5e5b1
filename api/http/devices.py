"""The keys enrolled in a log: what its records say of them, and what the chain says."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.auth.policy import Action
from api.http.lookup import PRIVATE, Caller, Here, LogName, find_log, require_access
from api.http.models import DeviceList, DeviceModel, KeySlotModel, base64_of
from attestation.instants import format_instant
from ledger.repositories.devices import DeviceKey
from ledger.repositories.parties import KeySlot

router = APIRouter(prefix="/v1/logs/{name}/devices", tags=["devices"])


@router.get("", operation_id="listDevices")
def list_devices(name: LogName, services: Here, caller: Caller, response: Response) -> DeviceList:
    """List the keys enrolled in a log, by key id, to whoever may read them."""
    require_access(services, caller, name, Action.READ_DEVICES)
    with services.ledger.database.reading() as uow:
        log = find_log(uow, services, name)
        slots = {slot.kid: slot for slot in uow.parties.slots(log.log_id)}
        series = uow.devices.key_series(log.number)
        keys = uow.devices.keys(log.number)
    response.headers["cache-control"] = PRIVATE
    return DeviceList(
        devices=[_describe(key, series.get(key.kid, []), slots.get(key.kid)) for key in keys]
    )


def _describe(key: DeviceKey, series: list[str], slot: KeySlot | None) -> DeviceModel:
    return DeviceModel(
        kid=key.kid.hex(),
        spki=base64_of(key.spki),
        signer=key.signer.name.lower(),
        gateway=key.gateway,
        series=series,
        record_index=key.index,
        first_epoch=key.first_epoch,
        not_before=format_instant(key.not_before),
        not_after=format_instant(key.not_after),
        closing_index=key.closing_index,
        closed_index=key.closed_index,
        reason=key.reason.name.lower(),
        registry=None if slot is None else _slot(slot),
    )


def _slot(slot: KeySlot) -> KeySlotModel:
    return KeySlotModel(
        enrolled_index=slot.enrolled_index,
        closed_index=slot.closed_index,
        reason=slot.reason.name.lower(),
        compromised_since=slot.compromised_since,
    )
