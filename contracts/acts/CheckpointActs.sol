// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICheckpointRegistry} from "../interfaces/ICheckpointRegistry.sol";

/// @title CheckpointActs
/// @notice EIP-712 struct hashes of the acts of {ICheckpointRegistry}.
library CheckpointActs {
    bytes32 private constant OPEN_LOG_TYPEHASH = keccak256(
        "OpenLog(string creditCode,string origin,string predecessor,bytes32 vkeyHash,address operator,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant OPERATOR_CHANGE_TYPEHASH = keccak256(
        "OperatorChange(string origin,address currentOperator,address newOperator,address initiator,"
        "address approver,uint256 nonce,uint64 deadline)"
    );

    function structHash(ICheckpointRegistry.OpenLog calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                OPEN_LOG_TYPEHASH,
                keccak256(bytes(act.creditCode)),
                keccak256(bytes(act.origin)),
                keccak256(bytes(act.predecessor)),
                act.vkeyHash,
                act.operator,
                act.initiator,
                act.approver,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(ICheckpointRegistry.OperatorChange calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                OPERATOR_CHANGE_TYPEHASH,
                keccak256(bytes(act.origin)),
                act.currentOperator,
                act.newOperator,
                act.initiator,
                act.approver,
                act.nonce,
                act.deadline
            )
        );
    }
}
