// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {PartyCases} from "../support/PartyCases.sol";
import {IActs} from "contracts/interfaces/IActs.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {IWorkingCalendar} from "contracts/interfaces/IWorkingCalendar.sol";
import {RepresentativeRole} from "contracts/types/Enums.sol";

contract AppointTest is PartyCases {
    // --- appoint

    /// @dev A later key is in force after four working days, and not a second earlier.
    function test_Appoint() public {
        attest(third);
        appoint(appointmentOf(third, RepresentativeRole.Approver), third);

        assertEq(parties.representative(party, third.key).activeFrom, AFTER_FOUR_DAYS);
        vm.warp(AFTER_FOUR_DAYS - 1);
        assertFalse(parties.isInForce(party, third.key, RepresentativeRole.Approver));
        vm.warp(AFTER_FOUR_DAYS);
        assertTrue(parties.isInForce(party, third.key, RepresentativeRole.Approver));
    }

    /// @dev Qingming: April 4th to 6th off, Sunday the 7th worked.
    function test_AppointOverHoliday() public {
        vm.warp(1_712_016_000); // Tuesday 2024-04-02, 08:00 in the reporting zone
        attest(third);
        appoint(appointmentOf(third, RepresentativeRole.Initiator), third);

        // Wednesday 3rd, Sunday 7th, Monday 8th, Tuesday 9th; in force from the 10th on.
        assertEq(parties.representative(party, third.key).activeFrom, 1_712_678_400);
    }

    function test_RevertWhen_CalendarIsUnknown() public {
        vm.warp(1_735_500_000); // Monday 2024-12-30: the fourth working day lies in 2025
        attest(third);
        IPartyRegistry.Appointment memory act = appointmentOf(third, RepresentativeRole.Approver);
        act.deadline = uint64(block.timestamp);
        expectAppointmentRefused(
            act, third, abi.encodeWithSelector(IWorkingCalendar.WorkingCalendar_UnknownYear.selector, 2025)
        );
    }

    function test_RevertWhen_PersonIsNotAttested() public {
        expectAppointmentRefused(
            appointmentOf(third, RepresentativeRole.Approver),
            third,
            abi.encodeWithSelector(
                IPartyRegistry.PartyRegistry_PersonNotAttested.selector, party, personOf(third)
            )
        );
    }

    /// @dev An approver who borrowed a stranger's name would be two persons alone.
    function test_RevertWhen_PersonIsAnotherPartys() public {
        IPartyRegistry.Appointment memory act = appointmentOf(third, RepresentativeRole.Initiator);
        act.seat.persons[0] = personOf(otherInitiator);
        expectAppointmentRefused(
            act,
            third,
            abi.encodeWithSelector(
                IPartyRegistry.PartyRegistry_PersonNotAttested.selector, party, personOf(otherInitiator)
            )
        );
    }

    function test_RevertWhen_PersonHasKey() public {
        IPartyRegistry.Appointment memory act = appointmentOf(third, RepresentativeRole.Approver);
        act.seat.persons[0] = personOf(initiator);
        expectAppointmentRefused(act, third, personSeated(personOf(initiator), initiator.key));
    }

    /// @dev An appointment under way binds the person as well.
    function test_RevertWhen_PersonHasKeyUnderWay() public {
        attest(third);
        appoint(appointmentOf(third, RepresentativeRole.Approver), third);
        IPartyRegistry.Appointment memory act = appointmentOf(fourth, RepresentativeRole.Initiator);
        act.seat.persons[0] = personOf(third);
        expectAppointmentRefused(act, fourth, personSeated(personOf(third), third.key));
    }

    function test_RevertWhen_KeyWasUsedBefore() public {
        attest(third);
        remove(initiator);
        IPartyRegistry.Appointment memory act = appointmentOf(initiator, RepresentativeRole.Initiator);
        expectAppointmentRefused(
            act,
            initiator,
            abi.encodeWithSelector(IPartyRegistry.PartyRegistry_KeyUsedBefore.selector, party, initiator.key)
        );
    }

    function test_RevertWhen_InitiatorAppoints() public {
        attest(third);
        IPartyRegistry.Appointment memory act = appointmentOf(third, RepresentativeRole.Approver);
        act.approver = initiator.key;
        bytes32 digest = digestOf(address(parties), APPOINTMENT, abi.encode(act));
        vm.expectRevert(roleDiffers(initiator.key, RepresentativeRole.Initiator, RepresentativeRole.Approver));
        parties.appoint(act, sign(initiator, digest), sign(third, digest));
    }

    function test_RevertWhen_NewKeyDidNotSign() public {
        attest(third);
        IPartyRegistry.Appointment memory act = appointmentOf(third, RepresentativeRole.Approver);
        bytes32 digest = digestOf(address(parties), APPOINTMENT, abi.encode(act));
        vm.expectRevert(abi.encodeWithSelector(IActs.Acts_NotSignedBy.selector, third.key, digest));
        parties.appoint(act, sign(approver, digest), sign(approver, digest));
    }

    // --- appoint in place of another key

    /// @dev The old key acts until the new one begins; at no time do both.
    function test_Replace() public {
        replaceInitiator(third);

        vm.warp(AFTER_FOUR_DAYS - 1);
        assertTrue(parties.isInForce(party, initiator.key, RepresentativeRole.Initiator));
        assertFalse(parties.isInForce(party, third.key, RepresentativeRole.Initiator));
        vm.warp(AFTER_FOUR_DAYS);
        assertFalse(parties.isInForce(party, initiator.key, RepresentativeRole.Initiator));
        assertTrue(parties.isInForce(party, third.key, RepresentativeRole.Initiator));
        assertEq(parties.keyOf(party, personOf(initiator)), third.key);
    }

    function test_OldKeyGoesOnWhenItsReplacementIsRemoved() public {
        replaceInitiator(third);
        bytes32 digest = digestOf(address(parties), REMOVAL, abi.encode(removalOf(third)));
        vm.expectEmit(address(parties));
        emit IPartyRegistry.RepresentativeRemoved(party, third.key, uint64(START), approver.key, digest);
        vm.expectEmit(address(parties));
        emit IPartyRegistry.RepresentativeRestored(party, initiator.key);
        parties.remove(removalOf(third), sign(approver, digest));

        vm.warp(AFTER_FOUR_DAYS);
        assertTrue(parties.isInForce(party, initiator.key, RepresentativeRole.Initiator));
        assertFalse(parties.isInForce(party, third.key, RepresentativeRole.Initiator));
        assertEq(parties.keyOf(party, personOf(initiator)), initiator.key);
    }

    /// @dev Restoring must not give a person a second key.
    function test_OldKeyEndsWhenItsPersonHasAnotherKeyByThen() public {
        attest(third);
        IPartyRegistry.Appointment memory act = appointmentOf(third, RepresentativeRole.Initiator);
        act.replaces = initiator.key;
        appoint(act, third);
        act = appointmentOf(fourth, RepresentativeRole.ReadOnly);
        act.seat.persons[0] = personOf(initiator);
        appoint(act, fourth);
        remove(third);

        vm.warp(AFTER_FOUR_DAYS);
        assertFalse(parties.isInForce(party, initiator.key, RepresentativeRole.Initiator));
        assertTrue(parties.isInForce(party, fourth.key, RepresentativeRole.ReadOnly));
    }

    function test_RemovedKeyDoesNotComeBackWithItsReplacement() public {
        replaceInitiator(third);
        remove(initiator);
        remove(third);

        vm.warp(AFTER_FOUR_DAYS);
        assertFalse(parties.isInForce(party, initiator.key, RepresentativeRole.Initiator));
        assertFalse(parties.isInForce(party, third.key, RepresentativeRole.Initiator));
    }

    function test_KeyDoesNotComeBackAfterItsReplacementBegan() public {
        replaceInitiator(third);
        vm.warp(AFTER_FOUR_DAYS);
        remove(third);

        assertFalse(parties.isInForce(party, initiator.key, RepresentativeRole.Initiator));
    }

    function test_RevertWhen_KeyIsReplacedTwice() public {
        replaceInitiator(third);
        attest(fourth);
        IPartyRegistry.Appointment memory act = appointmentOf(fourth, RepresentativeRole.Initiator);
        act.replaces = initiator.key;
        expectAppointmentRefused(
            act,
            fourth,
            abi.encodeWithSelector(IPartyRegistry.PartyRegistry_KeyEnding.selector, party, initiator.key)
        );
    }

    function test_RevertWhen_ReplacedKeyIsNotInForce() public {
        attest(third);
        IPartyRegistry.Appointment memory act = appointmentOf(third, RepresentativeRole.Initiator);
        act.replaces = otherInitiator.key;
        expectAppointmentRefused(act, third, notInForce(otherInitiator.key));
    }
}
