"""
DeviceRegistry: for which indexes of its log a device key is valid, and calibrations.

Source: `contracts/interfaces/IDeviceRegistry.sol`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from attestation.enums import CloseReason
from chain.acts import Calibration, CloseKey, Compromise, Enrolment
from chain.client import ChainClient
from chain.contract import Contract
from chain.values import Call

NEVER: Final = 2**64 - 1
"""An index no log reaches: the key is open, or under no suspicion."""


@dataclass(frozen=True, slots=True)
class KeySlot:
    """A key's word of storage."""

    enrolled_index: int
    closed_index: int
    """First index at which it is no more valid; `NEVER` while open."""
    compromised_since: int
    """First index under suspicion; `NEVER` while there is none."""
    reason: CloseReason
    algorithm: int
    """COSE algorithm with the sign dropped: 9 is ESP256, 19 is Ed25519."""


@dataclass(frozen=True, slots=True)
class CalibrationWindow:
    """A half-open window of seconds, as it was recorded."""

    valid_from_s: int
    valid_to_s: int
    recorded_at_s: int
    record_hash: bytes


class DeviceRegistry:
    """The registry at an address."""

    NAME: Final = "DeviceRegistry"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    def enrol(
        self, act: Enrolment, *, initiator_signature: bytes, approver_signature: bytes
    ) -> Call:
        """Enrol a device key."""
        return self.contract.call("enrol", act.values(), initiator_signature, approver_signature)

    def close(self, act: CloseKey, *, approver_signature: bytes) -> Call:
        """Close a device key."""
        return self.contract.call("close", act.values(), approver_signature)

    def mark_compromised(self, act: Compromise, *, approver_signature: bytes) -> Call:
        """Cast suspicion on what a key signed from an index on."""
        return self.contract.call("markCompromised", act.values(), approver_signature)

    def calibrate(
        self, act: Calibration, *, initiator_signature: bytes, approver_signature: bytes
    ) -> Call:
        """Record an instrument's calibration."""
        return self.contract.call(
            "calibrate", act.values(), initiator_signature, approver_signature
        )

    def key_slot(self, log_id: bytes, kid: bytes) -> KeySlot | None:
        """Read a key's slot; None if it was never enrolled."""
        fields = self.contract.read("keySlot", log_id, kid)
        if fields["algorithm"] == 0:
            return None
        return KeySlot(
            enrolled_index=fields["enrolledIndex"],
            closed_index=fields["closedIndex"],
            compromised_since=fields["compromisedSince"],
            reason=CloseReason(fields["reason"]),
            algorithm=fields["algorithm"],
        )

    def is_valid_at(self, log_id: bytes, kid: bytes, index: int) -> bool:
        """Say whether a key is valid for an entry of its log."""
        answer: bool = self.contract.read("isValidAt", log_id, kid, index)
        return answer

    def calibrations(self, log_id: bytes, instrument_id: bytes) -> tuple[CalibrationWindow, ...]:
        """Read an instrument's calibrations in the order of recording."""
        count = self.contract.read("calibrationCount", log_id, instrument_id)
        return tuple(
            _window(self.contract.read("calibration", log_id, instrument_id, number))
            for number in range(count)
        )


def _window(fields: dict[str, Any]) -> CalibrationWindow:
    return CalibrationWindow(
        valid_from_s=fields["validFrom"],
        valid_to_s=fields["validTo"],
        recorded_at_s=fields["recordedAt"],
        record_hash=fields["recordHash"],
    )
