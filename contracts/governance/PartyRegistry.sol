// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Acts} from "../acts/Acts.sol";
import {PartyRegistryActs} from "../acts/PartyRegistryActs.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {IWorkingCalendar} from "../interfaces/IWorkingCalendar.sol";
import {PartyKind, RepresentativeRole} from "../types/Enums.sol";
import {NO_PERSON, PartyId, PersonId, partyIdOf} from "../types/Ids.sol";
import {Governed} from "./Governed.sol";

/// @title PartyRegistry
/// @notice See the documentation in {IPartyRegistry}.
/// @dev Two-person rules compare persons. Here that is done when a key is added: a person never has two keys in force
/// for a party, so two keys in force are two persons.
contract PartyRegistry is IPartyRegistry, Acts, Governed {
    using PartyRegistryActs for Registration;
    using PartyRegistryActs for Attestation;
    using PartyRegistryActs for Appointment;
    using PartyRegistryActs for Removal;
    using PartyRegistryActs for Recovery;
    using SafeCast for uint256;

    /// @dev Working days between an appointment and its effect: time for the others of the party to object.
    uint8 private constant APPOINTMENT_WORKING_DAYS = 4;
    /// @dev A time that never comes: no end is known.
    uint64 private constant NEVER = type(uint64).max;
    uint256 private constant MAX_SEATS = 16;
    uint256 private constant MAX_PERSONS = 8;
    uint256 private constant MAX_CODE_LENGTH = 32;

    /// @notice The calendar that counts the working days.
    IWorkingCalendar public immutable workingCalendar;

    mapping(PartyId party => Party) private _parties;
    mapping(PartyId party => mapping(address key => Representative)) private _representatives;
    mapping(PartyId party => mapping(uint32 era => mapping(PersonId person => address key))) private _keys;
    mapping(PartyId party => mapping(PersonId person => bool attested)) private _attested;
    mapping(address account => bool registrar) private _registrars;
    /// @dev What {_keys} held before a key took the place.
    mapping(PartyId party => mapping(address key => mapping(PersonId person => address earlier))) private
        _earlierKeys;

    constructor(address authority_, IWorkingCalendar workingCalendar_) Governed(authority_) {
        workingCalendar = workingCalendar_;
    }

    /// @inheritdoc IPartyRegistry
    function setRegistrar(address registrar, bool active) external restricted {
        _registrars[registrar] = active;
        emit RegistrarSet(registrar, active);
    }

    /// @inheritdoc IPartyRegistry
    function recover(Recovery calldata act, bytes[] calldata seatSignatures) external restricted {
        PartyId id = partyIdOf(act.creditCode);
        Party storage record = _knownParty(id);
        require(record.era == act.era, PartyRegistry_EraDiffers(record.era, act.era));
        bytes32 digest = _useAct(act.structHash(), act.deadline);

        record.era = act.era + 1;
        emit PartyRecovered(id, act.era + 1, digest);
        _seatFirst(id, act.seats, seatSignatures, msg.sender, digest);
    }

    /// @inheritdoc IPartyRegistry
    function register(
        Registration calldata act,
        bytes calldata registrarSignature,
        bytes[] calldata seatSignatures
    ) external returns (PartyId id) {
        id = partyIdOf(act.creditCode);
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        _requireRegistrar(digest, act.registrar, registrarSignature);
        require(_parties[id].kind == PartyKind.None, PartyRegistry_AlreadyRegistered(id));
        require(act.kind != PartyKind.None && bytes(act.name).length != 0, PartyRegistry_FieldMissing());
        require(_isCode(bytes(act.creditCode)), PartyRegistry_CreditCodeInvalid(act.creditCode));

        _parties[id] = Party(keccak256(bytes(act.name)), act.kind, 0, block.timestamp.toUint64());
        emit PartyRegistered(id, act.kind, act.name, act.creditCode, act.registrar, digest);
        _seatFirst(id, act.seats, seatSignatures, act.registrar, digest);
    }

    /// @inheritdoc IPartyRegistry
    function attest(Attestation calldata act, bytes calldata registrarSignature) external {
        PartyId id = partyIdOf(act.creditCode);
        _knownParty(id);
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        _requireRegistrar(digest, act.registrar, registrarSignature);

        _attest(id, act.person, act.registrar, digest);
    }

    /// @inheritdoc IPartyRegistry
    function appoint(Appointment calldata act, bytes calldata approverSignature, bytes calldata seatSignature)
        external
    {
        PartyId id = partyIdOf(act.creditCode);
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        _announce(
            checkSigned(id, RepresentativeRole.Approver, digest, act.approver, approverSignature),
            digest,
            act.approver
        );
        for (uint256 i = 0; i < act.seat.persons.length; ++i) {
            PersonId person = act.seat.persons[i];
            require(_attested[id][person], PartyRegistry_PersonNotAttested(id, person));
        }
        uint64 activeFrom =
            workingCalendar.endOfWorkingDay(block.timestamp.toUint64(), APPOINTMENT_WORKING_DAYS);

        if (act.replaces != address(0)) _replace(id, act.replaces, activeFrom, act.approver, digest);
        _seat(id, act.seat, seatSignature, activeFrom, act.replaces, digest);
    }

    /// @inheritdoc IPartyRegistry
    function remove(Removal calldata act, bytes calldata removerSignature) external {
        PartyId id = partyIdOf(act.creditCode);
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        bool isContract = act.remover == act.key
            ? _checkSignature(digest, act.key, _representatives[id][act.key].isContract, removerSignature)
            : checkSigned(id, RepresentativeRole.Approver, digest, act.remover, removerSignature);
        _announce(isContract, digest, act.remover);
        Representative storage ending = _representatives[id][act.key];
        uint64 activeUntil = block.timestamp.toUint64();
        require(
            ending.era == _parties[id].era && ending.activeUntil > activeUntil,
            PartyRegistry_NotInForce(id, act.key)
        );

        ending.activeUntil = activeUntil;
        emit RepresentativeRemoved(id, act.key, activeUntil, act.remover, digest);
        if (ending.activeFrom <= activeUntil) return;
        _unbind(id, act.key);
        _restore(id, ending.replaces, ending.activeFrom);
    }

    /// @inheritdoc IPartyRegistry
    function checkTwoPersons(
        PartyId id,
        bytes32 actDigest,
        address initiator,
        bytes calldata initiatorSignature,
        address approver,
        bytes calldata approverSignature
    ) external view returns (address contractSigner) {
        bool initiatorIsContract = checkSigned(
            id, RepresentativeRole.Initiator, actDigest, initiator, initiatorSignature
        );
        bool approverIsContract =
            checkSigned(id, RepresentativeRole.Approver, actDigest, approver, approverSignature);
        require(
            !(initiatorIsContract && approverIsContract), PartyRegistry_BothContracts(initiator, approver)
        );

        if (initiatorIsContract) return initiator;
        return approverIsContract ? approver : address(0);
    }

    /// @inheritdoc IPartyRegistry
    function isInForce(PartyId id, address key, RepresentativeRole role) external view returns (bool) {
        return _isInForce(id, key) && _representatives[id][key].role == role;
    }

    /// @inheritdoc IPartyRegistry
    function partyRecord(PartyId id) external view returns (Party memory) {
        return _parties[id];
    }

    /// @inheritdoc IPartyRegistry
    function representative(PartyId id, address key) external view returns (Representative memory) {
        return _representatives[id][key];
    }

    /// @inheritdoc IPartyRegistry
    function keyOf(PartyId id, PersonId person) external view returns (address) {
        return _keys[id][_parties[id].era][person];
    }

    /// @inheritdoc IPartyRegistry
    function isAttested(PartyId id, PersonId person) external view returns (bool) {
        return _attested[id][person];
    }

    /// @inheritdoc IPartyRegistry
    function isRegistrar(address account) external view returns (bool) {
        return _registrars[account];
    }

    /// @inheritdoc IPartyRegistry
    function checkSigned(
        PartyId id,
        RepresentativeRole role,
        bytes32 actDigest,
        address key,
        bytes calldata signature
    ) public view returns (bool isContract) {
        Representative storage signer = _representatives[id][key];
        require(_isInForce(id, key), PartyRegistry_NotInForce(id, key));
        require(signer.role == role, PartyRegistry_RoleDiffers(id, key, signer.role, role));
        return _checkSignature(actDigest, key, signer.isContract, signature);
    }

    /// @dev Give a party the keys that begin at once, with persons that the registrar or the Council attests.
    function _seatFirst(
        PartyId id,
        Seat[] calldata seats,
        bytes[] calldata signatures,
        address attester,
        bytes32 digest
    ) private {
        require(
            seats.length == signatures.length && seats.length <= MAX_SEATS,
            PartyRegistry_SeatCountInvalid(seats.length, signatures.length)
        );
        bool hasInitiator = false;
        bool hasApprover = false;
        for (uint256 i = 0; i < seats.length; ++i) {
            for (uint256 j = 0; j < seats[i].persons.length; ++j) {
                _attest(id, seats[i].persons[j], attester, digest);
            }
            _seat(id, seats[i], signatures[i], block.timestamp.toUint64(), address(0), digest);
            hasInitiator = hasInitiator || seats[i].role == RepresentativeRole.Initiator;
            hasApprover = hasApprover || seats[i].role == RepresentativeRole.Approver;
        }
        require(hasInitiator && hasApprover, PartyRegistry_RolesIncomplete());
    }

    /// @dev Add a key that proves its possession, and bind its persons to it.
    function _seat(
        PartyId id,
        Seat calldata seat,
        bytes calldata signature,
        uint64 activeFrom,
        address replaces,
        bytes32 digest
    ) private {
        _requireSeat(seat);
        require(
            _representatives[id][seat.key].role == RepresentativeRole.None,
            PartyRegistry_KeyUsedBefore(id, seat.key)
        );
        _announce(_checkSignature(digest, seat.key, seat.isContract, signature), digest, seat.key);
        uint32 era = _parties[id].era;

        _representatives[id][seat.key] = Representative({
            role: seat.role,
            isContract: seat.isContract,
            era: era,
            activeFrom: activeFrom,
            activeUntil: NEVER,
            replaces: replaces,
            persons: seat.persons
        });
        _bind(id, era, seat.persons, seat.key, activeFrom);
        emit RepresentativeAppointed(
            id, seat.key, seat.role, seat.isContract, seat.persons, activeFrom, replaces, era, digest
        );
    }

    /// @dev Bind persons to their new key. Whoever has a key that does not end before the new one begins keeps it.
    function _bind(PartyId id, uint32 era, PersonId[] calldata persons, address key, uint64 activeFrom)
        private
    {
        for (uint256 i = 0; i < persons.length; ++i) {
            address present = _keys[id][era][persons[i]];
            bool isFree = _representatives[id][present].activeUntil <= activeFrom;
            require(isFree, PartyRegistry_PersonSeated(id, persons[i], present));
            _keys[id][era][persons[i]] = key;
            if (present != address(0)) _earlierKeys[id][key][persons[i]] = present;
        }
    }

    /// @dev Give the persons of a key that never began their earlier keys back: these may still be in force.
    function _unbind(PartyId id, address key) private {
        Representative storage ended = _representatives[id][key];
        for (uint256 i = 0; i < ended.persons.length; ++i) {
            _keys[id][ended.era][ended.persons[i]] = _earlierKeys[id][key][ended.persons[i]];
        }
    }

    /// @dev Let a key in force end when its replacement begins.
    function _replace(PartyId id, address key, uint64 activeUntil, address approver, bytes32 digest) private {
        Representative storage ending = _representatives[id][key];
        require(_isInForce(id, key), PartyRegistry_NotInForce(id, key));
        require(ending.activeUntil == NEVER, PartyRegistry_KeyEnding(id, key));

        ending.activeUntil = activeUntil;
        emit RepresentativeRemoved(id, key, activeUntil, approver, digest);
    }

    /// @dev Let a key go on whose replacement, due at `due`, was just removed before it began; unless one of its persons
    /// has another key by now.
    function _restore(PartyId id, address key, uint64 due) private {
        Representative storage restored = _representatives[id][key];
        if (key == address(0) || restored.activeUntil != due) return;
        for (uint256 i = 0; i < restored.persons.length; ++i) {
            address present = _keys[id][restored.era][restored.persons[i]];
            if (present != key && _representatives[id][present].activeUntil > block.timestamp) return;
        }

        restored.activeUntil = NEVER;
        for (uint256 i = 0; i < restored.persons.length; ++i) {
            _keys[id][restored.era][restored.persons[i]] = key;
        }
        emit RepresentativeRestored(id, key);
    }

    function _attest(PartyId id, PersonId person, address attester, bytes32 digest) private {
        require(person != NO_PERSON, PartyRegistry_PersonMissing());
        if (_attested[id][person]) return;
        _attested[id][person] = true;
        emit PersonAttested(id, person, attester, digest);
    }

    /// @dev Leave the proof that a contract vouched for a signature: it may say otherwise tomorrow.
    function _announce(bool isContract, bytes32 digest, address signer) private {
        if (isContract) emit ContractSignatureAccepted(digest, signer);
    }

    function _requireRegistrar(bytes32 digest, address registrar, bytes calldata signature) private view {
        require(_registrars[registrar], PartyRegistry_NotRegistrar(registrar));
        _requireSigned(digest, registrar, signature);
    }

    function _knownParty(PartyId id) private view returns (Party storage record) {
        record = _parties[id];
        require(record.kind != PartyKind.None, PartyRegistry_UnknownParty(id));
    }

    function _isInForce(PartyId id, address key) private view returns (bool) {
        Representative storage held = _representatives[id][key];
        return held.era == _parties[id].era && held.activeFrom <= block.timestamp
            && block.timestamp < held.activeUntil;
    }

    /// @dev Check a signature in the way its key was registered for, and no other.
    function _checkSignature(bytes32 digest, address key, bool isContract, bytes calldata signature)
        private
        view
        returns (bool)
    {
        if (!isContract) {
            _requireSigned(digest, key, signature);
        } else {
            _requireNotCancelled(digest, key);
            require(
                SignatureChecker.isValidERC1271SignatureNow(key, digest, signature),
                Acts_NotSignedBy(key, digest)
            );
        }
        return isContract;
    }

    function _requireSeat(Seat calldata seat) private view {
        uint256 count = seat.persons.length;
        bool isComplete = seat.key != address(0) && seat.role != RepresentativeRole.None && count != 0
            && count <= (seat.isContract ? MAX_PERSONS : 1);
        require(isComplete, PartyRegistry_SeatInvalid(seat.key));
        require(!seat.isContract || seat.key.code.length != 0, PartyRegistry_NotContract(seat.key));
    }

    /// @dev Whether `code` is 1 to 32 of `0-9 A-Z . _`: it becomes part of origins, where `/` and `-` have a meaning.
    function _isCode(bytes calldata code) private pure returns (bool) {
        if (code.length == 0 || code.length > MAX_CODE_LENGTH) return false;
        for (uint256 i = 0; i < code.length; ++i) {
            bytes1 c = code[i];
            bool isAllowed = (c >= "0" && c <= "9") || (c >= "A" && c <= "Z") || c == "." || c == "_";
            if (!isAllowed) return false;
        }
        return true;
    }
}
