// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {PartyCases} from "../support/PartyCases.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {RepresentativeRole} from "contracts/types/Enums.sol";
import {partyIdOf} from "contracts/types/Ids.sol";
import {IAccessManaged} from "openzeppelin-access-manager/access/manager/IAccessManaged.sol";

contract RecoverTest is PartyCases {
    /// @dev New keys by the Council's decision; nothing that the old ones signed counts any more.
    function test_Recover() public {
        bytes32 signedBefore = keccak256("an act signed before the recovery");
        bytes memory first = sign(initiator, signedBefore);
        bytes memory second = sign(approver, signedBefore);
        (IPartyRegistry.Recovery memory act, bytes[] memory signatures) = recovery(0, third, fourth);
        bytes32 digest = digestOf(address(parties), RECOVERY, abi.encode(act));
        vm.expectEmit(address(parties));
        emit IPartyRegistry.PartyRecovered(party, 1, digest);
        vm.prank(address(council));
        parties.recover(act, signatures);

        assertTrue(parties.isInForce(party, third.key, RepresentativeRole.Initiator));
        assertTrue(parties.isInForce(party, fourth.key, RepresentativeRole.Approver));
        assertFalse(parties.isInForce(party, approver.key, RepresentativeRole.Approver));
        assertEq(parties.partyRecord(party).era, 1);
        vm.expectRevert(notInForce(initiator.key));
        parties.checkTwoPersons(party, signedBefore, initiator.key, first, approver.key, second);
    }

    function test_RecoverByDecision() public {
        (IPartyRegistry.Recovery memory act, bytes[] memory signatures) = recovery(0, third, fourth);
        decide(
            address(parties),
            "recover((string,uint32,(address,bytes32[],uint8,bool)[],uint256,uint64),bytes[])",
            abi.encode(act, signatures)
        );

        assertTrue(parties.isInForce(party, third.key, RepresentativeRole.Initiator));
    }

    function test_RecoveryVoidsAppointmentUnderWay() public {
        Signer memory fifth = makeSigner("fifth person");
        attest(fifth);
        appoint(appointmentOf(fifth, RepresentativeRole.Approver), fifth);
        recoverWith(third, fourth);

        vm.warp(AFTER_FOUR_DAYS);
        assertFalse(parties.isInForce(party, fifth.key, RepresentativeRole.Approver));
    }

    /// @dev The people are the same, their keys are new.
    function test_RecoverWithThePersonsOfBefore() public {
        (IPartyRegistry.Recovery memory act,) = recovery(0, third, fourth);
        act.seats[0].persons[0] = personOf(initiator);
        act.seats[1].persons[0] = personOf(approver);
        bytes32 digest = digestOf(address(parties), RECOVERY, abi.encode(act));
        vm.prank(address(council));
        parties.recover(act, pairOf(sign(third, digest), sign(fourth, digest)));

        assertEq(parties.keyOf(party, personOf(initiator)), third.key);
    }

    function test_RevertWhen_KeyOfBeforeIsRemoved() public {
        recoverWith(third, fourth);
        IPartyRegistry.Removal memory act = removalOf(initiator);
        act.remover = fourth.key;
        bytes32 digest = digestOf(address(parties), REMOVAL, abi.encode(act));
        vm.expectRevert(notInForce(initiator.key));
        parties.remove(act, sign(fourth, digest));
    }

    /// @dev A key of before would bring back to life what it signed.
    function test_RevertWhen_RecoveredWithKeyOfBefore() public {
        (IPartyRegistry.Recovery memory act, bytes[] memory signatures) = recovery(0, initiator, fourth);
        vm.expectRevert(
            abi.encodeWithSelector(IPartyRegistry.PartyRegistry_KeyUsedBefore.selector, party, initiator.key)
        );
        vm.prank(address(council));
        parties.recover(act, signatures);
    }

    function test_RevertWhen_EraIsPast() public {
        recoverWith(third, fourth);
        (IPartyRegistry.Recovery memory act, bytes[] memory signatures) =
            recovery(0, makeSigner("fifth"), makeSigner("sixth"));
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.PartyRegistry_EraDiffers.selector, 1, 0));
        vm.prank(address(council));
        parties.recover(act, signatures);
    }

    function test_RevertWhen_RecoveredPartyIsUnknown() public {
        (IPartyRegistry.Recovery memory act, bytes[] memory signatures) = recovery(0, third, fourth);
        act.creditCode = NEW_CODE;
        vm.expectRevert(
            abi.encodeWithSelector(IPartyRegistry.PartyRegistry_UnknownParty.selector, partyIdOf(NEW_CODE))
        );
        vm.prank(address(council));
        parties.recover(act, signatures);
    }

    function test_RevertWhen_RegistrarRecovers() public {
        (IPartyRegistry.Recovery memory act, bytes[] memory signatures) = recovery(0, third, fourth);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, registrar.key)
        );
        vm.prank(registrar.key);
        parties.recover(act, signatures);
    }
}
