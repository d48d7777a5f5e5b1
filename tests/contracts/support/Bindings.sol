// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IEvidenceBinding} from "contracts/interfaces/IEvidenceBinding.sol";
import {IInventoryRegistry} from "contracts/interfaces/IInventoryRegistry.sol";
import {LogId} from "contracts/types/Ids.sol";

import {Inventories} from "./Inventories.sol";
import {MerkleModel} from "./MerkleModel.sol";

/// @title Bindings
/// @notice A log with the digest of one month of one series, and inventories whose lines name it.
abstract contract Bindings is Inventories {
    struct Binding {
        IEvidenceBinding.Scope scope;
        uint32 version;
        bytes32 lineId;
        IEvidenceBinding.ActivityDigest digest;
        IEvidenceBinding.Proofs proofs;
    }

    uint64 internal constant DIGEST_INDEX = 9;
    uint64 private constant LINES = 7;
    /// @dev Index among the leaves of the line's evidence in the first version; in the second the other line has it.
    uint64 private constant EVIDENCE_AT = 4;
    bytes32 internal constant LINE = keccak256("energy_in:2023-02:coal-1:consumption");
    bytes32 internal constant OTHER_LINE = keccak256("energy_in:2023-02:coal-2:consumption");

    IEvidenceBinding.ActivityDigest internal digest;
    uint64 internal pinSize = 13;

    function setUp() public virtual override {
        super.setUp();
        digest = IEvidenceBinding.ActivityDigest({
            originHash: LogId.unwrap(logId),
            unitId: keccak256("unit 1"),
            seriesId: keccak256("meter-1/energy/"),
            from: YEAR_BEGIN + 31 days,
            to: YEAR_BEGIN + 59 days,
            firstIndex: 2,
            lastIndex: 7,
            gapCount: 1,
            commitment: sha256("salt and document")
        });
        bytes32 typeHash = keccak256(
            "ActivityDigest(bytes32 originHash,bytes32 unitId,bytes32 seriesId,uint64 from,uint64 to,uint64 firstIndex,uint64 lastIndex,uint64 gapCount,bytes32 commitment)"
        );
        leaves[DIGEST_INDEX] = MerkleModel.hashLeaf(bytes.concat(typeHash, abi.encode(digest)));
        anchor(13);
    }

    /// @dev Both versions name the digest for both lines, each at a place of its own.
    function linesOf(IInventoryRegistry.Subject memory of_, uint32 version)
        internal
        view
        override
        returns (bytes32 root, uint64 count)
    {
        return (MerkleModel.rootOf(_lineLeaves(of_, version), LINES), LINES);
    }

    function bindingOf(IInventoryRegistry.Subject memory of_, uint32 version, bytes32 lineId)
        internal
        view
        returns (Binding memory one)
    {
        one.scope = IEvidenceBinding.Scope(of_.creditCode, of_.unitCode, of_.periodFrom, of_.periodTo);
        (one.version, one.lineId, one.digest) = (version, lineId, digest);
        one.proofs.index = DIGEST_INDEX;
        one.proofs.path = MerkleModel.inclusionProof(leaves, DIGEST_INDEX, pinSize);
        one.proofs.leafIndex = lineId == LINE ? EVIDENCE_AT : EVIDENCE_AT + 1;
        one.proofs.leafPath =
            MerkleModel.inclusionProof(_lineLeaves(of_, version), one.proofs.leafIndex, LINES);
    }

    function bind(Binding memory one) internal {
        vm.prank(anybody);
        binding.bind(one.scope, one.version, one.lineId, one.digest, one.proofs);
    }

    function expectRefused(Binding memory one, bytes memory reason) internal {
        vm.expectRevert(reason);
        vm.prank(anybody);
        binding.bind(one.scope, one.version, one.lineId, one.digest, one.proofs);
    }

    function _lineLeaves(IInventoryRegistry.Subject memory of_, uint32 version)
        private
        view
        returns (bytes32[] memory lines)
    {
        bytes32 typeHash = keccak256("LineEvidence(bytes32 inventoryId,bytes32 lineId,bytes32 commitment)");
        lines = new bytes32[](LINES);
        for (uint256 i = 0; i < LINES; ++i) {
            lines[i] = MerkleModel.hashLeaf(abi.encode("salted line", idOf(of_), version, i));
        }
        lines[EVIDENCE_AT] = MerkleModel.hashLeaf(abi.encode(typeHash, idOf(of_), LINE, digest.commitment));
        lines[EVIDENCE_AT + 1] =
            MerkleModel.hashLeaf(abi.encode(typeHash, idOf(of_), OTHER_LINE, digest.commitment));
    }
}
