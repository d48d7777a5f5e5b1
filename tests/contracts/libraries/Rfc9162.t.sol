// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {MerkleModel} from "../support/MerkleModel.sol";
import {UniformTree} from "../support/UniformTree.sol";
import {Rfc9162} from "contracts/libraries/Rfc9162.sol";

/// @dev Takes the proof from calldata, as the registry does.
contract Rfc9162Caller {
    function isConsistent(
        uint64 oldSize,
        bytes32 oldRoot,
        uint64 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) external view returns (bool) {
        return Rfc9162.isConsistent(oldSize, oldRoot, newSize, newRoot, proof);
    }

    function hashNode(bytes32 left, bytes32 right) external view returns (bytes32) {
        return Rfc9162.hashNode(left, right);
    }
}

contract Rfc9162Test is Test {
    /// @dev Fields in the alphabetical order in which forge reads a JSON object.
    struct Vector {
        string[] flags;
        string name;
        bytes32 new_root;
        uint64 new_size;
        bytes32 old_root;
        uint64 old_size;
        bytes32[] proof;
        string result;
    }

    struct Case {
        uint64 oldSize;
        bytes32 oldRoot;
        uint64 newSize;
        bytes32 newRoot;
        bytes32[] proof;
    }

    Rfc9162Caller private _library = new Rfc9162Caller();

    /// @dev Every shared vector is answered as it says.
    function test_AgreesWithTheVectors() public view {
        string memory json = vm.readFile("tests/vectors/merkle/consistency.json");
        Vector[] memory vectors = abi.decode(vm.parseJson(json, ".cases"), (Vector[]));

        assertGe(vectors.length, 100);
        for (uint256 i = 0; i < vectors.length; ++i) {
            Vector memory v = vectors[i];
            bool isValid = keccak256(bytes(v.result)) == keccak256("valid");
            bool answer = _library.isConsistent(v.old_size, v.old_root, v.new_size, v.new_root, v.proof);
            assertEq(answer, isValid, v.name);
        }
    }

    /// @dev Every proof between small sizes holds.
    function test_AcceptsEverySmallPair() public view {
        bytes32[] memory leaves = _leaves(24, 0);
        for (uint64 newSize = 1; newSize <= leaves.length; ++newSize) {
            for (uint64 oldSize = 0; oldSize <= newSize; ++oldSize) {
                assertTrue(_holds(_case(leaves, oldSize, newSize)));
            }
        }
    }

    /// @dev Proofs between any sizes hold.
    function testFuzz_AcceptsAnyPair(uint64 oldSize, uint64 newSize) public view {
        newSize = uint64(bound(newSize, 2, type(uint64).max));
        oldSize = uint64(bound(oldSize, 1, newSize - 1));
        assertTrue(_holds(_uniform(oldSize, newSize)));
    }

    /// @dev One bit changed in a root or a node is noticed.
    function testFuzz_RefusesOneBit(uint40 oldSize, uint40 newSize, uint256 at, uint8 bit) public view {
        newSize = uint40(bound(newSize, 2, type(uint40).max));
        oldSize = uint40(bound(oldSize, 1, newSize - 1));
        Case memory damaged = _uniform(oldSize, newSize);
        bytes32 flip = bytes32(uint256(1) << bit);
        at = bound(at, 0, damaged.proof.length + 1);
        if (at == 0) damaged.oldRoot ^= flip;
        else if (at == 1) damaged.newRoot ^= flip;
        else damaged.proof[at - 2] ^= flip;
        assertFalse(_holds(damaged));
    }

    /// @dev A proof without one of its nodes fails.
    function testFuzz_RefusesMissingNode(uint40 oldSize, uint40 newSize, uint256 at) public view {
        newSize = uint40(bound(newSize, 2, type(uint40).max));
        oldSize = uint40(bound(oldSize, 1, newSize - 1));
        Case memory damaged = _uniform(oldSize, newSize);
        at = bound(at, 0, damaged.proof.length - 1);
        bytes32[] memory shorter = new bytes32[](damaged.proof.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) {
            shorter[i] = damaged.proof[i < at ? i : i + 1];
        }
        damaged.proof = shorter;
        assertFalse(_holds(damaged));
    }

    /// @dev A proof with one node more fails, even if the node is one of its own.
    function testFuzz_RefusesAddedNode(uint40 oldSize, uint40 newSize, uint256 at, uint256 of_) public view {
        newSize = uint40(bound(newSize, 2, type(uint40).max));
        oldSize = uint40(bound(oldSize, 1, newSize - 1));
        Case memory damaged = _uniform(oldSize, newSize);
        at = bound(at, 0, damaged.proof.length);
        of_ = bound(of_, 0, damaged.proof.length - 1);
        bytes32[] memory longer = new bytes32[](damaged.proof.length + 1);
        for (uint256 i = 0; i < longer.length; ++i) {
            longer[i] = i == at ? damaged.proof[of_] : damaged.proof[i < at ? i : i - 1];
        }
        damaged.proof = longer;
        assertFalse(_holds(damaged));
    }

    /// @dev Two nodes in each other's place fail.
    function testFuzz_RefusesSwappedNodes(uint8 oldSeed, uint8 newSeed, uint256 i, uint256 j) public view {
        uint64 newSize = uint64(bound(newSeed, 5, 40));
        uint64 oldSize = uint64(bound(oldSeed, 1, newSize - 1));
        Case memory damaged = _case(_leaves(newSize, 0), oldSize, newSize);
        vm.assume(damaged.proof.length >= 2);
        i = bound(i, 0, damaged.proof.length - 2);
        j = bound(j, i + 1, damaged.proof.length - 1);
        (damaged.proof[i], damaged.proof[j]) = (damaged.proof[j], damaged.proof[i]);
        assertFalse(_holds(damaged));
    }

    /// @dev A log that changed one old entry is refused with proofs that are right for it: the whole point.
    function testFuzz_RefusesFork(uint8 oldSeed, uint8 newSeed, uint256 changed) public view {
        uint64 newSize = uint64(bound(newSeed, 2, 40));
        uint64 oldSize = uint64(bound(oldSeed, 1, newSize - 1));
        changed = bound(changed, 0, oldSize - 1);
        bytes32[] memory leaves = _leaves(newSize, 0);
        bytes32 honestOldRoot = MerkleModel.rootOf(leaves, oldSize);
        leaves[changed] = MerkleModel.hashLeaf(abi.encode("another entry", changed));
        Case memory fork = _case(leaves, oldSize, newSize);
        assertTrue(_holds(fork));

        fork.oldRoot = honestOldRoot;

        assertFalse(_holds(fork));
    }

    /// @dev No input makes it revert: a batch relies on that.
    function testFuzz_NeverReverts(
        uint64 oldSize,
        bytes32 oldRoot,
        uint64 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) public view {
        _library.isConsistent(oldSize, oldRoot, newSize, newRoot, proof);
    }

    /// @dev The assembly says what plain Solidity says.
    function testFuzz_HashNodeEqualsPlainSolidity(bytes32 left, bytes32 right) public view {
        assertEq(_library.hashNode(left, right), MerkleModel.hashChildren(left, right));
    }

    /// @dev The assembly keeps Solidity's memory as it was.
    function testFuzz_HashNodeKeepsMemory(bytes memory content, bytes32 left, bytes32 right) public view {
        bytes32 before = keccak256(content);
        uint256 freeBefore;
        assembly ("memory-safe") {
            freeBefore := mload(0x40)
        }
        bytes32 node = Rfc9162.hashNode(left, right);
        uint256 freeAfter;
        bytes32 zeroSlot;
        assembly ("memory-safe") {
            freeAfter := mload(0x40)
            zeroSlot := mload(0x60)
        }

        assertEq(freeAfter, freeBefore);
        assertEq(zeroSlot, 0);
        assertEq(keccak256(content), before);
        assertEq(node, MerkleModel.hashChildren(left, right));
    }

    /// @dev A chain without the precompile must not turn nodes into anything.
    function test_RevertWhen_PrecompileIsMissing() public {
        vm.mockCall(address(2), "", "");
        vm.expectRevert(bytes(""));
        _library.hashNode(bytes32(uint256(1)), bytes32(uint256(2)));
    }

    function _leaves(uint256 count, uint256 seed) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = MerkleModel.hashLeaf(abi.encode("entry", seed, i));
        }
    }

    function _case(bytes32[] memory leaves, uint64 oldSize, uint64 newSize)
        private
        pure
        returns (Case memory)
    {
        return Case(
            oldSize,
            MerkleModel.rootOf(leaves, oldSize),
            newSize,
            MerkleModel.rootOf(leaves, newSize),
            MerkleModel.consistencyProof(leaves, oldSize, newSize)
        );
    }

    function _uniform(uint64 oldSize, uint64 newSize) private pure returns (Case memory) {
        return Case(
            oldSize,
            UniformTree.rootOf(oldSize),
            newSize,
            UniformTree.rootOf(newSize),
            UniformTree.consistencyProof(oldSize, newSize)
        );
    }

    function _holds(Case memory c) private view returns (bool) {
        return _library.isConsistent(c.oldSize, c.oldRoot, c.newSize, c.newRoot, c.proof);
    }
}
