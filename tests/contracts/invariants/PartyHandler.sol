// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Enterprises} from "../support/Enterprises.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {RepresentativeRole} from "contracts/types/Enums.sol";
import {PersonId} from "contracts/types/Ids.sol";

/// @title PartyHandler
/// @notice Appoints, replaces, removes and recovers keys of one party, for a handful of persons, over months.
contract PartyHandler is Enterprises {
    uint256 public constant PERSONS = 5;

    Signer[] private _signers;
    uint256 private _nonce;
    mapping(string what => uint256 times) public counts;

    constructor() {
        setUp();
        _signers.push(initiator);
        _signers.push(approver);
        for (uint256 i = 0; i < PERSONS; ++i) {
            IPartyRegistry.Attestation memory act = attestationOf(personAt(i));
            act.nonce = i;
            bytes32 digest = digestOf(address(parties), ATTESTATION, abi.encode(act));
            parties.attest(act, sign(registrar, digest));
        }
    }

    /// @dev Every key that was ever seated.
    function keys() external view returns (address[] memory all) {
        all = new address[](_signers.length);
        for (uint256 i = 0; i < all.length; ++i) {
            all[i] = _signers[i].key;
        }
    }

    function representative(address key) external view returns (IPartyRegistry.Representative memory) {
        return parties.representative(party, key);
    }

    function keyOf(PersonId person) external view returns (address) {
        return parties.keyOf(party, person);
    }

    function era() external view returns (uint32) {
        return parties.partyRecord(party).era;
    }

    function isInForce(address key) public view returns (bool) {
        return parties.isInForce(party, key, RepresentativeRole.Initiator)
            || parties.isInForce(party, key, RepresentativeRole.Approver)
            || parties.isInForce(party, key, RepresentativeRole.ReadOnly);
    }

    /// @dev The first two are those of the first initiator and approver.
    function personAt(uint256 i) public view returns (PersonId) {
        if (i % PERSONS == 0) return personOf(initiator);
        if (i % PERSONS == 1) return personOf(approver);
        return PersonId.wrap(keccak256(abi.encode("person", i % PERSONS)));
    }

    function pass(uint32 time) external {
        if (block.timestamp + 20 days < DEADLINE) skip(time % 7 days);
    }

    function appointKey(uint256 by, uint256 person, uint8 role, uint256 replaced) external {
        Signer memory fresh = _fresh();
        IPartyRegistry.Appointment memory act = appointmentOf(fresh, RepresentativeRole(1 + role % 3));
        act.seat.persons[0] = personAt(person);
        Signer memory signer = _signers[by % _signers.length];
        (act.approver, act.nonce) = (signer.key, ++_nonce);
        if (replaced % 2 == 0) act.replaces = _signers[(replaced / 2) % _signers.length].key;
        bytes32 digest = digestOf(address(parties), APPOINTMENT, abi.encode(act));
        try parties.appoint(act, sign(signer, digest), sign(fresh, digest)) {
            _signers.push(fresh);
            ++counts[act.replaces == address(0) ? "appointed" : "replaced"];
        } catch {}
    }

    function removeKey(uint256 by, uint256 removed) external {
        Signer memory signer = _signers[by % _signers.length];
        IPartyRegistry.Removal memory act = removalOf(_signers[removed % _signers.length]);
        (act.remover, act.nonce) = (signer.key, ++_nonce);
        bytes32 digest = digestOf(address(parties), REMOVAL, abi.encode(act));
        try parties.remove(act, sign(signer, digest)) {
            assertFalse(isInForce(act.key), "removed key is in force");
            ++counts["removed"];
        } catch {}
    }

    function recoverParty(uint256 first, uint256 second, uint256 dice) external {
        if (dice % 6 != 0) return;
        Signer memory firstKey = _fresh();
        Signer memory secondKey = makeSigner(string.concat("second ", vm.toString(_nonce)));
        IPartyRegistry.Recovery memory act;
        act.creditCode = CODE;
        act.era = parties.partyRecord(party).era;
        act.deadline = DEADLINE;
        act.seats = registrationOf(CODE, firstKey, secondKey).seats;
        act.seats[0].persons[0] = personAt(first);
        act.seats[1].persons[0] = personAt(second);
        bytes32 digest = digestOf(address(parties), RECOVERY, abi.encode(act));
        bytes[] memory signatures = pairOf(sign(firstKey, digest), sign(secondKey, digest));
        vm.prank(address(council));
        try parties.recover(act, signatures) {
            _signers.push(firstKey);
            _signers.push(secondKey);
            ++counts["recovered"];
        } catch {
            assertEq(first % PERSONS, second % PERSONS, "recovery refused against the rules");
        }
    }

    function _fresh() private returns (Signer memory) {
        return makeSigner(string.concat("key ", vm.toString(++_nonce)));
    }
}
