"""
Whether one message may count: its key at its place, its times, and whether its parts fit.

Each function looks at one condition and raises; the verifier and the range verifier call them in
the same order. Signatures, proofs and certificates are checked elsewhere.

Source: FORMATS sections 1, 2 and 3; `docs/formats/bundle.md`, steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attestation.enums import CloseReason, Provenance, SignerKind
from attestation.errors import VerificationError
from attestation.evidence import CalibrationState, Unchecked
from attestation.evm.storage import KeySlot
from attestation.headers import Header
from attestation.instants import MILLISECONDS_PER_HOUR, MILLISECONDS_PER_SECOND
from attestation.key_bodies import KeyClosing, KeyEnrolment
from attestation.keys import Algorithm
from attestation.reading_rules import cached_series_id
from attestation.runs import Run
from attestation.series_bodies import Calibration, SeriesRegistration

MAX_CLOCK_LEAD_S: Final = 300
"""Seconds by which signed-at may be ahead of the time a message was received."""

_SLOT_ALGORITHM: Final = {Algorithm.ESP256: 9, Algorithm.ED25519: 19}
_ORDERLY: Final = (CloseReason.ROTATED, CloseReason.DECOMMISSIONED)


def require_key_valid(
    header: Header, index: int, slot: KeySlot, closings: Sequence[KeyClosing]
) -> None:
    """
    Require that the key was valid at the message's index.

    Valid is enrolled index <= index < closed index; for keys that were rotated or decommissioned
    also what follows up to the last message that the closing record names.

    Args:
        header: Of the message.
        index: Of the message in the log.
        slot: What the chain says of the key.
        closings: Records of the log that close this key.

    Raises:
        VerificationError: If it was not.
        Unchecked: If it depends on a closing record that is not at hand.

    Source: FORMATS section 3; `docs/formats/bundle.md`, step 11.
    """
    if slot.algorithm != _SLOT_ALGORITHM[header.algorithm]:
        raise VerificationError(
            "the key is enrolled for another algorithm", code="verification.key_algorithm"
        )
    if index < slot.enrolled_index:
        raise VerificationError(
            f"entry {index} is before the key's enrolment at {slot.enrolled_index}",
            code="verification.key_before_enrolment",
        )
    if index < slot.closed_index:
        return
    if slot.reason not in _ORDERLY:
        raise VerificationError(
            f"the key was closed at entry {slot.closed_index}", code="verification.key_closed"
        )
    _require_tail(header, slot, closings)


def require_not_revoked(index: int, closings: Sequence[KeyClosing]) -> None:
    """
    Require that no record of the log at hand says the key was revoked by then.

    It is all that can be said without the chain's word, and never enough by itself; where the
    chain speaks, a record can't say otherwise. Index 0 leaves the index to the chain.

    Raises:
        VerificationError: If one does.

    Source: FORMATS section 3.
    """
    for closing in closings:
        if closing.reason is CloseReason.REVOKED and 0 < closing.closed_index <= index:
            raise VerificationError(
                f"the log says the key was revoked at entry {closing.closed_index}",
                code="verification.key_closed",
            )


def is_suspected(index: int, slot: KeySlot) -> bool:
    """
    Say whether the enterprise casts suspicion on what the key signed at this index.

    Source: CONTRACTS section 2, DeviceRegistry (`compromised since`).
    """
    return slot.compromised_since <= index


def require_times(
    header: Header,
    runs: Sequence[Run],
    registrations: Mapping[str, SeriesRegistration],
    block_time_s: int | None,
) -> None:
    """
    Require that each interval ended before signing, and not too long before for live data.

    Args:
        header: Of the message.
        runs: Its readings.
        registrations: The series in force, by id.
        block_time_s: Time of the block that anchors it, where that is known.

    Raises:
        VerificationError: If signed-at is after the anchor, an interval ends after it, or ended
            longer before than the series allows and the message is neither back-fill nor import.

    Source: FORMATS section 3.
    """
    signed_at = header.signed_at
    if block_time_s is not None:
        latest = (block_time_s + MAX_CLOCK_LEAD_S) * MILLISECONDS_PER_SECOND
        if signed_at > latest:
            raise VerificationError(
                "signed after the block that anchors it", code="verification.signed_in_future"
            )
    for run in runs:
        if run.latest_end_s * MILLISECONDS_PER_SECOND > signed_at:
            raise VerificationError(
                f"an interval of {run.common.series} ends after signing",
                code="verification.interval_after_signing",
            )
        if header.provenance is Provenance.LIVE:
            lateness_h = registrations[run.common.series].max_lateness_h
            earliest = signed_at - lateness_h * MILLISECONDS_PER_HOUR
            if min(run.ends_s) * MILLISECONDS_PER_SECOND < earliest:
                raise VerificationError(
                    f"an interval of {run.common.series} ended more than {lateness_h} h before"
                    " signing, and the message is said to be live",
                    code="verification.backdated",
                )


def require_agreement(
    header: Header,
    runs: Sequence[Run],
    enrolment: KeyEnrolment,
    registrations: Mapping[str, SeriesRegistration],
) -> None:
    """
    Require that message, enrolment and series speak of one thing.

    Valid parts of different things make no evidence.

    Args:
        header: Of the message.
        runs: Its readings.
        enrolment: Of its key, from the log.
        registrations: The series in force, by id.

    Raises:
        VerificationError: If the key is enrolled for another kind of signer, later epochs or
            other series, an import is not signed by a gateway, or a unit is not the series'.

    Source: FORMATS sections 1 to 3; `docs/formats/bundle.md`, step 14.
    """
    if header.signer is not enrolment.signer:
        raise VerificationError(
            "the key is enrolled for another kind of signer", code="verification.signer_kind"
        )
    if header.epoch < enrolment.epoch:
        raise VerificationError(
            f"epoch {header.epoch} is before the key's first, {enrolment.epoch}",
            code="verification.key_epoch",
        )
    if header.provenance is Provenance.IMPORT and header.signer is not SignerKind.GATEWAY:
        raise VerificationError(
            "an import that no gateway signed", code="verification.import_signer"
        )
    for run in runs:
        common = run.common
        if common.series not in enrolment.series:
            raise VerificationError(
                f"the key is not enrolled for {common.series}", code="verification.series_key"
            )
        registration = registrations[common.series]
        if (common.unit, common.register) != (registration.unit, registration.register):
            raise VerificationError(
                f"{common.series} is registered in {registration.unit!r}, the reading is in"
                f" {common.unit!r} or of another kind",
                code="verification.series_unit",
            )


def calibration_of(
    run: Run, calibrations: Mapping[str, Sequence[Calibration]]
) -> list[CalibrationState]:
    """
    Give, for each reading of a run, whether a calibration is shown to cover its interval.

    Args:
        run: The readings.
        calibrations: Records of the log, by instrument.

    Source: FORMATS section 3; DESIGN section 6 (admitted and marked).
    """
    windows = calibrations.get(cached_series_id(run.common.series).instrument, ())
    if not windows:
        return [CalibrationState.NOT_SHOWN] * len(run.ends_s)
    length_s = run.common.interval_s
    return [
        CalibrationState.INSIDE
        if any(each.from_s <= end_s - length_s and end_s <= each.to_s for each in windows)
        else CalibrationState.OUTSIDE
        for end_s in run.ends_s
    ]


def _require_tail(header: Header, slot: KeySlot, closings: Sequence[KeyClosing]) -> None:
    """Require that a closing record names this message or a later one as the last that counts."""
    fitting = [
        each
        for each in closings
        # A closing act may leave the index to the chain: 0 then stands in its record.
        if each.reason is slot.reason and each.closed_index in (0, slot.closed_index)
    ]
    if not fitting:
        raise Unchecked(
            "no record of the key's closing, which names its last message",
            code="unchecked.closing_record",
        )
    place = (header.epoch, header.sequence)
    # An orderly closing names both; see KeyClosing.
    if not any((each.last_epoch or 0, each.last_sequence or 0) >= place for each in fitting):
        raise VerificationError(
            "the message follows the last one that counts under this key",
            code="verification.key_closed",
        )
