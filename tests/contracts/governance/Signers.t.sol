// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ContractWallet} from "../support/ContractWallet.sol";
import {PartyCases} from "../support/PartyCases.sol";
import {IActs} from "contracts/interfaces/IActs.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {RepresentativeRole} from "contracts/types/Enums.sol";
import {PersonId} from "contracts/types/Ids.sol";

contract SignersTest is PartyCases {
    // --- two persons

    function test_RevertWhen_OnePersonSignsTwice() public {
        bytes32 digest = keccak256("act");
        bytes memory signature = sign(initiator, digest);
        vm.expectRevert(roleDiffers(initiator.key, RepresentativeRole.Initiator, RepresentativeRole.Approver));
        parties.checkTwoPersons(party, digest, initiator.key, signature, initiator.key, signature);
    }

    function test_RevertWhen_RolesAreExchanged() public {
        bytes32 digest = keccak256("act");
        bytes memory first = sign(approver, digest);
        bytes memory second = sign(initiator, digest);
        vm.expectRevert(roleDiffers(approver.key, RepresentativeRole.Approver, RepresentativeRole.Initiator));
        parties.checkTwoPersons(party, digest, approver.key, first, initiator.key, second);
    }

    function test_RevertWhen_ReaderActs() public {
        attest(reader);
        appoint(appointmentOf(reader, RepresentativeRole.ReadOnly), reader);
        vm.warp(AFTER_FOUR_DAYS);
        bytes32 digest = keccak256("act");
        bytes memory first = sign(reader, digest);
        bytes memory second = sign(approver, digest);
        vm.expectRevert(roleDiffers(reader.key, RepresentativeRole.ReadOnly, RepresentativeRole.Initiator));
        parties.checkTwoPersons(party, digest, reader.key, first, approver.key, second);
    }

    // --- contracts that sign

    /// @dev A contract acts when it is registered with its persons, and is named to whoever asks.
    function test_ContractSigns() public {
        ContractWallet wallet = seatWallet(RepresentativeRole.Initiator, third);
        bytes32 digest = keccak256("act");
        address contractSigner = parties.checkTwoPersons(
            party, digest, address(wallet), sign(third, digest), approver.key, sign(approver, digest)
        );

        assertEq(contractSigner, address(wallet));
        assertEq(parties.representative(party, address(wallet)).persons.length, 2);
    }

    function test_RevertWhen_ContractChangedItsMind() public {
        ContractWallet wallet = seatWallet(RepresentativeRole.Initiator, third);
        wallet.shut();
        bytes32 digest = keccak256("act");
        bytes memory first = sign(third, digest);
        bytes memory second = sign(approver, digest);
        vm.expectRevert(abi.encodeWithSelector(IActs.Acts_NotSignedBy.selector, address(wallet), digest));
        parties.checkTwoPersons(party, digest, address(wallet), first, approver.key, second);
    }

    /// @dev Two contracts could be one mind behind two doors.
    function test_RevertWhen_BothSignersAreContracts() public {
        ContractWallet first = seatWallet(RepresentativeRole.Initiator, third);
        ContractWallet second = seatWallet(RepresentativeRole.Approver, fourth);
        bytes32 digest = keccak256("act");
        bytes memory firstSignature = sign(third, digest);
        bytes memory secondSignature = sign(fourth, digest);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPartyRegistry.PartyRegistry_BothContracts.selector, address(first), address(second)
            )
        );
        parties.checkTwoPersons(
            party, digest, address(first), firstSignature, address(second), secondSignature
        );
    }

    /// @dev A person behind a contract has no key beside it.
    function test_RevertWhen_PersonBehindContractHasKey() public {
        attest(third);
        ContractWallet wallet = new ContractWallet(third.key);
        IPartyRegistry.Appointment memory act = walletAppointment(wallet, RepresentativeRole.Approver, third);
        act.seat.persons[1] = personOf(initiator);
        expectAppointmentRefused(act, third, personSeated(personOf(initiator), initiator.key));
    }

    function test_RevertWhen_OnePersonIsTwiceBehindContract() public {
        attest(third);
        ContractWallet wallet = new ContractWallet(third.key);
        IPartyRegistry.Appointment memory act = walletAppointment(wallet, RepresentativeRole.Approver, third);
        act.seat.persons[1] = personOf(third);
        expectAppointmentRefused(act, third, personSeated(personOf(third), address(wallet)));
    }

    function test_RevertWhen_ContractHasNineNames() public {
        attest(third);
        ContractWallet wallet = new ContractWallet(third.key);
        IPartyRegistry.Appointment memory act = walletAppointment(wallet, RepresentativeRole.Approver, third);
        act.seat.persons = new PersonId[](9);
        for (uint256 i = 0; i < 9; ++i) {
            act.seat.persons[i] = personOf(third);
        }
        expectAppointmentRefused(
            act,
            third,
            abi.encodeWithSelector(IPartyRegistry.PartyRegistry_SeatInvalid.selector, address(wallet))
        );
    }

    function test_RevertWhen_ContractHasNoCode() public {
        attest(third);
        IPartyRegistry.Appointment memory act = appointmentOf(third, RepresentativeRole.Approver);
        act.seat.isContract = true;
        expectAppointmentRefused(
            act, third, abi.encodeWithSelector(IPartyRegistry.PartyRegistry_NotContract.selector, third.key)
        );
    }

    /// @dev A contract that is not registered as one is not asked, whatever it would answer.
    function test_RevertWhen_ContractIsRegisteredAsKey() public {
        attest(third);
        ContractWallet wallet = new ContractWallet(third.key);
        IPartyRegistry.Appointment memory act = appointmentOf(third, RepresentativeRole.Approver);
        act.seat.key = address(wallet);
        bytes32 digest = digestOf(address(parties), APPOINTMENT, abi.encode(act));
        vm.expectRevert(abi.encodeWithSelector(IActs.Acts_NotSignedBy.selector, address(wallet), digest));
        parties.appoint(act, sign(approver, digest), sign(third, digest));
    }

    /// @dev The event stays when the contract's answer changes.
    function test_ContractSignatureLeavesProof() public {
        attest(third);
        ContractWallet wallet = new ContractWallet(third.key);
        IPartyRegistry.Appointment memory act = walletAppointment(wallet, RepresentativeRole.Approver, third);
        bytes32 digest = digestOf(address(parties), APPOINTMENT, abi.encode(act));
        vm.expectEmit(address(parties));
        emit IActs.ContractSignatureAccepted(digest, address(wallet));
        appoint(act, third);
    }
}
