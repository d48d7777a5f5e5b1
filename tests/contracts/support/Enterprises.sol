// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICheckpointRegistry} from "contracts/interfaces/ICheckpointRegistry.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {PartyKind, RepresentativeRole} from "contracts/types/Enums.sol";
import {LogId, PartyId, PersonId, logIdOf, partyIdOf} from "contracts/types/Ids.sol";

import {Deployed} from "./Deployed.sol";

/// @title Enterprises
/// @notice A registered enterprise with an initiator, an approver and a reader; valid acts of it, to be spoilt by tests.
abstract contract Enterprises is Deployed {
    string internal constant CODE = "91310000MA1K00001X";
    string internal constant ORIGIN = "log.example/log/91310000MA1K00001X";
    string internal constant OTHER_CODE = "91310000MA1K00002X";
    string internal constant OTHER_ORIGIN = "log.example/log/91310000MA1K00002X";
    bytes32 internal constant VKEY_HASH =
        sha256("log.example/log/91310000MA1K00001X+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");

    PartyId internal party = partyIdOf(CODE);
    LogId internal logId = logIdOf(ORIGIN);
    LogId internal otherLogId = logIdOf(OTHER_ORIGIN);
    Signer internal initiator;
    Signer internal approver;
    Signer internal reader;
    Signer internal otherInitiator;
    Signer internal otherApprover;
    Signer internal operator;

    function setUp() public virtual override {
        super.setUp();
        initiator = makeSigner("initiator");
        approver = makeSigner("approver");
        reader = makeSigner("reader");
        otherInitiator = makeSigner("other initiator");
        otherApprover = makeSigner("other approver");
        operator = makeSigner("operator");
        registerParty(CODE, initiator, approver);
        registerParty(OTHER_CODE, otherInitiator, otherApprover);
    }

    // --- parties

    function otherParty() internal pure returns (PartyId) {
        return partyIdOf(OTHER_CODE);
    }

    function personOf(Signer memory signer) internal pure returns (PersonId) {
        return PersonId.wrap(keccak256(abi.encode("person of", signer.key)));
    }

    function seatOf(Signer memory signer, RepresentativeRole role)
        internal
        pure
        returns (IPartyRegistry.Seat memory seat)
    {
        seat.key = signer.key;
        seat.role = role;
        seat.persons = new PersonId[](1);
        seat.persons[0] = personOf(signer);
    }

    function registrationOf(string memory creditCode, Signer memory first, Signer memory second)
        internal
        view
        returns (IPartyRegistry.Registration memory act)
    {
        act.kind = PartyKind.Enterprise;
        act.name = string.concat("Enterprise ", creditCode);
        act.creditCode = creditCode;
        act.registrar = registrar.key;
        act.deadline = DEADLINE;
        act.seats = new IPartyRegistry.Seat[](2);
        act.seats[0] = seatOf(first, RepresentativeRole.Initiator);
        act.seats[1] = seatOf(second, RepresentativeRole.Approver);
    }

    function registerParty(string memory creditCode, Signer memory first, Signer memory second) internal {
        IPartyRegistry.Registration memory act = registrationOf(creditCode, first, second);
        bytes32 digest = digestOf(address(parties), REGISTRATION, abi.encode(act));
        parties.register(act, sign(registrar, digest), pairOf(sign(first, digest), sign(second, digest)));
    }

    function pairOf(bytes memory first, bytes memory second) internal pure returns (bytes[] memory pair) {
        pair = new bytes[](2);
        (pair[0], pair[1]) = (first, second);
    }

    function attestationOf(PersonId person) internal view returns (IPartyRegistry.Attestation memory) {
        return IPartyRegistry.Attestation(CODE, person, registrar.key, 0, uint64(block.timestamp + 1 days));
    }

    function attest(Signer memory signer) internal {
        IPartyRegistry.Attestation memory act = attestationOf(personOf(signer));
        bytes32 digest = digestOf(address(parties), ATTESTATION, abi.encode(act));
        parties.attest(act, sign(registrar, digest));
    }

    function appointmentOf(Signer memory signer, RepresentativeRole role)
        internal
        view
        returns (IPartyRegistry.Appointment memory act)
    {
        act.creditCode = CODE;
        act.seat = seatOf(signer, role);
        act.approver = approver.key;
        act.nonce = block.timestamp;
        act.deadline = DEADLINE;
    }

    function appoint(IPartyRegistry.Appointment memory act, Signer memory seated) internal {
        bytes32 digest = digestOf(address(parties), APPOINTMENT, abi.encode(act));
        parties.appoint(act, sign(approver, digest), sign(seated, digest));
    }

    function removalOf(Signer memory signer) internal view returns (IPartyRegistry.Removal memory) {
        return IPartyRegistry.Removal(CODE, signer.key, approver.key, block.timestamp, DEADLINE);
    }

    function remove(Signer memory signer) internal {
        IPartyRegistry.Removal memory act = removalOf(signer);
        bytes32 digest = digestOf(address(parties), REMOVAL, abi.encode(act));
        parties.remove(act, sign(approver, digest));
    }

    // --- logs

    function openLogOf() internal view returns (ICheckpointRegistry.OpenLog memory) {
        return ICheckpointRegistry.OpenLog({
            creditCode: CODE,
            origin: ORIGIN,
            predecessor: "",
            vkeyHash: VKEY_HASH,
            operator: operator.key,
            initiator: initiator.key,
            approver: approver.key,
            nonce: 0,
            deadline: DEADLINE
        });
    }

    function openLog(ICheckpointRegistry.OpenLog memory act, Signer memory first, Signer memory second)
        internal
        returns (LogId)
    {
        bytes32 digest = digestOf(address(checkpoints), OPEN_LOG, abi.encode(act));
        return checkpoints.openLog(act, sign(first, digest), sign(second, digest), sign(operator, digest));
    }

    function openLog() internal returns (LogId) {
        return openLog(openLogOf(), initiator, approver);
    }

    function openOtherLog() internal returns (LogId) {
        ICheckpointRegistry.OpenLog memory act = openLogOf();
        (act.creditCode, act.origin) = (OTHER_CODE, OTHER_ORIGIN);
        (act.initiator, act.approver) = (otherInitiator.key, otherApprover.key);
        return openLog(act, otherInitiator, otherApprover);
    }
}
