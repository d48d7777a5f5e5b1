// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IInventoryRegistry} from "../interfaces/IInventoryRegistry.sol";
import {InventoryStep} from "../types/Enums.sol";

/// @title InventoryActs
/// @notice EIP-712 struct hashes of the acts of {IInventoryRegistry}.
library InventoryActs {
    bytes32 private constant SUBJECT_TYPEHASH = keccak256(
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant DRAFT_TYPEHASH = keccak256(
        "InventoryDraft(Subject subject,uint8 sector,uint16 reportYear,bytes32 documentHash,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant SUBMISSION_TYPEHASH = keccak256(
        "InventorySubmission(Subject subject,uint32 version,string origin,uint64 logSize,"
        "bytes32 inputsHash,bytes32 linesRoot,uint64 lineCount,uint64 total_tCO2e,bytes32 documentHash,"
        "string[] laboratories,string reason,bytes32 previousState,address initiator,address approver,"
        "uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant ASSIGNMENT_TYPEHASH = keccak256(
        "VerificationAssignment(Subject subject,uint32 version,string regulator,string cityRegulator,"
        "string verifier,address leadVerifier,address technicalReviewer,string reason,"
        "bytes32 previousState,address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant STATEMENT_TYPEHASH = keccak256(
        "VerificationStatement(Subject subject,uint32 version,bytes32 inputsHash,uint64 total_tCO2e,"
        "uint8 opinion,bytes32 reportHash,bytes32 previousState,address leadVerifier,"
        "address technicalReviewer,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );

    bytes32 private constant CONFIRMATION_TYPEHASH = keccak256(
        "ResultConfirmation"
        "(Subject subject,uint32 version,string regulator,bytes32 inputsHash,uint64 total_tCO2e,"
        "bytes32 previousState,address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant FINDINGS_TYPEHASH = keccak256(
        "VerificationFindings"
        "(Subject subject,uint32 version,string actor,string reason,bytes32 documentHash,bytes32 previousState,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant RESPONSE_TYPEHASH = keccak256(
        "FindingsResponse"
        "(Subject subject,uint32 version,string actor,string reason,bytes32 documentHash,bytes32 previousState,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant CITY_REVIEW_TYPEHASH = keccak256(
        "CityReview"
        "(Subject subject,uint32 version,string actor,string reason,bytes32 documentHash,bytes32 previousState,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant WITHDRAWAL_TYPEHASH = keccak256(
        "InventoryWithdrawal"
        "(Subject subject,uint32 version,string actor,string reason,bytes32 documentHash,bytes32 previousState,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant REJECTION_TYPEHASH = keccak256(
        "InventoryRejection"
        "(Subject subject,uint32 version,string actor,string reason,bytes32 documentHash,bytes32 previousState,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant OBJECTION_TYPEHASH = keccak256(
        "ResultObjection"
        "(Subject subject,uint32 version,string actor,string reason,bytes32 documentHash,bytes32 previousState,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant UPHELD_TYPEHASH = keccak256(
        "ObjectionUpheld"
        "(Subject subject,uint32 version,string actor,string reason,bytes32 documentHash,bytes32 previousState,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant DISMISSED_TYPEHASH = keccak256(
        "ObjectionDismissed"
        "(Subject subject,uint32 version,string actor,string reason,bytes32 documentHash,bytes32 previousState,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );
    bytes32 private constant REOPENING_TYPEHASH = keccak256(
        "InventoryReopening"
        "(Subject subject,uint32 version,string actor,string reason,bytes32 documentHash,bytes32 previousState,"
        "address initiator,address approver,uint256 nonce,uint64 deadline)"
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)"
    );

    function structHash(IInventoryRegistry.InventoryDraft calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                DRAFT_TYPEHASH,
                _subjectHash(act.subject),
                act.sector,
                act.reportYear,
                act.documentHash,
                act.initiator,
                act.approver,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(IInventoryRegistry.InventorySubmission calldata act) internal pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                abi.encode(
                    SUBMISSION_TYPEHASH,
                    _subjectHash(act.subject),
                    act.version,
                    keccak256(bytes(act.origin)),
                    act.logSize,
                    act.inputsHash,
                    act.linesRoot,
                    act.lineCount,
                    act.total_tCO2e
                ),
                abi.encode(
                    act.documentHash,
                    _textsHash(act.laboratories),
                    keccak256(bytes(act.reason)),
                    act.previousState,
                    act.initiator,
                    act.approver,
                    act.nonce,
                    act.deadline
                )
            )
        );
    }

    function structHash(IInventoryRegistry.VerificationAssignment calldata act)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            bytes.concat(
                abi.encode(
                    ASSIGNMENT_TYPEHASH,
                    _subjectHash(act.subject),
                    act.version,
                    keccak256(bytes(act.regulator)),
                    keccak256(bytes(act.cityRegulator)),
                    keccak256(bytes(act.verifier)),
                    act.leadVerifier,
                    act.technicalReviewer
                ),
                abi.encode(
                    keccak256(bytes(act.reason)),
                    act.previousState,
                    act.initiator,
                    act.approver,
                    act.nonce,
                    act.deadline
                )
            )
        );
    }

    function structHash(IInventoryRegistry.VerificationStatement calldata act)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                STATEMENT_TYPEHASH,
                _subjectHash(act.subject),
                act.version,
                act.inputsHash,
                act.total_tCO2e,
                act.opinion,
                act.reportHash,
                act.previousState,
                act.leadVerifier,
                act.technicalReviewer,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(IInventoryRegistry.ResultConfirmation calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                CONFIRMATION_TYPEHASH,
                _subjectHash(act.subject),
                act.version,
                keccak256(bytes(act.regulator)),
                act.inputsHash,
                act.total_tCO2e,
                act.previousState,
                act.initiator,
                act.approver,
                act.nonce,
                act.deadline
            )
        );
    }

    /// @param kind Which step it is: its type has another name.
    function structHash(IInventoryRegistry.Step calldata act, InventoryStep kind)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                _typeHashOf(kind),
                _subjectHash(act.subject),
                act.version,
                keccak256(bytes(act.actor)),
                keccak256(bytes(act.reason)),
                act.documentHash,
                act.previousState,
                act.initiator,
                act.approver,
                act.nonce,
                act.deadline
            )
        );
    }

    function _typeHashOf(InventoryStep kind) private pure returns (bytes32) {
        if (kind == InventoryStep.Findings) return FINDINGS_TYPEHASH;
        if (kind == InventoryStep.Response) return RESPONSE_TYPEHASH;
        if (kind == InventoryStep.Withdrawal) return WITHDRAWAL_TYPEHASH;
        if (kind == InventoryStep.Rejection) return REJECTION_TYPEHASH;
        if (kind == InventoryStep.Objection) return OBJECTION_TYPEHASH;
        if (kind == InventoryStep.ObjectionUpheld) return UPHELD_TYPEHASH;
        if (kind == InventoryStep.Review) return CITY_REVIEW_TYPEHASH;
        if (kind == InventoryStep.ObjectionDismissed) return DISMISSED_TYPEHASH;
        return REOPENING_TYPEHASH;
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

    function _textsHash(string[] calldata texts) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](texts.length);
        for (uint256 i = 0; i < texts.length; ++i) {
            hashes[i] = keccak256(bytes(texts[i]));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
