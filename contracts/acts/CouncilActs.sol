// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICouncil} from "../interfaces/ICouncil.sol";

/// @title CouncilActs
/// @notice EIP-712 struct hashes of what members of {ICouncil} sign.
library CouncilActs {
    bytes32 private constant DECISION_TYPEHASH = keccak256(
        "Decision(string title,string reason,address target,string functionSignature,bytes arguments,"
        "uint32 term,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant VETO_TYPEHASH =
        keccak256("Veto(bytes32 decisionDigest,address member,string reason,uint64 deadline)");

    function structHash(ICouncil.Decision calldata decision) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                DECISION_TYPEHASH,
                keccak256(bytes(decision.title)),
                keccak256(bytes(decision.reason)),
                decision.target,
                keccak256(bytes(decision.functionSignature)),
                keccak256(decision.arguments),
                decision.term,
                decision.nonce,
                decision.deadline
            )
        );
    }

    function structHash(ICouncil.Veto calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                VETO_TYPEHASH, act.decisionDigest, act.member, keccak256(bytes(act.reason)), act.deadline
            )
        );
    }
}
