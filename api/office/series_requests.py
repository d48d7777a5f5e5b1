"""
Requests about instruments and series: calibrated, multiplied, exchanged, missing, corrected, and
whole sheets of them at once.

A calibration is an act of two persons on the chain and a record in the log; the others are records
that an approver signs. A sheet is signed by two persons in any case.

Source: FORMATS sections 2 to 4; `contracts/interfaces/IDeviceRegistry.sol`.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.office.drafting import APPROVER, TWO_PERSONS, Drafting, draw_nonce
from api.office.parts import ActPart, Part, RecordPart
from api.office.request import SigningRequest
from attestation.plan_bodies import ControlPlan
from attestation.record_bodies import Body
from attestation.series_bodies import (
    Calibration,
    Instrument,
    Multiplier,
    SeriesRegistration,
)
from attestation.structure_bodies import Structure
from chain.acts import Calibration as CalibrationAct
from devices.exchange import Exchange


def calibrate(drafting: Drafting, body: Calibration) -> SigningRequest:
    """Draft a calibration: an act of two persons, and its record."""
    return drafting.request(
        f"Calibration of {body.instrument}", _calibration(drafting, body), TWO_PERSONS
    )


def record_one(
    drafting: Drafting, body: Body, subject: str, *, supersedes: Sequence[bytes] = ()
) -> SigningRequest:
    """Draft one record that an approver signs."""
    part = drafting.record(body, subject, supersedes=supersedes)
    return drafting.request(subject[0].upper() + subject[1:], [part], APPROVER)


def state(
    drafting: Drafting, body: Structure | ControlPlan, subject: str, *, supersedes: Sequence[bytes]
) -> SigningRequest:
    """Draft what everything is counted by: a record of the approver that both persons sign for."""
    part = drafting.record(body, subject, supersedes=supersedes)
    return drafting.request(subject[0].upper() + subject[1:], [part], TWO_PERSONS)


def exchange(
    drafting: Drafting, made: Exchange, *, supersedes: Sequence[bytes] = ()
) -> SigningRequest:
    """
    Draft the two records of a meter's exchange.

    Args:
        drafting: The request under way.
        made: The records' bodies.
        supersedes: Leaf hash of the old instrument's record, where it is known.
    """
    instrument = made.instrument.instrument
    parts = [
        drafting.record(made.exchange, f"exchange of {instrument}"),
        drafting.record(made.instrument, f"instrument {instrument}", supersedes=supersedes),
    ]
    return drafting.request(f"Exchange of {instrument}", parts, APPROVER)


def sheet(drafting: Drafting, bodies: Sequence[Body], *, name: str) -> SigningRequest:
    """
    Draft everything of a sheet without errors as one request.

    Args:
        drafting: The request under way.
        bodies: As `SheetPlan.require` gives them: instruments before their series.
        name: Of the sheet's file, for the title.
    """
    parts: list[Part] = []
    for body in bodies:
        if isinstance(body, Calibration):
            parts += _calibration(drafting, body)
        else:
            parts.append(drafting.record(body, _subject(body)))
    title = f"Register {len(bodies)} records of the sheet {name}"
    return drafting.request(title[:200], parts, TWO_PERSONS)


def _calibration(drafting: Drafting, body: Calibration) -> tuple[ActPart, RecordPart]:
    record = drafting.record(body, f"calibration of {body.instrument}")
    act = CalibrationAct(
        origin=drafting.origin,
        instrument=body.instrument,
        valid_from=body.from_s,
        valid_to=body.to_s,
        record_hash=record.draft.content_hash,
        initiator=drafting.people.initiator,
        approver=drafting.people.approver,
        nonce=draw_nonce(),
        deadline=drafting.deadline_s,
    )
    return drafting.act(act), record


def _subject(body: Body) -> str:
    match body:
        case Instrument():
            return f"instrument {body.instrument}"
        case SeriesRegistration():
            return f"series {body.series}"
        case Multiplier():
            return f"multiplier {body.multiplier}"
        case _:
            return body.record_type
