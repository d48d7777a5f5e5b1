// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Inventories} from "../support/Inventories.sol";
import {IActs} from "contracts/interfaces/IActs.sol";
import {IInventoryRegistry} from "contracts/interfaces/IInventoryRegistry.sol";
import {InventoryRegistry} from "contracts/inventory/InventoryRegistry.sol";
import {InventoryState} from "contracts/types/Enums.sol";

/// @dev Each `table…` test runs once for every act.
contract InventoryActsTest is Inventories {
    function fixtureDeed() public pure returns (Deed[] memory deeds) {
        uint256 count = uint256(type(Deed).max) + 1;
        deeds = new Deed[](count);
        for (uint256 i = 0; i < count; ++i) {
            deeds[i] = Deed(i);
        }
    }

    /// @dev Every role tries, with its own keys and in its own name.
    function tableTriedByEveryRole(Deed deed) public {
        _ready(deed);
        uint256 snapshot = vm.snapshotState();
        for (uint256 i = 0; i <= uint256(type(Role).max); ++i) {
            Role role = Role(i);
            (bool success,) = send(make(deed, subject, role));
            bool isEntitled = role == ownerOf(deed) || (deed == Deed.Objection && role == Role.Nation);
            assertEq(success, isEntitled, casts[role].name);
            vm.revertToState(snapshot);
        }
    }

    /// @dev Every role tries with its own keys, in the name of whose act it is.
    function tableTriedInAnothersName(Deed deed) public {
        _ready(deed);
        uint256 snapshot = vm.snapshotState();
        Cast memory owner = casts[ownerOf(deed)];
        for (uint256 i = 0; i <= uint256(type(Role).max); ++i) {
            Role role = Role(i);
            if (role == ownerOf(deed)) continue;
            Cast memory cheat = casts[role];
            (cheat.code, cheat.name) = (owner.code, owner.name);
            casts[role] = cheat;
            (bool success,) = send(make(deed, subject, role));
            assertFalse(success, casts[role].name);
            vm.revertToState(snapshot);
        }
    }

    /// @dev In every state, and nowhere but in those of the table in the interface.
    function tableTriedInEveryState(Deed deed) public {
        uint256 snapshot = vm.snapshotState();
        for (uint256 i = 0; i <= uint256(type(InventoryState).max); ++i) {
            InventoryState state = InventoryState(i);
            reach(state);
            assertEq(uint8(stateOf()), i);
            if (deed == Deed.Reopening) skip(20 days);
            (bool success,) = send(make(deed, subject, ownerOf(deed)));
            assertEq(success, _isPossible(deed, state), vm.toString(i));
            vm.revertToState(snapshot);
        }
    }

    function tableSentTwice(Deed deed) public {
        Act memory act = _prepared(deed);
        perform(act);
        expectRefused(act, abi.encodeWithSelector(IActs.Acts_AlreadyUsed.selector, digestOfAct(act)));
    }

    function tableSentOnAnotherChain(Deed deed) public {
        Act memory act = _prepared(deed);
        bytes32 digest = digestOfAct(act);
        vm.chainId(block.chainid + 1);
        (bool success, bytes memory answer) = send(act, sign(act.first, digest), sign(act.second, digest));

        assertFalse(success);
        assertEq(answer, _notSignedBy(act.first.key, digestOfAct(act)));
    }

    /// @dev Another registry of the same parties, brought to the same state by acts of its own.
    function tableSentToAnotherContract(Deed deed) public {
        Act memory act = _prepared(deed);
        bytes32 digest = digestOfAct(act);
        registry = new InventoryRegistry(parties, checkpoints, credentials, calendar);
        vm.prank(address(council));
        credentials.setDesk(address(registry), true);
        if (deed == Deed.Reopening) vm.warp(START);
        Act memory twin = _prepared(deed);
        (bool success,) = send(act, sign(act.first, digest), sign(act.second, digest));
        assertFalse(success);
        bytes memory answer;
        (success, answer) = send(twin, sign(act.first, digest), sign(act.second, digest));
        assertFalse(success);
        assertEq(answer, _notSignedBy(twin.first.key, digestOfAct(twin)));

        perform(twin);
    }

    function tableSignedByAnother(Deed deed) public {
        Act memory act = _prepared(deed);
        bytes32 digest = digestOfAct(act);
        bytes memory strange = sign(makeSigner("stranger"), digest);
        (bool success, bytes memory answer) = send(act, strange, sign(act.second, digest));
        assertFalse(success);
        assertEq(answer, _notSignedBy(act.first.key, digest));
        (success, answer) = send(act, sign(act.first, digest), strange);
        assertFalse(success);
        assertEq(answer, _notSignedBy(act.second.key, digest));
    }

    /// @dev The signatures are over the nonce and the deadline too.
    function tableSentWithAnotherNonceOrDeadline(Deed deed) public {
        Act memory act = _prepared(deed);
        bytes32 digest = digestOfAct(act);
        (bytes memory first, bytes memory second) = (sign(act.first, digest), sign(act.second, digest));
        uint256 lastWord = _wordsOf(deed); // after the word that says where the fields begin
        for (uint256 word = lastWord - 1; word <= lastWord; ++word) {
            act.fields[32 * word + 31] ^= 0x01;
            (bool success, bytes memory answer) = send(act, first, second);
            assertFalse(success);
            assertEq(answer, _notSignedBy(act.first.key, digestOfAct(act)));
            act.fields[32 * word + 31] ^= 0x01;
        }
        perform(act);
    }

    function tableSentInTheLastSecond(Deed deed) public {
        Act memory act = _prepared(deed);
        if (deed == Deed.Objection) return; // its own time is over by then
        if (deed == Deed.ObjectionUpheld || deed == Deed.ObjectionDismissed) return;
        vm.warp(DEADLINE);
        perform(act);
    }

    function tableSentAfterTheDeadline(Deed deed) public {
        Act memory act = _prepared(deed);
        vm.warp(DEADLINE + 1);
        expectRefused(
            act, abi.encodeWithSelector(IActs.Acts_DeadlinePassed.selector, DEADLINE, uint256(DEADLINE) + 1)
        );
    }

    /// @dev Any one signer's withdrawal is enough.
    function tableCancelled(Deed deed) public {
        Act memory act = _prepared(deed);
        bytes32 digest = digestOfAct(act);
        address[2] memory signers = [act.first.key, act.second.key];
        uint256 snapshot = vm.snapshotState();
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(signers[i]);
            registry.cancel(digest);
            expectRefused(act, abi.encodeWithSelector(IActs.Acts_Cancelled.selector, digest, signers[i]));
            vm.revertToState(snapshot);
        }
    }

    /// @dev The inventory went on and came back to the state of the same name: the act named another one.
    function tableSentOnAnotherState(Deed deed) public {
        if (deed == Deed.Draft) return; // begins from nothing
        Act memory act = _prepared(deed);
        bytes32 named = registry.inventory(inventoryId()).stateHash;
        if (stateOf() == InventoryState.Drafted) {
            perform(Deed.Withdrawal);
        } else if (stateOf() == InventoryState.Confirmed && deed != Deed.Reopening) {
            perform(Deed.Objection, Role.Nation);
            perform(Deed.ObjectionDismissed);
        } else if (stateOf() == InventoryState.Confirmed) {
            perform(Deed.Reopening);
        } else if (stateOf() == InventoryState.Objected) {
            perform(Deed.ObjectionDismissed);
        } else {
            perform(Deed.Submission);
        }
        bytes32 present = registry.inventory(inventoryId()).stateHash;
        expectRefused(
            act,
            abi.encodeWithSelector(
                IInventoryRegistry.InventoryRegistry_StateDiffers.selector, inventoryId(), present, named
            )
        );
    }

    // --- helpers

    /// @dev Bring the inventory to where the act is possible.
    function _ready(Deed deed) private {
        reach(stateBefore(deed));
        if (deed == Deed.Confirmation) perform(Deed.Review);
        if (deed == Deed.Reopening) skip(20 days);
    }

    function _prepared(Deed deed) private returns (Act memory) {
        _ready(deed);
        return make(deed, subject, ownerOf(deed));
    }

    /// @dev The table of {IInventoryRegistry}, for a first result.
    function _isPossible(Deed deed, InventoryState state) private pure returns (bool) {
        bool isUnderWay = state == InventoryState.Submitted || state == InventoryState.UnderVerification
            || state == InventoryState.Findings || state == InventoryState.Verified;
        if (deed == Deed.Submission) {
            return isUnderWay || state == InventoryState.Drafted || state == InventoryState.Withdrawn
                || state == InventoryState.Rejected || state == InventoryState.Reopened;
        }
        if (deed == Deed.Assignment) return isUnderWay;
        if (deed == Deed.Rejection) return isUnderWay || state == InventoryState.Reopened;
        if (deed == Deed.Withdrawal) {
            return state == InventoryState.Drafted || (isUnderWay && state != InventoryState.Verified);
        }
        if (deed == Deed.Confirmation) return false; // the city has not reviewed
        return state == stateBefore(deed);
    }

    /// @dev Number of fields of an act.
    function _wordsOf(Deed deed) private pure returns (uint256) {
        if (deed == Deed.Draft) return 8;
        if (deed == Deed.Submission) return 16;
        if (deed == Deed.Assignment) return 13;
        return deed == Deed.Statement ? 11 : 10;
    }

    function _notSignedBy(address signer, bytes32 digest) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IActs.Acts_NotSignedBy.selector, signer, digest);
    }
}
