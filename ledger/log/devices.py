"""
The table of keys that admission judges by, made from what is registered.

A key speaks in a log when its `key` record is integrated there, and until the index at which the
chain closed it (without a chain, the index its closing record names). It may speak of the series
its enrolment lists, once their records are integrated.

Source: FORMATS sections 3 and 7.
"""

from __future__ import annotations

from attestation.enums import CloseReason
from attestation.keys import PublicKey
from ledger.log.key_table import EnrolledKey, KeyTable, SeriesRule
from ledger.repositories.devices import DeviceKey
from ledger.repositories.logs import Log
from ledger.repositories.parties import KeySlot
from ledger.repositories.series import Series
from ledger.unit_of_work import UnitOfWork


def load_key_table(uow: UnitOfWork) -> KeyTable:
    """Load every key of every log, with the version of what was read."""
    version = uow.devices.version()
    keys: dict[bytes, tuple[EnrolledKey, ...]] = {}
    for log in uow.logs.all():
        slots = {slot.kid: slot for slot in uow.parties.slots(log.log_id)}
        rules = {name: _rule(series) for name, series in uow.series.all(log.number).items()}
        spoken = uow.devices.key_series(log.number)
        for key in uow.devices.keys(log.number):
            series = {name: rules[name] for name in spoken.get(key.kid, ()) if name in rules}
            enrolled = _enrolled(log, key, slots.get(key.kid), series)
            keys[key.kid] = (*keys.get(key.kid, ()), enrolled)
    return KeyTable(version, keys)


def closure_of(key: DeviceKey, slot: KeySlot | None) -> int | None:
    """Give the first index at which a key no longer speaks; None while it is open."""
    return key.closed_index if slot is None else slot.closed_index


def granted_of(key: DeviceKey) -> tuple[int, int] | None:
    """Give the (epoch, sequence) up to which later messages of a closed key still count."""
    if key.reason not in (CloseReason.ROTATED, CloseReason.DECOMMISSIONED):
        return None
    if key.last_epoch is None or key.last_sequence is None:
        return None
    return key.last_epoch, key.last_sequence


def _enrolled(
    log: Log, key: DeviceKey, slot: KeySlot | None, series: dict[str, SeriesRule]
) -> EnrolledKey:
    return EnrolledKey(
        log=log.number,
        origin=log.origin,
        key=PublicKey.from_spki(key.spki),
        signer=key.signer,
        first_epoch=key.first_epoch,
        not_before=key.not_before,
        not_after=key.not_after,
        series=series,
        closed_index=closure_of(key, slot),
        last_granted=granted_of(key),
    )


def _rule(series: Series) -> SeriesRule:
    return SeriesRule(
        index=series.index,
        unit=series.unit,
        register=series.register,
        since_s=series.since_s,
        max_lateness_ms=series.max_lateness_ms,
        minimum=series.minimum,
        maximum=series.maximum,
        bound_scale=series.scale,
    )
