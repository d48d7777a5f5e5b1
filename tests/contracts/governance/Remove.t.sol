// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {PartyCases} from "../support/PartyCases.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {RepresentativeRole} from "contracts/types/Enums.sol";

contract RemoveTest is PartyCases {
    /// @dev A removal is in force at once, for what was signed before as well.
    function test_Remove() public {
        bytes32 digest = keccak256("an act signed before the removal");
        bytes memory first = sign(initiator, digest);
        bytes memory second = sign(approver, digest);
        parties.checkTwoPersons(party, digest, initiator.key, first, approver.key, second);
        remove(initiator);

        vm.expectRevert(notInForce(initiator.key));
        parties.checkTwoPersons(party, digest, initiator.key, first, approver.key, second);
    }

    function test_KeyRemovesItself() public {
        IPartyRegistry.Removal memory act = removalOf(initiator);
        act.remover = initiator.key;
        bytes32 digest = digestOf(address(parties), REMOVAL, abi.encode(act));
        parties.remove(act, sign(initiator, digest));

        assertFalse(parties.isInForce(party, initiator.key, RepresentativeRole.Initiator));
    }

    function test_KeyUnderWayWithdraws() public {
        attest(third);
        appoint(appointmentOf(third, RepresentativeRole.Approver), third);
        IPartyRegistry.Removal memory act = removalOf(third);
        act.remover = third.key;
        bytes32 digest = digestOf(address(parties), REMOVAL, abi.encode(act));
        parties.remove(act, sign(third, digest));

        vm.warp(AFTER_FOUR_DAYS);
        assertFalse(parties.isInForce(party, third.key, RepresentativeRole.Approver));
    }

    /// @dev Whose key is in force until another person's key takes its place is found by that key, though a key of its
    /// own that never began came between.
    function test_KeyUnderWayGivesTheEarlierKeyBack() public {
        attest(third);
        IPartyRegistry.Appointment memory successor = appointmentOf(third, RepresentativeRole.Initiator);
        successor.replaces = initiator.key;
        appoint(successor, third);
        IPartyRegistry.Appointment memory reading = appointmentOf(fourth, RepresentativeRole.ReadOnly);
        reading.seat.persons[0] = personOf(initiator);
        appoint(reading, fourth);
        assertEq(parties.keyOf(party, personOf(initiator)), fourth.key);
        remove(fourth);

        assertTrue(parties.isInForce(party, initiator.key, RepresentativeRole.Initiator));
        assertEq(parties.keyOf(party, personOf(initiator)), initiator.key);
    }

    function test_RevertWhen_InitiatorRemovesAnother() public {
        IPartyRegistry.Removal memory act = removalOf(approver);
        act.remover = initiator.key;
        bytes32 digest = digestOf(address(parties), REMOVAL, abi.encode(act));
        vm.expectRevert(roleDiffers(initiator.key, RepresentativeRole.Initiator, RepresentativeRole.Approver));
        parties.remove(act, sign(initiator, digest));
    }

    function test_RevertWhen_KeyIsRemovedTwice() public {
        remove(initiator);
        IPartyRegistry.Removal memory act = removalOf(initiator);
        act.nonce = 1;
        bytes32 digest = digestOf(address(parties), REMOVAL, abi.encode(act));
        vm.expectRevert(notInForce(initiator.key));
        parties.remove(act, sign(approver, digest));
    }

    function test_RevertWhen_RemovedKeyIsOfAnotherParty() public {
        IPartyRegistry.Removal memory act = removalOf(otherInitiator);
        bytes32 digest = digestOf(address(parties), REMOVAL, abi.encode(act));
        vm.expectRevert(notInForce(otherInitiator.key));
        parties.remove(act, sign(approver, digest));
    }
}
