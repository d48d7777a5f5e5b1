// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {InventoryActs} from "../acts/InventoryActs.sol";
import {IInventoryRegistry} from "../interfaces/IInventoryRegistry.sol";
import {InventoryState, InventoryStep, RegulatorTier} from "../types/Enums.sol";
import {InventoryId, PartyId, partyIdOf} from "../types/Ids.sol";
import {InventoryBook} from "./InventoryBook.sol";

/// @title InventorySteps
/// @notice Acceptance of a result, and the steps that a party takes for a reason: findings, response, review,
/// withdrawal, rejection, objection and its decision, reopening.
/// @dev Source: 碳排放权交易管理办法（试行）, on results of verification: 7 working days to ask for a review (复核), 10 to
/// decide.
abstract contract InventorySteps is InventoryBook {
    using InventoryActs for Step;

    uint8 private constant OBJECTION_WORKING_DAYS = 7;
    uint8 private constant DECISION_WORKING_DAYS = 10;
    uint8 private constant BY_ENTERPRISE = 1;
    uint8 private constant BY_NATION = 2;
    /// @dev Submitted, under verification, findings, verified: one bit each.
    uint256 internal constant UNDER_WAY = 0x3c;
    /// @dev Withdrawn, rejected.
    uint256 internal constant ENDED = 0x600;
    /// @dev The states in which a step can be taken, sixteen bits for each kind from the lowest on: none; findings: under
    /// verification; response: findings; review: verified; withdrawal: drafted and what is under way, but not verified;
    /// rejection: under way, reopened, withdrawn, rejected; objection: confirmed, objected; its two decisions: objected;
    /// reopening: confirmed.
    uint256 private constant STATES_BEFORE = 0x400080008000c0073c001e0020001000080000;

    /// @inheritdoc IInventoryRegistry
    function take(
        InventoryStep kind,
        Step calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external {
        bytes32 digest = _useAct(act.structHash(kind), act.deadline);
        (InventoryId id, Inventory storage record) =
            _found(act.subject, act.version, act.previousState, _statesBefore(kind));
        PartyId actor = partyIdOf(act.actor);
        _requireEntitled(kind, id, record, actor);
        require(
            kind != InventoryStep.Findings
                || (act.initiator == record.leadVerifier && act.approver == record.technicalReviewer),
            InventoryRegistry_NotNamed(id)
        );
        _requireTwoPersons(actor, digest, act.initiator, initiatorSignature, act.approver, approverSignature);
        if (actor != record.enterprise && actor != record.verifier) {
            _requireApart(actor, record, act.initiator, act.approver);
        }
        require(
            bytes(act.reason).length != 0
                && (kind != InventoryStep.Findings || act.documentHash != bytes32(0)),
            InventoryRegistry_FieldMissing()
        );

        emit StepTaken(id, kind, actor, act.reason, act.documentHash);
        _advance(id, record, _stateAfter(kind, id, record, actor), digest);
    }

    /// @dev Accept the newest version's result; an earlier accepted one is restated by it.
    function _accept(InventoryId id, Inventory storage record) internal {
        (uint32 before, uint32 number) = (record.acceptedVersion, record.version);
        Version storage version = _versions[id][number];
        if (before == 0) {
            mapping(uint16 => uint16) storage accepted = _acceptedMonths[record.enterprise][record.unitId];
            uint16 taken = accepted[record.reportYear];
            require(taken & record.months == 0, InventoryRegistry_MonthsAccepted(id, taken));
            accepted[record.reportYear] = taken | record.months;
        } else {
            Version storage old = _versions[id][before];
            (version.restates, old.restatedBy) = (before, number);
            emit ResultRestated(id, before, number, old.total_tCO2e, version.total_tCO2e);
        }
        record.acceptedVersion = number;
        record.objections = 0;
        uint64 until = workingCalendar.endOfWorkingDay(_now(), OBJECTION_WORKING_DAYS);
        // Reverts where the calendar ends too early: nobody could object any more then, and the result would be final.
        workingCalendar.endOfWorkingDay(until - 1, DECISION_WORKING_DAYS);
        record.objectableUntil = until;
        emit ResultAccepted(id, number, version.total_tCO2e, until);
    }

    /// @dev What a step does, and the state that it leads to.
    function _stateAfter(InventoryStep kind, InventoryId id, Inventory storage record, PartyId actor)
        private
        returns (InventoryState)
    {
        if (kind == InventoryStep.Findings) return InventoryState.Findings;
        if (kind == InventoryStep.Response) return InventoryState.UnderVerification;
        if (kind == InventoryStep.Review) {
            record.isReviewed = true;
            return InventoryState.Verified;
        }
        if (kind == InventoryStep.Objection) {
            _open(id, record, actor);
            return InventoryState.Objected;
        }
        if (kind == InventoryStep.ObjectionUpheld) {
            _undo(id, record);
            return InventoryState.UnderVerification;
        }
        if (kind == InventoryStep.ObjectionDismissed) return InventoryState.Confirmed;
        _dismissSigners(record);
        if (kind == InventoryStep.Withdrawal) return InventoryState.Withdrawn;
        if (kind == InventoryStep.Reopening) return InventoryState.Reopened;
        return record.acceptedVersion == 0 ? InventoryState.Rejected : InventoryState.Confirmed;
    }

    /// @dev Open an objection, or add one: in time, and once for each party. The time to decide begins with the last.
    function _open(InventoryId id, Inventory storage record, PartyId actor) private {
        uint8 bit = actor == record.enterprise ? BY_ENTERPRISE : BY_NATION;
        uint8 before = record.objections;
        require(
            block.timestamp < record.objectableUntil && before & bit == 0,
            InventoryRegistry_NotObjectable(id, record.objectableUntil)
        );

        record.objections = before | bit;
        record.decisionDue = workingCalendar.endOfWorkingDay(_now(), DECISION_WORKING_DAYS);
    }

    /// @dev Take back the acceptance of the newest version; what it restated is accepted again.
    function _undo(InventoryId id, Inventory storage record) private {
        Version storage version = _versions[id][record.version];
        uint32 before = version.restates;
        if (before == 0) {
            _acceptedMonths[record.enterprise][record.unitId][record.reportYear] &= ~record.months;
        } else {
            (_versions[id][before].restatedBy, version.restates) = (0, 0);
        }
        (record.acceptedVersion, record.objectableUntil, record.isReviewed) = (before, 0, false);
    }

    /// @dev Check that the step is the party's to take, now.
    function _requireEntitled(InventoryStep kind, InventoryId id, Inventory storage record, PartyId actor)
        private
        view
    {
        bool isDecision = kind == InventoryStep.ObjectionUpheld || kind == InventoryStep.ObjectionDismissed;
        if (kind == InventoryStep.Response || kind == InventoryStep.Withdrawal) {
            require(actor == record.enterprise, InventoryRegistry_NotNamed(id));
        } else if (kind == InventoryStep.Findings) {
            require(actor == record.verifier, InventoryRegistry_NotNamed(id));
        } else if (kind == InventoryStep.Review) {
            require(actor == record.cityRegulator && !record.isReviewed, InventoryRegistry_NotNamed(id));
            _requireAuthority(actor, RegulatorTier.City, record.area);
        } else if (kind != InventoryStep.Objection || actor != record.enterprise) {
            bool isLate = isDecision && block.timestamp >= record.decisionDue;
            bool isNations = kind == InventoryStep.Objection || isLate;
            _requireAuthority(actor, isNations ? RegulatorTier.Nation : RegulatorTier.Province, record.area);
            require(!isDecision || isLate || actor == record.regulator, InventoryRegistry_NotNamed(id));
        }
        if (kind == InventoryStep.Rejection) {
            require(
                record.acceptedVersion != 0 || UNDER_WAY & _set(record.state) != 0,
                InventoryRegistry_NotInThisState(id, record.state)
            );
        }
        if (kind == InventoryStep.Reopening) {
            require(
                block.timestamp >= record.objectableUntil,
                InventoryRegistry_StillObjectable(id, record.objectableUntil)
            );
        }
    }

    /// @dev The states in which a step can be taken, one bit each.
    function _statesBefore(InventoryStep kind) private pure returns (uint256) {
        return (STATES_BEFORE >> (16 * uint256(kind))) & 0xffff;
    }
}
