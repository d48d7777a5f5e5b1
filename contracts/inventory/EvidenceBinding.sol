// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICheckpointRegistry} from "../interfaces/ICheckpointRegistry.sol";
import {IEvidenceBinding} from "../interfaces/IEvidenceBinding.sol";
import {IInventoryRegistry} from "../interfaces/IInventoryRegistry.sol";
import {Rfc9162} from "../libraries/Rfc9162.sol";
import {InventoryState} from "../types/Enums.sol";
import {InventoryId, LogId, NO_INVENTORY, inventoryIdOf} from "../types/Ids.sol";

/// @title EvidenceBinding
/// @notice See the documentation in {IEvidenceBinding}.
contract EvidenceBinding is IEvidenceBinding {
    bytes32 private constant DIGEST_TYPEHASH = keccak256(
        "ActivityDigest(bytes32 originHash,bytes32 unitId,bytes32 seriesId,uint64 from,uint64 to,"
        "uint64 firstIndex,uint64 lastIndex,uint64 gapCount,bytes32 commitment)"
    );
    bytes32 private constant LINE_EVIDENCE_TYPEHASH =
        keccak256("LineEvidence(bytes32 inventoryId,bytes32 lineId,bytes32 commitment)");

    /// @notice The registry whose versions are bound.
    IInventoryRegistry public immutable inventoryRegistry;
    /// @notice The registry that pinned their checkpoints.
    ICheckpointRegistry public immutable checkpointRegistry;

    mapping(bytes32 use => InventoryId inventoryId) private _holders;
    mapping(bytes32 use => mapping(InventoryId inventoryId => mapping(uint32 version => bytes32 lineId)))
        private _lines;

    constructor(IInventoryRegistry inventoryRegistry_, ICheckpointRegistry checkpointRegistry_) {
        inventoryRegistry = inventoryRegistry_;
        checkpointRegistry = checkpointRegistry_;
    }

    /// @inheritdoc IEvidenceBinding
    function bind(
        Scope calldata scope,
        uint32 version,
        bytes32 lineId,
        ActivityDigest calldata digest,
        Proofs calldata proofs
    ) external {
        InventoryId id = inventoryIdOf(scope.creditCode, scope.unitCode, scope.periodFrom, scope.periodTo);
        require(lineId != bytes32(0), EvidenceBinding_LineMissing());
        _requireLive(id, version);
        _requireOwn(id, version, scope, digest);
        _requireProved(id, version, lineId, digest, proofs);

        bytes32 use = useOf(digest);
        bytes32 present = _lines[use][id][version];
        require(present == bytes32(0) || present == lineId, EvidenceBinding_UsedBefore(use, id, present));
        _requireFree(use, id);
        if (present == lineId && _holders[use] == id) return;
        _holders[use] = id;
        _lines[use][id][version] = lineId;
        emit EvidenceBound(id, lineId, use, version, proofs.index, digest.commitment);
    }

    /// @inheritdoc IEvidenceBinding
    function lineOf(bytes32 use, InventoryId inventoryId, uint32 version) external view returns (bytes32) {
        return _lines[use][inventoryId][version];
    }

    /// @inheritdoc IEvidenceBinding
    function holderOf(bytes32 use) external view returns (InventoryId) {
        return _holders[use];
    }

    /// @inheritdoc IEvidenceBinding
    function useOf(ActivityDigest calldata digest) public pure returns (bytes32) {
        return keccak256(abi.encode(digest.originHash, digest.seriesId, digest.from, digest.to));
    }

    /// @inheritdoc IEvidenceBinding
    function digestLeaf(ActivityDigest calldata digest) public pure returns (bytes32) {
        return Rfc9162.hashLeaf(abi.encode(DIGEST_TYPEHASH, digest));
    }

    /// @inheritdoc IEvidenceBinding
    function evidenceLeaf(InventoryId inventoryId, bytes32 lineId, bytes32 commitment)
        public
        pure
        returns (bytes32)
    {
        return Rfc9162.hashLeaf(abi.encode(LINE_EVIDENCE_TYPEHASH, inventoryId, lineId, commitment));
    }

    /// @dev Check that the digest is an entry of the log under the pinned checkpoint, and bound to the line in the tree
    /// that was signed.
    function _requireProved(
        InventoryId id,
        uint32 version,
        bytes32 lineId,
        ActivityDigest calldata digest,
        Proofs calldata proofs
    ) private view {
        IInventoryRegistry.Version memory content = inventoryRegistry.versionOf(id, version);
        require(
            digest.from < digest.to && digest.firstIndex <= digest.lastIndex
                && digest.lastIndex < proofs.index,
            EvidenceBinding_DigestInvalid(proofs.index)
        );
        require(
            Rfc9162.isIncluded(
                digestLeaf(digest), proofs.index, content.logSize, content.logRoot, proofs.path
            ),
            EvidenceBinding_NotInLog(proofs.index, content.logSize)
        );
        bytes32 leaf = evidenceLeaf(id, lineId, digest.commitment);
        require(
            Rfc9162.isIncluded(leaf, proofs.leafIndex, content.lineCount, content.linesRoot, proofs.leafPath),
            EvidenceBinding_NotInLines(lineId, digest.commitment)
        );
    }

    /// @dev Check that log, unit and period of the digest are the inventory's. What lies above the size at which a log
    /// was closed is no evidence.
    function _requireOwn(InventoryId id, uint32 version, Scope calldata scope, ActivityDigest calldata digest)
        private
        view
    {
        IInventoryRegistry.Version memory content = inventoryRegistry.versionOf(id, version);
        bool isOwn = digest.originHash == LogId.unwrap(content.logId)
            && digest.unitId == keccak256(bytes(scope.unitCode)) && scope.periodFrom <= digest.from
            && digest.to <= scope.periodTo;
        require(isOwn, EvidenceBinding_OfAnother(id, digest.originHash, digest.unitId));
        if (checkpointRegistry.logRecord(content.logId).closedAt == 0) return;
        (uint64 closedSize,,) = checkpointRegistry.latest(content.logId);
        require(content.logSize <= closedSize, EvidenceBinding_BeyondClosing(closedSize, content.logSize));
    }

    function _requireLive(InventoryId id, uint32 version) private view {
        IInventoryRegistry.Inventory memory record = inventoryRegistry.inventory(id);
        require(_isLive(id, record, version), EvidenceBinding_NotLive(id, version, record.state));
    }

    /// @dev Check that no line of another inventory that counts, or may come to count, has the period of the series.
    function _requireFree(bytes32 use, InventoryId id) private view {
        InventoryId holder = _holders[use];
        if (holder == NO_INVENTORY || holder == id) return;
        IInventoryRegistry.Inventory memory record = inventoryRegistry.inventory(holder);
        uint32 restated = inventoryRegistry.versionOf(holder, record.acceptedVersion).restates;
        uint32[3] memory numbers = [record.acceptedVersion, record.version, restated];
        for (uint256 i = 0; i < numbers.length; ++i) {
            bytes32 line = _lines[use][holder][numbers[i]];
            require(
                line == bytes32(0) || !_isLive(holder, record, numbers[i]),
                EvidenceBinding_UsedBefore(use, holder, line)
            );
        }
    }

    /// @dev Whether a version is accepted, under way, or was restated by a result that may yet be taken back.
    function _isLive(InventoryId id, IInventoryRegistry.Inventory memory record, uint32 version)
        private
        view
        returns (bool)
    {
        if (version == 0) return false;
        if (version == record.acceptedVersion) return true;
        if (version == record.version && _isUnderWay(record.state)) return true;
        bool isObjectable =
            record.state == InventoryState.Confirmed && block.timestamp < record.objectableUntil;
        return (isObjectable || record.state == InventoryState.Objected)
            && inventoryRegistry.versionOf(id, record.acceptedVersion).restates == version;
    }

    function _isUnderWay(InventoryState state) private pure returns (bool) {
        return state == InventoryState.Submitted || state == InventoryState.UnderVerification
            || state == InventoryState.Findings || state == InventoryState.Verified;
    }
}
