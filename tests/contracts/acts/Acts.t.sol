// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ActTable} from "../support/ActTable.sol";
import {IActs} from "contracts/interfaces/IActs.sol";
import {ICouncil} from "contracts/interfaces/ICouncil.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";

/// @dev Each `table…` test runs once for every kind of act.
contract ActsTest is ActTable {
    function fixtureKind() public pure returns (Kind[] memory kinds) {
        uint256 count = uint256(type(Kind).max) + 1;
        kinds = new Kind[](count);
        for (uint256 i = 0; i < count; ++i) {
            kinds[i] = Kind(i);
        }
    }

    /// @dev Nobody needs a right to send what others signed.
    function tableSentByAnybody(Kind kind) public {
        Act memory act = prepare(kind);
        (bool success,) = _send(act, signaturesOf(act));

        assertTrue(success);
    }

    function tableSentTwice(Kind kind) public {
        Act memory act = prepare(kind);
        bytes[] memory signatures = signaturesOf(act);
        _send(act, signatures);
        _expectRefused(act, signatures, _refusalOfSecond(act));
    }

    /// @dev The other contract is of a second deployment with the same parties in the same state.
    function tableSentToAnotherContract(Kind kind) public {
        Act memory act = prepare(kind);
        bytes[] memory signatures = signaturesOf(act);
        setUp();
        address twin = prepare(kind).target;
        assertNotEq(twin, act.target);
        act.target = twin;
        _expectRefused(act, signatures, _notSignedBy(act.signers[0].key, digestOfAct(act)));
        (bool success,) = _send(act, signaturesOf(act));

        assertTrue(success);
    }

    function tableSentOnAnotherChain(Kind kind) public {
        Act memory act = prepare(kind);
        bytes[] memory signatures = signaturesOf(act);
        vm.chainId(block.chainid + 1);
        _expectRefused(act, signatures, _notSignedBy(act.signers[0].key, digestOfAct(act)));
        (bool success,) = _send(act, signaturesOf(act));

        assertTrue(success);
    }

    /// @dev Each signer in turn is replaced by another one.
    function tableSignedByAnother(Kind kind) public {
        Act memory act = prepare(kind);
        Signer memory stranger = makeSigner("stranger");
        for (uint256 i = 0; i < act.signers.length; ++i) {
            bytes[] memory signatures = signaturesOf(act);
            signatures[i] = sign(stranger, digestOfAct(act));
            _expectRefused(act, signatures, _notSignedBy(act.signers[i].key, digestOfAct(act)));
        }
    }

    /// @dev The same signature in its other form (n − s, v flipped) is refused.
    function tableSignedWithHighS(Kind kind) public {
        Act memory act = prepare(kind);
        bytes[] memory signatures = signaturesOf(act);
        (bytes32 r, bytes32 s) = abi.decode(signatures[0], (bytes32, bytes32));
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        uint8 v = uint8(signatures[0][64]) == 27 ? 28 : 27;
        signatures[0] = abi.encodePacked(r, bytes32(order - uint256(s)), v);
        _expectRefused(act, signatures, _notSignedBy(act.signers[0].key, digestOfAct(act)));
    }

    function tableSentInTheLastSecond(Kind kind) public {
        Act memory act = prepare(kind);
        vm.warp(DEADLINE);
        (bool success,) = _send(act, signaturesOf(act));

        assertTrue(success);
    }

    function tableSentAfterTheDeadline(Kind kind) public {
        Act memory act = prepare(kind);
        vm.warp(DEADLINE + 1);
        _expectRefused(
            act,
            signaturesOf(act),
            abi.encodeWithSelector(IActs.Acts_DeadlinePassed.selector, DEADLINE, uint256(DEADLINE) + 1)
        );
    }

    /// @dev Any one signer's withdrawal is enough.
    function tableCancelled(Kind kind) public {
        Act memory act = prepare(kind);
        bytes32 digest = digestOfAct(act);
        for (uint256 i = 0; i < act.signers.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(act.signers[i].key);
            IActs(act.target).cancel(digest);
            _expectRefused(act, signaturesOf(act), _cancelled(digest, act.signers[i].key));
            vm.revertToState(snapshot);
        }
    }

    function tableCancelledBySignature(Kind kind) public {
        Act memory act = prepare(kind);
        bytes32 digest = digestOfAct(act);
        _cancelFor(act.target, act.signers[0], digest);
        _expectRefused(act, signaturesOf(act), _cancelled(digest, act.signers[0].key));
    }

    function tableCancelledByStranger(Kind kind) public {
        Act memory act = prepare(kind);
        vm.prank(anybody);
        IActs(act.target).cancel(digestOfAct(act));
        (bool success,) = _send(act, signaturesOf(act));

        assertTrue(success);
    }

    // --- cancel itself

    function test_CancelSaysSoOnce() public {
        Act memory act = prepare(Kind.Enrolment);
        bytes32 digest = digestOfAct(act);
        vm.expectEmit(address(devices));
        emit IActs.ActCancelled(digest, initiator.key);
        _cancelFor(address(devices), initiator, digest);
        vm.recordLogs();
        _cancelFor(address(devices), initiator, digest);

        assertEq(vm.getRecordedLogs().length, 0);
        assertTrue(devices.isCancelled(digest, initiator.key));
        assertFalse(devices.isCancelled(digest, approver.key));
    }

    function test_RevertWhen_UsedActIsCancelled() public {
        Act memory act = prepare(Kind.Enrolment);
        _send(act, signaturesOf(act));
        vm.expectRevert(abi.encodeWithSelector(IActs.Acts_AlreadyUsed.selector, digestOfAct(act)));
        vm.prank(initiator.key);
        devices.cancel(digestOfAct(act));
    }

    function test_RevertWhen_CancelledWithAnothersSignature() public {
        bytes32 digest = keccak256("act");
        bytes32 cancellation = digestOf(address(devices), CANCELLATION, abi.encode(initiator.key, digest));
        bytes memory signature = sign(approver, cancellation);
        vm.expectRevert(_notSignedBy(initiator.key, cancellation));
        devices.cancelFor(initiator.key, digest, signature);
    }

    /// @dev A signature over the act itself withdraws nothing.
    function test_RevertWhen_CancelledWithTheActsSignature() public {
        Act memory act = prepare(Kind.Enrolment);
        bytes32 digest = digestOfAct(act);
        bytes32 cancellation = digestOf(address(devices), CANCELLATION, abi.encode(initiator.key, digest));
        bytes memory signature = signaturesOf(act)[0];
        vm.expectRevert(_notSignedBy(initiator.key, cancellation));
        devices.cancelFor(initiator.key, digest, signature);
    }

    // --- helpers

    function _cancelFor(address target, Signer memory signer, bytes32 digest) private {
        bytes memory fields = abi.encode(signer.key, digest);
        IActs(target).cancelFor(signer.key, digest, sign(signer, digestOf(target, CANCELLATION, fields)));
    }

    /// @dev A recovery goes by the Council; everything else from an address that has no right at all.
    function _send(Act memory act, bytes[] memory signatures)
        private
        returns (bool success, bytes memory answer)
    {
        bytes memory callData = callOf(act, signatures);
        vm.prank(act.kind == Kind.Recovery ? address(council) : anybody);
        return act.target.call(callData);
    }

    function _expectRefused(Act memory act, bytes[] memory signatures, bytes memory reason) private {
        (bool success, bytes memory answer) = _send(act, signatures);

        assertFalse(success);
        assertEq(answer, reason);
    }

    /// @dev Endorsements and recoveries are refused for their state before their digest is asked for.
    function _refusalOfSecond(Act memory act) private view returns (bytes memory) {
        bytes32 digest = digestOfAct(act);
        if (act.kind == Kind.Decision) {
            return
                abi.encodeWithSelector(ICouncil.Council_AlreadyEndorsed.selector, digest, act.signers[0].key);
        }
        if (act.kind == Kind.Recovery) {
            return abi.encodeWithSelector(IPartyRegistry.PartyRegistry_EraDiffers.selector, 1, 0);
        }
        return abi.encodeWithSelector(IActs.Acts_AlreadyUsed.selector, digest);
    }

    function _notSignedBy(address signer, bytes32 digest) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IActs.Acts_NotSignedBy.selector, signer, digest);
    }

    function _cancelled(bytes32 digest, address signer) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IActs.Acts_Cancelled.selector, digest, signer);
    }
}
