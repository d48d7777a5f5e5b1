// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {PartyActs} from "../acts/PartyActs.sol";
import {ICheckpointRegistry} from "../interfaces/ICheckpointRegistry.sol";
import {ICredentials} from "../interfaces/ICredentials.sol";
import {IInventoryRegistry} from "../interfaces/IInventoryRegistry.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {IWorkingCalendar} from "../interfaces/IWorkingCalendar.sol";
import {InventoryState, RegulatorTier} from "../types/Enums.sol";
import {InventoryId, NO_PARTY, PartyId, inventoryIdOf} from "../types/Ids.sol";

/// @title InventoryBook
/// @notice What the inventory registry stores, how an act finds its inventory, and what can be read.
abstract contract InventoryBook is IInventoryRegistry, PartyActs {
    using SafeCast for uint256;

    /// @notice The registry that pins checkpoints.
    ICheckpointRegistry public immutable checkpointRegistry;
    /// @notice The registry that says who may verify and who is the authority where.
    ICredentials public immutable credentials;
    /// @notice The calendar that counts the working days.
    IWorkingCalendar public immutable workingCalendar;

    mapping(InventoryId id => Inventory) internal _inventories;
    mapping(InventoryId id => mapping(uint32 version => Version)) internal _versions;
    mapping(PartyId enterprise => mapping(bytes32 unitId => mapping(uint16 year => uint16 months))) internal
        _acceptedMonths;

    constructor(
        IPartyRegistry partyRegistry_,
        ICheckpointRegistry checkpointRegistry_,
        ICredentials credentials_,
        IWorkingCalendar workingCalendar_
    ) PartyActs(partyRegistry_) {
        checkpointRegistry = checkpointRegistry_;
        credentials = credentials_;
        workingCalendar = workingCalendar_;
    }

    /// @inheritdoc IInventoryRegistry
    function inventory(InventoryId id) external view returns (Inventory memory) {
        return _inventories[id];
    }

    /// @inheritdoc IInventoryRegistry
    function versionOf(InventoryId id, uint32 version) external view returns (Version memory) {
        return _versions[id][version];
    }

    /// @inheritdoc IInventoryRegistry
    function isFinal(InventoryId id) external view returns (bool) {
        Inventory storage record = _inventories[id];
        return record.state == InventoryState.Confirmed && block.timestamp >= record.objectableUntil;
    }

    /// @inheritdoc IInventoryRegistry
    function acceptedMonths(PartyId enterprise, bytes32 unitId, uint16 year) external view returns (uint16) {
        return _acceptedMonths[enterprise][unitId][year];
    }

    /// @dev The inventory of an act that names its state, if it is in one of the states.
    /// @param version Newest version that the act names.
    /// @param allowed States in which the act is possible, one bit each.
    function _found(Subject calldata subject, uint32 version, bytes32 previousState, uint256 allowed)
        internal
        view
        returns (InventoryId id, Inventory storage record)
    {
        id = _idOf(subject);
        record = _inventories[id];
        require(record.state != InventoryState.None, InventoryRegistry_Unknown(id));
        _requireName(record.enterprise, subject.enterprise);
        require(
            record.stateHash == previousState,
            InventoryRegistry_StateDiffers(id, record.stateHash, previousState)
        );
        require(allowed & _set(record.state) != 0, InventoryRegistry_NotInThisState(id, record.state));
        require(version == record.version, InventoryRegistry_VersionDiffers(id, record.version, version));
    }

    /// @dev Move an inventory on. The new state hash commits to the one before, to the act and to the checkpoint that
    /// the newest version stands on.
    function _advance(InventoryId id, Inventory storage record, InventoryState next, bytes32 digest)
        internal
    {
        Version storage version = _versions[id][record.version];
        record.state = next;
        record.stateHash =
            keccak256(abi.encode(record.stateHash, digest, next, version.logSize, version.logRoot));
        emit InventoryAdvanced(id, next, record.version, digest, record.stateHash);
    }

    /// @dev Forget who verifies, reviews and confirms: another request fixes them anew.
    function _dismissSigners(Inventory storage record) internal {
        (record.verifier, record.regulator, record.cityRegulator) = (NO_PARTY, NO_PARTY, NO_PARTY);
        (record.leadVerifier, record.technicalReviewer) = (address(0), address(0));
        record.isReviewed = false;
    }

    function _requireName(PartyId enterprise, string calldata name) internal view {
        require(
            partyRegistry.partyRecord(enterprise).nameHash == keccak256(bytes(name)),
            InventoryRegistry_NameDiffers(enterprise, name)
        );
    }

    /// @dev Check that a party is the authority of a level for an area.
    function _requireAuthority(PartyId regulator, RegulatorTier tier, uint32 area) internal view {
        credentials.checkRegulator(regulator, tier, area, _now());
    }

    /// @dev Check that no person of two who act for an authority acts for the enterprise or for the verifier too.
    function _requireApart(PartyId regulator, Inventory storage record, address initiator, address approver)
        internal
        view
    {
        credentials.checkTeam(regulator, record.enterprise, initiator, approver);
        credentials.checkTeam(regulator, record.verifier, initiator, approver);
    }

    /// @dev Check that the verifier may verify, with these two of its persons, and used independent laboratories.
    function _requireVerifier(InventoryId id, Inventory storage record) internal view {
        credentials.checkTeam(
            record.verifier, record.enterprise, record.leadVerifier, record.technicalReviewer
        );
        credentials.mayVerify(record.verifier, record.enterprise, record.sector, record.area, _now());
        _requireLaboratories(_versions[id][record.version].laboratories, record.verifier);
    }

    /// @dev Tests count only from laboratories that are independent of the verifier.
    function _requireLaboratories(PartyId[] memory laboratories, PartyId verifier) internal view {
        if (verifier == NO_PARTY) return;
        for (uint256 i = 0; i < laboratories.length; ++i) {
            credentials.mayTest(laboratories[i], verifier, _now());
        }
    }

    function _now() internal view returns (uint64) {
        return block.timestamp.toUint64();
    }

    function _idOf(Subject calldata subject) internal pure returns (InventoryId) {
        return inventoryIdOf(subject.creditCode, subject.unitCode, subject.periodFrom, subject.periodTo);
    }

    /// @dev The set of one state: its bit.
    function _set(InventoryState one) internal pure returns (uint256) {
        return uint256(1) << uint8(one);
    }
}
