// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {PartyKind, RepresentativeRole} from "../types/Enums.sol";
import {PartyId, PersonId} from "../types/Ids.sol";
import {IActs} from "./IActs.sol";

/// @title PartyRegistry
/// @notice Says who the parties are, and which persons act for them with which keys.
///
/// What holds after every call:
///
/// - a party, once registered, keeps its id, kind and name;
/// - at any time a person has at most one key in force for a party, and so one role: different keys in force are
///   different persons;
/// - a key that ever belonged to a party is never taken again by that party: what it signed cannot come back to life;
/// - an addition is in force only after 4 working days (the first keys excepted), a removal at once;
/// - after a recovery no key from before is in force.
interface IPartyRegistry is IActs {
    /// @notice A key that shall represent a party.
    /// @param key Account that signs; a contract (ERC-1271) only if `isContract`.
    /// @param persons Persons behind the key: exactly one, or 1 to 8 for a contract, any of whom may sign through it.
    /// @param role What the key may do.
    /// @param isContract Whether `key` is a contract that answers ERC-1271.
    struct Seat {
        address key;
        PersonId[] persons;
        RepresentativeRole role;
        bool isContract;
    }

    /// @notice The act of registrar and party together that registers a party.
    /// @param kind What the party is.
    /// @param name Registered name.
    /// @param creditCode Unified social credit code, or the registry code of a party without one: 1 to 32 of `0-9 A-Z . _`.
    /// @param seats First keys, in force at once: at least one initiator and one approver, at most 16.
    /// @param registrar Registrar that attests the party and the persons.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct Registration {
        PartyKind kind;
        string name;
        string creditCode;
        Seat[] seats;
        address registrar;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice The registrar's act that attests that a commitment stands for one living person who may represent the
    /// party, and that no other commitment of the party stands for the same person.
    /// @param creditCode Code of the party: an approver must not borrow another party's persons.
    /// @param person Salted identity commitment.
    /// @param registrar Registrar that saw the person.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct Attestation {
        string creditCode;
        PersonId person;
        address registrar;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice A party's act that adds a key, or replaces one when it comes into force.
    /// @param creditCode Code of the party.
    /// @param seat The key; its persons were attested for the party.
    /// @param replaces Key that ends when this one begins; zero for none.
    /// @param approver Approver of the party.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct Appointment {
        string creditCode;
        Seat seat;
        address replaces;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice The act that removes a key at once.
    /// @param creditCode Code of the party.
    /// @param key Key that ends.
    /// @param remover An approver of the party, or the key itself.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct Removal {
        string creditCode;
        address key;
        address remover;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice New keys for a party that lost all; signed by each key, decided by the Council.
    /// @param creditCode Code of the party.
    /// @param era Number of recoveries before this one: the state acted on.
    /// @param seats New keys, in force at once; the Council's decision attests their persons.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the recovery may take effect.
    struct Recovery {
        string creditCode;
        uint32 era;
        Seat[] seats;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice A party.
    /// @param nameHash keccak256 of the registered name.
    /// @param kind What it is; `None` if it was never registered.
    /// @param era Number of recoveries.
    /// @param registeredAt Block time of registration, seconds.
    struct Party {
        bytes32 nameHash;
        PartyKind kind;
        uint32 era;
        uint64 registeredAt;
    }

    /// @notice A key of a party.
    /// @param role What it may do; `None` if it was never a key of the party.
    /// @param isContract Whether it answers ERC-1271.
    /// @param era Era of the party in which it was added; in force only in that era.
    /// @param activeFrom First second in force.
    /// @param activeUntil First second no more in force; 2⁶⁴−1 while no end is known.
    /// @param replaces Key that ends when this one begins.
    /// @param persons Persons behind it.
    struct Representative {
        RepresentativeRole role;
        bool isContract;
        uint32 era;
        uint64 activeFrom;
        uint64 activeUntil;
        address replaces;
        PersonId[] persons;
    }

    /// @notice A party was registered.
    event PartyRegistered(
        PartyId indexed party,
        PartyKind indexed kind,
        string name,
        string creditCode,
        address indexed registrar,
        bytes32 actDigest
    );

    /// @notice A key was added, in force from `activeFrom` on.
    event RepresentativeAppointed(
        PartyId indexed party,
        address indexed key,
        RepresentativeRole role,
        bool isContract,
        PersonId[] persons,
        uint64 activeFrom,
        address replaces,
        uint32 era,
        bytes32 actDigest
    );

    /// @notice A key ends at `activeUntil`.
    event RepresentativeRemoved(
        PartyId indexed party, address indexed key, uint64 activeUntil, address remover, bytes32 actDigest
    );

    /// @notice A replacement was removed before it began; the key that it would have replaced goes on.
    event RepresentativeRestored(PartyId indexed party, address indexed key);

    /// @notice All earlier keys of a party ended; its open acts are void.
    event PartyRecovered(PartyId indexed party, uint32 era, bytes32 actDigest);

    /// @notice A registrar attested a person of a party; in a recovery the Council did.
    event PersonAttested(
        PartyId indexed party, PersonId indexed person, address indexed registrar, bytes32 actDigest
    );

    /// @notice The Council appointed or dismissed a registrar.
    event RegistrarSet(address indexed registrar, bool active);

    /// @notice The party was never registered.
    error PartyRegistry_UnknownParty(PartyId party);

    /// @notice The party was registered before.
    error PartyRegistry_AlreadyRegistered(PartyId party);

    /// @notice The account is no registrar.
    error PartyRegistry_NotRegistrar(address registrar);

    /// @notice The kind or the name of the party is missing.
    error PartyRegistry_FieldMissing();

    /// @notice The code is not 1 to 32 of `0-9 A-Z . _`.
    error PartyRegistry_CreditCodeInvalid(string creditCode);

    /// @notice There are not as many signatures as keys, or not 1 to 16 keys.
    error PartyRegistry_SeatCountInvalid(uint256 seats, uint256 signatures);

    /// @notice Among the first keys there is no initiator or no approver.
    error PartyRegistry_RolesIncomplete();

    /// @notice The key has no address, no role, or the wrong number of persons.
    error PartyRegistry_SeatInvalid(address key);

    /// @notice There is no contract at the address of a key that is said to be one.
    error PartyRegistry_NotContract(address key);

    /// @notice A person without a commitment.
    error PartyRegistry_PersonMissing();

    /// @notice The key belonged to the party before.
    error PartyRegistry_KeyUsedBefore(PartyId party, address key);

    /// @notice The person has another key in force, or about to be.
    error PartyRegistry_PersonSeated(PartyId party, PersonId person, address key);

    /// @notice No registrar attested the person for this party.
    error PartyRegistry_PersonNotAttested(PartyId party, PersonId person);

    /// @notice The account is no key of the party in force now.
    error PartyRegistry_NotInForce(PartyId party, address key);

    /// @notice The key is in force, but with another role.
    error PartyRegistry_RoleDiffers(
        PartyId party, address key, RepresentativeRole role, RepresentativeRole required
    );

    /// @notice Of two signers one at most may be a contract.
    error PartyRegistry_BothContracts(address initiator, address approver);

    /// @notice The key ended already, or has another end in sight.
    error PartyRegistry_KeyEnding(PartyId party, address key);

    /// @notice The party was recovered since the act was signed.
    error PartyRegistry_EraDiffers(uint32 era, uint32 named);

    /// @notice Register a party with its first keys.
    /// @dev Act `Registration(uint8 kind,string name,string creditCode,Seat[] seats,address registrar,uint256 nonce,
    /// uint64 deadline)Seat(address key,bytes32[] persons,uint8 role,bool isContract)`.
    /// @param act The act.
    /// @param registrarSignature By `act.registrar`: 65 bytes r, s, v.
    /// @param seatSignatures By the keys, in their order: each proves that it is held.
    /// @return party Id of the party.
    function register(
        Registration calldata act,
        bytes calldata registrarSignature,
        bytes[] calldata seatSignatures
    ) external returns (PartyId party);

    /// @notice Attest a person of a party, for later appointments.
    /// @dev Act `Attestation(string creditCode,bytes32 person,address registrar,uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param registrarSignature By `act.registrar`: 65 bytes r, s, v.
    function attest(Attestation calldata act, bytes calldata registrarSignature) external;

    /// @notice Add a key to a party, in force after 4 working days.
    /// @dev Act `Appointment(string creditCode,Seat seat,address replaces,address approver,uint256 nonce,
    /// uint64 deadline)Seat(address key,bytes32[] persons,uint8 role,bool isContract)`.
    /// @param act The act.
    /// @param approverSignature By `act.approver`.
    /// @param seatSignature By the new key.
    function appoint(Appointment calldata act, bytes calldata approverSignature, bytes calldata seatSignature)
        external;

    /// @notice Remove a key at once.
    /// @dev Act `Removal(string creditCode,address key,address remover,uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param removerSignature By `act.remover`.
    function remove(Removal calldata act, bytes calldata removerSignature) external;

    /// @notice Give new keys to a party that lost all; the Council. Everything its earlier keys signed is void.
    /// @dev `restricted`. Act `Recovery(string creditCode,uint32 era,Seat[] seats,uint256 nonce,uint64 deadline)
    /// Seat(address key,bytes32[] persons,uint8 role,bool isContract)`.
    /// @param act The new keys.
    /// @param seatSignatures By the keys, in their order.
    function recover(Recovery calldata act, bytes[] calldata seatSignatures) external;

    /// @notice Appoint or dismiss a registrar; the Council.
    /// @dev `restricted`.
    function setRegistrar(address registrar, bool active) external;

    /// @notice Check that two persons of a party signed an act, now: an initiator and an approver.
    /// @param party Party.
    /// @param actDigest EIP-712 digest of the act.
    /// @param initiator Key of the first person.
    /// @param initiatorSignature 65 bytes r, s, v; what the contract takes, for a contract.
    /// @param approver Key of the second person.
    /// @param approverSignature 65 bytes r, s, v; what the contract takes, for a contract.
    /// @return contractSigner The one signer that is a contract; zero if none is.
    function checkTwoPersons(
        PartyId party,
        bytes32 actDigest,
        address initiator,
        bytes calldata initiatorSignature,
        address approver,
        bytes calldata approverSignature
    ) external view returns (address contractSigner);

    /// @notice Check that a key of a party in force now, with the role, signed an act.
    /// @param party Party.
    /// @param role Role that the act needs.
    /// @param actDigest EIP-712 digest of the act.
    /// @param key Key.
    /// @param signature 65 bytes r, s, v; what the contract takes, for a contract.
    /// @return isContract Whether the signer is a contract.
    function checkSigned(
        PartyId party,
        RepresentativeRole role,
        bytes32 actDigest,
        address key,
        bytes calldata signature
    ) external view returns (bool isContract);

    /// @notice Whether the key is in force for the party now, with the role.
    function isInForce(PartyId party, address key, RepresentativeRole role) external view returns (bool);

    /// @notice A party; all zero for an unknown one.
    function partyRecord(PartyId id) external view returns (Party memory);

    /// @notice A key of a party; all zero for an unknown one.
    function representative(PartyId id, address key) external view returns (Representative memory);

    /// @notice The key that a person has in a party's present era, will have, or had last; zero for none.
    function keyOf(PartyId id, PersonId person) external view returns (address);

    /// @notice Whether a registrar attested the person for the party.
    function isAttested(PartyId id, PersonId person) external view returns (bool);

    /// @notice Whether the account is a registrar.
    function isRegistrar(address account) external view returns (bool);
}
