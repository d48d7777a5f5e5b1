// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IDeviceRegistry} from "../interfaces/IDeviceRegistry.sol";

/// @title DeviceActs
/// @notice EIP-712 struct hashes of the acts of {IDeviceRegistry}.
library DeviceActs {
    bytes32 private constant ENROLMENT_TYPEHASH = keccak256(
        "Enrolment(string origin,bytes32 kid,uint8 algorithm,uint64 enrolledIndex,bytes32 recordHash,"
        "bytes32 popHash,address initiator,address approver,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant CLOSE_KEY_TYPEHASH = keccak256(
        "CloseKey(string origin,bytes32 kid,uint64 closedIndex,uint8 reason,bytes32 recordHash,"
        "address approver,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant COMPROMISE_TYPEHASH = keccak256(
        "Compromise(string origin,bytes32 kid,uint64 sinceIndex,bytes32 recordHash,address approver,"
        "uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant CALIBRATION_TYPEHASH = keccak256(
        "Calibration(string origin,string instrument,uint64 validFrom,uint64 validTo,bytes32 recordHash,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
    );

    function structHash(IDeviceRegistry.Enrolment calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                ENROLMENT_TYPEHASH,
                keccak256(bytes(act.origin)),
                act.kid,
                act.algorithm,
                act.enrolledIndex,
                act.recordHash,
                act.popHash,
                act.initiator,
                act.approver,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(IDeviceRegistry.CloseKey calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                CLOSE_KEY_TYPEHASH,
                keccak256(bytes(act.origin)),
                act.kid,
                act.closedIndex,
                act.reason,
                act.recordHash,
                act.approver,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(IDeviceRegistry.Compromise calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                COMPROMISE_TYPEHASH,
                keccak256(bytes(act.origin)),
                act.kid,
                act.sinceIndex,
                act.recordHash,
                act.approver,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(IDeviceRegistry.Calibration calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                CALIBRATION_TYPEHASH,
                keccak256(bytes(act.origin)),
                keccak256(bytes(act.instrument)),
                act.validFrom,
                act.validTo,
                act.recordHash,
                act.initiator,
                act.approver,
                act.nonce,
                act.deadline
            )
        );
    }
}
