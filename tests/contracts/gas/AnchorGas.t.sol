// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {console} from "forge-std/console.sol";

import {Enterprises} from "../support/Enterprises.sol";
import {NewerCheats} from "../support/NewerCheats.sol";
import {UniformTree} from "../support/UniformTree.sol";
import {ICheckpointRegistry} from "contracts/interfaces/ICheckpointRegistry.sol";

/// @dev Makes trees in a call of its own, so that their memory is given back.
contract TreeMaker {
    function tree(uint256 oldSize, uint256 newSize)
        external
        pure
        returns (bytes32 oldRoot, bytes32 newRoot, bytes32[] memory proof)
    {
        oldRoot = UniformTree.rootOf(oldSize);
        newRoot = UniformTree.rootOf(newSize);
        proof = UniformTree.consistencyProof(oldSize, newSize);
    }
}

/// @title What an anchor costs
/// @notice Gas of whole transactions: 21 000, calldata and execution. Each call is a transaction of its own
/// (`isolate`), so that storage is as cold as it is on a chain. CONTRACTS.md §7 sets the bounds.
contract AnchorGasTest is Enterprises {
    uint64 private constant MILLION = 1_000_000;
    uint256 private constant PAIRS = 1000;
    uint256 private constant FEWER_PAIRS = 250;
    uint256 private constant MEDIAN_BOUND = 62_000;
    uint256 private constant WORST_BOUND = 70_000;

    TreeMaker private _maker = new TreeMaker();
    uint256[] private _gas;

    function setUp() public override {
        super.setUp();
        openLog();
    }

    /// forge-config: default.isolate = true
    function test_AnchorsAtAMillionEntriesStayBelowTheBounds() public {
        uint256[] memory used = new uint256[](PAIRS);
        for (uint256 i = 0; i < PAIRS; ++i) {
            used[i] = _anchor(_random(i, 1, MILLION), MILLION);
        }
        (uint256 median, uint256 worst) = _report("any size to 1 000 000", used);

        assertLt(median, MEDIAN_BOUND);
        assertLt(worst, WORST_BOUND);
    }

    /// forge-config: default.isolate = true
    function test_AnchorsOfRandomSizePairsStayBelowTheBounds() public {
        uint256[] memory used = new uint256[](FEWER_PAIRS);
        for (uint256 i = 0; i < FEWER_PAIRS; ++i) {
            uint64 newSize = _random(i, MILLION, 2 * MILLION);
            used[i] = _anchor(_random(i + FEWER_PAIRS, 1, newSize), newSize);
        }
        (uint256 median, uint256 worst) = _report("any size to 1 000 000 ... 2 000 000", used);

        assertLt(median, MEDIAN_BOUND);
        assertLt(worst, WORST_BOUND);
    }

    /// forge-config: default.isolate = true
    function test_AnchorsEachMinuteStayBelowTheBounds() public {
        uint256[] memory used = new uint256[](FEWER_PAIRS);
        for (uint256 i = 0; i < FEWER_PAIRS; ++i) {
            uint64 oldSize = _random(i, MILLION, 2 * MILLION);
            used[i] = _anchor(oldSize, oldSize + _random(i + FEWER_PAIRS, 1, 1000));
        }
        (uint256 median, uint256 worst) = _report("1 000 000 ... 2 000 000, up to 1 000 more", used);

        assertLt(median, MEDIAN_BOUND);
        assertLt(worst, WORST_BOUND);
    }

    /// forge-config: default.isolate = true
    function test_FirstAnchorAndRepetition() public {
        uint256 first = _send(MILLION, UniformTree.rootOf(MILLION), new bytes32[](0));
        uint256 again = _send(MILLION, UniformTree.rootOf(MILLION), new bytes32[](0));
        console.log("first anchor of a log: %d, the same again: %d", first, again);

        assertLt(first, 75_000);
        assertLt(again, 32_000);
    }

    /// @dev Gas of the anchor that takes the log from `oldSize` to `newSize`.
    function _anchor(uint64 oldSize, uint64 newSize) private returns (uint256) {
        (bytes32 oldRoot, bytes32 newRoot, bytes32[] memory proof) = _maker.tree(oldSize, newSize);
        bytes32 slot = keccak256(abi.encode(logId, uint256(5)));
        uint256 head = uint256(1000) << 224 | uint256(oldSize) << 160 | uint160(operator.key);
        vm.store(address(checkpoints), slot, oldRoot);
        vm.store(address(checkpoints), bytes32(uint256(slot) + 1), bytes32(head));
        uint256 used = _send(newSize, newRoot, proof);
        (uint64 size,,) = checkpoints.latest(logId);

        assertEq(size, newSize);
        return used;
    }

    function _send(uint64 size, bytes32 root, bytes32[] memory proof) private returns (uint256) {
        vm.prank(operator.key);
        checkpoints.anchor(logId, size, root, proof);
        return vm.lastCallGas().gasTotalUsed;
    }

    function _random(uint256 seed, uint64 from, uint64 to) private pure returns (uint64) {
        return from + uint64(uint256(keccak256(abi.encode("gas", seed))) % (to - from));
    }

    function _report(string memory name, uint256[] memory used)
        private
        pure
        returns (uint256 median, uint256 worst)
    {
        uint256[] memory sorted = NewerCheats(VM_ADDRESS).sort(used);
        median = sorted[sorted.length / 2];
        worst = sorted[sorted.length - 1];
        console.log("%s", name);
        console.log("  least %d, median %d, worst %d", sorted[0], median, worst);
    }
}
