// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {DeviceKeys} from "../support/DeviceKeys.sol";
import {IDeviceRegistry} from "contracts/interfaces/IDeviceRegistry.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {CloseReason, RepresentativeRole} from "contracts/types/Enums.sol";
import {InstrumentId, KeyId, LogId, instrumentIdOf, logIdOf} from "contracts/types/Ids.sol";

contract DeviceRegistryTest is DeviceKeys {
    // --- enrol

    /// @dev A key is valid from its enrolled index on.
    function test_Enrol() public {
        anchor(5);
        bytes32 digest = digestOf(address(devices), ENROLMENT, abi.encode(enrolmentOf(5)));
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.KeyEnrolled(
            logId, KID, 9, 5, keccak256("key record"), keccak256("proof of possession"), digest
        );
        enrol(enrolmentOf(5));

        _assertSlot(IDeviceRegistry.KeySlot(5, NEVER, NEVER, CloseReason.None, 9));
        assertFalse(devices.isValidAt(logId, KID, 4));
        assertTrue(devices.isValidAt(logId, KID, 5));
        assertTrue(devices.isValidAt(logId, KID, NEVER - 1));
        assertTrue(devices.isUsed(digest));
    }

    function test_EnrolBeyondTheAnchoredSize() public {
        anchor(5);
        enrol(enrolmentOf(9));

        assertFalse(devices.isValidAt(logId, KID, 8));
        assertTrue(devices.isValidAt(logId, KID, 9));
    }

    function test_EnrolEd25519() public {
        IDeviceRegistry.Enrolment memory act = enrolmentOf(0);
        act.algorithm = 19;
        enrol(act);

        assertEq(devices.keySlot(logId, KID).algorithm, 19);
    }

    /// @dev Nobody makes a key valid for what is anchored already.
    function test_RevertWhen_EnrolmentIsBackDated() public {
        anchor(5);
        _expectEnrolmentRefused(
            enrolmentOf(4),
            abi.encodeWithSelector(IDeviceRegistry.DeviceRegistry_IndexBelowAnchored.selector, 4, 5)
        );
    }

    /// @dev The anchored size at the time of the transaction counts, not of the signature.
    function test_RevertWhen_LogWasAnchoredSinceSigning() public {
        anchor(5);
        IDeviceRegistry.Enrolment memory act = enrolmentOf(5);
        bytes32 digest = digestOf(address(devices), ENROLMENT, abi.encode(act));
        bytes memory first = sign(initiator, digest);
        bytes memory second = sign(approver, digest);
        anchor(6);
        vm.expectRevert(
            abi.encodeWithSelector(IDeviceRegistry.DeviceRegistry_IndexBelowAnchored.selector, 5, 6)
        );
        devices.enrol(act, first, second);
    }

    function test_RevertWhen_EnrolledIndexIsNever() public {
        _expectEnrolmentRefused(enrolmentOf(NEVER), _outOfRange(NEVER, 0, NEVER));
    }

    function test_RevertWhen_LogOfKeyIsUnknown() public {
        IDeviceRegistry.Enrolment memory act = enrolmentOf(0);
        act.origin = "nowhere";
        _expectEnrolmentRefused(
            act,
            abi.encodeWithSelector(IDeviceRegistry.DeviceRegistry_UnknownLog.selector, logIdOf("nowhere"))
        );
    }

    function test_RevertWhen_LogOfKeyIsClosed() public {
        closeLog(logId, 0);
        _expectEnrolmentRefused(
            enrolmentOf(0), abi.encodeWithSelector(IDeviceRegistry.DeviceRegistry_LogClosed.selector, logId)
        );
    }

    function test_RevertWhen_KeyIdIsZero() public {
        IDeviceRegistry.Enrolment memory act = enrolmentOf(0);
        act.kid = KeyId.wrap(0);
        _expectEnrolmentRefused(act, _notSupported(act));
    }

    function testFuzz_RevertWhen_AlgorithmIsAnother(uint8 algorithm) public {
        vm.assume(algorithm != 9 && algorithm != 19);
        IDeviceRegistry.Enrolment memory act = enrolmentOf(0);
        act.algorithm = algorithm;
        _expectEnrolmentRefused(act, _notSupported(act));
    }

    function test_RevertWhen_KeyIsEnrolledTwice() public {
        enrol(enrolmentOf(0));
        IDeviceRegistry.Enrolment memory again = enrolmentOf(7);
        _expectEnrolmentRefused(
            again, abi.encodeWithSelector(IDeviceRegistry.DeviceRegistry_AlreadyEnrolled.selector, logId, KID)
        );
    }

    function test_RevertWhen_ClosedKeyIsEnrolledAgain() public {
        enrol(enrolmentOf(0));
        close(closingOf(3));
        _expectEnrolmentRefused(
            enrolmentOf(4),
            abi.encodeWithSelector(IDeviceRegistry.DeviceRegistry_AlreadyEnrolled.selector, logId, KID)
        );
    }

    /// @dev A device goes on in a successor log with the key that it has; each log judges for itself.
    function test_KeyIsEnrolledInAnotherLog() public {
        openOtherLog();
        enrol(enrolmentOf(0));
        IDeviceRegistry.Enrolment memory act = enrolmentOf(2);
        (act.origin, act.initiator, act.approver) = (OTHER_ORIGIN, otherInitiator.key, otherApprover.key);
        bytes32 digest = digestOf(address(devices), ENROLMENT, abi.encode(act));
        devices.enrol(act, sign(otherInitiator, digest), sign(otherApprover, digest));

        assertEq(devices.keySlot(logId, KID).enrolledIndex, 0);
        assertEq(devices.keySlot(otherLogId, KID).enrolledIndex, 2);
    }

    function test_RevertWhen_AnotherEnterpriseEnrols() public {
        IDeviceRegistry.Enrolment memory act = enrolmentOf(0);
        (act.initiator, act.approver) = (otherInitiator.key, otherApprover.key);
        bytes32 digest = digestOf(address(devices), ENROLMENT, abi.encode(act));
        vm.expectRevert(
            abi.encodeWithSelector(
                IPartyRegistry.PartyRegistry_NotInForce.selector, party, otherInitiator.key
            )
        );
        devices.enrol(act, sign(otherInitiator, digest), sign(otherApprover, digest));
    }

    // --- close

    /// @dev A closed key is no more valid from its closed index on, and as valid as before below it.
    function test_Close() public {
        enrol(enrolmentOf(0));
        anchor(5);
        bytes32 digest = digestOf(address(devices), CLOSE_KEY, abi.encode(closingOf(7)));
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.KeyClosed(
            logId, KID, 7, CloseReason.Revoked, keccak256("key-close record"), digest
        );
        close(closingOf(7));

        _assertSlot(IDeviceRegistry.KeySlot(0, 7, NEVER, CloseReason.Revoked, 9));
        assertTrue(devices.isValidAt(logId, KID, 6));
        assertFalse(devices.isValidAt(logId, KID, 7));
    }

    function test_CloseAtTheAnchoredSize() public {
        enrol(enrolmentOf(0));
        anchor(5);
        close(closingOf(5));

        assertEq(devices.keySlot(logId, KID).closedIndex, 5);
    }

    /// @dev Nobody makes a key invalid for what is anchored already.
    function test_RevertWhen_ClosingIsBackDated() public {
        enrol(enrolmentOf(0));
        anchor(5);
        _expectClosingRefused(
            closingOf(4),
            abi.encodeWithSelector(IDeviceRegistry.DeviceRegistry_IndexBelowAnchored.selector, 4, 5)
        );
    }

    /// @dev A closing without an index means the size anchored when it arrives: no anchor outruns it.
    function test_CloseAtOnceAfterAnotherAnchor() public {
        enrol(enrolmentOf(0));
        anchor(5);
        IDeviceRegistry.CloseKey memory act = closingOf(0);
        bytes32 digest = digestOf(address(devices), CLOSE_KEY, abi.encode(act));
        bytes memory signature = sign(approver, digest);
        anchor(13);
        devices.close(act, signature);

        assertEq(devices.keySlot(logId, KID).closedIndex, 13);
    }

    function test_CloseAtOnceBeforeTheEnrolledIndex() public {
        enrol(enrolmentOf(9));
        anchor(5);
        close(closingOf(0));

        assertEq(devices.keySlot(logId, KID).closedIndex, 9);
        assertFalse(devices.isValidAt(logId, KID, 9));
    }

    /// @dev A closed index of zero would look like a key that was never enrolled.
    function test_CloseAtOnceInAnEmptyLog() public {
        enrol(enrolmentOf(0));
        close(closingOf(0));

        assertEq(devices.keySlot(logId, KID).closedIndex, 1);
    }

    function test_RevertWhen_ClosedBelowTheEnrolledIndex() public {
        enrol(enrolmentOf(9));
        _expectClosingRefused(closingOf(8), _outOfRange(8, 9, NEVER));
    }

    function test_RevertWhen_ClosedAtNever() public {
        enrol(enrolmentOf(0));
        _expectClosingRefused(closingOf(NEVER), _outOfRange(NEVER, 0, NEVER));
    }

    function test_RevertWhen_InitiatorCloses() public {
        enrol(enrolmentOf(0));
        IDeviceRegistry.CloseKey memory act = closingOf(0);
        act.approver = initiator.key;
        bytes32 digest = digestOf(address(devices), CLOSE_KEY, abi.encode(act));
        vm.expectRevert(
            abi.encodeWithSelector(
                IPartyRegistry.PartyRegistry_RoleDiffers.selector,
                party,
                initiator.key,
                RepresentativeRole.Initiator,
                RepresentativeRole.Approver
            )
        );
        devices.close(act, sign(initiator, digest));
    }

    function test_RevertWhen_ReasonIsMissing() public {
        enrol(enrolmentOf(0));
        IDeviceRegistry.CloseKey memory act = closingOf(0);
        act.reason = CloseReason.None;
        _expectClosingRefused(
            act, abi.encodeWithSelector(IDeviceRegistry.DeviceRegistry_ReasonMissing.selector)
        );
    }

    function test_RevertWhen_KeyToCloseIsUnknown() public {
        _expectClosingRefused(closingOf(0), _notEnrolled());
    }

    function test_RevertWhen_KeyIsClosedTwice() public {
        enrol(enrolmentOf(0));
        close(closingOf(3));
        _expectClosingRefused(
            closingOf(4),
            abi.encodeWithSelector(IDeviceRegistry.DeviceRegistry_AlreadyClosed.selector, logId, KID)
        );
    }

    function test_CloseKeyOfClosedLog() public {
        enrol(enrolmentOf(0));
        closeLog(logId, 0);
        close(closingOf(0));

        assertEq(devices.keySlot(logId, KID).closedIndex, 1);
    }

    // --- markCompromised

    /// @dev Suspicion about the anchored past is marked; it changes no validity.
    function test_MarkCompromised() public {
        enrol(enrolmentOf(0));
        anchor(13);
        bytes32 digest = digestOf(address(devices), COMPROMISE, abi.encode(compromiseOf(4)));
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.KeyCompromised(logId, KID, 4, keccak256("suspicion record"), digest);
        markCompromised(compromiseOf(4));

        _assertSlot(IDeviceRegistry.KeySlot(0, NEVER, 4, CloseReason.None, 9));
        assertTrue(devices.isValidAt(logId, KID, 4));
    }

    function test_MarkMovesEarlier() public {
        enrol(enrolmentOf(2));
        markCompromised(compromiseOf(9));
        markCompromised(compromiseOf(2));

        assertEq(devices.keySlot(logId, KID).compromisedSince, 2);
    }

    function test_MarkClosedKey() public {
        enrol(enrolmentOf(0));
        close(closingOf(7));
        markCompromised(compromiseOf(6));

        _assertSlot(IDeviceRegistry.KeySlot(0, 7, 6, CloseReason.Revoked, 9));
    }

    function test_RevertWhen_MarkMovesLater() public {
        enrol(enrolmentOf(0));
        markCompromised(compromiseOf(4));
        _expectMarkRefused(
            5, abi.encodeWithSelector(IDeviceRegistry.DeviceRegistry_NotEarlier.selector, 4, 5)
        );
    }

    function test_RevertWhen_MarkIsBeforeTheEnrolledIndex() public {
        enrol(enrolmentOf(4));
        _expectMarkRefused(3, _outOfRange(3, 4, NEVER));
    }

    function test_RevertWhen_MarkIsAtTheClosedIndex() public {
        enrol(enrolmentOf(0));
        close(closingOf(7));
        _expectMarkRefused(7, _outOfRange(7, 0, 7));
    }

    function test_RevertWhen_KeyToMarkIsUnknown() public {
        _expectMarkRefused(0, _notEnrolled());
    }

    // --- calibrate

    /// @dev Windows are kept in the order in which they were recorded.
    function test_Calibrate() public {
        InstrumentId instrument = instrumentIdOf("belt-scale-1");
        IDeviceRegistry.Calibration memory act = calibrationOf(1_700_000_000, 1_731_536_000);
        bytes32 digest = digestOf(address(devices), CALIBRATION, abi.encode(act));
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.InstrumentCalibrated(
            logId,
            instrument,
            "belt-scale-1",
            1_700_000_000,
            1_731_536_000,
            keccak256("calibration record"),
            digest
        );
        calibrate(act);
        calibrate(calibrationOf(1_731_536_000, 1_763_072_000));

        assertEq(devices.calibrationCount(logId, instrument), 2);
        IDeviceRegistry.CalibrationWindow memory first = devices.calibration(logId, instrument, 0);
        assertEq(first.validFrom, 1_700_000_000);
        assertEq(first.validTo, 1_731_536_000);
        assertEq(first.recordedAt, block.timestamp);
        assertEq(first.recordHash, keccak256("calibration record"));
        assertEq(devices.calibration(logId, instrument, 1).validFrom, 1_731_536_000);
    }

    function test_RevertWhen_WindowIsEmpty() public {
        IDeviceRegistry.Calibration memory act = calibrationOf(1_700_000_000, 1_700_000_000);
        bytes32 digest = digestOf(address(devices), CALIBRATION, abi.encode(act));
        vm.expectRevert(
            abi.encodeWithSelector(
                IDeviceRegistry.DeviceRegistry_WindowEmpty.selector, 1_700_000_000, 1_700_000_000
            )
        );
        devices.calibrate(act, sign(initiator, digest), sign(approver, digest));
    }

    // --- storage

    /// @dev Other implementations read the one word of a key by these positions.
    function test_SlotIsOneWord() public {
        enrol(enrolmentOf(5));
        close(closingOf(7));
        markCompromised(compromiseOf(6));
        bytes32 slot = keccak256(abi.encode(KID, keccak256(abi.encode(logId, uint256(4)))));
        uint256 word = uint256(vm.load(address(devices), slot));

        assertEq(word, uint256(5) | 7 << 64 | 6 << 128 | uint256(CloseReason.Revoked) << 192 | 9 << 200);
    }

    // --- helpers

    function _expectEnrolmentRefused(IDeviceRegistry.Enrolment memory act, bytes memory reason) private {
        bytes32 digest = digestOf(address(devices), ENROLMENT, abi.encode(act));
        bytes memory first = sign(initiator, digest);
        bytes memory second = sign(approver, digest);
        vm.expectRevert(reason);
        devices.enrol(act, first, second);
    }

    function _expectClosingRefused(IDeviceRegistry.CloseKey memory act, bytes memory reason) private {
        bytes memory signature = sign(approver, digestOf(address(devices), CLOSE_KEY, abi.encode(act)));
        vm.expectRevert(reason);
        devices.close(act, signature);
    }

    function _expectMarkRefused(uint64 sinceIndex, bytes memory reason) private {
        IDeviceRegistry.Compromise memory act = compromiseOf(sinceIndex);
        bytes memory signature = sign(approver, digestOf(address(devices), COMPROMISE, abi.encode(act)));
        vm.expectRevert(reason);
        devices.markCompromised(act, signature);
    }

    function _assertSlot(IDeviceRegistry.KeySlot memory expected) private view {
        assertEq(abi.encode(devices.keySlot(logId, KID)), abi.encode(expected));
    }

    function _outOfRange(uint64 index, uint64 enrolledIndex, uint64 closedIndex)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(
            IDeviceRegistry.DeviceRegistry_IndexOutOfRange.selector, index, enrolledIndex, closedIndex
        );
    }

    function _notEnrolled() private view returns (bytes memory) {
        return abi.encodeWithSelector(IDeviceRegistry.DeviceRegistry_NotEnrolled.selector, logId, KID);
    }

    function _notSupported(IDeviceRegistry.Enrolment memory act) private pure returns (bytes memory) {
        return abi.encodeWithSelector(
            IDeviceRegistry.DeviceRegistry_KeyNotSupported.selector, act.kid, act.algorithm
        );
    }
}
