// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ContractWallet} from "./ContractWallet.sol";
import {Enterprises} from "./Enterprises.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {RepresentativeRole} from "contracts/types/Enums.sol";
import {PersonId} from "contracts/types/Ids.sol";

/// @title PartyCases
/// @notice Persons and acts for the tests of the party registry, and how it refuses them.
abstract contract PartyCases is Enterprises {
    string internal constant NEW_CODE = "91310000MA1K00003X";
    /// @dev 2024-03-09, 00:00 in the reporting zone: Tuesday to Friday are four working days after Monday, the 4th.
    uint256 internal constant AFTER_FOUR_DAYS = 1_709_913_600;

    Signer internal third;
    Signer internal fourth;

    function setUp() public override {
        super.setUp();
        third = makeSigner("third person");
        fourth = makeSigner("fourth person");
    }

    function replaceInitiator(Signer memory successor) internal {
        IPartyRegistry.Appointment memory act = appointmentOf(successor, RepresentativeRole.Initiator);
        act.seat.persons[0] = personOf(initiator);
        act.replaces = initiator.key;
        appoint(act, successor);
    }

    function walletAppointment(ContractWallet wallet, RepresentativeRole role, Signer memory owner)
        internal
        returns (IPartyRegistry.Appointment memory act)
    {
        Signer memory colleague = makeSigner(string.concat("colleague of ", vm.toString(owner.key)));
        attest(colleague);
        act = appointmentOf(owner, role);
        act.seat.key = address(wallet);
        act.seat.isContract = true;
        act.seat.persons = new PersonId[](2);
        (act.seat.persons[0], act.seat.persons[1]) = (personOf(owner), personOf(colleague));
    }

    function seatWallet(RepresentativeRole role, Signer memory owner)
        internal
        returns (ContractWallet wallet)
    {
        attest(owner);
        wallet = new ContractWallet(owner.key);
        appoint(walletAppointment(wallet, role, owner), owner);
        vm.warp(parties.representative(party, address(wallet)).activeFrom);
    }

    function recovery(uint32 era, Signer memory first, Signer memory second)
        internal
        view
        returns (IPartyRegistry.Recovery memory act, bytes[] memory signatures)
    {
        act.creditCode = CODE;
        act.era = era;
        act.deadline = DEADLINE;
        act.seats = registrationOf(CODE, first, second).seats;
        bytes32 digest = digestOf(address(parties), RECOVERY, abi.encode(act));
        signatures = pairOf(sign(first, digest), sign(second, digest));
    }

    function recoverWith(Signer memory first, Signer memory second) internal {
        (IPartyRegistry.Recovery memory act, bytes[] memory signatures) = recovery(0, first, second);
        vm.prank(address(council));
        parties.recover(act, signatures);
    }

    function expectRegistrationRefused(IPartyRegistry.Registration memory act, bytes memory reason) internal {
        bytes32 digest = digestOf(address(parties), REGISTRATION, abi.encode(act));
        bytes memory registrarSignature = sign(registrar, digest);
        bytes[] memory signatures = pairOf(sign(third, digest), sign(fourth, digest));
        vm.expectRevert(reason);
        parties.register(act, registrarSignature, signatures);
    }

    function expectCodeRefused(string memory creditCode) internal {
        expectRegistrationRefused(
            registrationOf(creditCode, third, fourth),
            abi.encodeWithSelector(IPartyRegistry.PartyRegistry_CreditCodeInvalid.selector, creditCode)
        );
    }

    function expectSeatRefused(IPartyRegistry.Registration memory act, address key) internal {
        expectRegistrationRefused(
            act, abi.encodeWithSelector(IPartyRegistry.PartyRegistry_SeatInvalid.selector, key)
        );
    }

    function expectAppointmentRefused(
        IPartyRegistry.Appointment memory act,
        Signer memory seated,
        bytes memory reason
    ) internal {
        bytes32 digest = digestOf(address(parties), APPOINTMENT, abi.encode(act));
        bytes memory first = sign(approver, digest);
        bytes memory second = sign(seated, digest);
        vm.expectRevert(reason);
        parties.appoint(act, first, second);
    }

    function notInForce(address key) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IPartyRegistry.PartyRegistry_NotInForce.selector, party, key);
    }

    function personSeated(PersonId person, address key) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IPartyRegistry.PartyRegistry_PersonSeated.selector, party, person, key);
    }

    function roleDiffers(address key, RepresentativeRole role, RepresentativeRole required)
        internal
        view
        returns (bytes memory)
    {
        return abi.encodeWithSelector(
            IPartyRegistry.PartyRegistry_RoleDiffers.selector, party, key, role, required
        );
    }
}
