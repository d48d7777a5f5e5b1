// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Logs} from "./Logs.sol";
import {IDeviceRegistry} from "contracts/interfaces/IDeviceRegistry.sol";
import {CloseReason} from "contracts/types/Enums.sol";
import {KeyId} from "contracts/types/Ids.sol";

/// @title DeviceKeys
/// @notice Valid acts about device keys of the enterprise, to be spoilt by tests.
abstract contract DeviceKeys is Logs {
    uint64 internal constant NEVER = type(uint64).max;
    KeyId internal constant KID = KeyId.wrap(keccak256("a device key"));

    function enrolmentOf(uint64 enrolledIndex) internal view returns (IDeviceRegistry.Enrolment memory) {
        return IDeviceRegistry.Enrolment({
            origin: ORIGIN,
            kid: KID,
            algorithm: 9,
            enrolledIndex: enrolledIndex,
            recordHash: keccak256("key record"),
            popHash: keccak256("proof of possession"),
            initiator: initiator.key,
            approver: approver.key,
            nonce: 0,
            deadline: DEADLINE
        });
    }

    function closingOf(uint64 closedIndex) internal view returns (IDeviceRegistry.CloseKey memory) {
        return IDeviceRegistry.CloseKey({
            origin: ORIGIN,
            kid: KID,
            closedIndex: closedIndex,
            reason: CloseReason.Revoked,
            recordHash: keccak256("key-close record"),
            approver: approver.key,
            nonce: 0,
            deadline: DEADLINE
        });
    }

    function compromiseOf(uint64 sinceIndex) internal view returns (IDeviceRegistry.Compromise memory) {
        return IDeviceRegistry.Compromise({
            origin: ORIGIN,
            kid: KID,
            sinceIndex: sinceIndex,
            recordHash: keccak256("suspicion record"),
            approver: approver.key,
            nonce: 0,
            deadline: DEADLINE
        });
    }

    function calibrationOf(uint64 validFrom, uint64 validTo)
        internal
        view
        returns (IDeviceRegistry.Calibration memory)
    {
        return IDeviceRegistry.Calibration({
            origin: ORIGIN,
            instrument: "belt-scale-1",
            validFrom: validFrom,
            validTo: validTo,
            recordHash: keccak256("calibration record"),
            initiator: initiator.key,
            approver: approver.key,
            nonce: 0,
            deadline: DEADLINE
        });
    }

    function enrol(IDeviceRegistry.Enrolment memory act) internal {
        bytes32 digest = digestOf(address(devices), ENROLMENT, abi.encode(act));
        devices.enrol(act, sign(initiator, digest), sign(approver, digest));
    }

    function close(IDeviceRegistry.CloseKey memory act) internal {
        bytes32 digest = digestOf(address(devices), CLOSE_KEY, abi.encode(act));
        devices.close(act, sign(approver, digest));
    }

    function markCompromised(IDeviceRegistry.Compromise memory act) internal {
        bytes32 digest = digestOf(address(devices), COMPROMISE, abi.encode(act));
        devices.markCompromised(act, sign(approver, digest));
    }

    function calibrate(IDeviceRegistry.Calibration memory act) internal {
        bytes32 digest = digestOf(address(devices), CALIBRATION, abi.encode(act));
        devices.calibrate(act, sign(initiator, digest), sign(approver, digest));
    }
}
