// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {InventoryActs} from "../acts/InventoryActs.sol";
import {ICheckpointRegistry} from "../interfaces/ICheckpointRegistry.sol";
import {ICredentials} from "../interfaces/ICredentials.sol";
import {IInventoryRegistry} from "../interfaces/IInventoryRegistry.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {IWorkingCalendar} from "../interfaces/IWorkingCalendar.sol";
import {ReportingTime} from "../libraries/ReportingTime.sol";
import {InventoryState, RegulatorTier, VerificationOpinion} from "../types/Enums.sol";
import {InventoryId, LogId, NO_PARTY, PartyId, logIdOf, partyIdOf} from "../types/Ids.sol";
import {InventoryBook} from "./InventoryBook.sol";
import {InventorySteps} from "./InventorySteps.sol";

/// @title InventoryRegistry
/// @notice See the documentation in {IInventoryRegistry}.
contract InventoryRegistry is InventorySteps {
    using InventoryActs for InventoryDraft;
    using InventoryActs for InventorySubmission;
    using InventoryActs for VerificationAssignment;
    using InventoryActs for VerificationStatement;
    using InventoryActs for ResultConfirmation;

    uint256 private constant MAX_LABORATORIES = 8;

    constructor(
        IPartyRegistry partyRegistry_,
        ICheckpointRegistry checkpointRegistry_,
        ICredentials credentials_,
        IWorkingCalendar workingCalendar_
    ) InventoryBook(partyRegistry_, checkpointRegistry_, credentials_, workingCalendar_) {}

    /// @inheritdoc IInventoryRegistry
    function draft(
        InventoryDraft calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external returns (InventoryId id) {
        id = _idOf(act.subject);
        PartyId enterprise = partyIdOf(act.subject.creditCode);
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        _requireTwoPersons(
            enterprise, digest, act.initiator, initiatorSignature, act.approver, approverSignature
        );
        _requireName(enterprise, act.subject.enterprise);
        Inventory storage record = _inventories[id];
        require(record.state == InventoryState.None, InventoryRegistry_AlreadyDrafted(id));
        require(bytes(act.subject.unitCode).length != 0, InventoryRegistry_FieldMissing());
        record.months = _monthsOf(act);

        record.enterprise = enterprise;
        record.unitId = keccak256(bytes(act.subject.unitCode));
        record.area = credentials.checkEnterprise(enterprise, act.sector, _now());
        (record.sector, record.reportYear) = (act.sector, act.reportYear);
        _announce(id, act, record.area);
        _advance(id, record, InventoryState.Drafted, digest);
    }

    /// @inheritdoc IInventoryRegistry
    function submit(
        InventorySubmission calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external {
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        require(act.version != 0, InventoryRegistry_FieldMissing());
        (InventoryId id, Inventory storage record) = _found(
            act.subject,
            act.version - 1,
            act.previousState,
            UNDER_WAY | _set(InventoryState.Drafted) | _set(InventoryState.Reopened) | ENDED
        );
        PartyId enterprise = record.enterprise;
        _requireTwoPersons(
            enterprise, digest, act.initiator, initiatorSignature, act.approver, approverSignature
        );
        require(block.timestamp >= act.subject.periodTo, InventoryRegistry_PeriodOpen(act.subject.periodTo));
        require(_isComplete(act), InventoryRegistry_FieldMissing());

        record.version = act.version;
        record.isReviewed = false;
        Version memory content = _written(act, enterprise);
        _requireLaboratories(content.laboratories, record.verifier);
        _versions[id][act.version] = content;
        emit VersionSubmitted(id, act.version, content, act.documentHash, act.reason);
        _advance(
            id,
            record,
            record.verifier == NO_PARTY ? InventoryState.Submitted : InventoryState.UnderVerification,
            digest
        );
    }

    /// @inheritdoc IInventoryRegistry
    function assign(
        VerificationAssignment calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external {
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        (InventoryId id, Inventory storage record) =
            _found(act.subject, act.version, act.previousState, UNDER_WAY);
        PartyId regulator = partyIdOf(act.regulator);
        _requireAuthority(regulator, RegulatorTier.Province, record.area);
        _requireTwoPersons(
            regulator, digest, act.initiator, initiatorSignature, act.approver, approverSignature
        );
        require(
            record.state == InventoryState.Submitted || bytes(act.reason).length != 0,
            InventoryRegistry_FieldMissing()
        );

        _dismissSigners(record);
        if (bytes(act.cityRegulator).length != 0) {
            record.cityRegulator = partyIdOf(act.cityRegulator);
            _requireAuthority(record.cityRegulator, RegulatorTier.City, record.area);
        }
        (record.regulator, record.verifier) = (regulator, partyIdOf(act.verifier));
        (record.leadVerifier, record.technicalReviewer) = (act.leadVerifier, act.technicalReviewer);
        _requireVerifier(id, record);
        _requireApart(regulator, record, act.initiator, act.approver);
        emit VerifierAssigned(
            id,
            record.verifier,
            regulator,
            record.cityRegulator,
            act.leadVerifier,
            act.technicalReviewer,
            act.reason
        );
        _advance(id, record, InventoryState.UnderVerification, digest);
    }

    /// @inheritdoc IInventoryRegistry
    function conclude(
        VerificationStatement calldata act,
        bytes calldata leadSignature,
        bytes calldata reviewerSignature
    ) external {
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        (InventoryId id, Inventory storage record) =
            _found(act.subject, act.version, act.previousState, _set(InventoryState.UnderVerification));
        require(
            act.leadVerifier == record.leadVerifier && act.technicalReviewer == record.technicalReviewer,
            InventoryRegistry_NotNamed(id)
        );
        _requireTwoPersons(
            record.verifier, digest, act.leadVerifier, leadSignature, act.technicalReviewer, reviewerSignature
        );
        _requireVerifier(id, record);
        _requireResult(id, act.version, act.inputsHash, act.total_tCO2e);
        require(
            act.opinion != VerificationOpinion.None && act.reportHash != bytes32(0),
            InventoryRegistry_FieldMissing()
        );

        emit ResultStated(id, act.version, act.opinion, act.reportHash);
        credentials.recordVerification(record.verifier, record.enterprise);
        if (act.opinion == VerificationOpinion.Unmodified || act.opinion == VerificationOpinion.Modified) {
            _advance(id, record, InventoryState.Verified, digest);
        } else {
            _dismissSigners(record);
            _advance(id, record, InventoryState.Rejected, digest);
        }
    }

    /// @inheritdoc IInventoryRegistry
    function confirm(
        ResultConfirmation calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external {
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        (InventoryId id, Inventory storage record) =
            _found(act.subject, act.version, act.previousState, _set(InventoryState.Verified));
        PartyId regulator = record.regulator;
        require(partyIdOf(act.regulator) == regulator, InventoryRegistry_NotNamed(id));
        _requireAuthority(regulator, RegulatorTier.Province, record.area);
        _requireTwoPersons(
            regulator, digest, act.initiator, initiatorSignature, act.approver, approverSignature
        );
        _requireApart(regulator, record, act.initiator, act.approver);
        _requireResult(id, act.version, act.inputsHash, act.total_tCO2e);
        require(record.isReviewed || record.cityRegulator == NO_PARTY, InventoryRegistry_NotReviewed(id));

        _accept(id, record);
        _advance(id, record, InventoryState.Confirmed, digest);
    }

    function _announce(InventoryId id, InventoryDraft calldata act, uint32 area) private {
        emit InventoryDrafted(
            id,
            partyIdOf(act.subject.creditCode),
            act.subject.unitCode,
            act.subject.periodFrom,
            act.subject.periodTo,
            act.sector,
            area,
            act.documentHash
        );
    }

    /// @dev Pin the log's newest checkpoint, and give the version that stands on it.
    function _written(InventorySubmission calldata act, PartyId enterprise)
        private
        returns (Version memory version)
    {
        LogId logId = logIdOf(act.origin);
        require(
            checkpointRegistry.logRecord(logId).party == enterprise,
            InventoryRegistry_NotOwnLog(logId, enterprise)
        );
        version.logId = logId;
        (version.logSize, version.logRoot) = checkpointRegistry.pin(logId);
        require(
            version.logSize >= act.logSize, InventoryRegistry_LogBehind(logId, version.logSize, act.logSize)
        );
        version.inputsHash = act.inputsHash;
        version.linesRoot = act.linesRoot;
        version.lineCount = act.lineCount;
        version.total_tCO2e = act.total_tCO2e;
        version.laboratories = new PartyId[](act.laboratories.length);
        for (uint256 i = 0; i < act.laboratories.length; ++i) {
            version.laboratories[i] = partyIdOf(act.laboratories[i]);
        }
    }

    /// @dev Check that a signer signed the result that was submitted.
    function _requireResult(InventoryId id, uint32 number, bytes32 inputsHash, uint64 total_tCO2e)
        private
        view
    {
        Version storage version = _versions[id][number];
        require(
            inputsHash == version.inputsHash && total_tCO2e == version.total_tCO2e,
            InventoryRegistry_ResultDiffers(id, version.inputsHash, version.total_tCO2e)
        );
    }

    function _monthsOf(InventoryDraft calldata act) private pure returns (uint16 months) {
        (uint64 from, uint64 to) = (act.subject.periodFrom, act.subject.periodTo);
        uint16 year;
        (year, months) = ReportingTime.monthsOf(from, to);
        require(
            months != 0 && year == act.reportYear, InventoryRegistry_PeriodInvalid(from, to, act.reportYear)
        );
    }

    function _isComplete(InventorySubmission calldata act) private pure returns (bool) {
        bool hasHashes =
            act.inputsHash != bytes32(0) && act.linesRoot != bytes32(0) && act.documentHash != bytes32(0);
        bool saysWhy = act.version == 1 || bytes(act.reason).length != 0;
        return hasHashes && saysWhy && act.lineCount != 0 && act.laboratories.length <= MAX_LABORATORIES;
    }
}
