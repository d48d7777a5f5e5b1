// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {InventoryState} from "../types/Enums.sol";
import {InventoryId} from "../types/Ids.sol";

/// @title EvidenceBinding
/// @notice Binds lines of inventories to the activity digests (docs/formats/activity-digest.md) that they stand on,
/// without showing an amount. Anybody may, with the proofs.
///
/// An inventory whose evidence is to be bound has, among the leaves of its tree of lines, one for each digest of a line:
/// the leaf of `abi.encode(LINE_EVIDENCE_TYPEHASH, inventoryId, lineId, commitment)`, 128 bytes. Its commitment is
/// salted already, and no salted line has these bytes: a line's 17th byte is `{`, here it is one of the type hash.
///
/// What holds after every call:
///
/// - a bound digest is an entry of the enterprise's own log, under the checkpoint pinned for that version of the
///   inventory, of the inventory's unit, and of a period within the inventory's;
/// - its commitment stands in the tree of lines that the enterprise signed;
/// - one period of one series is bound to one line at most, among all versions that are accepted, were replaced so
///   lately that they may come back, or are under way; the versions of one inventory apart.
interface IEvidenceBinding {
    /// @notice What an inventory is of, as its id says.
    /// @param creditCode Code of the enterprise.
    /// @param unitCode Code of the unit.
    /// @param periodFrom Begin of the period, Unix seconds, included.
    /// @param periodTo End of the period, Unix seconds, excluded.
    struct Scope {
        string creditCode;
        string unitCode;
        uint64 periodFrom;
        uint64 periodTo;
    }

    /// @notice An activity digest, word for word.
    /// @param originHash keccak256 of the log's origin: its log id.
    /// @param unitId keccak256 of the unit's code.
    /// @param seriesId keccak256 of the series id.
    /// @param from Begin of the period, Unix seconds, included.
    /// @param to End of the period, Unix seconds, excluded.
    /// @param firstIndex First entry considered.
    /// @param lastIndex Last entry considered.
    /// @param gapCount Stretches of the period without an amount.
    /// @param commitment SHA-256 of salt and document.
    struct ActivityDigest {
        bytes32 originHash;
        bytes32 unitId;
        bytes32 seriesId;
        uint64 from;
        uint64 to;
        uint64 firstIndex;
        uint64 lastIndex;
        uint64 gapCount;
        bytes32 commitment;
    }

    /// @notice Where a digest stands.
    /// @param index Index of the entry in the log.
    /// @param path Inclusion proof under the pinned checkpoint, from the leaf up.
    /// @param leafIndex Index of the leaf in the tree of lines.
    /// @param leafPath Inclusion proof under the root of the lines, from the leaf up.
    struct Proofs {
        uint64 index;
        bytes32[] path;
        uint64 leafIndex;
        bytes32[] leafPath;
    }

    /// @notice A line was bound to a digest.
    event EvidenceBound(
        InventoryId indexed inventoryId,
        bytes32 indexed lineId,
        bytes32 indexed use,
        uint32 version,
        uint64 index,
        bytes32 commitment
    );

    /// @notice The version is neither accepted nor under way.
    error EvidenceBinding_NotLive(InventoryId inventoryId, uint32 version, InventoryState state);

    /// @notice The line's id is zero.
    error EvidenceBinding_LineMissing();

    /// @notice The digest's period is empty, its entries are in the wrong order, or it considers entries after itself.
    error EvidenceBinding_DigestInvalid(uint64 index);

    /// @notice The digest is of another log, another unit, or a period beyond the inventory's.
    error EvidenceBinding_OfAnother(InventoryId inventoryId, bytes32 originHash, bytes32 unitId);

    /// @notice The digest is not that entry of the log under the pinned checkpoint.
    error EvidenceBinding_NotInLog(uint64 index, uint64 logSize);

    /// @notice The log was closed below the checkpoint that the version stands on.
    error EvidenceBinding_BeyondClosing(uint64 closedSize, uint64 logSize);

    /// @notice The commitment is not bound to the line in the tree that was signed.
    error EvidenceBinding_NotInLines(bytes32 lineId, bytes32 commitment);

    /// @notice The period of the series is bound to another line.
    error EvidenceBinding_UsedBefore(bytes32 use, InventoryId inventoryId, bytes32 lineId);

    /// @notice Bind a line of a version to a digest. Repeating it has no effect.
    /// @param scope What the inventory is of.
    /// @param version Version of the inventory.
    /// @param lineId keccak256 of the line's name within the inventory.
    /// @param digest The digest.
    /// @param proofs Where it stands.
    function bind(
        Scope calldata scope,
        uint32 version,
        bytes32 lineId,
        ActivityDigest calldata digest,
        Proofs calldata proofs
    ) external;

    /// @notice Names the period of a series: `keccak256(abi.encode(originHash, seriesId, from, to))`.
    function useOf(ActivityDigest calldata digest) external pure returns (bytes32);

    /// @notice The leaf hash of a digest in its log.
    function digestLeaf(ActivityDigest calldata digest) external pure returns (bytes32);

    /// @notice The leaf hash of a line's evidence in the tree of lines.
    function evidenceLeaf(InventoryId inventoryId, bytes32 lineId, bytes32 commitment)
        external
        pure
        returns (bytes32);

    /// @notice The line of a version that a period of a series is bound to; zero for none.
    function lineOf(bytes32 use, InventoryId inventoryId, uint32 version) external view returns (bytes32);

    /// @notice The inventory that a period of a series was last bound to; zero for none.
    function holderOf(bytes32 use) external view returns (InventoryId);
}
