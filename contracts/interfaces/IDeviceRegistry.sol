// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {CloseReason} from "../types/Enums.sol";
import {InstrumentId, KeyId, LogId} from "../types/Ids.sol";
import {IActs} from "./IActs.sol";

/// @title DeviceRegistry
/// @notice Says for which log indexes a device key is valid, and when an instrument was calibrated.
///
/// A key is valid for the entries `enrolledIndex <= i < closedIndex` of its log. What holds after every call:
///
/// - no key becomes valid, and none becomes invalid, for an index below the anchored size: history isn't rewritten;
/// - a closed key stays closed as it is, and is never enrolled again in that log;
/// - a compromised-since mark only moves to earlier indexes, and changes no validity;
/// - calibration windows are only added.
interface IDeviceRegistry is IActs {
    /// @notice The enterprise's act that enrols a device key.
    /// @param origin Origin line of the enterprise's log; it ends in the enterprise's credit code.
    /// @param kid SHA-256 of the key's DER SubjectPublicKeyInfo.
    /// @param algorithm COSE algorithm with the sign dropped: 9 = ESP256, 19 = Ed25519.
    /// @param enrolledIndex First log index at which the key is valid; at least the anchored size.
    /// @param recordHash Content hash of the `key` record.
    /// @param popHash SHA-256 of the key's proof of possession.
    /// @param initiator Person of the enterprise who starts the act.
    /// @param approver Another person of the enterprise, who approves it.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct Enrolment {
        string origin;
        KeyId kid;
        uint8 algorithm;
        uint64 enrolledIndex;
        bytes32 recordHash;
        bytes32 popHash;
        address initiator;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice The enterprise's act that closes a key; one approver, at once.
    /// @param origin Origin line of the log.
    /// @param kid Key.
    /// @param closedIndex First log index at which the key is no more valid, at least the anchored size; or 0: the size
    /// anchored when the act takes effect, so that no anchor can outrun a closing.
    /// @param reason Why.
    /// @param recordHash Content hash of the `key-close` record.
    /// @param approver Approver of the enterprise.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct CloseKey {
        string origin;
        KeyId kid;
        uint64 closedIndex;
        CloseReason reason;
        bytes32 recordHash;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice The enterprise's act that casts suspicion on a key's past; one approver.
    /// @param origin Origin line of the log.
    /// @param kid Key.
    /// @param sinceIndex First log index under suspicion.
    /// @param recordHash Content hash of the record that says why.
    /// @param approver Approver of the enterprise.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct Compromise {
        string origin;
        KeyId kid;
        uint64 sinceIndex;
        bytes32 recordHash;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice The enterprise's act that records a calibration.
    /// @param origin Origin line of the log.
    /// @param instrument Instrument id, as in the `instrument` record.
    /// @param validFrom First second of the window.
    /// @param validTo First second after the window.
    /// @param recordHash Content hash of the `calibration` record.
    /// @param initiator Person of the enterprise who starts the act.
    /// @param approver Another person of the enterprise, who approves it.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct Calibration {
        string origin;
        string instrument;
        uint64 validFrom;
        uint64 validTo;
        bytes32 recordHash;
        address initiator;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice A key's one word of storage, proved by `eth_getProof`; all zero if it was never enrolled.
    /// @param enrolledIndex First log index at which the key is valid.
    /// @param closedIndex First log index at which it is no more valid; 2⁶⁴−1 while open.
    /// @param compromisedSince First log index under suspicion; 2⁶⁴−1 while there is none.
    /// @param reason Why it was closed; `None` while open.
    /// @param algorithm 9 = ESP256, 19 = Ed25519.
    struct KeySlot {
        uint64 enrolledIndex;
        uint64 closedIndex;
        uint64 compromisedSince;
        CloseReason reason;
        uint8 algorithm;
    }

    /// @notice A calibration window, half open.
    /// @param validFrom First second of the window.
    /// @param validTo First second after the window.
    /// @param recordedAt Block time of recording, seconds.
    /// @param recordHash Content hash of the `calibration` record.
    struct CalibrationWindow {
        uint64 validFrom;
        uint64 validTo;
        uint64 recordedAt;
        bytes32 recordHash;
    }

    /// @notice A key is valid from `enrolledIndex` on.
    event KeyEnrolled(
        LogId indexed logId,
        KeyId indexed kid,
        uint8 algorithm,
        uint64 enrolledIndex,
        bytes32 recordHash,
        bytes32 popHash,
        bytes32 actDigest
    );

    /// @notice A key is no more valid from `closedIndex` on.
    event KeyClosed(
        LogId indexed logId,
        KeyId indexed kid,
        uint64 closedIndex,
        CloseReason reason,
        bytes32 recordHash,
        bytes32 actDigest
    );

    /// @notice What a key signed from `sinceIndex` on is under suspicion; this opens a finding.
    event KeyCompromised(
        LogId indexed logId, KeyId indexed kid, uint64 sinceIndex, bytes32 recordHash, bytes32 actDigest
    );

    /// @notice An instrument was calibrated.
    event InstrumentCalibrated(
        LogId indexed logId,
        InstrumentId indexed instrumentId,
        string instrument,
        uint64 validFrom,
        uint64 validTo,
        bytes32 recordHash,
        bytes32 actDigest
    );

    /// @notice The log was never opened.
    error DeviceRegistry_UnknownLog(LogId logId);

    /// @notice The log is closed.
    error DeviceRegistry_LogClosed(LogId logId);

    /// @notice The key id is zero, or the algorithm is neither 9 nor 19.
    error DeviceRegistry_KeyNotSupported(KeyId kid, uint8 algorithm);

    /// @notice The index lies in the part of the log that is already anchored.
    error DeviceRegistry_IndexBelowAnchored(uint64 index, uint64 anchoredSize);

    /// @notice The index is not one that the key could be valid at.
    error DeviceRegistry_IndexOutOfRange(uint64 index, uint64 enrolledIndex, uint64 closedIndex);

    /// @notice The key was enrolled in this log before.
    error DeviceRegistry_AlreadyEnrolled(LogId logId, KeyId kid);

    /// @notice The key is not enrolled in this log.
    error DeviceRegistry_NotEnrolled(LogId logId, KeyId kid);

    /// @notice The key is closed.
    error DeviceRegistry_AlreadyClosed(LogId logId, KeyId kid);

    /// @notice A closing needs a reason.
    error DeviceRegistry_ReasonMissing();

    /// @notice The mark would not move to an earlier index.
    error DeviceRegistry_NotEarlier(uint64 compromisedSince, uint64 sinceIndex);

    /// @notice The window is empty.
    error DeviceRegistry_WindowEmpty(uint64 validFrom, uint64 validTo);

    /// @notice Enrol a device key.
    /// @dev Act `Enrolment(string origin,bytes32 kid,uint8 algorithm,uint64 enrolledIndex,bytes32 recordHash,
    /// bytes32 popHash,address initiator,address approver,uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param initiatorSignature By `act.initiator`.
    /// @param approverSignature By `act.approver`, another person.
    function enrol(
        Enrolment calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external;

    /// @notice Close a device key.
    /// @dev Act `CloseKey(string origin,bytes32 kid,uint64 closedIndex,uint8 reason,bytes32 recordHash,
    /// address approver,uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param approverSignature By `act.approver`.
    function close(CloseKey calldata act, bytes calldata approverSignature) external;

    /// @notice Cast suspicion on what a key, open or closed, signed from an index on.
    /// @dev Act `Compromise(string origin,bytes32 kid,uint64 sinceIndex,bytes32 recordHash,address approver,
    /// uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param approverSignature By `act.approver`.
    function markCompromised(Compromise calldata act, bytes calldata approverSignature) external;

    /// @notice Record the calibration of an instrument. Windows may overlap; the newest record decides.
    /// @dev Act `Calibration(string origin,string instrument,uint64 validFrom,uint64 validTo,bytes32 recordHash,
    /// address initiator,address approver,uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param initiatorSignature By `act.initiator`.
    /// @param approverSignature By `act.approver`, another person.
    function calibrate(
        Calibration calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external;

    /// @notice The slot of a key; all zero if it was never enrolled.
    function keySlot(LogId logId, KeyId kid) external view returns (KeySlot memory);

    /// @notice Whether the key is valid for the entry `index` of the log.
    function isValidAt(LogId logId, KeyId kid, uint64 index) external view returns (bool);

    /// @notice Number of calibration windows of an instrument.
    function calibrationCount(LogId logId, InstrumentId instrumentId) external view returns (uint256);

    /// @notice Calibration window `number`, counted from 0 in the order of recording.
    function calibration(LogId logId, InstrumentId instrumentId, uint256 number)
        external
        view
        returns (CalibrationWindow memory);
}
