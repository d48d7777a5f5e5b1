// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {DeviceActs} from "../acts/DeviceActs.sol";
import {PartyActs} from "../acts/PartyActs.sol";
import {ICheckpointRegistry} from "../interfaces/ICheckpointRegistry.sol";
import {IDeviceRegistry} from "../interfaces/IDeviceRegistry.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {CloseReason} from "../types/Enums.sol";
import {InstrumentId, KeyId, LogId, NO_PARTY, PartyId, instrumentIdOf, logIdOf} from "../types/Ids.sol";

/// @title DeviceRegistry
/// @notice See the documentation in {IDeviceRegistry}.
contract DeviceRegistry is IDeviceRegistry, PartyActs {
    using DeviceActs for Enrolment;
    using DeviceActs for CloseKey;
    using DeviceActs for Compromise;
    using DeviceActs for Calibration;
    using SafeCast for uint256;

    /// @dev An index that no entry has: the key is open, or not under suspicion.
    uint64 private constant NEVER = type(uint64).max;
    /// @dev COSE algorithm −9, ESP256 (RFC 9864).
    uint8 private constant ESP256 = 9;
    /// @dev COSE algorithm −19, Ed25519 (RFC 9864).
    uint8 private constant ED25519 = 19;

    /// @notice The registry that holds the logs and their anchored sizes.
    ICheckpointRegistry public immutable checkpointRegistry;

    mapping(LogId logId => mapping(KeyId kid => KeySlot)) private _slots;
    mapping(LogId logId => mapping(InstrumentId instrumentId => CalibrationWindow[])) private _calibrations;

    constructor(IPartyRegistry partyRegistry_, ICheckpointRegistry checkpointRegistry_)
        PartyActs(partyRegistry_)
    {
        checkpointRegistry = checkpointRegistry_;
    }

    /// @inheritdoc IDeviceRegistry
    function enrol(
        Enrolment calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external {
        LogId logId = logIdOf(act.origin);
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        _requireTwoPersons(
            _openLogParty(logId), digest, act.initiator, initiatorSignature, act.approver, approverSignature
        );
        bool isSupported =
            KeyId.unwrap(act.kid) != bytes32(0) && (act.algorithm == ESP256 || act.algorithm == ED25519);
        require(isSupported, DeviceRegistry_KeyNotSupported(act.kid, act.algorithm));
        require(_slots[logId][act.kid].algorithm == 0, DeviceRegistry_AlreadyEnrolled(logId, act.kid));
        uint64 anchoredSize = _anchoredSize(logId);
        require(
            act.enrolledIndex >= anchoredSize,
            DeviceRegistry_IndexBelowAnchored(act.enrolledIndex, anchoredSize)
        );
        require(
            act.enrolledIndex < NEVER, DeviceRegistry_IndexOutOfRange(act.enrolledIndex, anchoredSize, NEVER)
        );

        _slots[logId][act.kid] = KeySlot(act.enrolledIndex, NEVER, NEVER, CloseReason.None, act.algorithm);
        emit KeyEnrolled(
            logId, act.kid, act.algorithm, act.enrolledIndex, act.recordHash, act.popHash, digest
        );
    }

    /// @inheritdoc IDeviceRegistry
    function close(CloseKey calldata act, bytes calldata approverSignature) external {
        LogId logId = logIdOf(act.origin);
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        _requireApprover(_party(logId), digest, act.approver, approverSignature);
        KeySlot storage slot = _slot(logId, act.kid);
        require(slot.closedIndex == NEVER, DeviceRegistry_AlreadyClosed(logId, act.kid));
        require(act.reason != CloseReason.None, DeviceRegistry_ReasonMissing());
        uint64 closedIndex = _closedIndex(act.closedIndex, slot.enrolledIndex, _anchoredSize(logId));

        slot.closedIndex = closedIndex;
        slot.reason = act.reason;
        emit KeyClosed(logId, act.kid, closedIndex, act.reason, act.recordHash, digest);
    }

    /// @inheritdoc IDeviceRegistry
    function markCompromised(Compromise calldata act, bytes calldata approverSignature) external {
        LogId logId = logIdOf(act.origin);
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        _requireApprover(_party(logId), digest, act.approver, approverSignature);
        KeySlot storage slot = _slot(logId, act.kid);
        require(
            act.sinceIndex >= slot.enrolledIndex && act.sinceIndex < slot.closedIndex,
            DeviceRegistry_IndexOutOfRange(act.sinceIndex, slot.enrolledIndex, slot.closedIndex)
        );
        require(
            act.sinceIndex < slot.compromisedSince,
            DeviceRegistry_NotEarlier(slot.compromisedSince, act.sinceIndex)
        );

        slot.compromisedSince = act.sinceIndex;
        emit KeyCompromised(logId, act.kid, act.sinceIndex, act.recordHash, digest);
    }

    /// @inheritdoc IDeviceRegistry
    function calibrate(
        Calibration calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external {
        LogId logId = logIdOf(act.origin);
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        _requireTwoPersons(
            _party(logId), digest, act.initiator, initiatorSignature, act.approver, approverSignature
        );
        require(act.validFrom < act.validTo, DeviceRegistry_WindowEmpty(act.validFrom, act.validTo));

        InstrumentId instrumentId = instrumentIdOf(act.instrument);
        _calibrations[logId][instrumentId].push(
            CalibrationWindow(act.validFrom, act.validTo, block.timestamp.toUint64(), act.recordHash)
        );
        emit InstrumentCalibrated(
            logId, instrumentId, act.instrument, act.validFrom, act.validTo, act.recordHash, digest
        );
    }

    /// @inheritdoc IDeviceRegistry
    function keySlot(LogId logId, KeyId kid) external view returns (KeySlot memory) {
        return _slots[logId][kid];
    }

    /// @inheritdoc IDeviceRegistry
    function isValidAt(LogId logId, KeyId kid, uint64 index) external view returns (bool) {
        KeySlot memory slot = _slots[logId][kid];
        return slot.enrolledIndex <= index && index < slot.closedIndex;
    }

    /// @inheritdoc IDeviceRegistry
    function calibrationCount(LogId logId, InstrumentId instrumentId) external view returns (uint256) {
        return _calibrations[logId][instrumentId].length;
    }

    /// @inheritdoc IDeviceRegistry
    function calibration(LogId logId, InstrumentId instrumentId, uint256 number)
        external
        view
        returns (CalibrationWindow memory)
    {
        return _calibrations[logId][instrumentId][number];
    }

    function _slot(LogId logId, KeyId kid) private view returns (KeySlot storage slot) {
        slot = _slots[logId][kid];
        require(slot.algorithm != 0, DeviceRegistry_NotEnrolled(logId, kid));
    }

    function _party(LogId logId) private view returns (PartyId party) {
        party = checkpointRegistry.logRecord(logId).party;
        require(party != NO_PARTY, DeviceRegistry_UnknownLog(logId));
    }

    function _openLogParty(LogId logId) private view returns (PartyId party) {
        party = _party(logId);
        require(checkpointRegistry.logRecord(logId).closedAt == 0, DeviceRegistry_LogClosed(logId));
    }

    function _anchoredSize(LogId logId) private view returns (uint64 anchoredSize) {
        (anchoredSize,,) = checkpointRegistry.latest(logId);
    }

    /// @dev The index that a closing means. It is at least 1, so that a closed key never looks like one that was never
    /// enrolled, and never below the enrolled index.
    function _closedIndex(uint64 named, uint64 enrolledIndex, uint64 anchoredSize)
        private
        pure
        returns (uint64)
    {
        if (named == 0) return Math.max(Math.max(anchoredSize, enrolledIndex), 1).toUint64();
        require(named >= anchoredSize, DeviceRegistry_IndexBelowAnchored(named, anchoredSize));
        require(
            named >= enrolledIndex && named < NEVER,
            DeviceRegistry_IndexOutOfRange(named, enrolledIndex, NEVER)
        );
        return named;
    }
}
