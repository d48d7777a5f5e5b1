// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IInventoryRegistry} from "../interfaces/IInventoryRegistry.sol";
import {ISamplingDraw} from "../interfaces/ISamplingDraw.sol";

/// @title SamplingActs
/// @notice EIP-712 struct hashes of the acts of {ISamplingDraw}.
library SamplingActs {
    bytes32 private constant SUBJECT_TYPEHASH = keccak256(
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant COMMITMENT_TYPEHASH = keccak256(
        "NonceCommitment(Subject subject,uint32 version,uint32 draw,string actor,bytes32 commitment,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant PLAN_TYPEHASH = keccak256(
        "SamplingPlan(Subject subject,uint32 version,uint32 draw,string verifier,bytes32 planHash,"
        "bytes32 populationRoot,uint16 drawVersion,bytes32 commitment,string reason,bytes32 previousState,"
        "address leadVerifier,address technicalReviewer,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );

    function structHash(ISamplingDraw.NonceCommitment calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                COMMITMENT_TYPEHASH,
                _subjectHash(act.subject),
                act.version,
                act.draw,
                keccak256(bytes(act.actor)),
                act.commitment,
                act.initiator,
                act.approver,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(ISamplingDraw.SamplingPlan calldata act) internal pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                abi.encode(
                    PLAN_TYPEHASH,
                    _subjectHash(act.subject),
                    act.version,
                    act.draw,
                    keccak256(bytes(act.verifier)),
                    act.planHash,
                    act.populationRoot,
                    act.drawVersion
                ),
                abi.encode(
                    act.commitment,
                    keccak256(bytes(act.reason)),
                    act.previousState,
                    act.leadVerifier,
                    act.technicalReviewer,
                    act.nonce,
                    act.deadline
                )
            )
        );
    }

    function _subjectHash(IInventoryRegistry.Subject calldata subject) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                SUBJECT_TYPEHASH,
                keccak256(bytes(subject.enterprise)),
                keccak256(bytes(subject.creditCode)),
                keccak256(bytes(subject.unitCode)),
                subject.periodFrom,
                subject.periodTo
            )
        );
    }
}
