// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {PartyCases} from "../support/PartyCases.sol";
import {IActs} from "contracts/interfaces/IActs.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {PartyKind, RepresentativeRole} from "contracts/types/Enums.sol";
import {PartyId, PersonId, partyIdOf} from "contracts/types/Ids.sol";

contract RegisterTest is PartyCases {
    // --- register

    /// @dev Registrar and party together make a party whose first keys are in force at once.
    function test_Register() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        bytes32 digest = digestOf(address(parties), REGISTRATION, abi.encode(act));
        PartyId id = partyIdOf(NEW_CODE);
        vm.expectEmit(address(parties));
        emit IPartyRegistry.PartyRegistered(
            id, PartyKind.Enterprise, act.name, NEW_CODE, registrar.key, digest
        );
        vm.expectEmit(address(parties));
        emit IPartyRegistry.PersonAttested(id, personOf(third), registrar.key, digest);
        vm.expectEmit(address(parties));
        emit IPartyRegistry.RepresentativeAppointed(
            id,
            third.key,
            RepresentativeRole.Initiator,
            false,
            act.seats[0].persons,
            uint64(START),
            address(0),
            0,
            digest
        );
        registerParty(NEW_CODE, third, fourth);

        IPartyRegistry.Party memory record = parties.partyRecord(id);
        assertEq(record.nameHash, keccak256(bytes(act.name)));
        assertTrue(record.kind == PartyKind.Enterprise);
        assertEq(record.registeredAt, START);
        assertTrue(parties.isInForce(id, third.key, RepresentativeRole.Initiator));
        assertFalse(parties.isInForce(id, third.key, RepresentativeRole.Approver));
        assertTrue(parties.isInForce(id, fourth.key, RepresentativeRole.Approver));
        assertTrue(parties.isAttested(id, personOf(fourth)));
        assertEq(parties.keyOf(id, personOf(third)), third.key);
        assertEq(parties.representative(id, third.key).persons.length, 1);
    }

    function test_RevertWhen_RegistrarIsNone() public {
        vm.prank(address(council));
        parties.setRegistrar(registrar.key, false);
        expectRegistrationRefused(
            registrationOf(NEW_CODE, third, fourth),
            abi.encodeWithSelector(IPartyRegistry.PartyRegistry_NotRegistrar.selector, registrar.key)
        );
    }

    function test_RevertWhen_FirstKeyDidNotSign() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        bytes32 digest = digestOf(address(parties), REGISTRATION, abi.encode(act));
        bytes[] memory signatures = pairOf(sign(third, digest), sign(third, digest));
        vm.expectRevert(abi.encodeWithSelector(IActs.Acts_NotSignedBy.selector, fourth.key, digest));
        parties.register(act, sign(registrar, digest), signatures);
    }

    function test_RevertWhen_PartyIsRegistered() public {
        expectRegistrationRefused(
            registrationOf(CODE, third, fourth),
            abi.encodeWithSelector(IPartyRegistry.PartyRegistry_AlreadyRegistered.selector, party)
        );
    }

    function test_RevertWhen_CodeIsEmpty() public {
        expectCodeRefused("");
    }

    function test_RevertWhen_CodeIsTooLong() public {
        expectCodeRefused("012345678901234567890123456789012");
    }

    function test_RevertWhen_CodeHasSlash() public {
        expectCodeRefused("HOST/log/91310000MA1K00001X");
    }

    function test_RevertWhen_CodeHasHyphen() public {
        expectCodeRefused("91310000MA1K00001X-2");
    }

    function test_RevertWhen_CodeHasSmallLetter() public {
        expectCodeRefused("91310000MA1K00001x");
    }

    function test_RegisterWithLongestCode() public {
        registerParty("REGISTRY.OF_PARTIES.0123456789AZ", third, fourth);
        assertTrue(
            parties.partyRecord(partyIdOf("REGISTRY.OF_PARTIES.0123456789AZ")).kind == PartyKind.Enterprise
        );
    }

    function test_RevertWhen_KindIsMissing() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        act.kind = PartyKind.None;
        expectRegistrationRefused(
            act, abi.encodeWithSelector(IPartyRegistry.PartyRegistry_FieldMissing.selector)
        );
    }

    function test_RevertWhen_NameIsMissing() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        act.name = "";
        expectRegistrationRefused(
            act, abi.encodeWithSelector(IPartyRegistry.PartyRegistry_FieldMissing.selector)
        );
    }

    function test_RevertWhen_ApproverIsMissing() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        act.seats[1].role = RepresentativeRole.ReadOnly;
        expectRegistrationRefused(
            act, abi.encodeWithSelector(IPartyRegistry.PartyRegistry_RolesIncomplete.selector)
        );
    }

    function test_RevertWhen_InitiatorIsMissing() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        act.seats[0].role = RepresentativeRole.Approver;
        expectRegistrationRefused(
            act, abi.encodeWithSelector(IPartyRegistry.PartyRegistry_RolesIncomplete.selector)
        );
    }

    function test_RevertWhen_SignatureIsMissing() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        bytes32 digest = digestOf(address(parties), REGISTRATION, abi.encode(act));
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = sign(third, digest);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.PartyRegistry_SeatCountInvalid.selector, 2, 1));
        parties.register(act, sign(registrar, digest), signatures);
    }

    function test_RevertWhen_SeatsAreTooMany() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        act.seats = new IPartyRegistry.Seat[](17);
        bytes32 digest = digestOf(address(parties), REGISTRATION, abi.encode(act));
        vm.expectRevert(
            abi.encodeWithSelector(IPartyRegistry.PartyRegistry_SeatCountInvalid.selector, 17, 17)
        );
        parties.register(act, sign(registrar, digest), new bytes[](17));
    }

    /// @dev One person with two keys would be two signatures of one mind.
    function test_RevertWhen_OnePersonHasTwoKeys() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        act.seats[1].persons[0] = personOf(third);
        expectRegistrationRefused(
            act,
            abi.encodeWithSelector(
                IPartyRegistry.PartyRegistry_PersonSeated.selector,
                partyIdOf(NEW_CODE),
                personOf(third),
                third.key
            )
        );
    }

    function test_RevertWhen_OneKeyHasTwoSeats() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, third);
        act.seats[1].persons[0] = personOf(fourth);
        bytes32 digest = digestOf(address(parties), REGISTRATION, abi.encode(act));
        bytes[] memory signatures = pairOf(sign(third, digest), sign(third, digest));
        vm.expectRevert(
            abi.encodeWithSelector(
                IPartyRegistry.PartyRegistry_KeyUsedBefore.selector, partyIdOf(NEW_CODE), third.key
            )
        );
        parties.register(act, sign(registrar, digest), signatures);
    }

    function test_RevertWhen_SeatHasNoRole() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        act.seats[0].role = RepresentativeRole.None;
        expectSeatRefused(act, third.key);
    }

    function test_RevertWhen_SeatHasNoKey() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        act.seats[0].key = address(0);
        expectSeatRefused(act, address(0));
    }

    function test_RevertWhen_SeatHasNoPerson() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        act.seats[0].persons = new PersonId[](0);
        expectSeatRefused(act, third.key);
    }

    function test_RevertWhen_SeatHasTwoPersons() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        act.seats[0].persons = new PersonId[](2);
        (act.seats[0].persons[0], act.seats[0].persons[1]) = (personOf(third), personOf(initiator));
        expectSeatRefused(act, third.key);
    }

    function test_RevertWhen_PersonIsEmpty() public {
        IPartyRegistry.Registration memory act = registrationOf(NEW_CODE, third, fourth);
        act.seats[0].persons[0] = PersonId.wrap(0);
        expectRegistrationRefused(
            act, abi.encodeWithSelector(IPartyRegistry.PartyRegistry_PersonMissing.selector)
        );
    }

    // --- attest

    function test_Attest() public {
        attest(third);
        assertTrue(parties.isAttested(party, personOf(third)));
    }

    function test_RevertWhen_PartyOfAttestedPersonIsUnknown() public {
        IPartyRegistry.Attestation memory act = attestationOf(personOf(third));
        act.creditCode = NEW_CODE;
        bytes32 digest = digestOf(address(parties), ATTESTATION, abi.encode(act));
        vm.expectRevert(
            abi.encodeWithSelector(IPartyRegistry.PartyRegistry_UnknownParty.selector, partyIdOf(NEW_CODE))
        );
        parties.attest(act, sign(registrar, digest));
    }

    function test_RevertWhen_StrangerAttests() public {
        IPartyRegistry.Attestation memory act = attestationOf(personOf(third));
        act.registrar = fourth.key;
        bytes32 digest = digestOf(address(parties), ATTESTATION, abi.encode(act));
        vm.expectRevert(
            abi.encodeWithSelector(IPartyRegistry.PartyRegistry_NotRegistrar.selector, fourth.key)
        );
        parties.attest(act, sign(fourth, digest));
    }

    function test_RevertWhen_AttestedPersonIsEmpty() public {
        IPartyRegistry.Attestation memory act = attestationOf(PersonId.wrap(0));
        bytes32 digest = digestOf(address(parties), ATTESTATION, abi.encode(act));
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.PartyRegistry_PersonMissing.selector));
        parties.attest(act, sign(registrar, digest));
    }
}
